import type { DatabaseConnection } from '#shared/contract/systems.ts';
import { writeKeyValue } from '#shared/domain/key-value-text.ts';
import { Secret } from '#shared/domain/secret.ts';
import type { HostLines } from '../ssh/lines.ts';
import { openGate } from './gate.ts';
import { passfileLine } from './passfile.ts';
import type { Passwords } from './passwords.ts';
import { failure, placeOf, type Place } from './place.ts';
import type { RunFolder } from './run-folder.ts';
import { systemAuthorities } from './trust.ts';
import type { ToolsThere } from './tools-there.ts';
import type { ClientTool, PostgresTarget, Sent } from './types.ts';

export interface ConninfoOptions {
  applicationName: string;
  database?: string;
  /** Asks the server to speak English, which superusers may: what its messages mean is known in no other language. */
  inEnglish?: boolean;
  /** The program that is to connect; one of this computer where it is left out. */
  tool?: ClientTool;
}

/** Seconds; libpq counts it per address. */
const connectTimeoutSeconds = 15;

interface Dependencies {
  passwords: Passwords;
  runFolder: RunFolder;
  lines: HostLines;
  timeoutMs: number;
}

/** @throws postgres.password-needed, vault.* */
async function passwordOf(target: PostgresTarget, place: Place, passwords: Passwords): Promise<Secret | null> {
  const password = await passwords.passwordFor(target);
  if (password !== null && /[\r\n\0]/.test(password.reveal())) {
    throw failure('postgres.password-needed', place, 'the password has a line end in it, which no passfile can hold.', { hint: 'Give the role a password without line ends: Postgres\'s own programs cannot be given this one safely.' });
  }
  return password;
}

const verifiesAuthority = ({ mode, ca }: DatabaseConnection['tls']): boolean => mode === 'verify-ca' || mode === 'verify-full' || (mode === 'require' && ca !== null);

interface Way {
  host: string;
  port: number;
  database: string;
  user: string;
  tlsMode: DatabaseConnection['tls']['mode'];
  /** Files; one that is not there keeps libpq from what the account has of its own in ~/.pgpass and ~/.postgresql. */
  passfile: string;
  authorities: string;
  absent: () => string;
  timeoutSeconds: number;
}

function write(way: Way, options: ConninfoOptions): string {
  const values: [string, string | number][] = [
    ['host', way.host],
    ['port', way.port],
    ['dbname', way.database],
    ['user', way.user],
    ['passfile', way.passfile],
    ['sslmode', way.tlsMode],
    ['sslrootcert', way.authorities],
    // Nor does a certificate of the account's own take part, or a list of revoked ones.
    ['sslcert', way.absent()],
    ['sslkey', way.absent()],
    ['sslcrl', way.absent()],
    ['gssencmode', 'disable'],
    ['application_name', options.applicationName],
    ...(options.inEnglish === true ? [['options', '-c lc_messages=C'] as [string, string]] : []),
    ['connect_timeout', way.timeoutSeconds],
    ['keepalives_idle', 15],
    ['keepalives_interval', 15],
    ['keepalives_count', 4],
  ];
  return values.map(([key, value]) => writeKeyValue(key, value)).join(' ');
}

/** For a program of a host: it connects from there, and gets its files in a folder there. */
async function withFilesThere<T>(target: PostgresTarget, place: Place, options: ConninfoOptions, there: ToolsThere, { passwords, lines }: Pick<Dependencies, 'passwords' | 'lines'>, use: (conninfo: string, sent: Sent) => Promise<T>): Promise<T> {
  const { tools, tls } = target.connection;
  const connect = tools.where === 'host' ? tools.connect : null;
  const pin = connect === null && place.viaId !== null ? lines.pin(place.viaId) : null;
  const password = connect === null ? await passwordOf(target, place, passwords) : null;
  const folder = there.newFolder();
  const { host, port, user } = connect ?? place;
  const tlsMode = host.startsWith('/') ? 'disable' : connect === null ? tls.mode : 'prefer';
  const verifies = connect === null && !host.startsWith('/') && verifiesAuthority(tls);
  const files = [
    ...(password === null ? [] : [{ name: 'pgpass', text: new Secret(passfileLine(host, port, user, password.reveal())) }]),
    ...(verifies ? [{ name: 'root.crt', text: tls.ca ?? systemAuthorities().join('\n') }] : []),
  ];
  const absent = (): string => `${folder}/absent`;
  return use(write({ host, port, database: place.database, user, tlsMode, passfile: password === null ? absent() : `${folder}/pgpass`, authorities: verifies ? `${folder}/root.crt` : absent(), absent, timeoutSeconds: connectTimeoutSeconds }, options), { folder: files.length === 0 ? null : folder, files, ...(password === null || pin === null ? {} : { pin }) });
}

/**
 * Runs `use` with a conninfo string that makes libpq's programs connect exactly as our own sessions do: nothing of
 * the account's ~/.pgpass, ~/.postgresql or services takes part. The password and the authorities to trust are in
 * 0600 files that exist only meanwhile.
 *
 * @throws what `use` throws, postgres.password-needed, vault.*, store.unwritable
 */
export async function withConninfo<T>(target: PostgresTarget, options: ConninfoOptions, dependencies: Dependencies, use: (conninfo: string, sent: Sent) => Promise<T>): Promise<T> {
  const { passwords, runFolder, lines } = dependencies;
  const place = placeOf(target, options.database);
  if (options.tool?.there !== undefined) return withFilesThere(target, place, options, options.tool.there, dependencies, use);
  const { mode, ca } = target.connection.tls;
  const pin = place.viaId === null ? null : lines.pin(place.viaId);
  const password = await passwordOf(target, place, passwords);
  const gate = pin === null ? null : await openGate(place, { connection: target.connection, ...dependencies, pin });
  const files: string[] = [];
  const keep = async (ending: string, text: string): Promise<string> => {
    const file = await runFolder.write(ending, text);
    files.push(file);
    return file;
  };
  try {
    // What is behind a gate is encrypted, and verified, on the way from there on.
    const verifies = gate === null && verifiesAuthority({ mode, ca });
    const { host, port } = gate ?? place;
    const conninfo = write(
      {
        host,
        port,
        database: place.database,
        user: place.user,
        tlsMode: gate !== null || host.startsWith('/') ? 'disable' : mode,
        passfile: password === null ? runFolder.absent() : await keep('passfile', passfileLine(host, port, place.user, password.reveal())),
        authorities: verifies ? await keep('crt', ca ?? systemAuthorities().join('\n')) : runFolder.absent(),
        absent: runFolder.absent,
        timeoutSeconds: gate === null ? connectTimeoutSeconds : connectTimeoutSeconds * 4,
      },
      options,
    );
    return await use(conninfo, { folder: null, files: [] });
  } finally {
    for (const file of files) await runFolder.remove(file);
    await gate?.close();
  }
}
