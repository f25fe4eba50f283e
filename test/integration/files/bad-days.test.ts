/** What can go wrong while files of a host are read, proved and brought back: nothing of it ends as a success, nothing stays behind. */
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { appendFileSync, chmodSync, existsSync, mkdirSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import type { Operation, Plan } from '#shared/contract/operations.ts';
import type { Ports } from '#engine/ports.ts';
import { openFilesEngine, startFilesHost, whyNoFilesHost, type FilesEngine, type FilesHost } from '#test/files-host.ts';
import { mountSmallDisk, whyNoSmallDisk } from '#test/full-disk.ts';
import { tarHeader } from '#test/make-tar.ts';
import { openBelow } from '#test/open-files.ts';
import { processesMatching } from '#test/processes.ts';
import { begin, endOf, runToEnd } from '#test/run-to-end.ts';
import { cutConnections } from '#test/ssh-server.ts';
import { makeSudoUser, whyNoSudoUser } from '#test/sudo-user.ts';
import { temporaryFolder } from '#test/temporary-folder.ts';
import { waitFor } from '#test/wait-for.ts';

/** A tar that does as the file beside it says; else it is the real one. */
const standIn = `#!/bin/sh
case "$1" in --version|--help) exec /usr/bin/tar "$@" ;; esac
case "$(cat "$0.does" 2>/dev/null)" in
  cut) /usr/bin/tar "$@" | head -c 100; exit 0 ;;
  nothing) exit 0 ;;
  chatter) echo 'Welcome to this machine'; exec /usr/bin/tar "$@" ;;
  no-end) shift; set -- "$@"; /usr/bin/tar "$@" | gzip -dc | head -c 2048 | gzip; exit 0 ;;
  two) /usr/bin/tar "$@"; exit 2 ;;
  one) /usr/bin/tar "$@"; exit 1 ;;
  many) exec cat "$0.many" ;;
  killed) /usr/bin/tar "$@"; kill -KILL $$ ;;
  unpacks-less) case "$*" in *" -x "*|"-x "*) exec /usr/bin/tar --exclude='*.second' "$@" ;; esac ;;
esac
exec /usr/bin/tar "$@"
`;

/** A find that says what the file beside it holds; else it is the real one. */
const findStandIn = `#!/bin/sh
[ ! -f "$0.does" ] || exec cat "$0.does"
exec /usr/bin/find "$@"
`;

const missing = whyNoFilesHost();
let host: FilesHost;
let programs: string;
let tree: string;
const does = (what: string): void => writeFileSync(join(programs, 'tar.does'), what);

beforeAll(async () => {
  if (missing !== null) return;
  programs = `/tmp/pilothouse-test-programs-${randomBytes(6).toString('hex')}`;
  mkdirSync(programs, { mode: 0o755 });
  writeFileSync(join(programs, 'tar'), standIn, { mode: 0o755 });
  writeFileSync(join(programs, 'find'), findStandIn, { mode: 0o755 });
  host = await startFilesHost({ programs });
  tree = join(host.ground, 'tree');
  mkdirSync(tree);
  writeFileSync(join(tree, 'first'), 'one\n');
  writeFileSync(join(tree, 'a.second'), 'two\n');
  // What gzip cannot make smaller: it takes a moment to read.
  writeFileSync(join(tree, 'noise'), randomBytes(24 * 1024 * 1024));
});
afterAll(async () => {
  await host?.stop();
  rmSync(programs, { recursive: true, force: true });
});
beforeEach((context) => {
  if (missing !== null) context.skip(missing);
  does('');
});

const filesBelow = (root: string): string => join(root, 'backups', 'Far', '+files', 'configuration');
const foldersIn = (root: string): string[] => (existsSync(filesBelow(root)) ? readdirSync(filesBelow(root)) : []);
/** Nothing here but what is whole, and nothing there that still works for us. */
async function expectNothingLeft(at: FilesEngine): Promise<void> {
  await waitFor('tar to be gone there', () => processesMatching('tar -c -f -').length === 0);
  expect(readdirSync(host.ground).filter((name) => name.includes('pilothouse'))).toEqual([]);
  expect(foldersIn(at.root).filter((name) => name.endsWith('.partial'))).toEqual([]);
}
async function open(ports: Partial<Ports> = {}, root?: string): Promise<FilesEngine> {
  const at = await openFilesEngine(host, root ?? (await temporaryFolder('files')), ports);
  onTestFinished(() => at.engine.close());
  return at;
}
const small = (): string[] => [join(tree, 'first'), join(tree, 'a.second')];
/** The end of an operation that failed and made nothing. */
async function expectFailed(at: FilesEngine, operation: Operation, code: string): Promise<void> {
  expect([operation.state, operation.error?.code]).toEqual(['failed', code]);
  expect([await at.backups(), foldersIn(at.root)]).toEqual([[], []]);
  await expectNothingLeft(at);
}

describe('a tar that does not say the truth', () => {
  test.each([
    ['is cut and ends with 0', 'cut', 'backup.incomplete'],
    ['writes nothing and ends with 0', 'nothing', 'backup.incomplete'],
    ['writes something before its archive', 'chatter', 'backup.incomplete'],
    ['writes no end and ends with 0', 'no-end', 'backup.incomplete'],
    ['ends with 2 behind a whole archive', 'two', 'files.tar-failed'],
    ['ends with 1 and says nothing of why', 'one', 'files.tar-failed'],
    ['is killed behind a whole archive', 'killed', 'files.tar-failed'],
  ])('%s', async (_name, what, code) => {
    const at = await open();
    const set = await at.add({ paths: small() });
    does(what);
    const { operation } = await at.backUp(set, 'L0');
    await expectFailed(at, operation, code);
  });
});

describe('while files are read', () => {
  async function reading(): Promise<{ at: FilesEngine; operationId: string }> {
    const at = await open();
    const set = await at.add({ paths: [tree] });
    const { plan } = await at.client.call('files.plan', { setId: set.id });
    const operationId = await begin(at.client, plan);
    await waitFor('bytes to come', () => foldersIn(at.root).some((folder) => existsSync(join(filesBelow(at.root), folder, 'files.tar.gz')) && statSync(join(filesBelow(at.root), folder, 'files.tar.gz')).size > 300_000), { every: 1 });
    return { at, operationId };
  }
  const realTar = () => processesMatching('tar -c -f -').filter(({ commandLine }) => !commandLine.startsWith('/bin/sh') && !commandLine.startsWith('sh'));

  test('the line is cut', async () => {
    const { at, operationId } = await reading();
    cutConnections(host.server);
    await expectFailed(at, await endOf(at.client, operationId), 'ssh.connection-lost');
  });
  test('tar is killed there', async () => {
    const { at, operationId } = await reading();
    for (const { pid } of realTar()) process.kill(pid, 'SIGKILL');
    await expectFailed(at, await endOf(at.client, operationId), 'files.tar-failed');
  });
  test('gzip is killed there', async () => {
    const { at, operationId } = await reading();
    for (const { pid, commandLine } of processesMatching('gzip')) if (commandLine === 'gzip') process.kill(pid, 'SIGKILL');
    await expectFailed(at, await endOf(at.client, operationId), 'files.tar-failed');
  });
  test('it is cancelled', async () => {
    const { at, operationId } = await reading();
    await at.client.call('operation.cancel', { operationId });
    const operation = await endOf(at.client, operationId);
    expect([operation.state, operation.summary, await at.backups(), foldersIn(at.root)]).toEqual(['cancelled', 'Cancelled. Nothing was left behind.', [], []]);
    await expectNothingLeft(at);
  });
  test('the disk here fills up', async ({ skip }) => {
    const why = whyNoSmallDisk();
    if (why !== null) skip(why);
    const disk = await mountSmallDisk(46 * 1024 * 1024);
    onTestFinished(() => disk.remove());
    // What gzip cannot make smaller: the guess falls short.
    const folder = join(host.ground, 'noise');
    mkdirSync(folder);
    onTestFinished(() => rmSync(folder, { recursive: true }));
    writeFileSync(join(folder, 'more'), randomBytes(48 * 1024 * 1024));
    const root = await temporaryFolder('files');
    symlinkSync(disk.folder, join(root, 'backups'));
    const at = await open({}, root);
    const { operation } = await at.backUp(await at.add({ paths: [folder] }), 'L0');
    await expectFailed(at, operation, 'backup.space');
  });
});

describe('cancelled', () => {
  /** An engine that cancels what runs when it comes to a point. */
  async function cancelling(point: string): Promise<FilesEngine> {
    const at: FilesEngine = await open({
      async checkpoint(name) {
        if (name !== point) return;
        const { operations } = await at.client.call('operation.list', { active: true });
        for (const { id } of operations) await at.client.call('operation.cancel', { operationId: id });
      },
    });
    return at;
  }
  test.each(['files:looked', 'files:read', 'files:before-rename'])('at %s, no copy comes of it', async (point) => {
    const at = await cancelling(point);
    const { operation } = await at.backUp(await at.add({ paths: small() }));
    expect([operation.state, operation.summary, await at.backups(), foldersIn(at.root)]).toEqual(['cancelled', 'Cancelled. Nothing was left behind.', [], []]);
  });
  test('while it is brought out for its proof, the copy stays, and says how good it is', async () => {
    const at = await cancelling('files:extracting');
    const { operation, backup } = await at.backUp(await at.add({ paths: small() }));
    expect([operation.state, operation.summary?.includes('is kept in'), backup?.proof, foldersIn(at.root).length]).toEqual(['cancelled', true, 'L2', 1]);
  });
  test.each([['files:restored', 'here'], ['files:folder-there', 'host'], ['files:sent', 'host']] as const)('at %s, nothing comes back, neither here nor there', async (point, to) => {
    const at = await cancelling(point);
    const { operation: made } = await at.backUp(await at.add({ paths: small() }), 'L0');
    const operation = await runToEnd(at.client, (await at.client.call('files.planRestore', { backupId: made.id, to })).plan);
    expect([operation.state, readdirSync(join(at.root, 'exports')), readdirSync(tree).filter((name) => name.includes('pilothouse'))]).toEqual(['cancelled', [], []]);
  });
  test.skipIf(process.platform !== 'linux')('before an archive is sent, it is not left open', async () => {
    const at = await cancelling('files:folder-there');
    const { operation: made } = await at.backUp(await at.add({ paths: [tree] }), 'L0');
    const operation = await runToEnd(at.client, (await at.client.call('files.planRestore', { backupId: made.id, to: 'host' })).plan);
    expect([operation.state, await openBelow(join(at.root, 'backups'))]).toEqual(['cancelled', []]);
  });
});

test('a file that grows while GNU tar reads it is named, with the status 1 that says so, and the copy of it is whole', async () => {
  const at = await open();
  const set = await at.add({ paths: [tree] });
  const { plan } = await at.client.call('files.plan', { setId: set.id, options: { proof: 'L2' } });
  const operationId = await begin(at.client, plan);
  const writing = setInterval(() => appendFileSync(join(tree, 'noise'), 'more'), 1);
  onTestFinished(() => clearInterval(writing));
  const operation = await endOf(at.client, operationId);
  clearInterval(writing);
  const [backup] = await at.backups();
  expect([operation.state, operation.error?.message, backup?.proof, backup?.changed]).toEqual(['succeeded-with-warnings', undefined, 'L2', 1]);
  const { events } = await at.client.call('operation.events', { operationId });
  expect(events.flatMap((event) => (event.kind === 'log' && event.command !== undefined ? [event.command.exitStatus] : []))).toEqual([1]);
});

test('a file that goes away before it is read is no failure, and one that is a path of the set is', async () => {
  const folder = join(host.ground, 'few');
  const going = join(folder, 'going');
  mkdirSync(folder);
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'stays'), 'x');
  writeFileSync(going, 'x');
  const at = await open({ checkpoint: async (name) => void (name === 'files:looked' && rmSync(going, { force: true })) });
  const ofFolder = await at.backUp(await at.add({ name: 'all', paths: [folder] }), 'L0');
  expect([ofFolder.operation.state, ofFolder.backup?.files]).toEqual(['succeeded', 1]);
  writeFileSync(going, 'x');
  const { operation } = await at.backUp(await at.add({ paths: [going] }), 'L0');
  expect([operation.state, operation.error?.code]).toEqual(['failed', 'files.tar-failed']);
});

test('a set that was changed since is planned anew', async () => {
  const at = await open();
  const set = await at.add({ paths: small() });
  const { plan } = await at.client.call('files.plan', { setId: set.id });
  await at.client.call('files.update', { setId: set.id, exclude: ['*.second'] });
  expect((await runToEnd(at.client, plan)).error?.code).toBe('operation.plan-changed');
});

describe('more files than were there when it was planned', () => {
  const thousands = 501;
  const many = Array.from({ length: 1000 }, (_value, index) => index);
  async function planned(ports: Partial<Ports> = {}): Promise<{ at: FilesEngine; plan: Plan }> {
    onTestFinished(() => ['find.does', 'tar.many'].forEach((name) => rmSync(join(programs, name), { force: true })));
    const at = await open(ports);
    return { at, plan: (await at.client.call('files.plan', { setId: (await at.add({ paths: small() })).id, options: { proof: 'L0' } })).plan };
  }
  async function expectRefused(at: FilesEngine, operation: Operation): Promise<void> {
    expect(operation.error?.message).toContain('more than 500,000 files and folders');
    await expectFailed(at, operation, 'files.tar-failed');
  }
  function findMany(): void {
    const batches = Array.from({ length: thousands }, (_value, batch) => ['b', '1000', many.map(() => '81a4 1 1 0').join('\n'), ...many.map((index) => `/n${batch}-${index}`)].join('\0'));
    writeFileSync(join(programs, 'find.does'), `${batches.join('\0')}\0`);
  }
  test('are too many while tar sends them', async () => {
    const { at, plan } = await planned();
    const thousand = gzipSync(Buffer.concat(many.map((index) => tarHeader({ name: `d${index}/`, type: '5' }))));
    writeFileSync(join(programs, 'tar.many'), Buffer.concat(Array.from({ length: thousands }, () => thousand)));
    does('many');
    await expectRefused(at, await runToEnd(at.client, plan));
  });
  test('are too many before tar is asked', async () => {
    const { at, plan } = await planned();
    findMany();
    await expectRefused(at, await runToEnd(at.client, plan));
  });
  test('are too many to be compared afterwards', async () => {
    const { at, plan } = await planned({ checkpoint: async (name) => void (name === 'files:read' && findMany()) });
    await expectRefused(at, await runToEnd(at.client, plan));
  });
});

describe('bringing back beside on the host', () => {
  async function copied(ports: Partial<Ports> = {}): Promise<{ at: FilesEngine; backupId: string; sub: string }> {
    const sub = join(host.ground, 'sub');
    mkdirSync(sub, { recursive: true });
    writeFileSync(join(sub, 'x.conf'), 'x');
    writeFileSync(join(sub, 'y.second'), 'y');
    onTestFinished(() => rmSync(sub, { recursive: true, force: true }));
    const at = await open(ports);
    const { operation } = await at.backUp(await at.add({ paths: [sub] }), 'L0');
    return { at, backupId: operation.id, sub };
  }
  const beside = (): string[] => readdirSync(host.ground).filter((name) => name.includes('pilothouse'));

  test.each(['files:folder-there', 'files:sent'])('a line that is cut at %s leaves nothing there', async (point) => {
    let cut = false;
    const { at, backupId } = await copied({
      async checkpoint(name) {
        if (name !== point || cut) return;
        cut = true;
        cutConnections(host.server);
      },
    });
    const operation = await runToEnd(at.client, (await at.client.call('files.planRestore', { backupId, to: 'host' })).plan);
    expect([operation.state, operation.error?.code, beside()]).toEqual(['failed', 'ssh.connection-lost', []]);
  });
  test('a tar that brings out less than it was sent is found out', async () => {
    const { at, backupId } = await copied();
    does('unpacks-less');
    const operation = await runToEnd(at.client, (await at.client.call('files.planRestore', { backupId, to: 'host' })).plan);
    expect([operation.state, operation.error?.code, beside()]).toEqual(['failed', 'restore.counts-differ', []]);
  });
  test('a tar that reads nothing of what it is sent is found out, and nobody goes on sending', async () => {
    const at = await open();
    const { operation: made } = await at.backUp(await at.add({ paths: [tree] }), 'L0');
    does('nothing');
    const operation = await runToEnd(at.client, (await at.client.call('files.planRestore', { backupId: made.id, to: 'host' })).plan);
    expect([operation.state, operation.error?.code, beside()]).toEqual(['failed', 'restore.counts-differ', []]);
  });
  test('what has its name meanwhile is never written over', async () => {
    const { at, backupId } = await copied();
    const { plan, into } = await at.client.call('files.planRestore', { backupId, to: 'host' });
    mkdirSync(into[0] ?? '');
    writeFileSync(join(into[0] ?? '', 'mine'), 'mine');
    const operation = await runToEnd(at.client, plan);
    expect([operation.state, operation.error?.code, readdirSync(into[0] ?? '')]).toEqual(['failed', 'restore.failed', ['mine']]);
    rmSync(into[0] ?? '', { recursive: true });
    expect(beside()).toEqual([]);
  });
  test('where one of several names is taken meanwhile, those that were given already are taken back, and that one stays', async () => {
    const at = await open();
    const { operation: made } = await at.backUp(await at.add({ paths: small() }), 'L0');
    const { plan, into } = await at.client.call('files.planRestore', { backupId: made.id, to: 'host' });
    await at.engine.close();
    const again = await open({ checkpoint: async (name) => void (name === 'files:sent' && writeFileSync(into[1] ?? '', 'mine')) }, at.root);
    const operation = await runToEnd(again.client, plan);
    const left = readdirSync(tree).filter((name) => name.includes('pilothouse'));
    rmSync(into[1] ?? '');
    expect([operation.state, operation.error?.code, left]).toEqual(['failed', 'restore.failed', [into[1]?.slice(tree.length + 1)]]);
  });
  test('paths that are not in the copy, and second names without their first, are told before', async () => {
    const { at, backupId, sub } = await copied();
    const { plan } = await at.client.call('files.planRestore', { backupId, paths: [join(sub, 'nowhere')], to: 'host' });
    expect([plan.runnable, plan.findings.find(({ state }) => state === 'critical')?.title]).toEqual([false, 'Not in this copy']);
  });
});

test('an account that has nothing of its own reads as root by sudo with a password, which goes nowhere else', async (context) => {
  const why = whyNoSudoUser();
  if (why !== null) return context.skip(why);
  const user = makeSudoUser();
  onTestFinished(() => user.remove());
  user.allow('NAME ALL=(root) PASSWD: ALL');
  chmodSync(host.server.folder, 0o711);
  chmodSync(join(host.server.folder, 'authorized_keys'), 0o644);
  const guarded = join(host.ground, 'guarded');
  mkdirSync(guarded, { recursive: true, mode: 0o700 });
  writeFileSync(join(guarded, 'key'), 'secret', { mode: 0o600 });
  const at = await open();
  const { hosts } = await at.client.call('host.list', {});
  const [known] = hosts;
  if (known === undefined) throw new Error('There is no host.');
  await at.client.call('host.update', { hostId: known.id, connection: { ...known.connection, user: user.name, signIn: { ...known.connection.signIn, sudo: { source: 'ask' } } } });
  const set = await at.add({ paths: [guarded], access: { kind: 'sudo', user: 'root' } });
  await expect(at.client.call('files.plan', { setId: set.id })).rejects.toMatchObject({ code: 'ssh.sudo-password-needed' });
  await at.client.call('host.testSudo', { hostId: known.id, sudoPassword: user.password });
  const { operation, backup } = await at.backUp(set);
  expect([operation.state, operation.error, backup?.files, backup?.proof]).toEqual(['succeeded', null, 1, 'L3']);
  expect(spawnSync('grep', ['-rlaF', user.password, at.root], { encoding: 'utf8' }).stdout).toBe('');
});
