import { appendFileSync, readdirSync, truncateSync, writeFileSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { figuresInWords } from '#shared/domain/table-counts.ts';
import { createBackupRepository } from '#engine/store/backup-repository.ts';
import { createScratchRepository } from '#engine/store/scratch-repository.ts';
import { hashedFiles } from '#test/hand-made-backup.ts';
import { processesMatching } from '#test/processes.ts';
import { databasesOf, rowsOf, shopRows } from '#test/shop.ts';
import { waitFor } from '#test/wait-for.ts';
import { setStage } from './stage.ts';

const stage = setStage();
const scratches = () => createScratchRepository(stage.engine.context.store).list();
const dataFile = (folder: string) => join(folder, 'dump', readdirSync(join(folder, 'dump')).filter((name) => name.endsWith('.dat.gz') && !name.startsWith('blob'))[0] ?? '');

describe('a restore beside its original', () => {
  it('brings back every row, and says so', async () => {
    const { databaseId } = await stage.shop('plain');
    const { backup } = await stage.backup(databaseId);
    const { plan } = await stage.engine.call('restore.plan', { backupId: backup.id });
    const operation = await stage.engine.run(plan);
    const { restore, compared } = await stage.engine.call('restore.get', { restoreId: String(operation.result?.['restoreId']) });
    expect({ state: operation.state, restore: { ...restore }, tables: compared.map(({ name, backup: rows, restored, live, equal }) => [name, rows, restored, live, equal]) }).toMatchObject({
      state: 'succeeded',
      restore: { state: 'beside', outcome: 'clean', equal: true, into: 'plain__new', rows: shopRows, differences: [], omissions: [] },
      tables: [['Mixed "Case', 500, 500, 500, true], ['customers', 500, 500, 500, true], ['empty', 0, 0, 0, true], ['events_2020', 40, 40, 40, true], ['totals', 1, 1, 1, true]],
    });
  });

  it('leaves neither marks on the database nor a record that it must not stay', async () => {
    const { databaseId } = await stage.shop('unmarked');
    await stage.restoreBeside(databaseId);
    const [row] = await stage.server.query("SELECT datconnlimit, shobj_description(oid, 'pg_database') AS comment FROM pg_database WHERE datname = 'unmarked__new'");
    expect({ row, scratches: scratches() }).toEqual({ row: { datconnlimit: -1, comment: expect.stringMatching(/^Restored by Pilothouse from the backup of unmarked of /) }, scratches: [] });
  });

  it('takes a custom archive as well', async () => {
    const { databaseId } = await stage.shop('custom');
    const { backup } = await stage.backup(databaseId, { format: 'custom' });
    const { plan } = await stage.engine.call('restore.plan', { backupId: backup.id, jobs: 1 });
    expect(await stage.engine.run(plan)).toMatchObject({ state: 'succeeded' });
  });

  it('shows what is live beside what came back', async () => {
    const { databaseId } = await stage.shop('written');
    const { backup } = await stage.backup(databaseId);
    await stage.server.query("INSERT INTO customers (name) VALUES ('late')", [], { database: 'written' });
    const { plan } = await stage.engine.call('restore.plan', { backupId: backup.id });
    const operation = await stage.engine.run(plan);
    const { compared } = await stage.engine.call('restore.get', { restoreId: String(operation.result?.['restoreId']) });
    expect(compared.find(({ name }) => name === 'customers')).toMatchObject({ backup: 500, restored: 500, live: 501, equal: true });
  });

  it('tells what it asks the live database with the step that counts it, and with no other that goes on meanwhile', async () => {
    const { databaseId } = await stage.shop('apart');
    const { backup } = await stage.backup(databaseId);
    const { plan } = await stage.engine.call('restore.plan', { backupId: backup.id });
    const { id } = await stage.engine.run(plan);
    const events = stage.engine.context.operations.events(id, 0, 10_000);
    const asked = events.flatMap((event) => (event.kind === 'log' && event.command?.text.startsWith('SET LOCAL max_parallel_workers_per_gather') === true ? [event.phase] : []));
    const counted = events.flatMap((event) => (event.kind === 'phase' && event.phase === 'live' ? [event.state] : []));
    expect({ asked, counted }).toEqual({ asked: ['live'], counted: ['started', 'done'] });
  });

  it('brings back a database that is gone, under its own name', async () => {
    const { databaseId } = await stage.shop('gone');
    await stage.server.query("ALTER DATABASE gone SET work_mem = '7MB'; REVOKE TEMPORARY ON DATABASE gone FROM PUBLIC");
    const { backup } = await stage.backup(databaseId);
    await stage.server.query('DROP DATABASE gone');
    const { plan } = await stage.engine.call('restore.plan', { backupId: backup.id, into: 'gone' });
    const operation = await stage.engine.run(plan);
    const restoreId = String(operation.result?.['restoreId']);
    const { restore } = await stage.engine.call('restore.get', { restoreId });
    const swap = await stage.engine.call('restore.planSwap', { restoreId }).catch((error: unknown) => error);
    expect({ state: operation.state, rows: await rowsOf(stage.server, 'gone', 'customers'), said: plan.findings.some(({ detail }) => detail?.startsWith('The settings and grants of the database itself') === true), restore, swap }).toMatchObject({
      state: 'succeeded-with-warnings', rows: 500, said: true, restore: { outcome: 'clean-with-omissions', omissions: [expect.stringContaining('pg_restore --create')] }, swap: { code: 'restore.swap-refused', message: expect.stringContaining('gone is the restored copy already') },
    });
  });

  it.each(['Quoted "Name', 'Ünïcödé', 'x'.repeat(63), '数'.repeat(21), "it's; DROP"])('copes with a database called %s', async (name) => {
    const { databaseId } = await stage.shop(name);
    const { into } = await stage.restoreBeside(databaseId);
    expect(Buffer.byteLength(into)).toBeLessThanOrEqual(63);
    expect(await rowsOf(stage.server, into, 'customers')).toBe(500);
  });

  it('chooses the next free name', async () => {
    const { databaseId } = await stage.shop('twice');
    await stage.restoreBeside(databaseId);
    expect(await stage.restoreBeside(databaseId)).toMatchObject({ into: 'twice__new2' });
  });

  it('does not call a stale materialised view a difference', async () => {
    const { databaseId } = await stage.shop('stale');
    await stage.server.query("UPDATE customers SET mood = 'hurried' WHERE id < 10", [], { database: 'stale' });
    const { backup } = await stage.backup(databaseId);
    const { plan } = await stage.engine.call('restore.plan', { backupId: backup.id });
    const operation = await stage.engine.run(plan);
    const { compared } = await stage.engine.call('restore.get', { restoreId: String(operation.result?.['restoreId']) });
    expect(compared.find(({ name }) => name === 'totals')).toMatchObject({ backup: 1, restored: 2, equal: true });
  });

  it('says the same figures as its backup everywhere, without the rows of views', async () => {
    const { databaseId } = await stage.shop('figures');
    const { backup } = await stage.backup(databaseId);
    const { plan } = await stage.engine.call('restore.plan', { backupId: backup.id });
    const operation = await stage.engine.run(plan);
    const restoreId = String(operation.result?.['restoreId']);
    const { restore } = await stage.engine.call('restore.get', { restoreId });
    const swap = await stage.engine.call('restore.planSwap', { restoreId });
    const words = figuresInWords(backup);
    const said = [plan.consequences, [operation.summary], swap.plan.consequences].map((lines) => lines.some((line) => line?.includes(words) === true));
    expect([words, figuresInWords(restore), said]).toEqual([expect.stringMatching(/tables.*, 1 materialised view$/), words, [true, true, true]]);
  });

  it('leaves a subscription out, and says so', async () => {
    const { databaseId } = await stage.shop('subscribed');
    await stage.server.query("CREATE SUBSCRIPTION elsewhere CONNECTION 'host=127.0.0.1 port=1' PUBLICATION p WITH (connect = false)", [], { database: 'subscribed' });
    const { backup } = await stage.backup(databaseId);
    const { plan } = await stage.engine.call('restore.plan', { backupId: backup.id });
    const operation = await stage.engine.run(plan);
    const { restore } = await stage.engine.call('restore.get', { restoreId: String(operation.result?.['restoreId']) });
    expect({ state: operation.state, outcome: restore.outcome, omissions: restore.omissions }).toEqual({ state: 'succeeded-with-warnings', outcome: 'clean-with-omissions', omissions: [expect.stringContaining('elsewhere')] });
  });

  it('leaves out owners and grants of roles that are gone, and nothing else', async () => {
    const { databaseId } = await stage.shop('roles');
    await stage.server.query('CREATE ROLE "Gone Owner"; CREATE ROLE gone_reader; CREATE ROLE stays', [], { database: 'roles' });
    await stage.server.query('ALTER TABLE customers OWNER TO "Gone Owner"; GRANT SELECT ON customers TO gone_reader; GRANT SELECT ON events TO stays; ALTER TABLE customers ENABLE ROW LEVEL SECURITY; CREATE POLICY p ON customers TO gone_reader USING (true)', [], { database: 'roles' });
    const { backup } = await stage.backup(databaseId);
    await stage.server.query('DROP DATABASE roles');
    await stage.server.query('DROP ROLE "Gone Owner"; DROP ROLE gone_reader');
    const { plan, into } = await stage.engine.call('restore.plan', { backupId: backup.id });
    const operation = await stage.engine.run(plan);
    const [row] = await stage.server.query<{ stays: boolean; owner: string }>("SELECT has_table_privilege('stays', 'events', 'SELECT') AS stays, (SELECT tableowner FROM pg_tables WHERE tablename = 'customers') AS owner", [], { database: into });
    expect({ state: operation.state, row }).toEqual({ state: 'succeeded-with-warnings', row: { stays: true, owner: 'postgres' } });
  });

  it('asks for the new name where the system is production', async () => {
    const { databaseId } = await stage.shop('live', { environment: 'production' });
    const { backup } = await stage.backup(databaseId);
    const { plan } = await stage.engine.call('restore.plan', { backupId: backup.id });
    const attempt = () => stage.engine.context.runner.run({ planId: plan.id, token: plan.token, confirmName: 'live', caller: 'test' });
    expect(attempt).toThrow(expect.objectContaining({ code: 'operation.name-not-confirmed' }));
  });
});

describe('a restore that must not succeed', () => {
  async function attempt(name: string, options: Parameters<typeof stage.backup>[1], meanwhile: () => Promise<void> = async () => {}) {
    const { databaseId } = await stage.shop(name);
    const { backup, folder } = await stage.backup(databaseId, options);
    const { plan } = await stage.engine.call('restore.plan', { backupId: backup.id });
    await meanwhile();
    const operation = await stage.engine.run(plan);
    const [restore] = (await stage.engine.call('restore.list', { limit: 1 })).restores;
    return { operation, restore, folder, standing: (await databasesOf(stage.server)).filter((database) => database.startsWith(name)), left: scratches() };
  }

  it('finds rows missing that the manifest has, and drops what it made', async () => {
    const seen = await attempt('short', { change: (manifest) => manifest.contents.tables.forEach((table) => (table.rows += table.name === 'empty' ? 7 : 0)) });
    expect(seen).toMatchObject({ operation: { state: 'failed', error: { code: 'restore.counts-differ' } }, restore: { state: 'failed', outcome: 'failed', equal: false, differences: ['public.empty came back with 0 rows, the backup has 7 rows'] }, standing: ['short'], left: [] });
  });

  it('keeps the comparison of what differed', async () => {
    const { restore } = await attempt('evidence', { change: (manifest) => void (manifest.contents.sequences = manifest.contents.sequences.map((sequence) => ({ ...sequence, lastValue: '9' }))) });
    expect(await stage.engine.call('restore.get', { restoreId: restore?.id ?? '' })).toMatchObject({ sequences: { equal: 0, total: 2 }, restore: { equal: false } });
  });

  it('notices a table that comes back empty because its check calls an unqualified function', async () => {
    const { databaseId } = await stage.shop('unqualified');
    await stage.server.query("CREATE FUNCTION helper(int) RETURNS boolean LANGUAGE sql AS 'SELECT $1 > 0'; CREATE FUNCTION good(int) RETURNS boolean LANGUAGE sql AS 'SELECT helper($1)'; CREATE TABLE checked (id int CHECK (good(id))); INSERT INTO checked SELECT generate_series(1, 10)", [], { database: 'unqualified' });
    const { backup } = await stage.backup(databaseId);
    const { plan } = await stage.engine.call('restore.plan', { backupId: backup.id });
    const operation = await stage.engine.run(plan);
    expect({ state: operation.state, standing: (await databasesOf(stage.server)).includes('unqualified__new') }).toEqual({ state: 'failed', standing: false });
  });

  it('reads the backup before it writes anything: a flipped bit', async () => {
    const seen = await attempt('flipped', {
      spoil: (folder) => {
        const bytes = readFileSync(dataFile(folder));
        bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
        writeFileSync(dataFile(folder), bytes);
      },
    });
    expect(seen).toMatchObject({ operation: { state: 'failed', error: { code: 'backup.damaged' } }, standing: ['flipped'], left: [] });
  });

  it('marks a backup as damaged that it found damaged', async () => {
    const { restore } = await attempt('marked', {
      proof: 'L3',
      spoil: (folder) => {
        const bytes = readFileSync(dataFile(folder));
        bytes[20] = (bytes[20] ?? 0) ^ 4;
        writeFileSync(dataFile(folder), bytes);
      },
    });
    expect(createBackupRepository(stage.engine.context.store).get(restore?.backupId ?? '')).toMatchObject({ damaged: expect.any(String), proof: null });
  });

  it('stops at a truncated archive whose manifest agrees with it', async () => {
    const seen = await attempt('truncated', {
      change: (manifest) => {
        const folder = join(stage.engine.context.home.backups, manifest.id);
        truncateSync(dataFile(folder), 60);
        manifest.files = hashedFiles(folder);
      },
    });
    expect(seen).toMatchObject({ operation: { state: 'failed', error: { code: 'restore.failed' } }, restore: { state: 'failed' }, standing: ['truncated'], left: [] });
  });

  it('stops when a data file is missing and the manifest does not know it', async () => {
    const seen = await attempt('missing', {
      change: (manifest) => {
        const folder = join(stage.engine.context.home.backups, manifest.id);
        rmSync(dataFile(folder));
        manifest.files = hashedFiles(folder);
      },
    });
    expect(seen).toMatchObject({ operation: { state: 'failed' }, standing: ['missing'], left: [] });
  });

  it('does not run when a file has grown since', async () => {
    const { databaseId } = await stage.shop('grown');
    const { backup } = await stage.backup(databaseId, { spoil: (folder) => appendFileSync(dataFile(folder), 'x') });
    const { plan } = await stage.engine.call('restore.plan', { backupId: backup.id });
    expect(plan).toMatchObject({ runnable: false, findings: expect.arrayContaining([expect.objectContaining({ state: 'critical', title: 'The backup is damaged' })]) });
  });

  it('never writes into a database that stands: the plan says so', async () => {
    const { databaseId } = await stage.shop('taken');
    const { backup } = await stage.backup(databaseId);
    const { plan } = await stage.engine.call('restore.plan', { backupId: backup.id, into: 'taken' });
    expect(plan).toMatchObject({ runnable: false, findings: expect.arrayContaining([expect.objectContaining({ state: 'critical', title: 'There is a database taken already' })]) });
  });

  it('never advises to drop a database that stands, which the backup may be of', async () => {
    const { databaseId } = await stage.shop('standing');
    const { backup } = await stage.backup(databaseId);
    const { plan } = await stage.engine.call('restore.plan', { backupId: backup.id, into: 'standing' });
    expect({ wayBack: plan.wayBack, fix: plan.findings.find(({ state }) => state === 'critical')?.fix, drops: /\bdrop (?:standing|that)\b/i.test(JSON.stringify(plan)) }).toEqual({ wayBack: null, fix: 'Choose another name: standing__new is free.', drops: false });
  });

  it('never writes into a database that came to stand after the plan', async () => {
    const seen = await attempt('raced', {}, async () => void (await stage.server.query('CREATE DATABASE raced__new')));
    expect(seen).toMatchObject({ operation: { state: 'failed', error: { code: 'restore.target-exists' } }, standing: ['raced', 'raced__new'], left: [] });
  });

  it('says which role may not create databases, and the grant', async () => {
    const { databaseId, systemId } = await stage.shop('weak');
    const { backup } = await stage.backup(databaseId);
    await stage.server.query("CREATE ROLE weak LOGIN PASSWORD 'weak'");
    const weak = stage.engine.addDatabase({ name: systemId, server: stage.server, database: 'weak', user: 'weak', password: 'weak' });
    stage.engine.context.systems.updateDatabase(weak.databaseId, { label: 'weak' });
    const { plan } = await stage.engine.call('restore.plan', { backupId: backup.id, databaseId: weak.databaseId });
    expect(plan.findings).toContainEqual(expect.objectContaining({ state: 'critical', fix: 'As a superuser: ALTER ROLE "weak" CREATEDB;' }));
  });

  it.each(['verify', 'restore'])('leaves nothing behind when it is cancelled in phase %s', async (phase) => {
    const name = `cancelled_${phase}`;
    const { databaseId } = await stage.shop(name);
    await stage.server.query('INSERT INTO customers (name) SELECT g::text FROM generate_series(1, 200000) g', [], { database: name });
    const { backup } = await stage.backup(databaseId);
    const { plan } = await stage.engine.call('restore.plan', { backupId: backup.id });
    const operationId = stage.engine.start(plan);
    await waitFor(`the phase ${phase}`, () => stage.engine.events(operationId).some((event) => event.kind === 'phase' && event.phase === phase), { every: 2 });
    stage.engine.context.runner.cancel(operationId);
    const operation = await stage.engine.context.runner.finished(operationId);
    const standing = (await databasesOf(stage.server)).filter((database) => database.startsWith(name));
    expect({ state: operation.state, standing, left: scratches(), processes: processesMatching(`dbname='${name}`) }).toEqual({ state: 'cancelled', standing: [name], left: [], processes: [] });
  });

  it.each(['scratch:recorded', 'scratch:created', 'restore:database-made', 'restore:restored', 'restore:compared'])('leaves nothing behind when it is cancelled at %s', async (point) => {
    const name = `cancelled_${point.replaceAll(/\W/g, '_')}`;
    const { databaseId } = await stage.shop(name);
    const { backup } = await stage.backup(databaseId);
    let operationId = '';
    await stage.reopen({ checkpoint: async (reached) => void (reached === point && stage.engine.context.runner.cancel(operationId)) });
    operationId = stage.engine.start((await stage.engine.call('restore.plan', { backupId: backup.id })).plan);
    const operation = await stage.engine.context.runner.finished(operationId);
    await stage.reopen();
    const standing = (await databasesOf(stage.server)).filter((database) => database.startsWith(name));
    expect({ state: operation.state, standing, left: scratches() }).toEqual({ state: 'cancelled', standing: [name], left: [] });
  });
});
