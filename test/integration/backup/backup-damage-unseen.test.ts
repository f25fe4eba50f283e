/** Servers that pass over damage in silence: a backup of one would look proven with rows missing. */
import { randomUUID } from 'node:crypto';
import { closeSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { backUp, backupFoldersIn, createShop, engineOf, leftAfterFiveSeconds } from '#test/backed-up-shop.ts';
import type { TestEngine } from '#test/engine-parts.ts';
import { startPostgres, type PostgresServer } from '#test/postgres-server.ts';
import { temporaryFolder } from '#test/temporary-folder.ts';
import { waitFor } from '#test/wait-for.ts';

let server: PostgresServer;
let withChecksums: PostgresServer;
beforeAll(async () => {
  [server, withChecksums] = await Promise.all([startPostgres({ major: 15 }), startPostgres({ major: 18 })]);
  await Promise.all([createShop(server, 'shop'), withChecksums.query('CREATE DATABASE shop')]);
});
afterAll(async () => {
  await Promise.all([server.stop(), withChecksums.stop()]);
});

const pageBytes = 8192;

async function copyOfShop(): Promise<string> {
  const database = `shop_${randomUUID().slice(0, 8)}`;
  await server.query(`CREATE DATABASE ${database} TEMPLATE shop STRATEGY file_copy`);
  onTestFinished(() => server.query(`DROP DATABASE ${database} WITH (FORCE)`).then(() => {}));
  return database;
}

/** A copy of the shop with a page of `orders` whose header is garbage, and which no session has read yet. */
async function damagedShop(): Promise<string> {
  const database = await copyOfShop();
  const [row] = await server.query<{ path: string }>("SELECT pg_relation_filepath('orders') AS path", [], { database });
  const file = openSync(join(server.dataFolder, row?.path ?? ''), 'r+');
  writeSync(file, Buffer.alloc(24, 0xff), 0, 24, 3 * pageBytes);
  closeSync(file);
  return database;
}

async function openEngine(database: string, options: { on?: PostgresServer; atSnapshot?: () => Promise<void> } = {}): Promise<{ root: string; engine: TestEngine; databaseId: string }> {
  const root = await temporaryFolder('damage-unseen');
  const { engine, databaseId } = engineOf(root, options.on ?? server, database, {
    async checkpoint(name) {
      if (name === 'backup:snapshot') await options.atSnapshot?.();
    },
  });
  onTestFinished(() => engine.close());
  return { root, engine, databaseId };
}

async function setOnServer(on: PostgresServer, name: string): Promise<void> {
  const reload = async (sql: string, value: string) => {
    await on.query(sql);
    await on.query('SELECT pg_reload_conf()');
    await waitFor(`${name} to be ${value}`, async () => (await on.query<{ value: string }>(`SELECT current_setting('${name}') AS value`))[0]?.value === value);
  };
  await reload(`ALTER SYSTEM SET ${name} = on`, 'on');
  onTestFinished(() => reload(`ALTER SYSTEM RESET ${name}`, 'off'));
}

describe('where damaged pages are read as empty, a backup cannot be planned', () => {
  const planned = async (on: PostgresServer) => {
    const { engine, databaseId } = await openEngine('shop', { on });
    return async () => {
      const { plan } = await engine.call('backup.plan', { databaseId, options: { proof: 'L0' } });
      return plan.findings.find(({ title }) => title === 'The server passes over damage in shop in silence') ?? null;
    };
  };

  test.each([
    ['the role that dumps', 'ALTER ROLE postgres SET zero_damaged_pages = on', 'role postgres', 'ALTER ROLE "postgres" RESET zero_damaged_pages;'],
    ['the database', 'ALTER DATABASE shop SET zero_damaged_pages = yes', 'database shop', 'ALTER DATABASE "shop" RESET zero_damaged_pages;'],
    ['another role, which leaves the emptied pages to all', 'ALTER ROLE "other one" SET zero_damaged_pages = 1', 'role other one', 'ALTER ROLE "other one" RESET zero_damaged_pages;'],
    ['a role in the database', 'ALTER ROLE "other one" IN DATABASE shop SET zero_damaged_pages = true', 'role other one in database shop', 'ALTER ROLE "other one" IN DATABASE "shop" RESET zero_damaged_pages;'],
    ['all roles', 'ALTER ROLE ALL SET zero_damaged_pages = on', 'all roles', 'ALTER ROLE ALL RESET zero_damaged_pages;'],
  ])('for %s, until its fix is run', async (_whom, sql, words, fix) => {
    await server.query('CREATE ROLE "other one"');
    onTestFinished(() => server.query('DROP ROLE "other one"').then(() => {}));
    const look = await planned(server);
    await server.query(sql);
    const found = await look();
    await server.query(found?.fix ?? fix);
    expect([found, await look()]).toEqual([{ state: 'critical', title: expect.any(String), detail: expect.stringContaining(`zero_damaged_pages is on for ${words}.`), fix: expect.stringContaining(`${fix}  -- as a superuser; then restart the server`) }, null]);
  });

  test('for the whole server', async () => {
    const look = await planned(server);
    await setOnServer(server, 'zero_damaged_pages');
    expect(await look()).toMatchObject({ state: 'critical', detail: expect.stringContaining('zero_damaged_pages is on for the whole server (configuration file)'), fix: expect.stringContaining('ALTER SYSTEM SET zero_damaged_pages = off; SELECT pg_reload_conf();') });
  });

  test('nor where checksums that do not match are ignored', async () => {
    const look = await planned(withChecksums);
    await setOnServer(withChecksums, 'ignore_checksum_failure');
    expect(await look()).toMatchObject({ state: 'critical', detail: expect.stringContaining('ignore_checksum_failure is on for the whole server') });
  });

  test('but it can where there are no checksums to ignore', async () => {
    const look = await planned(server);
    await setOnServer(server, 'ignore_checksum_failure');
    expect(await look()).toBeNull();
  });

  test('and where that is only so in another database', async () => {
    const look = await planned(server);
    await server.query('ALTER DATABASE postgres SET zero_damaged_pages = on');
    onTestFinished(() => server.query('ALTER DATABASE postgres RESET zero_damaged_pages').then(() => {}));
    expect(await look()).toBeNull();
  });
});

test('a plan warns where nobody can see whether damage is passed over, and its fix shows it', async () => {
  const { engine, databaseId } = await openEngine('shop');
  const look = async () => (await engine.call('backup.plan', { databaseId, options: { proof: 'L0' } })).plan.findings.find(({ title }) => title.includes('damage in shop in silence'));
  await setOnServer(server, 'zero_damaged_pages');
  await server.query('ALTER ROLE postgres SET zero_damaged_pages = off');
  onTestFinished(() => server.query('ALTER ROLE postgres RESET zero_damaged_pages').then(() => {}));
  const found = await look();
  await server.query(found?.fix ?? '');
  expect([found, await look()]).toMatchObject([{ state: 'warn', detail: expect.stringContaining('zero_damaged_pages is off for role postgres') }, { state: 'critical', detail: expect.stringContaining('zero_damaged_pages is on for the whole server') }]);
});

test('a backup warns where nobody can see whether damage is passed over', async () => {
  await server.query('ALTER ROLE postgres SET zero_damaged_pages = off');
  onTestFinished(() => server.query('ALTER ROLE postgres RESET zero_damaged_pages').then(() => {}));
  const { engine, databaseId } = await openEngine('shop');
  const { id, state } = await backUp(engine, databaseId, { proof: 'L0' });
  const warned = engine.events(id).filter((event) => event.kind === 'log' && event.level === 'warn');
  expect([state, JSON.stringify(warned).includes('Nobody can see whether the server passes over damage')]).toEqual(['succeeded-with-warnings', true]);
});

describe('a damaged page', () => {
  test('fails the dump', async () => {
    const { engine, databaseId } = await openEngine(await damagedShop());
    expect(await backUp(engine, databaseId, { proof: 'L2' })).toMatchObject({ state: 'failed', error: { message: expect.stringContaining('invalid page') } });
  });

  test('is not even dumped where the server was told to pass over it after the plan', async () => {
    const database = await damagedShop();
    const { root, engine, databaseId } = await openEngine(database);
    const { plan } = await engine.call('backup.plan', { databaseId, options: { proof: 'L3' } });
    await server.query(`ALTER DATABASE ${database} SET zero_damaged_pages = on`);
    const operation = await engine.run(plan);
    expect(operation).toMatchObject({ state: 'failed', error: { code: 'backup.incomplete', hint: expect.stringContaining('RESET zero_damaged_pages') } });
    const phases = engine.events(operation.id).flatMap((event) => (event.kind === 'phase' ? [event.phase] : []));
    expect(new Set(phases)).toEqual(new Set(['space']));
    expect([await leftAfterFiveSeconds(root, server), backupFoldersIn(root)]).toEqual([[], []]);
  });

  test('is in no backup where the server was told to pass over it while it ran', async () => {
    const { root, engine, databaseId } = await openEngine(await damagedShop(), { atSnapshot: () => setOnServer(server, 'zero_damaged_pages') });
    expect(await backUp(engine, databaseId, { proof: 'L3' })).toMatchObject({ state: 'failed', error: { code: 'backup.incomplete' } });
    expect([await leftAfterFiveSeconds(root, server), backupFoldersIn(root)]).toEqual([[], []]);
  });

  // Whether our own count still comes upon it is a race with pg_dump's workers, so there is none in this copy.
  test.each([
    ['its database', (database: string) => `ALTER DATABASE ${database} SET zero_damaged_pages = on`],
    ['the role that dumps', (database: string) => `ALTER ROLE postgres IN DATABASE ${database} SET zero_damaged_pages = on`],
  ])('could be in no backup that began before sessions of %s were told to pass over it', async (_whose, sql) => {
    const database = await copyOfShop();
    const { root, engine, databaseId } = await openEngine(database, { atSnapshot: async () => void (await server.query(sql(database))) });
    expect(await backUp(engine, databaseId, { proof: 'L0' })).toMatchObject({ state: 'failed', error: { code: 'backup.incomplete', hint: expect.stringContaining('RESET zero_damaged_pages') } });
    expect([await leftAfterFiveSeconds(root, server), backupFoldersIn(root)]).toEqual([[], []]);
  });
});
