/** Looks on a host for what runs there. */
import type { HostFindings } from '#shared/contract/detection.ts';
import type { SshConnection } from '../chain.ts';
import { exec } from '../exec.ts';
import { hopFailure } from '../place.ts';
import { serverText } from '../server-text.ts';
import { readFindings } from './read-findings.ts';
import { detectMark, detectScript } from './script.ts';

/** What it waits for there has limits of its own; together they stay below this. */
const timeoutMs = 45_000;
const keepBytes = 512 * 1024;

/** @throws ssh.command-failed where the account runs no commands, ssh.timeout where its shell does not begin, what `exec` throws; the signal's reason */
export async function detect(connection: SshConnection, signal?: AbortSignal, limitMs: number = timeoutMs): Promise<HostFindings> {
  const limit = AbortSignal.timeout(limitMs);
  const heard: Buffer[] = [];
  let bytes = 0;
  const onStdout = (chunk: Buffer): void => {
    if (bytes < keepBytes) heard.push(chunk);
    bytes += chunk.length;
  };
  const said = (): string => Buffer.concat(heard).toString('utf8');
  const result = await exec(connection, 'exec /bin/sh -s', { input: detectScript, onStdout, keepBytes: 4096, signal: signal === undefined ? limit : AbortSignal.any([signal, limit]) }).catch((error: unknown) => {
    if (!limit.aborted || signal?.aborted === true) throw error;
    // What was found by then is worth having.
    if (said().includes(detectMark)) return null;
    throw hopFailure('ssh.timeout', connection.label, `its shell did not begin to look for services within ${limitMs / 1000} s.`, { hint: 'Something in its .bashrc or .profile may hang. Sign in by hand and look.', retryable: true, cause: error });
  });
  if (!said().includes(detectMark)) {
    const words = serverText((result?.stderr.trim() || result?.stdout.trim()) ?? '', 300);
    throw hopFailure('ssh.command-failed', connection.label, `its shell did not run what looks for services${words === '' ? '' : `: ${words}`}.`, { hint: 'The account may have no shell (nologin), or the key may be bound to one command in authorized_keys. Its databases can still be reached: type their addresses.', details: { exitStatus: result?.exitStatus ?? null } });
  }
  return readFindings(said());
}
