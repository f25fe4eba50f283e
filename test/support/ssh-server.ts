/** A private OpenSSH server on 127.0.0.1, for the account that runs the tests, and keys to sign in with. */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { userInfo } from 'node:os';
import type { KnownHostKey } from '#shared/domain/host-trust.ts';
import type { SshAccount, SshHop, SshKey } from '#engine/ssh/types.ts';
import { keyOf } from '#engine/ssh/sign-in.ts';
import { freePort } from './free-port.ts';
import { descendantsOf } from './processes.ts';
import { makeTemporaryFolder } from './temporary-folder.ts';
import { waitFor } from './wait-for.ts';

export type KeyType = 'ed25519' | 'ecdsa' | 'rsa';

export interface KeyPair {
  privateKey: string;
  /** "ssh-ed25519 AAAA… comment" */
  publicKey: string;
}

/** Makes a key with `ssh-keygen`, with one round for its passphrase: each use of it would otherwise take a second. @param pem in PEM instead of OpenSSH's own format */
export function makeKey(folder: string, options: { type?: KeyType; passphrase?: string; pem?: boolean } = {}): KeyPair {
  const type = options.type ?? 'ed25519';
  const path = join(folder, `key-${Math.random().toString(36).slice(2)}`);
  execFileSync('ssh-keygen', ['-q', '-t', type, ...(type === 'rsa' ? ['-b', '2048'] : []), ...(options.pem === true ? ['-m', 'PEM'] : []), '-a', '1', '-N', options.passphrase ?? '', '-C', 'a test', '-f', path]);
  return { privateKey: readFileSync(path, 'utf8'), publicKey: readFileSync(`${path}.pub`, 'utf8').trim() };
}

export interface SshServer {
  host: '127.0.0.1';
  port: number;
  user: string;
  folder: string;
  /** The listening process. */
  pid: number;
  knownKeys: KnownHostKey[];
  /** A way of one machine to it, with a key that it accepts. */
  hop(changes?: Partial<Omit<SshHop, 'account'>> & { account?: Partial<SshAccount> }): SshHop;
  log(): string;
  stop(): Promise<void>;
}

export interface SshServerOptions {
  hostKeys?: readonly KeyType[];
  /** Lines of sshd_config, which win over those of the harness. */
  settings?: Record<string, string>;
}

/** Why none can be started here; null where it can. */
export function whyNoSshServer(): string | null {
  return existsSync('/usr/sbin/sshd') ? null : 'there is no /usr/sbin/sshd: apt-get install openssh-server';
}

const toKnown = (publicKey: string): KnownHostKey => {
  const [type = '', key = ''] = publicKey.split(' ');
  return { type, key, revoked: false };
};

/** What one signs in with; nothing unless it is said. */
export function accountOf(changes: Partial<SshAccount> = {}): SshAccount {
  return { user: userInfo().username, keys: [], agent: null, password: null, ask: null, methods: null, ...changes };
}

export async function startSshServer(options: SshServerOptions = {}): Promise<SshServer> {
  const folder = await makeTemporaryFolder('sshd');
  const home = join(folder, 'home');
  mkdirSync(home);
  if (process.getuid?.() === 0) mkdirSync('/run/sshd', { recursive: true });
  const client = makeKey(folder);
  const hostKeys = (options.hostKeys ?? ['ed25519']).map((type) => ({ type, ...makeKey(folder, { type }) }));
  hostKeys.forEach(({ type, privateKey }) => writeFileSync(join(folder, `host_${type}`), privateKey, { mode: 0o600 }));
  writeFileSync(join(folder, 'authorized_keys'), `${client.publicKey}\n`);
  const port = await freePort();
  const settings: Record<string, string> = {
    ...options.settings,
    // The first value of a setting counts.
    Port: String(port), ListenAddress: '127.0.0.1', PidFile: 'none', AuthorizedKeysFile: join(folder, 'authorized_keys'), StrictModes: 'no', UsePAM: 'no', PasswordAuthentication: 'no', KbdInteractiveAuthentication: 'no',
    UseDNS: 'no', SetEnv: `HOME=${home}`, LogLevel: 'VERBOSE', Subsystem: 'sftp internal-sftp', MaxStartups: '100', PrintMotd: 'no', PrintLastLog: 'no',
    ...options.settings,
  };
  const file = join(folder, 'sshd_config');
  writeFileSync(file, [...hostKeys.map(({ type }) => `HostKey ${join(folder, `host_${type}`)}`), ...Object.entries(settings).map(([name, value]) => `${name} ${value}`)].join('\n'));
  const child: ChildProcess = spawn('/usr/sbin/sshd', ['-D', '-e', '-f', file], { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (said += text));
  const gone = new Promise((resolve) => child.once('exit', resolve));
  const kill = (): void => void child.kill('SIGKILL');
  process.once('exit', kill);
  await waitFor(`sshd to answer\n${said}`, () => new Promise<boolean>((resolve, reject) => {
    if (child.exitCode !== null) return reject(new Error(`sshd ended: ${said}`));
    const socket = connect(port, '127.0.0.1').once('connect', () => {
      socket.destroy();
      resolve(true);
    }).once('error', () => resolve(false));
  }));
  const server: SshServer = {
    host: '127.0.0.1', port, folder, user: userInfo().username, pid: child.pid ?? 0, knownKeys: hostKeys.map(({ publicKey }) => toKnown(publicKey)),
    hop: ({ account, ...changes } = {}) => ({ host: '127.0.0.1', port, knownKeys: server.knownKeys, ...changes, account: accountOf({ keys: [keyOf('the test key', client.privateKey)], ...account }) }),
    log: () => said,
    async stop() {
      child.kill('SIGTERM');
      await gone;
      process.removeListener('exit', kill);
      await rm(folder, { recursive: true, force: true });
    },
  };
  return server;
}

/** Cuts every connection to a server, as a line that breaks would; the server goes on. */
export function cutConnections(server: Pick<SshServer, 'pid'>): void {
  for (const { pid, commandLine } of descendantsOf(server.pid)) {
    if (!commandLine.startsWith('sshd: ')) continue;
    try {
      process.kill(pid, 'SIGKILL');
    } catch (error) {
      // It ended with the one before it.
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }
}

/** Lets a key in besides that of the harness. */
export function authorize(server: SshServer, ...keys: readonly KeyPair[]): void {
  const file = join(server.folder, 'authorized_keys');
  writeFileSync(file, `${readFileSync(file, 'utf8')}${keys.map(({ publicKey }) => `${publicKey}\n`).join('')}`);
}

export const sshKey = (name: string, { privateKey }: KeyPair, passphrase: string | null = null): SshKey => keyOf(name, privateKey, passphrase);
