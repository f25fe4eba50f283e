import { writeKeyValue } from '#shared/domain/key-value-text.ts';
import type { HostLines } from '../ssh/lines.ts';
import { openGate } from './gate.ts';
import { passfileLine } from './passfile.ts';
import type { Passwords } from './passwords.ts';
import { failure, placeOf } from './place.ts';
import type { RunFolder } from './run-folder.ts';
import { systemAuthorities } from './trust.ts';
import type { PostgresTarget } from './types.ts';

export interface ConninfoOptions {
  applicationName: string;
  database?: string;
  /** Asks the server to speak English, which superusers may: what its messages mean is known in no other language. */
  inEnglish?: boolean;
}

/** Seconds; libpq counts it per address. */
const connectTimeoutSeconds = 15;

/**
 * Runs `use` with a conninfo string that makes libpq's programs connect exactly as our own sessions do: nothing of
 * the account's ~/.pgpass, ~/.postgresql or services takes part. The password and the authorities to trust are in
 * 0600 files that exist only meanwhile.
 *
 * @throws what `use` throws, postgres.password-needed, vault.*, store.unwritable
 */
export async function withConninfo<T>(target: PostgresTarget, options: ConninfoOptions, dependencies: { passwords: Passwords; runFolder: RunFolder; lines: HostLines; timeoutMs: number }, use: (conninfo: string) => Promise<T>): Promise<T> {
  const { passwords, runFolder } = dependencies;
  const place = placeOf(target, options.database);
  const { mode, ca } = target.connection.tls;
  const password = await passwords.passwordFor(target);
  if (password !== null && /[\r\n\0]/.test(password.reveal())) {
    throw failure('postgres.password-needed', place, 'the password has a line end in it, which no passfile can hold.', { hint: 'Give the role a password without line ends: Postgres\'s own programs cannot be given this one safely.' });
  }
  const gate = place.viaId === null ? null : await openGate(place, { connection: target.connection, ...dependencies });
  // What is behind a gate is encrypted, and verified, on the way from there on.
  const address = gate === null ? { host: place.host, port: place.port, mode: place.host.startsWith('/') ? 'disable' : mode } : { host: gate.host, port: gate.port, mode: 'disable' };
  const files: string[] = [];
  const keep = async (ending: string, text: string): Promise<string> => {
    const file = await runFolder.write(ending, text);
    files.push(file);
    return file;
  };
  try {
    const verifies = gate === null && (mode === 'verify-ca' || mode === 'verify-full' || (mode === 'require' && ca !== null));
    const values: [string, string | number][] = [
      ['host', address.host],
      ['port', address.port],
      ['dbname', place.database],
      ['user', place.user],
      ['passfile', password === null ? runFolder.absent() : await keep('passfile', passfileLine(address.host, address.port, place.user, password.reveal()))],
      ['sslmode', address.mode],
      // A file that is not there keeps libpq from verifying by the account's own ~/.postgresql/root.crt instead.
      ['sslrootcert', verifies ? await keep('crt', ca ?? systemAuthorities().join('\n')) : runFolder.absent()],
      // Nor does a certificate of the account's own take part, or a list of revoked ones.
      ['sslcert', runFolder.absent()],
      ['sslkey', runFolder.absent()],
      ['sslcrl', runFolder.absent()],
      ['gssencmode', 'disable'],
      ['application_name', options.applicationName],
      ...(options.inEnglish === true ? [['options', '-c lc_messages=C'] as [string, string]] : []),
      ['connect_timeout', gate === null ? connectTimeoutSeconds : connectTimeoutSeconds * 4],
      ['keepalives_idle', 15],
      ['keepalives_interval', 15],
      ['keepalives_count', 4],
    ];
    return await use(values.map(([key, value]) => writeKeyValue(key, value)).join(' '));
  } finally {
    for (const file of files) await runFolder.remove(file);
    await gate?.close();
  }
}
