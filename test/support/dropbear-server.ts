/** A private Dropbear on 127.0.0.1, for an account of its own, whose commands are run by BusyBox's shell. */
import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import type { KnownHostKey } from '#shared/domain/host-trust.ts';
import type { SshAccount, SshHop } from '#engine/ssh/types.ts';
import { makeAccount, whyNoAccount, type Account } from './account.ts';
import { freePort } from './free-port.ts';
import { accountOf, type KeyPair } from './ssh-server.ts';
import { makeTemporaryFolder } from './temporary-folder.ts';
import { waitFor } from './wait-for.ts';

export interface DropbearServer {
  port: number;
  user: string;
  folder: string;
  knownKeys: KnownHostKey[];
  hop(changes: Partial<Omit<SshHop, 'account'>> & { account: Partial<SshAccount> }): SshHop;
  /** Lets these keys in, and no other. */
  authorize(...keys: readonly KeyPair[]): void;
  log(): string;
  stop(): Promise<void>;
}

/** Why none can be started here; null where it can. */
export function whyNoDropbear(): string | null {
  const missing = [['/usr/sbin/dropbear', 'dropbear-bin'], ['/usr/bin/busybox', 'busybox']].find(([path = '']) => !existsSync(path));
  return whyNoAccount() ?? (missing === undefined ? null : `there is no ${missing[0]}: apt-get install ${missing[1]}`);
}

export async function startDropbear(): Promise<DropbearServer> {
  const folder = await makeTemporaryFolder('dropbear');
  chmodSync(folder, 0o711);
  const account: Account = makeAccount({ home: join(folder, 'home') });
  const hostKey = join(folder, 'host_ed25519');
  const shown = execFileSync('dropbearkey', ['-t', 'ed25519', '-f', hostKey], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  const [, type = '', key = ''] = /^(ssh-ed25519) (\S+)/m.exec(shown) ?? [];
  const port = await freePort();
  // Its own shell would be that of the account, which has to stand in /etc/shells.
  const child = spawn('/usr/sbin/dropbear', ['-F', '-E', '-s', '-r', hostKey, '-p', `127.0.0.1:${port}`, '-P', join(folder, 'pid'), '-c', 'exec /usr/bin/busybox sh -c "$SSH_ORIGINAL_COMMAND"'], { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  const gone = new Promise((resolve) => child.once('exit', resolve));
  const kill = (): void => void child.kill('SIGKILL');
  process.once('exit', kill);
  await waitFor('Dropbear to answer', () => new Promise<boolean>((resolve, reject) => {
    if (child.exitCode !== null) return reject(new Error(`Dropbear ended: ${said}`));
    const socket = connect(port, '127.0.0.1').once('connect', () => {
      socket.destroy();
      resolve(true);
    }).once('error', () => resolve(false));
  }));
  const server: DropbearServer = {
    port, folder, user: account.name, knownKeys: [{ type, key, revoked: false }],
    hop: ({ account: changes, ...rest }) => ({ host: '127.0.0.1', port, knownKeys: server.knownKeys, ...rest, account: accountOf({ user: account.name, ...changes }) }),
    authorize(...keys) {
      const ssh = join(account.home, '.ssh');
      mkdirSync(ssh, { recursive: true, mode: 0o700 });
      const file = join(ssh, 'authorized_keys');
      writeFileSync(file, keys.map(({ publicKey }) => `${publicKey}\n`).join(''), { mode: 0o600 });
      for (const path of [ssh, file]) chownSync(path, account.uid, account.gid);
    },
    log: () => said,
    async stop() {
      child.kill('SIGTERM');
      await gone;
      process.removeListener('exit', kill);
      account.remove();
      await rm(folder, { recursive: true, force: true });
    },
  };
  return server;
}
