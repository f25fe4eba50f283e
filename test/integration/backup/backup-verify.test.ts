import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { Backup } from '#shared/contract/backups.ts';
import type { Operation } from '#shared/contract/operations.ts';
import type { ProofLevel } from '#shared/domain/proof.ts';
import type { Manifest } from '#engine/backup/manifest.ts';
import { readProofs } from '#engine/backup/proofs-file.ts';
import { createBackupRepository } from '#engine/store/backup-repository.ts';
import { backUp, createShop, engineOf, leftAfterFiveSeconds } from '#test/backed-up-shop.ts';
import type { TestEngine } from '#test/engine-parts.ts';
import { startPostgres, type PostgresServer } from '#test/postgres-server.ts';
import { makeTemporaryFolder, temporaryFolder } from '#test/temporary-folder.ts';
import { waitFor } from '#test/wait-for.ts';

let server: PostgresServer;
/** Data folders with one proven backup each, copied for every test. */
const originals = { directory: '', custom: '' };

beforeAll(async () => {
  server = await startPostgres({ major: 15 });
  await createShop(server, 'shop');
  for (const format of ['directory', 'custom'] as const) {
    originals[format] = await makeTemporaryFolder('verify-original');
    const { engine, databaseId } = engineOf(originals[format], server, 'shop');
    const operation = await backUp(engine, databaseId, { format });
    if (operation.state !== 'succeeded') throw new Error(`${operation.summary}`);
    await engine.close();
  }
});
afterAll(async () => {
  await server.stop();
  for (const folder of Object.values(originals)) await rm(folder, { recursive: true });
});

const catalogue = async (engine: TestEngine) => (await engine.call('backup.list', {})).backups;

/** A data folder of its own with a proven backup in it. */
async function open(format: 'directory' | 'custom' = 'directory'): Promise<{ root: string; engine: TestEngine; databaseId: string; backup: Backup }> {
  const root = await temporaryFolder('verify');
  cpSync(originals[format], root, { recursive: true });
  const { engine, databaseId } = engineOf(root, server, 'shop');
  engine.unlock(databaseId, server.password);
  onTestFinished(() => engine.close());
  await engine.call('backup.scan', {});
  const [backup] = await catalogue(engine);
  if (backup === undefined) throw new Error('The copied data folder has no backup.');
  return { root, engine, databaseId, backup };
}

async function verify(engine: TestEngine, backup: Backup, level: ProofLevel): Promise<Operation> {
  const { plan } = await engine.call('backup.planVerify', { backupId: backup.id, level });
  return engine.run(plan);
}

function flipBit(path: string, at = 0.5): void {
  const bytes = readFileSync(path);
  const index = Math.min(bytes.length - 1, Math.floor(bytes.length * at));
  bytes[index] = (bytes[index] as number) ^ 1;
  writeFileSync(path, bytes);
}

function changeManifest(backup: Backup, change: (manifest: Manifest) => void): void {
  const path = join(backup.path, 'manifest.json');
  const manifest = JSON.parse(readFileSync(path, 'utf8')) as Manifest;
  change(manifest);
  writeFileSync(path, JSON.stringify(manifest, null, 1));
}

/** Makes a changed folder look as if it had been written like that, hashes and all: only a deeper look can tell. */
async function reseal(engine: TestEngine, backup: Backup): Promise<void> {
  const { hashFile } = await import('#engine/backup/files.ts');
  const manifest = JSON.parse(readFileSync(join(backup.path, 'manifest.json'), 'utf8')) as Manifest;
  for (const file of manifest.files) Object.assign(file, await hashFile(join(backup.path, file.path)));
  writeFileSync(join(backup.path, 'manifest.json'), JSON.stringify(manifest));
  rmSync(join(backup.path, 'proofs.json'));
  createBackupRepository(engine.context.store).remove(backup.id);
  await engine.call('backup.scan', {});
}

const dataFileOf = (backup: Backup) => {
  const names = readdirSync(join(backup.path, 'dump')).filter((name) => name.endsWith('.dat.gz'));
  const sizes = names.map((name) => ({ name, size: readFileSync(join(backup.path, 'dump', name)).length })).sort((a, b) => b.size - a.size);
  return join(backup.path, 'dump', sizes[0]?.name ?? '');
};

describe('a whole backup', () => {
  test('is verified at every level', async () => {
    const { root, engine, backup } = await open();
    for (const level of ['L0', 'L1', 'L2', 'L3'] as const) expect(await verify(engine, backup, level)).toMatchObject({ state: 'succeeded' });
    expect(await leftAfterFiveSeconds(root, server)).toEqual([]);
  });
  test('does not lose what was proven by a shallower look', async () => {
    const { engine, backup } = await open();
    await verify(engine, backup, 'L0');
    expect((await catalogue(engine))[0]).toMatchObject({ proof: 'L3', provenAt: backup.provenAt });
  });
  test('cannot be restored and counted where its database is not managed any more', async () => {
    const { engine, databaseId, backup } = await open();
    engine.context.systems.removeDatabase(databaseId);
    await engine.call('backup.scan', {});
    const { plan } = await engine.call('backup.planVerify', { backupId: backup.id, level: 'L3' });
    expect(plan.findings.find((finding) => finding.state === 'critical')?.fix).toContain('add its own again');
  });
  test('keeps its proof where the server cannot be reached for another', async () => {
    const { engine, databaseId, backup } = await open();
    const { plan } = await engine.call('backup.planVerify', { backupId: backup.id, level: 'L3' });
    const { connection } = engine.context.systems.getDatabase(databaseId);
    engine.context.systems.updateDatabase(databaseId, { connection: { ...connection, port: 1 } });
    expect(await engine.run(plan)).toMatchObject({ state: 'failed', error: { code: 'postgres.refused' } });
    expect((await catalogue(engine))[0]).toMatchObject({ proof: 'L3', damaged: null });
  });
});

test('a backup keeps its proof where the server ends its restore', async () => {
  const { root, engine: first } = await open();
  await first.close();
  // Keeps the restore waiting for its large objects, and has the server end that statement.
  const endIt = `DO $$ BEGIN
    LOCK TABLE pg_catalog.pg_largeobject_metadata IN ACCESS EXCLUSIVE MODE;
    FOR attempt IN 1..1000 LOOP
      PERFORM pg_catalog.pg_stat_clear_snapshot();
      PERFORM pg_cancel_backend(pid) FROM pg_stat_activity WHERE application_name = 'pilothouse restore' AND wait_event_type = 'Lock';
      EXIT WHEN FOUND;
      PERFORM pg_sleep(0.01);
    END LOOP;
  END $$`;
  let ended: Promise<unknown> = Promise.resolve();
  const { engine, databaseId } = engineOf(root, server, 'shop', {
    async checkpoint(name) {
      if (name !== 'proof:database-made') return;
      const [scratch] = await server.query<{ name: string }>("SELECT datname AS name FROM pg_database WHERE datname LIKE 'pilothouse\\_proof\\_%'");
      ended = server.query(endIt, [], { database: scratch?.name ?? '' });
      await waitFor('the lock', async () => (await server.query("SELECT 1 FROM pg_locks WHERE granted AND mode = 'AccessExclusiveLock' AND relation = 'pg_largeobject_metadata'::regclass")).length > 0, { every: 5 });
    },
  });
  engine.unlock(databaseId, server.password);
  onTestFinished(() => engine.close());
  const [backup] = await catalogue(engine);
  const operation = await verify(engine, backup as Backup, 'L3');
  await ended;
  expect(operation).toMatchObject({ state: 'failed', error: { code: 'postgres.query-failed', message: expect.stringContaining('says nothing about the backup') } });
  expect((await catalogue(engine))[0]).toMatchObject({ proof: 'L3', damaged: null });
});

/** Puts a script before pg_restore: what it does not end goes on to the real one. */
function insteadOfPgRestore(engine: TestEngine, root: string, script: string): void {
  const { requireReader } = engine.context.postgres;
  engine.context.postgres.requireReader = async (...asked) => {
    const tool = await requireReader(...asked);
    const path = join(root, 'pg_restore');
    writeFileSync(path, `#!/bin/sh\n${script}\nexec '${tool.path}' "$@"\n`, { mode: 0o700 });
    return { ...tool, path };
  };
}

describe('a backup keeps its proof where pg_restore', () => {
  const ends: [string, string, string][] = [
    ['is killed', 'kill -KILL $$', 'it was ended by SIGKILL'],
    ['is not what it was any more and cannot be started', 'exec /nowhere/pg_restore', 'it ended with status 127'],
    ['gets no memory', 'echo "pg_restore: error: out of memory" >&2; exit 1', 'out of memory'],
  ];
  const looks: [ProofLevel, string][] = [
    ['L1', '*--list*'],
    ['L2', '*--data-only*'],
    ['L3', '*--exit-on-error*'],
  ];
  test.each(ends.flatMap(([how, script, words]) => looks.map(([level, when]) => [how, level, script, when, words] as const)))('%s while %s is looked at', async (_how, level, script, when, words) => {
    const { root, engine, backup } = await open();
    insteadOfPgRestore(engine, root, `case "$*" in ${when}) ${script};; esac`);
    const operation = await verify(engine, backup, level);
    expect(operation).toMatchObject({ state: 'failed', error: level === 'L3' ? {} : { code: 'postgres.tool-failed', retryable: true, message: expect.stringContaining(words) } });
    expect((await catalogue(engine))[0]).toMatchObject({ proof: 'L3', damaged: null });
    expect((await readProofs(backup.path)).records.every(({ ok }) => ok)).toBe(true);
  });
  test('loses its line, and it is the proof that is made again', async () => {
    const { root, engine, backup } = await open();
    insteadOfPgRestore(engine, root, 'case "$*" in *--exit-on-error*) echo "pg_restore: error: could not execute query: server closed the connection unexpectedly" >&2; exit 1;; esac');
    const { error } = await verify(engine, backup, 'L3');
    expect(error).toMatchObject({ code: 'postgres.connection-lost', hint: 'Check the line and the server, then prove the backup again.', details: { backupId: backup.id, upTo: 'L3' } });
  });
  test('is killed while it lists what is to be restored', async () => {
    const { root, engine, backup } = await open();
    // The first list is that of L1.
    insteadOfPgRestore(engine, root, `case "$*" in *--list*) [ -e '${root}/listed' ] && kill -KILL $$; : >'${root}/listed';; esac`);
    expect(await verify(engine, backup, 'L3')).toMatchObject({ state: 'failed' });
    expect((await catalogue(engine))[0]).toMatchObject({ proof: 'L3', damaged: null });
  });
});

test('a backup that is being made is not called damaged where pg_restore is killed over it', async () => {
  const { root, engine, databaseId } = await open();
  insteadOfPgRestore(engine, root, 'case "$*" in *--use-list*) kill -KILL $$;; esac');
  expect(await backUp(engine, databaseId)).toMatchObject({ state: 'failed', error: { code: 'postgres.tool-failed' } });
});

describe('damage', () => {
  const kinds: [string, 'directory' | 'custom', (backup: Backup) => string][] = [
    ['the table of contents', 'directory', (backup) => join(backup.path, 'dump', 'toc.dat')],
    ['a data file', 'directory', dataFileOf],
    ['the list of large objects', 'directory', (backup) => join(backup.path, 'dump', 'blobs.toc')],
    ['a large object', 'directory', (backup) => join(backup.path, 'dump', readdirSync(join(backup.path, 'dump')).find((name) => name.startsWith('blob_')) ?? '')],
    ['the archive', 'custom', (backup) => join(backup.path, 'dump.pgdump')],
    ['the roles', 'custom', (backup) => join(backup.path, 'globals.sql')],
    ['RESTORE.md', 'custom', (backup) => join(backup.path, 'RESTORE.md')],
  ];
  test.each(kinds)('by a flipped bit in %s (%s) takes the proof away', async (_what, format, fileOf) => {
    const { engine, backup } = await open(format);
    flipBit(fileOf(backup));
    expect(await verify(engine, backup, 'L0')).toMatchObject({ state: 'failed', error: { code: 'backup.proof-failed' } });
    expect((await catalogue(engine))[0]).toMatchObject({ proof: null, provenAt: null, damaged: expect.stringContaining('is not what was written') });
  });
  test.each(kinds)('by a cut of %s (%s) takes the proof away', async (_what, format, fileOf) => {
    const { engine, backup } = await open(format);
    const path = fileOf(backup);
    truncateSync(path, Math.floor(readFileSync(path).length * 0.7));
    expect(await verify(engine, backup, 'L0')).toMatchObject({ state: 'failed', error: { code: 'backup.proof-failed' } });
    expect((await catalogue(engine))[0]?.proof).toBeNull();
  });
  test('by a missing data file takes the proof away', async () => {
    const { engine, backup } = await open();
    rmSync(dataFileOf(backup));
    expect(await verify(engine, backup, 'L0')).toMatchObject({ state: 'failed', error: { message: expect.stringContaining('is missing') } });
  });
  test('by a file that does not belong is told', async () => {
    const { engine, backup } = await open();
    writeFileSync(join(backup.path, 'dump', '9999.dat.gz'), 'x');
    expect(await verify(engine, backup, 'L0')).toMatchObject({ state: 'failed', error: { message: expect.stringContaining('does not belong') } });
  });
  test('by a link in the place of a file is told, and the link is not followed', async () => {
    const { engine, backup } = await open('custom');
    rmSync(join(backup.path, 'globals.sql'));
    symlinkSync('/etc/passwd', join(backup.path, 'globals.sql'));
    expect(await verify(engine, backup, 'L0')).toMatchObject({ state: 'failed', error: { message: expect.stringContaining('not a plain file') } });
  });
  test('of a manifest that was edited is told', async () => {
    const { engine, backup } = await open();
    changeManifest(backup, (manifest) => void (manifest.contents.largeObjects += 1));
    expect(await verify(engine, backup, 'L0')).toMatchObject({ state: 'failed', error: { message: expect.stringContaining('manifest.json was changed') } });
  });
  test('of a manifest that was edited stays told where the catalogue is made anew', async () => {
    const { engine, backup } = await open();
    changeManifest(backup, (manifest) => void (manifest.contents.largeObjects += 1));
    createBackupRepository(engine.context.store).remove(backup.id);
    await engine.call('backup.scan', {});
    expect((await catalogue(engine))[0]).toMatchObject({ proof: null, damaged: expect.stringContaining('another manifest.json') });
  });
  test('of a manifest that was cut is told', async () => {
    const { engine, backup } = await open();
    truncateSync(join(backup.path, 'manifest.json'), 300);
    await expect(engine.call('backup.planVerify', { backupId: backup.id, level: 'L0' })).rejects.toMatchObject({ code: 'backup.manifest-invalid' });
    expect((await catalogue(engine))[0]?.damaged).toContain('cannot be trusted');
  });
  test('that hides behind right hashes is found by listing the contents', async () => {
    const { engine, backup } = await open();
    truncateSync(join(backup.path, 'dump', 'toc.dat'), 200);
    await reseal(engine, backup);
    expect(await verify(engine, backup, 'L1')).toMatchObject({ state: 'failed', error: { code: 'backup.proof-failed', hint: expect.stringContaining('not whole from the start'), details: { level: 'L1' } } });
    expect((await catalogue(engine))[0]?.proof).toBe('L0');
  });
  test.each(['directory', 'custom'] as const)('that hides behind right hashes and a right list is found by reading it all (%s)', async (format) => {
    const { engine, backup } = await open(format);
    const path = format === 'custom' ? join(backup.path, 'dump.pgdump') : dataFileOf(backup);
    truncateSync(path, Math.floor(readFileSync(path).length * 0.7));
    await reseal(engine, backup);
    expect(await verify(engine, backup, 'L2')).toMatchObject({ state: 'failed', error: { code: 'backup.proof-failed', details: { level: 'L2' } } });
    expect((await catalogue(engine))[0]?.proof).toBe('L1');
  });
  test('of a table that is empty where the manifest has rows is found by reading it all', async () => {
    const { engine, backup } = await open();
    changeManifest(backup, (manifest) => void (manifest.contents.tables.find((table) => table.name === 'nothing_in_it') as { rows: number }).rows++);
    await reseal(engine, backup);
    expect(await verify(engine, backup, 'L2')).toMatchObject({ state: 'failed', error: { message: expect.stringContaining('public.nothing_in_it has 0 rows in the archive, and 1 were counted') } });
  });
  test('of a sequence that does not come back as it was is found by restoring it', async () => {
    const { root, engine, backup } = await open();
    changeManifest(backup, (manifest) => void ((manifest.contents.sequences[0] as { lastValue: string }).lastValue = '424242'));
    await reseal(engine, backup);
    expect(await verify(engine, backup, 'L3')).toMatchObject({ state: 'failed', error: { code: 'backup.proof-failed', hint: expect.stringContaining('Look at what differs'), details: { level: 'L3' } } });
    expect((await catalogue(engine))[0]).toMatchObject({ proof: 'L2', damaged: expect.stringContaining('424242') });
    expect(await leftAfterFiveSeconds(root, server)).toEqual([]);
  });
  test('stays known where it cannot be written down beside the backup, however often the folder is read again', async () => {
    const { engine, backup } = await open();
    flipBit(dataFileOf(backup));
    // Nothing can be written under the name that a new proofs.json begins with.
    mkdirSync(join(backup.path, 'proofs.json.new'));
    writeFileSync(join(backup.path, 'proofs.json.new', 'in the way'), '');
    expect(await verify(engine, backup, 'L0')).toMatchObject({ state: 'failed', error: { code: 'backup.proof-failed', message: expect.stringContaining('not beside the backup') } });
    await engine.call('backup.scan', {});
    await engine.call('backup.scan', {});
    expect((await catalogue(engine))[0]).toMatchObject({ proof: null, provenAt: null, damaged: expect.stringContaining('is not what was written') });
  });
  test('that could not be written down beside the backup is written down by the next scan that can', async () => {
    const { engine, backup } = await open();
    flipBit(dataFileOf(backup));
    mkdirSync(join(backup.path, 'proofs.json.new'));
    writeFileSync(join(backup.path, 'proofs.json.new', 'in the way'), '');
    await verify(engine, backup, 'L0');
    rmSync(join(backup.path, 'proofs.json.new'), { recursive: true });
    await engine.call('backup.scan', {});
    expect((await readProofs(backup.path)).records.at(-1)).toMatchObject({ level: 'L0', ok: false });
  });
  test('does not make a backup green again when only the file is put back', async () => {
    const { engine, backup } = await open('custom');
    const path = join(backup.path, 'dump.pgdump');
    const good = readFileSync(path);
    flipBit(path);
    await verify(engine, backup, 'L0');
    writeFileSync(path, good);
    await verify(engine, backup, 'L0');
    expect((await catalogue(engine))[0]).toMatchObject({ proof: 'L0', damaged: null });
  });
});

test('a table that comes back empty, because its CHECK calls a function that is not found, is never proven', async () => {
  await server.query('CREATE DATABASE tricky');
  await server.query(
    "CREATE FUNCTION is_good(int) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN RETURN $1 > limit_of_all(); END $$; CREATE FUNCTION limit_of_all() RETURNS int LANGUAGE sql AS 'SELECT 0'; CREATE TABLE checked (a int CHECK (is_good(a))); INSERT INTO checked SELECT generate_series(1, 10)",
    [],
    { database: 'tricky' },
  );
  const root = await temporaryFolder('verify');
  const { engine, databaseId } = engineOf(root, server, 'tricky');
  onTestFinished(() => engine.close());
  const operation = await backUp(engine, databaseId);
  expect(operation).toMatchObject({ state: 'failed', error: { code: 'backup.proof-failed', hint: expect.stringContaining('keeps its copy from being restored'), details: { level: 'L3' } } });
  expect(await catalogue(engine)).toMatchObject([{ proof: 'L2', damaged: expect.stringContaining('It can be restored') }]);
  expect(await leftAfterFiveSeconds(root, server)).toEqual([]);
});
