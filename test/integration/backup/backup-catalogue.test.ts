import { cpSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { ProofRecord } from '#shared/contract/backups.ts';
import { createBackupRoom } from '#engine/backup/backup-room.ts';
import { rememberProof } from '#engine/backup/proof-memory.ts';
import { readProofs, writeProofs } from '#engine/backup/proofs-file.ts';
import { readManifestFile } from '#engine/backup/read-manifest.ts';
import { createBackupRepository } from '#engine/store/backup-repository.ts';
import { backUp, backupFoldersIn, createShop, engineOf } from '#test/backed-up-shop.ts';
import type { TestEngine } from '#test/engine-parts.ts';
import { startPostgres, type PostgresServer } from '#test/postgres-server.ts';
import { makeTemporaryFolder, temporaryFolder } from '#test/temporary-folder.ts';

let server: PostgresServer;
/** A data folder with a proven backup and a newer one that was only hashed. */
let original: string;

beforeAll(async () => {
  server = await startPostgres({ major: 15 });
  await createShop(server, 'shop');
  original = await makeTemporaryFolder('catalogue-original');
  const { engine, databaseId } = engineOf(original, server, 'shop');
  await backUp(engine, databaseId, { proof: 'L3' });
  await backUp(engine, databaseId, { proof: 'L0' });
  await engine.close();
});
afterAll(async () => {
  await server.stop();
  await rm(original, { recursive: true });
});

const catalogue = async (engine: TestEngine) => (await engine.call('backup.list', {})).backups;

async function open(): Promise<{ root: string; engine: TestEngine; databaseId: string }> {
  const root = await temporaryFolder('catalogue');
  cpSync(original, root, { recursive: true });
  const { engine, databaseId } = engineOf(root, server, 'shop');
  engine.unlock(databaseId, server.password);
  onTestFinished(() => engine.close());
  await engine.call('backup.scan', {});
  return { root, engine, databaseId };
}

/** The same folders, and a local file that knows nothing of them. */
async function openAnew(from: string): Promise<TestEngine> {
  const root = await temporaryFolder('catalogue');
  cpSync(join(from, 'backups'), join(root, 'backups'), { recursive: true });
  const { engine } = engineOf(root, server, 'shop');
  onTestFinished(() => engine.close());
  return engine;
}

describe('a scan', () => {
  test('rebuilds the catalogue from the folders, proofs included', async () => {
    const { root, engine } = await open();
    const before = await catalogue(engine);
    const anew = await openAnew(root);
    expect(await anew.call('backup.scan', {})).toEqual({ found: 2, added: 2, missing: 0, unreadable: [] });
    const facts = (list: typeof before) => list.map(({ id, proof, provenAt, rows, tables, sizeBytes, takenAt }) => ({ id, proof, provenAt, rows, tables, sizeBytes, takenAt }));
    expect(facts(await catalogue(anew))).toEqual(facts(before));
  });
  test('gives backups a home with the database that was added anew for the same', async () => {
    const { root } = await open();
    const anew = await openAnew(root);
    const [database] = anew.context.systems.list().flatMap((system) => system.databases);
    const { plan } = await anew.call('backup.plan', { databaseId: database?.id ?? '' });
    anew.context.systems.updateDatabase(database?.id ?? '', { systemIdentifier: plan.targets[0]?.identity?.systemIdentifier ?? null });
    await anew.call('backup.scan', {});
    expect((await catalogue(anew)).map(({ databaseId }) => databaseId)).toEqual([database?.id, database?.id]);
  });
  test('changes nothing when nothing changed', async () => {
    const { engine } = await open();
    const before = await catalogue(engine);
    expect(await engine.call('backup.scan', {})).toEqual({ found: 2, added: 0, missing: 0, unreadable: [] });
    expect(await catalogue(engine)).toEqual(before);
  });
  test('marks a backup whose folder is gone, and takes the mark off when it is back', async () => {
    const { root, engine } = await open();
    const [newest] = await catalogue(engine);
    renameSync(newest?.path ?? '', join(root, 'elsewhere'));
    expect(await engine.call('backup.scan', {})).toMatchObject({ found: 1, missing: 1 });
    expect((await catalogue(engine))[0]?.damaged).toContain('is missing');
    renameSync(join(root, 'elsewhere'), newest?.path ?? '');
    await engine.call('backup.scan', {});
    expect((await catalogue(engine))[0]?.damaged).toBeNull();
  });
  test('takes the proof from a backup whose file has another size', async () => {
    const { engine } = await open();
    const proven = (await catalogue(engine)).find(({ proof }) => proof === 'L3');
    truncateSync(join(proven?.path ?? '', 'dump', 'toc.dat'), 10);
    await engine.call('backup.scan', {});
    expect((await catalogue(engine)).find(({ id }) => id === proven?.id)).toMatchObject({ proof: null, damaged: expect.stringContaining('toc.dat has 10 bytes') });
  });
  test('says of a folder that it cannot read why', async () => {
    const { engine } = await open();
    const [newest] = await catalogue(engine);
    writeFileSync(join(newest?.path ?? '', 'manifest.json'), '{');
    const result = await engine.call('backup.scan', {});
    expect(result).toMatchObject({ found: 1, missing: 1, unreadable: [{ path: newest?.path, reason: expect.stringContaining('it is not JSON') }] });
    expect((await catalogue(engine))[0]?.damaged).toContain('it is not JSON');
  });
  test('follows no link', async () => {
    const { root, engine } = await open();
    const [newest] = await catalogue(engine);
    const outside = join(root, 'outside');
    renameSync(newest?.path ?? '', outside);
    symlinkSync(outside, newest?.path ?? '');
    expect((await engine.call('backup.scan', {})).unreadable).toEqual([{ path: newest?.path, reason: 'It is a link. Backups are looked for in plain folders only.' }]);
  });
  test('is not fooled by a copy of a folder', async () => {
    const { engine } = await open();
    const [newest] = await catalogue(engine);
    cpSync(newest?.path ?? '', `${newest?.path}-copy`, { recursive: true });
    expect((await engine.call('backup.scan', {})).unreadable).toEqual([{ path: `${newest?.path}-copy`, reason: expect.stringContaining('It is a copy of') }]);
  });
  test('believes no path that leads out of the folder', async () => {
    const { engine } = await open();
    const [newest] = await catalogue(engine);
    const path = join(newest?.path ?? '', 'manifest.json');
    const manifest = JSON.parse(readFileSync(path, 'utf8')) as { files: unknown[] };
    manifest.files.push({ path: '../../../../pilothouse.db', sizeBytes: 1, sha256: '0'.repeat(64) });
    writeFileSync(path, JSON.stringify(manifest));
    expect((await engine.call('backup.scan', {})).unreadable[0]?.reason).toContain('leads out of the folder');
  });
  test('tells when it was made', async () => {
    const { engine } = await open();
    expect((await engine.call('backup.list', {})).scannedAt).not.toBeNull();
  });
  test('at the start of the engine sweeps what a crash left', async () => {
    const { root, engine } = await open();
    mkdirSync(join(root, 'backups', 'Shop', 'shop', '20200101T000000Z.partial'));
    mkdirSync(join(root, 'backups', 'Shop', 'shop', '20200102T000000Z.deleting'));
    await createBackupRoom(engine.context).start();
    expect(backupFoldersIn(root)).toHaveLength(2);
  });
});

describe('deleting', () => {
  const planDelete = async (engine: TestEngine, backupId = '') => (await engine.call('backup.planDelete', { backupId })).plan;

  test('asks for the name of the database', async () => {
    const { engine } = await open();
    expect(await planDelete(engine, (await catalogue(engine))[0]?.id)).toMatchObject({ confirmName: 'shop', irreversible: true, wayBack: null });
  });
  test('removes the folder and the row', async () => {
    const { root, engine } = await open();
    const [newest] = await catalogue(engine);
    expect(await engine.run(await planDelete(engine, newest?.id))).toMatchObject({ state: 'succeeded' });
    expect([backupFoldersIn(root).length, (await catalogue(engine)).length]).toEqual([1, 1]);
  });
  test('is refused for the newest proven one', async () => {
    const { engine } = await open();
    const proven = (await catalogue(engine)).find(({ proof }) => proof === 'L3');
    await expect(planDelete(engine, proven?.id)).rejects.toMatchObject({ code: 'backup.protected' });
  });
  test('is refused for the newest proven one although its database is forgotten', async () => {
    const { engine, databaseId } = await open();
    engine.context.systems.removeDatabase(databaseId);
    await engine.call('backup.scan', {});
    const proven = (await catalogue(engine)).find(({ proof }) => proof === 'L3');
    await expect(planDelete(engine, proven?.id)).rejects.toMatchObject({ code: 'backup.protected' });
  });
  test('is refused for the newest where none was ever proven', async () => {
    const root = await temporaryFolder('unproven');
    const { engine, databaseId } = engineOf(root, server, 'shop');
    onTestFinished(() => engine.close());
    await backUp(engine, databaseId, { proof: 'L0' });
    const [only] = await catalogue(engine);
    await expect(planDelete(engine, only?.id)).rejects.toMatchObject({ code: 'backup.protected', message: expect.stringContaining('none was ever restored') });
  });
  test('is refused where the proven one that would stay is not whole any more, whatever the catalogue says', async () => {
    const { engine } = await open();
    const [newest, proven] = await catalogue(engine);
    truncateSync(join(proven?.path ?? '', 'dump', 'toc.dat'), 10);
    await expect(planDelete(engine, newest?.id)).rejects.toMatchObject({ code: 'backup.protected', message: expect.stringContaining('none was ever restored') });
    expect((await catalogue(engine))[1]).toMatchObject({ id: proven?.id, damaged: expect.stringContaining('toc.dat has 10 bytes') });
  });
  test('is refused for a pinned one', async () => {
    const { engine } = await open();
    const [newest] = await catalogue(engine);
    await engine.call('backup.pin', { backupId: newest?.id ?? '', pinned: true });
    await expect(planDelete(engine, newest?.id)).rejects.toMatchObject({ code: 'backup.protected' });
  });
  test('is refused at the last moment when it has become the last proven one since it was planned', async () => {
    const { engine, databaseId } = await open();
    await backUp(engine, databaseId, { proof: 'L3' });
    const older = (await catalogue(engine)).filter(({ proof }) => proof === 'L3')[1];
    const plan = await planDelete(engine, older?.id);
    const newer = (await catalogue(engine)).filter(({ proof }) => proof === 'L3')[0];
    createBackupRepository(engine.context.store).setDamaged(newer?.id ?? '', 'found damaged meanwhile');
    expect(await engine.run(plan)).toMatchObject({ state: 'failed', error: { code: 'backup.protected' } });
  });
});

test('a backup that is being verified is not deleted under its reader', async () => {
  const { root, engine: first } = await open();
  await first.close();
  let refusal: unknown = null;
  const { engine } = engineOf(root, server, 'shop', {
    async checkpoint(name) {
      if (name !== 'proof:L1') return;
      const [newest] = await catalogue(engine);
      refusal = await engine.call('backup.planDelete', { backupId: newest?.id ?? '' }).catch((error: unknown) => error);
    },
  });
  onTestFinished(() => engine.close());
  const [newest] = await catalogue(engine);
  const { plan } = await engine.call('backup.planVerify', { backupId: newest?.id ?? '', level: 'L1' });
  await engine.run(plan);
  expect(refusal).toMatchObject({ code: 'backup.protected', message: expect.stringContaining('is being read by') });
});

test('a backup that is still being proved by its own making is not deleted under it', async () => {
  const root = await temporaryFolder('catalogue');
  let refusal: unknown = null;
  const { engine, databaseId } = engineOf(root, server, 'shop', {
    async checkpoint(name) {
      if (name !== 'proof:L0') return;
      const [newest] = await catalogue(engine);
      refusal = await engine.call('backup.planDelete', { backupId: newest?.id ?? '' }).catch((error: unknown) => error);
    },
  });
  onTestFinished(() => engine.close());
  await backUp(engine, databaseId, { proof: 'L0' });
  expect(refusal).toMatchObject({ code: 'backup.protected', message: expect.stringContaining('is being read by') });
});

describe('a backup counts as that of a database', () => {
  test('as soon as it is made, although nobody had looked at the database before', async () => {
    const { engine, databaseId } = await open();
    const backups = createBackupRepository(engine.context.store);
    expect([backups.newestOf(databaseId)?.proof, backups.newestProvenOf(databaseId)?.proof]).toEqual(['L0', 'L3']);
  });
  const others: [string, (engine: TestEngine, databaseId: string) => void][] = [
    ['another cluster', (engine, databaseId) => void engine.context.systems.updateDatabase(databaseId, { systemIdentifier: '1' })],
    ['a cluster that nobody knows', (engine, databaseId) => void engine.context.systems.updateDatabase(databaseId, { systemIdentifier: null })],
    ['another database of its cluster', (engine, databaseId) => void engine.context.systems.updateDatabase(databaseId, { connection: { ...engine.context.systems.getDatabase(databaseId).connection, database: 'other' } })],
  ];
  test.each(others)('no more when that leads to %s', async (_what, change) => {
    const { engine, databaseId } = await open();
    change(engine, databaseId);
    const backups = createBackupRepository(engine.context.store);
    const { systemId } = engine.context.systems.getDatabase(databaseId);
    expect([backups.newestOf(databaseId), backups.newestProvenOf(databaseId), backups.newest(systemId), backups.newestProven(systemId)]).toEqual([null, null, null, null]);
  });
  test.each(others)('no more in a catalogue that is read again when that leads to %s', async (_what, change) => {
    const { engine, databaseId } = await open();
    change(engine, databaseId);
    await engine.call('backup.scan', {});
    expect((await catalogue(engine)).map((backup) => backup.databaseId)).toEqual([null, null]);
  });
  test('and the newest proven one of the former cluster stays protected', async () => {
    const { engine, databaseId } = await open();
    engine.context.systems.updateDatabase(databaseId, { systemIdentifier: '1' });
    const proven = (await catalogue(engine)).find(({ proof }) => proof === 'L3');
    await expect(engine.call('backup.planDelete', { backupId: proven?.id ?? '' })).rejects.toMatchObject({ code: 'backup.protected' });
  });
});

test('what is remembered of a proof has no secret in it, wherever it is kept', async () => {
  const { engine } = await open();
  const [newest] = await catalogue(engine);
  const { sha256 } = await readManifestFile(newest?.path ?? '');
  engine.context.scrubber.register('canary-of-a-proof');
  const checks = [{ name: 'It can be restored', ok: false, detail: 'CREATE SUBSCRIPTION s CONNECTION \'password=canary-of-a-proof\'' }];
  await rememberProof(engine.context, { id: newest?.id ?? '', folder: newest?.path ?? '', manifestSha256: sha256 }, { level: 'L3', ok: false, at: '2026-11-20T19:46:00.000Z', durationMs: 1, where: 'here', checks, operationId: null });
  const [{ damaged } = { damaged: '' }] = await catalogue(engine);
  const kept = [JSON.stringify(await readProofs(newest?.path ?? '')), JSON.stringify(createBackupRepository(engine.context.store).proofsOf(newest?.id ?? '')), damaged ?? ''];
  expect(kept.map((text) => [text.includes('canary'), text.includes('[redacted]')])).toEqual([[false, true], [false, true], [false, true]]);
});

describe('a backup that was brought here', () => {
  test('is shown with the proof that its folder tells, and a plan that runs what it holds says where it does not come from', async () => {
    const { root, engine } = await open();
    const anew = await openAnew(root);
    await anew.call('backup.scan', {});
    const proven = (await catalogue(anew)).find(({ proof }) => proof === 'L3');
    const [database] = anew.context.systems.list().flatMap((system) => system.databases);
    anew.context.systems.updateDatabase(database?.id ?? '', { systemIdentifier: proven?.systemIdentifier ?? '' });
    await anew.call('backup.scan', {});
    const warned = async (where: TestEngine) => (await where.call('backup.planVerify', { backupId: proven?.id ?? '', level: 'L3' })).plan.findings.filter(({ title }) => title.includes('not made by this Pilothouse'));
    expect(await warned(anew)).toMatchObject([{ state: 'warn', detail: expect.stringContaining('runs the SQL it holds as postgres, who may do anything') }]);
    expect(await warned(engine)).toEqual([]);
  });
  test('does not take the protection from the last proven one that was made here, however new it claims to be', async () => {
    const { engine } = await open();
    const proven = (await catalogue(engine)).find(({ proof }) => proof === 'L3');
    const folder = join(dirname(proven?.path ?? ''), 'brought');
    cpSync(proven?.path ?? '', folder, { recursive: true });
    const manifest = { ...(JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8')) as object), id: 'brought', snapshotAt: '2099-01-01T00:00:00.000Z' };
    writeFileSync(join(folder, 'manifest.json'), JSON.stringify(manifest));
    const { sha256 } = await readManifestFile(folder);
    await writeProofs(folder, { manifestSha256: sha256, pinned: false, records: (await readProofs(folder)).records });
    await engine.call('backup.scan', {});
    expect((await catalogue(engine))[0]).toMatchObject({ id: 'brought', proof: 'L3' });
    await expect(engine.call('backup.planDelete', { backupId: proven?.id ?? '' })).rejects.toMatchObject({ code: 'backup.protected' });
  });
});

describe('a pin', () => {
  test('outlives the catalogue', async () => {
    const { root, engine } = await open();
    const [newest] = await catalogue(engine);
    await engine.call('backup.pin', { backupId: newest?.id ?? '', pinned: true });
    const anew = await openAnew(root);
    await anew.call('backup.scan', {});
    expect((await catalogue(anew)).map(({ pinned }) => pinned)).toEqual([true, false]);
  });
  test('that comes while answers are written down loses none of them', async () => {
    const { engine } = await open();
    const [newest] = await catalogue(engine);
    const { id = '', path = '' } = newest ?? {};
    const { sha256 } = await readManifestFile(path);
    const answer = (second: number): ProofRecord => ({ level: 'L0', ok: second < 9, at: `2030-01-01T00:00:0${second}.000Z`, durationMs: 1, where: 'this computer', checks: [], operationId: null });
    await Promise.all(
      [1, 2, 3, 4, 5, 6, 7, 8, 9].flatMap((second) => [
        rememberProof(engine.context, { id, folder: path, manifestSha256: sha256 }, answer(second)),
        engine.call('backup.pin', { backupId: id, pinned: second % 2 === 1 }),
        engine.call('backup.scan', {}),
      ]),
    );
    expect((await readProofs(path)).records.slice(-9).map(({ at }) => at)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9].map((second) => answer(second).at));
  });
  test('can be taken off', async () => {
    const { engine } = await open();
    const [newest] = await catalogue(engine);
    await engine.call('backup.pin', { backupId: newest?.id ?? '', pinned: true });
    await engine.call('backup.pin', { backupId: newest?.id ?? '', pinned: false });
    await engine.call('backup.scan', {});
    expect((await catalogue(engine))[0]?.pinned).toBe(false);
  });
});

test('a backup without its proofs file is unproven in a catalogue that is made anew', async () => {
  const { root, engine } = await open();
  for (const { path } of await catalogue(engine)) rmSync(join(path, 'proofs.json'));
  const anew = await openAnew(root);
  await anew.call('backup.scan', {});
  expect((await catalogue(anew)).map(({ proof }) => proof)).toEqual([null, null]);
});
