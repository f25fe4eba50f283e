/** Hosts to be looked at: a real sshd whose sessions run what a test wants, as whom it wants, and a whole engine that knows it. */
import { chmodSync, copyFileSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { execFileSync, spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { EngineClient } from '#shared/contract/index.ts';
import type { HealthResult, HealthRun } from '#shared/contract/health.ts';
import type { HostConnection } from '#shared/contract/hosts.ts';
import type { Operation } from '#shared/contract/operations.ts';
import { createEngine, type Engine } from '#engine/create-engine.ts';
import { silentLogger, silentNotifier, systemClock, systemRandom, type Ports } from '#engine/ports.ts';
import { fingerprintOf } from '#engine/ssh/host-key.ts';
import { reachedBy } from './far-shop.ts';
import { runToEnd } from './run-to-end.ts';
import { authorize, makeKey, startSshServer, type SshServer } from './ssh-server.ts';
import { makeTemporaryFolder, temporaryFolder } from './temporary-folder.ts';

export const busybox = ['/bin/busybox', '/usr/bin/busybox'].find((file) => existsSync(file)) ?? null;

/** An account that nothing on this machine belongs to. */
export const stranger = { uid: 64_977, gid: 64_977 };
/** Only root may lend it. */
export const whyNoStranger = process.getuid?.() === 0 && existsSync('/usr/bin/setpriv') ? null : 'only root may run something as an account that is not there, with setpriv of util-linux';

/** A folder with BusyBox and nothing else: no /proc, no /etc, none of the machine's own programs. Removed when the current test is over. */
export async function folderOfBusybox(): Promise<string> {
  const root = await temporaryFolder('busybox');
  for (const folder of ['bin', 'dev']) mkdirSync(join(root, folder));
  const file = busybox ?? '';
  // One that brings its libraries along names none.
  const { stdout } = spawnSync('ldd', [file], { encoding: 'utf8' });
  for (const path of [file, ...(stdout.match(/\/\S+/g) ?? [])]) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    copyFileSync(path, join(root, path));
  }
  execFileSync('/usr/sbin/chroot', [root, file, '--install', '-s', '/bin']);
  writeFileSync(join(root, 'dev', 'null'), '', { mode: 0o666 });
  return root;
}

export interface LookHost {
  server: SshServer;
  keyFile: string;
  /** The home of the account that looks. */
  home: string;
  /** Programs that stand before those of the machine. */
  programs: string;
}

export interface LookHostOptions {
  /** BusyBox as the shell, with all its applets before every other program. */
  withBusybox?: boolean;
  asStranger?: boolean;
  /** Programs of that name, as scripts of a shell. */
  programs?: Record<string, string>;
  /** Whether the machine's own apt-get reckons what is to be updated: that takes seconds. */
  withApt?: boolean;
  settings?: Record<string, string>;
}

/** Removed when the current test is over. */
export async function startLookHost({ withBusybox = false, asStranger = false, programs = {}, withApt = false, settings = {} }: LookHostOptions = {}): Promise<LookHost> {
  const folder = await makeTemporaryFolder('look', null);
  const home = await makeTemporaryFolder('look-home', asStranger ? stranger : null);
  chmodSync(folder, 0o755);
  const first = join(folder, 'bin');
  mkdirSync(first);
  for (const [name, text] of Object.entries({ ...(withApt ? {} : { 'apt-get': 'exit 0' }), ...programs })) writeFileSync(join(first, name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  const applets = join(folder, 'applets');
  mkdirSync(applets);
  if (withBusybox && busybox !== null) execFileSync(busybox, ['--install', '-s', applets]);
  const path = [first, ...(withBusybox ? [applets] : []), '/usr/local/bin', '/usr/bin', '/bin'].join(':');
  const lend = asStranger ? ['/usr/bin/setpriv', `--reuid=${stranger.uid}`, `--regid=${stranger.gid}`, '--clear-groups'] : [];
  const command = [...lend, '/usr/bin/env', `PATH=${path}`, ...(withBusybox && busybox !== null ? [busybox, 'sh', '-s'] : ['/bin/sh', '-s'])].join(' ');
  const server = await startSshServer({ settings: { SetEnv: `HOME=${home}`, ForceCommand: `exec ${command}`, ...settings } });
  const key = makeKey(folder);
  authorize(server, key);
  const keyFile = join(folder, 'key');
  writeFileSync(keyFile, key.privateKey, { mode: 0o600 });
  onTestFinished(async () => {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
    await rm(home, { recursive: true, force: true });
  });
  return { server, keyFile, home, programs: first };
}

export interface Looked {
  operation: Operation;
  run: HealthRun | null;
  results: HealthResult[];
  find(check: string, target?: string): HealthResult | undefined;
}

export interface LookingEngine {
  engine: Engine;
  client: EngineClient;
  systemId: string;
  addHost(label: string, host: Pick<LookHost, 'server' | 'keyFile'>, changes?: Partial<HostConnection>): Promise<string>;
  /** Plans a look, and runs it to its end. */
  run(only?: string[]): Promise<Operation>;
  /** The same, with what is shown after it. */
  look(only?: string[]): Promise<Looked>;
}

/** A whole engine with one empty system, closed when the current test is over. */
export async function lookingEngine(ports: Partial<Ports> = {}): Promise<LookingEngine> {
  const engine = await createEngine({ root: await temporaryFolder('looking'), ports: { clock: systemClock, random: systemRandom, logger: silentLogger, keyWrapping: null, notifier: silentNotifier, host: 'test', ...ports } });
  onTestFinished(() => engine.close());
  const client = engine.client('cli');
  const { system } = await client.call('system.add', { name: 'Looked at', environment: 'development' });
  const run = async (only?: string[]): Promise<Operation> => runToEnd(client, (await client.call('health.plan', { systemId: system.id, ...(only === undefined ? {} : { only }) })).plan);
  return {
    engine, client, systemId: system.id,
    async addHost(label, { server, keyFile }, changes = {}) {
      const { host } = await client.call('host.add', { systemId: system.id, label, connection: { ...reachedBy(server, keyFile), ...changes } });
      for (const key of server.knownKeys) await client.call('host.trustKey', { machine: { hostId: host.id }, keyType: key.type, key: key.key, fingerprint: fingerprintOf(key) });
      return host.id;
    },
    run,
    async look(only) {
      const operation = await run(only);
      const latest = await client.call('health.latest', { systemId: system.id });
      return { operation, ...latest, find: (check, target = '') => latest.results.find((result) => result.check === check && result.target.startsWith(target)) };
    },
  };
}
