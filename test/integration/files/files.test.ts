/** Files of a host by its own tar: GNU's and BusyBox's, on a real sshd. */
import { execFileSync, spawnSync } from 'node:child_process';
import { appendFileSync, chmodSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { removeTree } from '#engine/files/remove-tree.ts';
import { openFilesEngine, plantTree, startFilesHost, whyNoBusyBox, whyNoFilesHost, type FilesEngine, type FilesHost } from '#test/files-host.ts';
import { runToEnd } from '#test/run-to-end.ts';
import { makeSudoUser, whyNoSudoUser, type SudoUser } from '#test/sudo-user.ts';
import { makeTemporaryFolder, temporaryFolder } from '#test/temporary-folder.ts';

const kinds = [['GNU tar', { busybox: false }], ['BusyBox', { busybox: true }]] as const;

describe.each(kinds)('files of a host with %s', (kind, options) => {
  const missing = whyNoFilesHost() ?? (options.busybox ? whyNoBusyBox() : null);
  let host: FilesHost;
  let at: FilesEngine;
  let tree: string;
  let planted: number;
  let root: string;
  let many = 0;
  beforeAll(async () => {
    if (missing !== null) return;
    host = await startFilesHost(options);
    root = await makeTemporaryFolder('files');
    at = await openFilesEngine(host, root);
  });
  afterAll(async () => {
    await at?.engine.close();
    await host?.stop();
    if (missing === null) await removeTree(root);
  });
  beforeEach((context) => {
    if (missing !== null) return context.skip(missing);
    many += 1;
    tree = join(host.ground, `t${many}`);
    planted = plantTree(tree);
  });
  const add: FilesEngine['add'] = (set) => at.add({ name: `configuration ${many}`, ...set });

  test('are backed up, proved and in the list, whatever their names are', async () => {
    const { operation, backup } = await at.backUp(await add({ paths: [tree] }));
    expect([operation.state, operation.error]).toEqual(['succeeded', null]);
    expect(backup).toMatchObject({ proof: 'L3', damaged: null, leftOut: 0, changed: 0, links: 5, hostLabel: 'web-1' });
    expect((backup?.files ?? 0) + (backup?.folders ?? 0) + (backup?.links ?? 0)).toBe(planted);
  });
  test('are what stock tar lists, and RESTORE.md brings back', async () => {
    const { backup } = await at.backUp(await add({ paths: [tree] }), 'L0');
    const archive = join(backup?.path ?? '', 'files.tar.gz');
    const lines = execFileSync('tar', ['-tzf', archive], { encoding: 'utf8' }).trim().split('\n');
    const into = await temporaryFolder('by-hand');
    execFileSync('tar', ['-xzpf', archive, '--numeric-owner', '-C', into]);
    expect([lines.length, spawnSync('diff', ['-r', '--no-dereference', tree, join(into, tree)], { encoding: 'utf8' }).stdout]).toEqual([planted, '']);
    expect(readFileSync(join(backup?.path ?? '', 'RESTORE.md'), 'utf8')).toContain(`tar -xzpf files.tar.gz --numeric-owner -C restored ${tree.slice(1)}`);
  });
  test('leave nothing on the host', async () => {
    const before = execFileSync('find', [host.ground, '-printf', '%p %T@\n'], { encoding: 'utf8' });
    await at.backUp(await add({ paths: [tree] }), 'L0');
    expect(execFileSync('find', [host.ground, '-printf', '%p %T@\n'], { encoding: 'utf8' })).toBe(before);
  });
  test('of which some are left out by path and by name are what is left', async () => {
    // A BusyBox that can leave nothing out is told each name, and those have to be text.
    if (options.busybox) rmSync(Buffer.concat([Buffer.from(`${tree}/latin-`), Buffer.from([0xe4, 0xff])]));
    mkdirSync(join(tree, 'deep', 'cache'), { recursive: true });
    writeFileSync(join(tree, 'deep', 'a.log'), 'x');
    writeFileSync(join(tree, 'deep', 'a.logs'), 'x');
    writeFileSync(join(tree, 'deep', 'cache', 'b'), 'x');
    const set = await add({ paths: [tree], exclude: ['*.log', join(tree, 'deep', 'cache'), 'plain.con?'] });
    const { operation, backup } = await at.backUp(set);
    expect([operation.state, operation.error]).toEqual(['succeeded', null]);
    const { contents } = await at.client.call('files.get', { backupId: backup?.id ?? '', limit: 5000 });
    const names = contents?.entries.map(({ path }) => path.slice(tree.length)) ?? [];
    expect([names.includes('deep/a.logs'), names.includes('deep/a.log'), names.some((name) => name.includes('cache')), names.includes('plain.conf'), names.includes('second name')]).toEqual([true, false, false, false, true]);
  });
  test('a pipe is in the list, is not brought back, and that is said', async () => {
    execFileSync('mkfifo', [join(tree, 'pipe')]);
    const { operation, backup } = await at.backUp(await add({ paths: [tree] }));
    expect([operation.state, backup?.proof, backup?.leftOut]).toEqual(['succeeded-with-warnings', 'L3', 1]);
    const { contents } = await at.client.call('files.get', { backupId: backup?.id ?? '' });
    expect(contents?.leftOut).toEqual([{ path: `${tree.slice(1)}/pipe`, why: 'it is a pipe: it stands in the list, and is not brought back' }]);
  });
  test('a path that is a link, and one that is not there, are told before', async () => {
    symlinkSync(tree, `${tree}-link`);
    const set = await add({ paths: [`${tree}-link`, `${tree}-gone`] });
    const { plan } = await at.client.call('files.plan', { setId: set.id });
    expect(plan.runnable).toBe(false);
    expect(plan.findings.filter(({ state }) => state !== 'ok').map(({ title }) => title)).toEqual(['A path is not there', `${tree}-link is a link`]);
  });
  test('one that changes while it is read is named', async () => {
    const growing = join(tree, 'growing.log');
    writeFileSync(growing, 'x'.repeat(1000));
    const other = await openFilesEngine(host, await temporaryFolder('files'), {
      async checkpoint(name) {
        // Between the reading and the second look: as if it were written to all the time.
        if (name === 'files:read') appendFileSync(growing, 'more');
      },
    });
    onTestFinished(() => other.engine.close());
    const { operation, backup } = await other.backUp(await other.add({ paths: [tree] }));
    expect([operation.state, backup?.changed, backup?.proof]).toEqual(['succeeded-with-warnings', 1, 'L3']);
    const { contents } = await other.client.call('files.get', { backupId: backup?.id ?? '' });
    expect(contents?.changed).toEqual([`${tree.slice(1)}/growing.log`]);
  });

  test('are brought back into a new folder here, chosen by path, and compared', async () => {
    mkdirSync(join(tree, 'sub'));
    writeFileSync(join(tree, 'sub', 'x.conf'), 'x');
    const { backup } = await at.backUp(await add({ paths: [tree] }), 'L0');
    const { plan, into } = await at.client.call('files.planRestore', { backupId: backup?.id ?? '', paths: [join(tree, 'sub'), join(tree, '.hidden')], to: 'here' });
    const operation = await runToEnd(at.client, plan);
    expect([operation.state, operation.error]).toEqual(['succeeded', null]);
    expect([readFileSync(join(into[0] ?? '', tree, 'sub', 'x.conf'), 'utf8'), readdirSync(join(into[0] ?? '', tree)).sort()]).toEqual(['x', ['.hidden', 'sub']]);
  });
  test('are brought back beside what is there on the host, and nothing there is touched', async () => {
    const { backup } = await at.backUp(await add({ paths: [tree] }), 'L0');
    writeFileSync(join(tree, 'plain.conf'), 'changed since');
    const { plan, into } = await at.client.call('files.planRestore', { backupId: backup?.id ?? '', to: 'host' });
    const operation = await runToEnd(at.client, plan);
    expect([operation.state, operation.error, plan.changes]).toEqual(['succeeded', null, true]);
    expect([readFileSync(join(tree, 'plain.conf'), 'utf8'), readFileSync(join(into[0] ?? '', 'plain.conf'), 'utf8'), readFileSync(join(into[0] ?? '', 'second name'), 'utf8')]).toEqual(['changed since', 'a = 1\n', 'a = 1\n']);
    expect(readdirSync(host.ground).filter((name) => name.includes('restoring'))).toEqual([]);
  });
  test('one file is brought back beside itself', async () => {
    const { backup } = await at.backUp(await add({ paths: [tree] }), 'L0');
    const { plan, into } = await at.client.call('files.planRestore', { backupId: backup?.id ?? '', paths: [join(tree, 'with spaces.conf')], to: 'host' });
    const operation = await runToEnd(at.client, plan);
    expect([operation.state, operation.error, readFileSync(into[0] ?? '', 'utf8')]).toEqual(['succeeded', null, 'b\n']);
  });
  test('a pipe keeps nothing beside it from coming back, is never made on the host, and that is said before and after', async () => {
    const pipe = 'a-pipe-of-a-long-name-'.repeat(8);
    execFileSync('mkfifo', [join(tree, pipe)]);
    const { backup } = await at.backUp(await add({ paths: [tree] }), 'L0');
    const { plan, into } = await at.client.call('files.planRestore', { backupId: backup?.id ?? '', to: 'host' });
    const operation = await runToEnd(at.client, plan);
    const said = plan.findings.find(({ title }) => title === 'Pipes and devices are not brought back');
    expect([operation.error, operation.state, operation.warnings, said?.state, said?.detail]).toEqual([null, 'succeeded-with-warnings', 1, 'warn', join(tree, pipe)]);
    expect(readdirSync(into[0] ?? '').sort()).toEqual(readdirSync(tree).filter((name) => name !== pipe).sort());
  });
  test('a path that is a pipe itself is left out of what is brought back to the host, and alone it cannot be', async () => {
    const pipe = join(tree, 'pipe');
    execFileSync('mkfifo', [pipe]);
    const { backup } = await at.backUp(await add({ paths: [tree] }), 'L0');
    const planOf = (paths: string[]) => at.client.call('files.planRestore', { backupId: backup?.id ?? '', paths, to: 'host' });
    const { plan, into } = await planOf([pipe, join(tree, '.hidden')]);
    const operation = await runToEnd(at.client, plan);
    const alone = (await planOf([pipe])).plan;
    expect([operation.error, operation.warnings, into.map((path) => path.startsWith(join(tree, '.hidden'))), readFileSync(into[0] ?? '', 'utf8')]).toEqual([null, 1, [true], 'j\n']);
    expect([alone.runnable, alone.findings.find(({ state }) => state === 'critical')?.fix]).toEqual([false, 'Choose a path that is something else.']);
  });
  test(`the plan names ${kind}, the command and the figures`, async () => {
    const { plan } = await at.client.call('files.plan', { setId: (await add({ paths: [tree] })).id });
    expect([plan.runnable, plan.changes, plan.findings.some(({ title }) => title.toLowerCase().includes(options.busybox ? 'busybox' : 'gnu tar')), plan.steps.find(({ id }) => id === 'read')?.detail?.includes('tar -c -f - ')]).toEqual([true, false, true, true]);
  });
});

describe('files that the account may not read', () => {
  const missing = whyNoFilesHost() ?? whyNoSudoUser();
  let host: FilesHost;
  let user: SudoUser;
  beforeAll(async () => {
    if (missing !== null) return;
    host = await startFilesHost();
    user = makeSudoUser();
  });
  afterAll(async () => {
    await host?.stop();
    user?.remove();
  });
  beforeEach((context) => {
    if (missing !== null) context.skip(missing);
  });

  test('are named in the plan and in the copy, with all below a folder that lets nobody in, and the rest is proved', async () => {
    const at = await openFilesEngine(host, await temporaryFolder('files'));
    onTestFinished(() => at.engine.close());
    const tree = join(host.ground, 'guarded');
    mkdirSync(join(tree, 'closed [1]*'), { recursive: true });
    writeFileSync(join(tree, 'open'), 'x');
    writeFileSync(join(tree, 'closed [1]*', 'in'), 'x');
    writeFileSync(join(tree, 'shut'), 'x');
    chmodSync(join(tree, 'closed [1]*'), 0o700);
    chmodSync(join(tree, 'shut'), 0o600);
    const set = await at.add({ paths: [tree], access: { kind: 'sudo', user: user.name } });
    const { plan } = await at.client.call('files.plan', { setId: set.id });
    expect(plan.findings.find(({ state }) => state === 'warn')).toMatchObject({ title: '2 files and folders cannot be read and will be left out', detail: expect.stringContaining(`${tree}/shut`) as string });
    const { operation, backup } = await at.backUp(set);
    expect([operation.state, backup?.proof, backup?.files, backup?.leftOut]).toEqual(['succeeded-with-warnings', 'L3', 1, 2]);
    const { contents } = await at.client.call('files.get', { backupId: backup?.id ?? '' });
    expect(contents?.leftOut.map(({ path, why }) => `${path}: ${why}`).sort()).toEqual([`${tree.slice(1)}/closed [1]*: this account may not look into it`, `${tree.slice(1)}/shut: this account may not read it`]);
    rmSync(tree, { recursive: true });
  });
});

test('a data folder that gets the folders of another knows the copies by what lies in them, and the scan of databases leaves them alone', async (context) => {
  const missing = whyNoFilesHost();
  if (missing !== null) return context.skip(missing);
  const host = await startFilesHost();
  onTestFinished(() => host.stop());
  const first = await openFilesEngine(host, await temporaryFolder('files'));
  onTestFinished(() => first.engine.close());
  plantTree(join(host.ground, 'tree'));
  const { backup } = await first.backUp(await first.add({ paths: [join(host.ground, 'tree')] }));
  expect(await first.client.call('backup.scan', {})).toEqual({ found: 0, added: 0, missing: 0, unreadable: [] });
  const root = await temporaryFolder('files');
  cpSync(join(first.root, 'backups'), join(root, 'backups'), { recursive: true });
  const second = await openFilesEngine(host, root);
  onTestFinished(() => second.engine.close());
  await second.engine.recovered;
  expect(await second.backups()).toMatchObject([{ id: backup?.id, proof: 'L3', systemId: null, systemName: 'Far', contentBytes: backup?.contentBytes, damaged: null }]);
  rmSync(join(root, 'backups', 'Far', '+files', 'configuration'), { recursive: true });
  expect(await second.client.call('files.scan', {})).toEqual({ found: 0, added: 0, missing: 1, unreadable: [] });
  expect((await second.backups())[0]?.damaged).toContain('is missing');
});

test('a copy whose files changed is found out, and one of which nothing is proven may not go', async (context) => {
  const missing = whyNoFilesHost();
  if (missing !== null) return context.skip(missing);
  const host = await startFilesHost();
  onTestFinished(() => host.stop());
  const at = await openFilesEngine(host, await temporaryFolder('files'));
  onTestFinished(() => at.engine.close());
  plantTree(join(host.ground, 'tree'));
  const set = await at.add({ paths: [join(host.ground, 'tree')] });
  const first = await at.backUp(set);
  await expect(at.client.call('files.planDelete', { backupId: first.operation.id })).rejects.toMatchObject({ code: 'backup.protected' });
  const second = await at.backUp(set);
  const archive = join(second.backup?.path ?? '', 'files.tar.gz');
  const bytes = readFileSync(archive);
  bytes[Math.floor(bytes.length / 2)] = (bytes[Math.floor(bytes.length / 2)] ?? 0) ^ 1;
  chmodSync(archive, 0o600);
  writeFileSync(archive, bytes);
  const { plan } = await at.client.call('files.planVerify', { backupId: second.operation.id, level: 'L0' });
  expect((await runToEnd(at.client, plan)).error?.code).toBe('backup.proof-failed');
  expect((await at.backups()).map(({ proof, damaged }) => [proof, damaged === null])).toEqual([[null, false], ['L3', true]]);
  // The damaged one protects nobody, so the first stays; the damaged one itself may go.
  await expect(at.client.call('files.planDelete', { backupId: first.operation.id })).rejects.toMatchObject({ code: 'backup.protected' });
  const gone = await runToEnd(at.client, (await at.client.call('files.planDelete', { backupId: second.operation.id })).plan);
  expect([gone.state, existsSync(second.backup?.path ?? ''), (await at.backups()).length]).toEqual(['succeeded', false, 1]);
});

test('a copy that was not whole from the start is found out by its list, and no disk is blamed for it', async (context) => {
  const missing = whyNoFilesHost();
  if (missing !== null) return context.skip(missing);
  const host = await startFilesHost();
  onTestFinished(() => host.stop());
  const root = await temporaryFolder('files');
  const at = await openFilesEngine(host, root);
  onTestFinished(() => at.engine.close());
  plantTree(join(host.ground, 'tree'));
  const { backup } = await at.backUp(await at.add({ paths: [join(host.ground, 'tree')] }), 'L0');
  const elsewhere = await temporaryFolder('files');
  cpSync(join(root, 'backups'), join(elsewhere, 'backups'), { recursive: true });
  const folder = join(elsewhere, 'backups', relative(join(root, 'backups'), backup?.path ?? ''));
  // As if it had been made so: nobody remembers another one.
  const manifest = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8')) as { entries: { mtime: number }[] };
  for (const entry of manifest.entries) entry.mtime += 1;
  chmodSync(join(folder, 'manifest.json'), 0o600);
  writeFileSync(join(folder, 'manifest.json'), JSON.stringify(manifest));
  rmSync(join(folder, 'proofs.json'));
  const other = await openFilesEngine(host, elsewhere);
  onTestFinished(() => other.engine.close());
  await other.engine.recovered;
  const [found] = await other.backups();
  const { plan } = await other.client.call('files.planVerify', { backupId: found?.id ?? '', level: 'L1' });
  expect((await runToEnd(other.client, plan)).error).toMatchObject({ code: 'backup.proof-failed', hint: expect.stringContaining('not whole from the start') as string, details: { level: 'L1' } });
});
