/** How OpenSSH's own programs are called, to compare with. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SshServer } from '#test/ssh-server.ts';

/** What OpenSSH's own programs are told, and what keeps them from asking. */
export function optionsFor(server: SshServer, folder: string): string[] {
  const key = join(folder, `key-${server.port}`);
  const known = join(folder, `known-${server.port}`);
  writeFileSync(key, server.hop().account.keys[0]?.text.reveal() ?? '', { mode: 0o600 });
  writeFileSync(known, server.knownKeys.map((each) => `[127.0.0.1]:${server.port} ${each.type} ${each.key}\n`).join(''));
  return ['-F', '/dev/null', '-i', key, '-o', 'IdentitiesOnly=yes', '-o', `UserKnownHostsFile=${known}`, '-o', 'StrictHostKeyChecking=yes', '-o', 'BatchMode=yes'];
}
