import { existsSync, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemPolicy } from '#shared/contract/systems.ts';
import type { Operation } from '#shared/contract/operations.ts';
import { passwordIn } from '#engine/practice/passfile.ts';
import { countSql, expectedRows } from '#engine/practice/shop/expected.ts';
import { planted } from '#engine/practice/shop/faults.ts';
import { createBackupPlanRepository } from '#engine/store/backup-plan-repository.ts';
import { openPracticeEngine, practiceProcesses, removePractice, type PracticeEngine } from '#test/practice.ts';
import { listProcesses } from '#test/processes.ts';
import { makeTemporaryFolder } from '#test/temporary-folder.ts';
import { waitFor } from '#test/wait-for.ts';

let root: string;
let practice: PracticeEngine;
let built: Operation;
beforeAll(async () => {
  root = await makeTemporaryFolder('practice');
  practice = openPracticeEngine(root);
  built = await practice.act('up');
});
afterAll(async () => {
  await practice.engine.close();
  await removePractice(root);
});

const one = async <T>(sql: string, database?: string): Promise<T> => Object.values((await practice.query(sql, database))[0] ?? {})[0] as T;

describe('a practice system that was built', () => {
  it('says so', () => {
    expect([built.state, built.error]).toEqual(['succeeded', null]);
  });

  it('tells where it is', async () => {
    expect(await practice.status()).toMatchObject({ state: 'running', folder: practice.place.folder, serverVersion: expect.stringMatching(/^15\./) as string, traffic: true, reason: null });
  });

  it('is a system of the console, bound to its cluster', async () => {
    const { systemId, databaseId } = await practice.status();
    const { name, environment } = practice.engine.context.systems.get(systemId ?? '');
    const { systemIdentifier } = practice.engine.context.systems.getDatabase(databaseId ?? '');
    expect([name, environment, systemIdentifier]).toEqual(['Practice', 'practice', await one('SELECT system_identifier::text FROM pg_control_system()')]);
  });

  it('has a backup plan', async () => {
    const { databaseId } = await practice.status();
    expect(createBackupPlanRepository(practice.engine.context.store).findByName('practice')).toMatchObject({ databaseId });
  });

  it('holds what it should hold, beside what its traffic adds', async () => {
    const [counted = {}] = await practice.query<Record<string, number>>(countSql);
    const short = Object.entries(expectedRows).filter(([table, rows]) => (counted[table.replaceAll('"', '')] ?? 0) < rows);
    expect(short).toEqual([]);
  });

  it.each([
    ['a partitioned table with at least three leaves and a default one', `SELECT count(*) FILTER (WHERE pg_get_expr(relpartbound, oid) <> 'DEFAULT') >= 3 AND bool_or(pg_get_expr(relpartbound, oid) = 'DEFAULT') FROM pg_class WHERE relispartition AND relkind = 'r'`],
    ['rows in at least three of its leaves', `SELECT count(DISTINCT tableoid) >= 3 FROM orders`],
    ['rows in the default leaf', `SELECT count(*) > 0 FROM orders_other`],
    ['sequences and identity columns', `SELECT count(*) FILTER (WHERE attidentity IN ('a', 'd')) > 2 FROM pg_attribute`],
    ['foreign keys, every one of them valid', `SELECT count(*) >= 15 AND bool_and(convalidated) FROM pg_constraint WHERE contype = 'f'`],
    ['an enum', `SELECT count(*) > 0 FROM pg_type WHERE typtype = 'e'`],
    ['a domain', `SELECT count(*) > 0 FROM pg_type WHERE typname = 'email_address' AND typtype = 'd'`],
    ['a view', `SELECT count(*) > 0 FROM open_orders`],
    ['a materialised view with rows', `SELECT count(*) > 5 FROM revenue_by_month`],
    ['a function that agrees with the rows', `SELECT bool_and(order_total(id) = total) FROM (SELECT id, total FROM orders ORDER BY id LIMIT 200) AS first_orders`],
    ['a trigger that writes the audit log', `SELECT count(*) > 0 FROM audit.audit_log WHERE action = 'INSERT' AND actor = 'shop_app'`],
    ['large objects with what they should contain', `SELECT count(*) = 3 AND bool_and(convert_from(lo_get(content), 'UTF8') LIKE '\\%PDF-%\\%EOF' || chr(10)) FROM documents`],
    ['mixed-case names', `SELECT count("ProductId") = 1200 FROM "PriceList"`],
    ['a generated column', `SELECT bool_and(line_total = quantity * unit_price) FROM order_items`],
    ['arrays and jsonb', `SELECT bool_and(cardinality(tags) = 2 AND attributes ? 'colour') FROM products`],
    ['bytes', `SELECT bool_and(length(icon) >= 16) FROM categories`],
    ['text beyond ASCII', `SELECT count(*) > 1000 FROM customers WHERE octet_length(name) > length(name)`],
    ['a second schema', `SELECT count(*) >= 6000 FROM audit.audit_log`],
    ['comments', `SELECT count(*) >= 8 FROM pg_description WHERE objoid >= 16384`],
    ['a setting of its own', `SELECT current_setting('default_statistics_target') = '120'`],
    ['nothing prepared', `SELECT count(*) = 0 FROM pg_prepared_xacts`],
    ['no logical slot', `SELECT count(*) = 0 FROM pg_replication_slots WHERE slot_type = 'logical'`],
  ])('has %s', async (_what, sql) => {
    expect(await one(sql)).toBe(true);
  });

  it('hides rows from a role that row-level security counts short', async () => {
    expect(await one(`SET ROLE shop_app; SELECT count(*)::int FROM staff_notes`)).toBe(160);
  });

  it('listens on 127.0.0.1 and nowhere else', async () => {
    const { port } = await practice.status();
    const wanted = (port ?? 0).toString(16).toUpperCase().padStart(4, '0');
    const listening = ['/proc/net/tcp', '/proc/net/tcp6'].flatMap((file) => readFileSync(file, 'utf8').split('\n')).map((line) => line.trim().split(/\s+/));
    expect(listening.filter(([, local, , state]) => state === '0A' && local?.endsWith(`:${wanted}`)).map(([, local]) => local)).toEqual([`0100007F:${wanted}`]);
  });

  it('does not run as root', () => {
    const server = practiceProcesses(practice.place).filter(({ commandLine }) => commandLine.includes('bin/postgres'));
    expect(server.map(({ pid }) => statSync(`/proc/${pid}`).uid)).toEqual([practice.place.account?.uid ?? process.getuid?.()]);
  });

  it('keeps its passwords to one file that others cannot read', () => {
    expect(statSync(practice.place.passfile).mode & 0o777).toBe(0o600);
  });

  it('shows none of its passwords in history, in the local file, or to those who list processes', () => {
    practice.engine.context.log.flush();
    practice.engine.context.store.pragma('wal_checkpoint(TRUNCATE)');
    const stored = readFileSync(join(root, 'pilothouse.db'), 'latin1');
    const listed = listProcesses().map(({ pid, commandLine }) => `${commandLine} ${environmentOf(pid)}`).join('\n');
    const text = readFileSync(practice.place.passfile, 'utf8');
    const passwords = ['pilothouse', 'shop_owner', 'shop_app', 'reporting'].map((role) => passwordIn(text, role) ?? 'none');
    expect(passwords.filter((password) => password.length < 20 || stored.includes(password) || listed.includes(password))).toEqual([]);
  });

  it('is found faulty by health in everything that was planted', async () => {
    const { systemId } = await practice.status();
    const silent = await waitFor(
      'every planted fault to be found',
      async () => {
        const { plan } = await practice.engine.call('health.plan', { systemId: systemId ?? '' });
        await practice.engine.run(plan);
        const { results } = await practice.engine.call('health.latest', { systemId: systemId ?? '' });
        const found = new Set(results.filter(({ status }) => ['warn', 'critical', 'unknown'].includes(status)).map(({ check }) => check));
        const missing = planted.map(({ check }) => check).filter((check) => !found.has(check));
        return missing.length === 0 ? 'none' : null;
      },
      { within: 30_000, every: 1000 },
    );
    expect(silent).toBe('none');
  });
});

function environmentOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'latin1');
  } catch {
    // It ended, or is a thread of the kernel: it shows nothing.
    return '';
  }
}

describe('its traffic', () => {
  const orders = () => one<number>(`SELECT max(id)::int FROM orders`);

  it('sells', async () => {
    const before = await orders();
    await waitFor('another order', async () => (await orders()) > before);
  });

  it('goes on in the database that was put in the place of its own', async () => {
    await practice.query(`ALTER DATABASE shop ALLOW_CONNECTIONS false`, 'postgres');
    await practice.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'shop'`, 'postgres');
    await waitFor('every session to be gone', async () => (await one(`SELECT count(*)::int FROM pg_stat_activity WHERE datname = 'shop'`, 'postgres')) === 0);
    await practice.query(`ALTER DATABASE shop RENAME TO shop_old`, 'postgres');
    await practice.query(`CREATE DATABASE shop TEMPLATE shop_old OWNER shop_owner`, 'postgres');
    await practice.query(`DROP DATABASE shop_old`, 'postgres');
    const before = await orders();
    await waitFor('an order in the new one', async () => (await orders()) > before);
  });

  const waiting = () => one<number | null>(`SELECT max(pid) FROM pg_stat_activity WHERE datname = 'shop' AND application_name = 'shop-desk' AND wait_event_type = 'Lock'`);

  it('takes its places at the desk again', async () => {
    expect(await waitFor('somebody to wait there', waiting)).toBeGreaterThan(0);
  });

  it('takes them again where only the one that holds the price was sent away', async () => {
    const before = await waiting();
    await practice.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'shop' AND application_name = 'shop-desk' AND state = 'idle in transaction'`);
    const after = await waitFor('somebody else to wait there', async () => {
      const now = await waiting();
      return now === before ? null : now;
    });
    expect(after).not.toBe(before);
  });

  it('never keeps a dump waiting', async () => {
    expect(await one(`SET lock_timeout = '2s'; BEGIN; LOCK TABLE "PriceList", orders, stock, sessions IN ACCESS SHARE MODE; SELECT 'locked'`)).toBe('locked');
  });
});

describe('stopping and starting', () => {
  let port: number | null;

  it('leaves no process after five seconds', async () => {
    port = (await practice.status()).port;
    const startedAt = performance.now();
    const operation = await practice.act('down');
    await waitFor('every process to end', () => practiceProcesses(practice.place).length === 0, { within: 5000 });
    expect([operation.state, performance.now() - startedAt < 5000 ? 'in time' : 'late']).toEqual(['succeeded', 'in time']);
  });

  it('is said by the status', async () => {
    expect(await practice.status()).toMatchObject({ state: 'stopped', port: null, traffic: false });
  });

  it('is the cause that health names, with the start as its fix', async () => {
    const { systemId } = await practice.status();
    await practice.engine.run((await practice.engine.call('health.plan', { systemId: systemId ?? '' })).plan);
    const { results } = await practice.engine.call('health.latest', { systemId: systemId ?? '' });
    expect(results.find(({ check }) => check === 'connectivity')).toMatchObject({ summary: 'The practice system is stopped', fix: { act: { kind: 'start-practice' } } });
  });

  it('may be asked for twice', async () => {
    expect(await practice.act('down')).toMatchObject({ state: 'succeeded', summary: expect.stringContaining('already') as string });
  });

  it('brings the same data back, on the same port', async () => {
    expect(await practice.act('up')).toMatchObject({ state: 'succeeded', result: { port } });
    expect(await one('SELECT count(*)::int FROM customers')).toBe(5000);
  });

  it('does nothing to one that runs', async () => {
    const daemons = () => practiceProcesses(practice.place).filter(({ commandLine }) => commandLine.includes(practice.place.folder));
    const before = daemons();
    await practice.act('up');
    expect(daemons()).toEqual(before);
  });

  it('adds no second system', async () => {
    expect(practice.engine.context.systems.list()).toHaveLength(1);
  });

  it('comes back on another port where its own was taken meanwhile, and the console knows', async () => {
    await practice.act('down');
    const taker = createServer();
    await new Promise<void>((resolve) => taker.listen(port ?? 0, '127.0.0.1', resolve));
    const operation = await practice.act('up');
    taker.close();
    const { databaseId, port: now } = await practice.status();
    expect([operation.state, now === port, practice.engine.context.systems.getDatabase(databaseId ?? '').connection.port]).toEqual(['succeeded', false, now]);
  });

  it('brings the same data back after the power was cut', async () => {
    const daemons = practiceProcesses(practice.place).filter(({ commandLine }) => commandLine.includes(practice.place.folder));
    for (const { pid } of daemons) process.kill(pid, 'SIGKILL');
    await waitFor('everything to be dead, and said to be', async () => {
      const { state, traffic } = await practice.status();
      return practiceProcesses(practice.place).length === 0 && state === 'stopped' && !traffic;
    });
    expect(await practice.act('up')).toMatchObject({ state: 'succeeded' });
    expect(await one('SELECT count(*)::int FROM customers')).toBe(5000);
  });
});

describe('resetting', () => {
  const fingerprint = () =>
    one<string>(`SELECT md5(string_agg(part, ',')) FROM (
      SELECT md5(string_agg(t::text, '|' ORDER BY id)) AS part FROM products t UNION ALL SELECT md5(string_agg(t::text, '|' ORDER BY id)) FROM customers t
      UNION ALL SELECT md5(string_agg(t::text, '|' ORDER BY order_id, line)) FROM order_items t WHERE order_id <= 14000 UNION ALL SELECT md5(string_agg(t::text, '|' ORDER BY id)) FROM reviews t
      UNION ALL SELECT md5(string_agg(lo_get(content)::text, '|' ORDER BY id)) FROM documents) AS parts`);
  const identity = async () => practice.engine.context.systems.getDatabase((await practice.status()).databaseId ?? '').systemIdentifier;

  it('asks for the name, for it takes data away', async () => {
    const { plan } = await practice.engine.call('practice.plan', { action: 'reset' });
    expect([plan.irreversible, plan.confirmName]).toEqual([true, 'Practice']);
  });

  it('that is cancelled leaves the old one, running', async () => {
    const before = await identity();
    const { plan } = await practice.engine.call('practice.plan', { action: 'reset' });
    const operationId = practice.engine.start(plan);
    await waitFor('the new data to be loading', () => practice.engine.events(operationId).some((event) => event.kind === 'phase' && event.phase === 'data'), { within: 60_000 });
    practice.engine.context.runner.cancel(operationId);
    expect(await practice.engine.context.runner.finished(operationId)).toMatchObject({ state: 'cancelled' });
    expect([(await practice.status()).state, await identity(), await one('SELECT system_identifier::text FROM pg_control_system()')]).toEqual(['running', before, before]);
  });

  it('that was cancelled leaves what was planted in the configuration', async () => {
    const pending = await waitFor('the setting that waits for a restart', () => one<boolean>(`SELECT pending_restart FROM pg_settings WHERE name = 'max_connections'`));
    expect(pending).toBe(true);
  });

  it('keeps the system and its host, and makes the same rows on a new cluster', async () => {
    const before = { ids: await practice.status(), identity: await identity(), rows: await fingerprint() };
    await practice.query('DELETE FROM reviews');
    expect(await practice.act('reset')).toMatchObject({ state: 'succeeded' });
    const after = await practice.status();
    expect({ same: [after.systemId, after.databaseId, after.hostId, after.hostPort], rows: await fingerprint(), changed: (await identity()) !== before.identity }).toEqual({ same: [before.ids.systemId, before.ids.databaseId, before.ids.hostId, before.ids.hostPort], rows: before.rows, changed: true });
  });

  it('is refused while something else is under way on it', async () => {
    const { systemId } = await practice.status();
    const plans = { check: (await practice.engine.call('health.plan', { systemId: systemId ?? '' })).plan, down: (await practice.engine.call('practice.plan', { action: 'down' })).plan };
    const checking = practice.engine.start(plans.check);
    const stopped = await practice.engine.run(plans.down);
    await practice.engine.context.runner.finished(checking);
    expect(stopped).toMatchObject({ state: 'failed', error: { code: 'operation.busy' } });
  });
});

describe('a practice system that was forgotten in the console', () => {
  it('is added again by starting it, under a name that nobody else has', async () => {
    const { systems } = practice.engine.context;
    const { systemId } = await practice.status();
    systems.update(systemId ?? '', { name: 'Something else' });
    systems.insert({ id: 'foreign', name: 'practice', environment: 'production', policy: systemPolicy.parse({}), at: Date.now() });
    systems.remove(systemId ?? '');
    await practice.act('up');
    const again = await practice.status();
    expect([systems.get(again.systemId ?? '').name, systems.get('foreign').databases]).toEqual(['Practice 2', []]);
  });
});

describe('removing', () => {
  it('says what goes, and wants the name of the system', async () => {
    const { systemId } = await practice.status();
    const { plan } = await practice.engine.call('practice.plan', { action: 'remove' });
    expect([plan.irreversible, plan.wayBack, plan.confirmName]).toEqual([true, null, practice.engine.context.systems.get(systemId ?? '').name]);
  });

  it('leaves no process, no folder and no system of it, and what others put in the console alone', async () => {
    const { state } = await practice.act('remove');
    const { systems } = practice.engine.context;
    expect([state, existsSync(practice.place.folder), practiceProcesses(practice.place), systems.list().map(({ id }) => id), (await practice.status()).state]).toEqual(['succeeded', false, [], ['foreign'], 'absent']);
  });

  it('has nothing to do where there is none', async () => {
    const { plan } = await practice.engine.call('practice.plan', { action: 'remove' });
    expect([plan.irreversible, plan.steps]).toEqual([false, []]);
  });
});
