/** A host with files on it, by a real sshd, and a whole engine that knows it. */
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, linkSync, mkdirSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { EngineClient, MethodArgument } from '#shared/contract/index.ts';
import type { FileBackup, FileSet } from '#shared/contract/files.ts';
import type { Operation } from '#shared/contract/operations.ts';
import { createEngine, type Engine } from '#engine/create-engine.ts';
import { silentLogger, silentNotifier, systemClock, systemRandom, type Ports } from '#engine/ports.ts';
import { fingerprintOf } from '#engine/ssh/host-key.ts';
import { reachedBy } from './far-shop.ts';
import { runToEnd } from './run-to-end.ts';
import { authorize, makeKey, startSshServer, whyNoSshServer, type SshServer } from './ssh-server.ts';
import { makeTemporaryFolder } from './temporary-folder.ts';

export const whyNoFilesHost = (): string | null => whyNoSshServer();
export const whyNoBusyBox = (): string | null => (existsSync('/bin/busybox') || existsSync('/usr/bin/busybox') ? null : 'there is no busybox: apt-get install busybox');

export interface FilesHost {
  server: SshServer;
  keyFile: string;
  /** A folder that every account may look into; the trees of the tests lie below it. */
  ground: string;
  stop(): Promise<void>;
}

/** @param options.busybox find, stat, tar and sh there are those of BusyBox. @param options.programs a folder of programs that come before all others */
export async function startFilesHost(options: { busybox?: boolean; programs?: string } = {}): Promise<FilesHost> {
  const folder = await makeTemporaryFolder('files-host');
  chmodSync(folder, 0o755);
  const ground = join(folder, 'ground');
  mkdirSync(ground);
  let path = options.programs ?? '';
  if (options.busybox === true) {
    path = join(folder, 'busybox');
    mkdirSync(path);
    execFileSync('busybox', ['--install', '-s', path]);
  }
  const server = await startSshServer(path === '' ? {} : { settings: { SetEnv: `HOME=${folder} PATH=${path}:/usr/local/bin:/usr/bin:/bin` } });
  const key = makeKey(folder);
  authorize(server, key);
  const keyFile = join(folder, 'key');
  writeFileSync(keyFile, key.privateKey, { mode: 0o600 });
  return {
    server, keyFile, ground,
    async stop() {
      await server.stop();
      execFileSync('rm', ['-rf', folder]);
    },
  };
}

export interface FilesEngine {
  engine: Engine;
  client: EngineClient;
  root: string;
  systemId: string;
  hostId: string;
  add(set: Partial<MethodArgument<'files.add'>> & { paths: string[] }): Promise<FileSet>;
  backUp(set: Pick<FileSet, 'id'>, proof?: 'L0' | 'L1' | 'L2' | 'L3'): Promise<{ operation: Operation; backup: FileBackup | null }>;
  backups(): Promise<FileBackup[]>;
}

/** The second time it is opened on a folder it knows the host already. */
export async function openFilesEngine(host: FilesHost, root: string, ports: Partial<Ports> = {}): Promise<FilesEngine> {
  const engine = await createEngine({ root, ports: { clock: systemClock, random: systemRandom, logger: silentLogger, keyWrapping: null, notifier: silentNotifier, host: 'test', ...ports } });
  const client = engine.client('cli');
  const { systems } = await client.call('system.list', {});
  let systemId = systems.find(({ name }) => name === 'Far')?.id;
  let hostId = systemId === undefined ? undefined : (await client.call('host.list', { systemId })).hosts[0]?.id;
  if (systemId === undefined || hostId === undefined) {
    systemId = (await client.call('system.add', { name: 'Far', environment: 'development' })).system.id;
    hostId = (await client.call('host.add', { systemId, label: 'web-1', connection: reachedBy(host.server, host.keyFile) })).host.id;
    for (const key of host.server.knownKeys) await client.call('host.trustKey', { machine: { hostId }, keyType: key.type, key: key.key, fingerprint: fingerprintOf(key) });
  }
  const known = { systemId, hostId };
  const backups = async (): Promise<FileBackup[]> => (await client.call('files.backups', {})).backups;
  return {
    engine, client, root, ...known, backups,
    add: async (set) => (await client.call('files.add', { hostId: known.hostId, name: 'configuration', exclude: [], ...set })).set,
    async backUp(set, proof = 'L3') {
      const { plan } = await client.call('files.plan', { setId: set.id, options: { proof } });
      const operation = await runToEnd(client, plan);
      return { operation, backup: (await backups()).find(({ id }) => id === operation.id) ?? null };
    },
  };
}

/** A name of as many characters as a path component takes, below one like it: together beyond what a header of tar holds. */
const long = 'a-long-name-that-goes-on-'.repeat(8);

/** What people and programs leave in folders: all kinds of names, rights and links. @returns how many entries that is, with the folder itself */
export function plantTree(folder: string): number {
  mkdirSync(folder, { recursive: true });
  const files: [string, string][] = [
    ['plain.conf', 'a = 1\n'], ['with spaces.conf', 'b\n'], ['with\nnewline', 'c\n'], ['-rf', 'd\n'], ['--exclude=x', 'e\n'], ['ünï-ç∂é-日本', 'f\n'], ["quote'\"`$HOME", 'g\n'], ['back\\slash', 'h\n'], ['*', 'i\n'], ['.hidden', 'j\n'], ['empty', ''],
  ];
  for (const [name, text] of files) writeFileSync(join(folder, name), text);
  mkdirSync(join(folder, 'empty folder'));
  mkdirSync(join(folder, long));
  writeFileSync(join(folder, long, long), 'long\n');
  writeFileSync(join(folder, 'secret.key'), 'private\n', { mode: 0o600 });
  writeFileSync(join(folder, 'program'), '#!/bin/sh\n');
  chmodSync(join(folder, 'program'), 0o4755);
  writeFileSync(join(folder, 'sparse'), 'begin');
  truncateSync(join(folder, 'sparse'), 3_000_000);
  writeFileSync(Buffer.concat([Buffer.from(`${folder}/latin-`), Buffer.from([0xe4, 0xff])]), 'k\n');
  symlinkSync('plain.conf', join(folder, 'link'));
  symlinkSync('/etc/hostname', join(folder, 'link-out'));
  symlinkSync('nowhere', join(folder, 'dangling'));
  symlinkSync(`${long}/${long}`, join(folder, 'long-link'));
  linkSync(join(folder, 'plain.conf'), join(folder, 'second name'));
  return 1 + files.length + 2 + 1 + 4 + 4 + 1;
}
