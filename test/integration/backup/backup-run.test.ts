import { execFileSync } from 'node:child_process';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { Backup } from '#shared/contract/backups.ts';
import { figuresInWords } from '#shared/domain/table-counts.ts';
import { readContents } from '#engine/backup/contents.ts';
import type { Manifest } from '#engine/backup/manifest.ts';
import { backUp, backupFoldersIn, createShop, engineOf, leftAfterFiveSeconds } from '#test/backed-up-shop.ts';
import type { TestEngine } from '#test/engine-parts.ts';
import { requireClientTool } from '#test/client-tools.ts';
import { testedMajors } from '#test/postgres-binaries.ts';
import { startPostgres, type PostgresServer } from '#test/postgres-server.ts';
import { temporaryFolder, makeTemporaryFolder } from '#test/temporary-folder.ts';
import { rm } from 'node:fs/promises';

const manifestOf = (backup: Backup) => JSON.parse(readFileSync(join(backup.path, 'manifest.json'), 'utf8')) as Manifest;
const rowsOf = (manifest: Manifest, name: string) => manifest.contents.tables.find((table) => table.name === name)?.rows;
const newest = async (engine: TestEngine) => (await engine.call('backup.list', {})).backups[0] as Backup;

const dumpMajor = requireClientTool('pg_dump').major;
for (const major of [...new Set([...testedMajors, 15 as const])].filter((candidate) => candidate <= dumpMajor)) {
  describe(`a backup of Postgres ${major}`, () => {
    let server: PostgresServer;
    beforeAll(async () => {
      server = await startPostgres({ major });
      await createShop(server, 'shop');
    });
    afterAll(() => server.stop());

    describe.each(['directory', 'custom'] as const)('in the %s format', (format) => {
      let root: string;
      let engine: TestEngine;
      let backup: Backup;
      let manifest: Manifest;
      let state: string;
      let ordersBefore: { count: string } | undefined;
      beforeAll(async () => {
        root = await makeTemporaryFolder('backup');
        let databaseId: string;
        ({ engine, databaseId } = engineOf(root, server, 'shop', {
          // Life goes on between the snapshot and the dump.
          async checkpoint(name) {
            if (name === 'backup:snapshot') await server.query("INSERT INTO orders (customer_id, total) SELECT 1, 1 FROM generate_series(1, 370); INSERT INTO customers (name) VALUES ('late ' || clock_timestamp())", [], { database: 'shop' });
          },
        }));
        [ordersBefore] = await server.query<{ count: string }>('SELECT count(*) FROM orders', [], { database: 'shop' });
        const operation = await backUp(engine, databaseId, { format });
        state = `${operation.state}: ${operation.summary}`;
        backup = await newest(engine);
        manifest = manifestOf(backup);
      });
      afterAll(async () => {
        await engine.close();
        await rm(root, { recursive: true });
      });

      test('succeeds and is restored and counted', () => {
        expect(state).toMatch(/^succeeded: Backed up shop: .* L3: restored and counted$/);
      });
      test('has the rows of its snapshot, while the table goes on growing', () => {
        expect(rowsOf(manifest, 'orders')).toBe(Number(ordersBefore?.count));
      });
      test('counts as proven', () => {
        expect(backup).toMatchObject({ proof: 'L3', damaged: null, format });
      });
      test('takes the values of sequences from the archive, where they go on while it is made', async () => {
        const [live] = await server.query<{ last_value: string }>('SELECT last_value FROM customers_id_seq', [], { database: 'shop' });
        expect(manifest.contents.sequences.find((sequence) => sequence.name === 'customers_id_seq')).toMatchObject({ lastValue: live?.last_value, isCalled: true });
      });
      test('tells a materialised view that was never filled from an empty one', () => {
        expect(manifest.contents.tables.find((table) => table.name === 'never_filled')).toEqual({ schema: 'public', name: 'never_filled', kind: 'materialized-view', rows: 0, populated: false });
      });
      test('counts every leaf, odd names and tables without columns included', () => {
        expect(manifest.contents.tables.map((table) => `${table.schema}.${table.name} ${table.kind}`).sort()).toEqual(
          ['Mixed Case.Odd "Table" ö table', 'public.customers table', 'public.never_filled materialized-view', 'public.no_columns table', 'public.nothing_in_it table', 'public.orders table', 'public.parts_high partition', 'public.parts_low partition', 'public.totals materialized-view', 'public.unlogged table'].sort(),
        );
      });
      test('counts large objects', () => {
        expect(manifest.contents.largeObjects).toBe(2);
      });
      test('has every file in its manifest with the hash that sha256sum finds', () => {
        const found = manifest.files.map((file) => `${file.sha256}  ${file.path}`).join('\n');
        expect(execFileSync('sha256sum', ['--check', '--quiet'], { cwd: backup.path, input: `${found}\n`, encoding: 'utf8' })).toBe('');
      });
      test('can be read by nobody else', () => {
        const modes = [backup.path, ...manifest.files.map((file) => join(backup.path, file.path)), join(backup.path, 'manifest.json'), join(backup.path, 'proofs.json')].map((path) => (statSync(path).mode & 0o077).toString(8));
        expect(new Set(modes)).toEqual(new Set(['0']));
      });
      test('has the roles beside it', () => {
        expect(readFileSync(join(backup.path, 'globals.sql'), 'utf8')).toContain('CREATE ROLE postgres');
      });
      test('is worth something without Pilothouse', () => {
        expect(readFileSync(join(backup.path, 'RESTORE.md'), 'utf8')).toContain(`--dbname=shop_restored ${manifest.dump.path}`);
      });
      test('says its figures as the catalogue does: views apart from the tables and partitions that hold rows', () => {
        const words = figuresInWords(backup);
        expect([backup.tables, backup.partitions, backup.views, readFileSync(join(backup.path, 'RESTORE.md'), 'utf8').includes(words), state.includes(words)]).toEqual([8, 2, 2, true, true]);
      });
      test('leaves nothing behind', async () => {
        expect(await leftAfterFiveSeconds(root, server)).toEqual([]);
      });
      test('has its commands in history, and no password', () => {
        const events = JSON.stringify(engine.context.operations.list({ limit: 10 }).flatMap(({ id }) => engine.events(id)));
        expect(events).toContain('pg_dump --format=');
        expect(events).not.toContain(server.password);
      });
    });
  });
}

describe('a backup', () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgres({ major: 15 });
    await createShop(server, 'shop');
    await server.query("CREATE ROLE reader LOGIN PASSWORD 'reader-password'; GRANT pg_read_all_data TO reader; CREATE ROLE stranger LOGIN PASSWORD 'stranger-password'");
  });
  afterAll(() => server.stop());
  const engineAs = async (user?: string) => {
    const root = await temporaryFolder('backup');
    const { engine, databaseId: own } = engineOf(root, server, 'shop');
    const databaseId = user === undefined ? own : engine.addDatabase({ name: `As ${user}`, server, database: 'shop', user, password: `${user}-password` }).databaseId;
    return { root, engine, databaseId };
  };

  test('of a database in which nobody made anything is proven, not damaged', async () => {
    await server.query('CREATE DATABASE nothing_in_it');
    const { engine, databaseId } = engineOf(await temporaryFolder('backup'), server, 'nothing_in_it');
    onTestFinished(() => engine.close());
    const operation = await backUp(engine, databaseId);
    expect([operation.state, await newest(engine)]).toMatchObject(['succeeded', { proof: 'L3', damaged: null, rows: 0 }]);
  });
  test('holds no lock on what it has counted', async () => {
    const { engine, databaseId } = await engineAs();
    onTestFinished(() => engine.close());
    const session = await engine.context.postgres.connect(engine.context.targetOf(databaseId), { applicationName: 'pilothouse backup' });
    onTestFinished(() => session.close());
    await session.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
    await readContents(session, { inTransaction: true });
    expect(await server.query('SELECT relation::text AS relation FROM pg_locks WHERE pid = $1 AND relation >= 16384', [session.processId])).toEqual([]);
  });
  test('of the same second does not touch the other', async () => {
    const { root, engine, databaseId } = await engineAs();
    const { databaseId: twin } = engine.addDatabase({ name: 'Shop', server, database: 'shop' });
    const both = await Promise.all([backUp(engine, databaseId, { proof: 'L0' }), backUp(engine, twin, { proof: 'L0' })]);
    expect(both.map(({ state, error }) => [state, error])).toEqual([['succeeded', null], ['succeeded', null]]);
    const { backups } = await engine.call('backup.list', {});
    expect([new Set(backups.map(({ path }) => path)).size, backupFoldersIn(root).length]).toEqual([2, 2]);
    await engine.close();
  });

  test('by a role that may not create databases offers L2 instead of L3', async () => {
    const { engine, databaseId } = await engineAs('reader');
    const { plan } = await engine.call('backup.plan', { databaseId, options: { proof: 'L3' } });
    expect(plan.findings.find((finding) => finding.title.includes('may not create databases'))).toMatchObject({ state: 'critical', fix: expect.stringContaining('Choose L2') });
    await engine.close();
  });

  test('by a role that reads no hashes of passwords says so and has none', async () => {
    const { engine, databaseId } = await engineAs('reader');
    await server.query('GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader', [], { database: 'shop' });
    await server.query('SELECT lo_unlink(oid) FROM pg_largeobject_metadata', [], { database: 'shop' });
    const operation = await backUp(engine, databaseId, { proof: 'L2' });
    expect(operation.summary).toContain('L2: read to the end');
    const backup = await newest(engine);
    expect(manifestOf(backup).globals).toEqual({ file: 'globals.sql', passwords: false });
    expect(readFileSync(join(backup.path, 'globals.sql'), 'utf8')).not.toContain('SCRAM-SHA-256');
    await engine.close();
  });

  test('by a role that cannot read everything is refused with the grant that is missing', async () => {
    const { engine, databaseId } = await engineAs('stranger');
    const { plan } = await engine.call('backup.plan', { databaseId, options: { proof: 'L0' } });
    expect(plan).toMatchObject({ runnable: false });
    expect(plan.findings.find((finding) => finding.state === 'critical')?.fix).toMatch(/GRANT (pg_read_all_data|SELECT ON)/);
    await engine.close();
  });

  test('by a role that cannot read its large objects is refused with the grant that is missing', async () => {
    const { engine, databaseId } = await engineAs('reader');
    onTestFinished(() => engine.close());
    await server.query('SELECT lo_create(4711); REVOKE ALL ON LARGE OBJECT 4711 FROM PUBLIC', [], { database: 'shop' });
    onTestFinished(() => server.query('SELECT lo_unlink(4711)', [], { database: 'shop' }).then(() => {}));
    const critical = async () => (await engine.call('backup.plan', { databaseId, options: { proof: 'L0' } })).plan.findings.find((finding) => finding.state === 'critical');
    expect(await critical()).toMatchObject({ detail: expect.stringContaining('large object'), fix: expect.stringContaining('GRANT SELECT ON LARGE OBJECT') });
    await server.query('GRANT SELECT ON LARGE OBJECT 4711 TO reader; SELECT lo_unlink(oid) FROM pg_largeobject_metadata WHERE oid <> 4711', [], { database: 'shop' });
    expect(await critical()).toBeUndefined();
  });

  test('by a role from which row security hides rows is refused', async () => {
    const { engine, databaseId } = await engineAs('reader');
    await server.query('CREATE TABLE secret_rows (a int); ALTER TABLE secret_rows ENABLE ROW LEVEL SECURITY', [], { database: 'shop' });
    const { plan } = await engine.call('backup.plan', { databaseId, options: { proof: 'L0' } });
    expect(plan.findings.find((finding) => finding.state === 'critical')).toMatchObject({ detail: expect.stringContaining('public.secret_rows'), fix: expect.stringContaining('BYPASSRLS') });
    await server.query('DROP TABLE secret_rows', [], { database: 'shop' });
    await engine.close();
  });

  test('has what pg_dump says in the step of the dump, however long the roles take beside it', async () => {
    const { root, engine, databaseId } = await engineAs();
    onTestFinished(() => engine.close());
    const { requireTool } = engine.context.postgres;
    engine.context.postgres.requireTool = async (...asked) => {
      const tool = await requireTool(...asked);
      if (tool.name !== 'pg_dumpall') return tool;
      // It begins when the dump has ended.
      const path = join(root, 'pg_dumpall');
      writeFileSync(path, `#!/bin/sh\nfor each; do case "$each" in --file=*) file=\${each#--file=} ;; esac; done\nuntil [ -e "\${file%/*}/dump/toc.dat" ]; do sleep 0.05; done\nexec '${tool.path}' "$@"\n`, { mode: 0o700 });
      return { ...tool, path };
    };
    const { id, state } = await backUp(engine, databaseId, { proof: 'L0' });
    const lines = engine.events(id).filter((event) => event.kind === 'log');
    const of = (begins: RegExp) => [...new Set(lines.filter(({ text }) => begins.test(text)).map(({ phase }) => phase))];
    expect([state, of(/^Dumping /), of(/pg_dump --format=/), of(/pg_dumpall /)]).toEqual(['succeeded', ['dump'], ['dump'], ['globals']]);
  });

  test('without roles, because pg_dumpall cannot be run, succeeds with a warning that says so', async () => {
    const { engine, databaseId } = await engineAs();
    const { requireTool } = engine.context.postgres;
    engine.context.postgres.requireTool = async (name, serverMajor) => ({ ...(await requireTool(name, serverMajor)), ...(name === 'pg_dumpall' ? { path: '/nowhere/pg_dumpall' } : {}) });
    expect(await backUp(engine, databaseId, { proof: 'L1' })).toMatchObject({ state: 'succeeded-with-warnings' });
    expect((await engine.call('backup.get', { backupId: (await newest(engine)).id })).contents?.globals).toBe('none');
    await engine.close();
  });

  test('of a database in another encoding finds its tables by their names', async () => {
    await server.query("CREATE DATABASE latin ENCODING 'LATIN1' TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C'");
    await server.query('CREATE TABLE "größe" (id serial, "maß" text); INSERT INTO "größe" ("maß") VALUES (\'ä\'), (\'ö\')', [], { database: 'latin' });
    const { engine } = await engineAs();
    const { databaseId } = engine.addDatabase({ name: 'Latin', server, database: 'latin' });
    expect(await backUp(engine, databaseId)).toMatchObject({ state: 'succeeded', summary: expect.stringContaining('2 rows in 1 table,') });
    await engine.close();
  });

  test('of a database whose names are Chinese, and whose partitions are hashed by an enum, is proven', async () => {
    await server.query('CREATE DATABASE odd');
    await server.query(
      `CREATE TABLE "数据" (id serial, v text); CREATE TABLE "用户" (id serial, v text); INSERT INTO "数据" (v) VALUES ('a'), ('b'), ('c'); INSERT INTO "用户" (v) SELECT 'x' FROM generate_series(1, 5);
       CREATE TYPE mood AS ENUM ('sad', 'ok', 'glad', 'wild'); CREATE TABLE events (m mood) PARTITION BY HASH (m);
       CREATE TABLE events_0 PARTITION OF events FOR VALUES WITH (MODULUS 2, REMAINDER 0); CREATE TABLE events_1 PARTITION OF events FOR VALUES WITH (MODULUS 2, REMAINDER 1);
       INSERT INTO events SELECT (ENUM_RANGE(NULL::mood))[1 + g % 4] FROM generate_series(1, 40) g`,
      [],
      { database: 'odd' },
    );
    const { engine, databaseId } = engineOf(await temporaryFolder('backup'), server, 'odd');
    onTestFinished(() => engine.close());
    const operation = await backUp(engine, databaseId);
    expect([operation.error, await newest(engine)]).toMatchObject([null, { proof: 'L3', damaged: null, rows: 48 }]);
    expect(manifestOf(await newest(engine)).contents).toMatchObject({ sequences: [{ name: '数据_id_seq', lastValue: '3' }, { name: '用户_id_seq', lastValue: '5' }], tables: [{ name: 'events_0', loadedThrough: { schema: 'public', name: 'events' } }, { name: 'events_1' }, { name: '数据', rows: 3 }, { name: '用户', rows: 5 }] });
  });

  test('that is not to be restored and counted changes nothing on the server', async () => {
    const { engine, databaseId } = await engineAs();
    const changes = await Promise.all((['L2', 'L3'] as const).map(async (proof) => (await engine.call('backup.plan', { databaseId, options: { proof } })).plan.changes));
    expect(changes).toEqual([false, true]);
    await engine.close();
  });

  test('of a lower level than L3 is never shown as proven', async () => {
    const { engine, databaseId } = await engineAs();
    await backUp(engine, databaseId, { proof: 'L2' });
    const { systemId } = await newest(engine);
    const { createBackupRepository } = await import('#engine/store/backup-repository.ts');
    expect(createBackupRepository(engine.context.store).newestProven(systemId ?? '')).toBeNull();
    await engine.close();
  });

  test('by a saved plan uses its options and remembers that it ran', async () => {
    const { engine, databaseId } = await engineAs();
    const { plan: saved } = await engine.call('backup.savePlan', { name: 'Nightly', databaseId, options: { format: 'custom', proof: 'L1' } });
    const { plan } = await engine.call('backup.plan', { databaseId, backupPlanId: saved.id });
    await engine.run(plan);
    expect((await engine.call('backup.listPlans', {})).plans[0]?.lastRunAt).not.toBeNull();
    expect(await newest(engine)).toMatchObject({ format: 'custom', proof: 'L1' });
    await engine.close();
  });
});
