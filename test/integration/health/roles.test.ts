/** Every check, on every tested major, as who sees all, as who watches, and as anybody. */
import { appendFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { HealthResult } from '#shared/contract/health.ts';
import type { OperationEvent } from '#shared/contract/operations.ts';
import { createHealthRoom } from '#engine/health/health-room.ts';
import { postgresChecks } from '#engine/health/postgres/index.ts';
import { createTestEngine } from '#test/engine-parts.ts';
import { planted, roles, sharpLimits, startFaultyServer, type FaultyServer, type Role } from '#test/health-faults.ts';
import { checkNamed, lookOf } from '#test/health-look.ts';
import { testedMajors } from '#test/postgres-binaries.ts';
import { makeTemporaryFolder } from '#test/temporary-folder.ts';

interface Seen {
  results: HealthResult[];
  events: OperationEvent[];
  state: string;
}

async function lookAs(faulty: FaultyServer, role: Role): Promise<Seen> {
  const root = await makeTemporaryFolder('health');
  const engine = createTestEngine({ root, rooms: [(context) => createHealthRoom(context)] });
  try {
    const { systemId } = engine.addDatabase({ name: 'Shop', server: faulty.server, database: 'shop', ...faulty.login[role] });
    for (const [check, threshold] of Object.entries(sharpLimits)) await engine.call('health.setThreshold', { systemId, check, threshold });
    const { plan } = await engine.call('health.plan', { systemId });
    const operation = await engine.run(plan);
    const { results } = await engine.call('health.latest', { systemId });
    return { results, events: engine.events(operation.id), state: operation.state };
  } finally {
    await engine.close();
    await rm(root, { recursive: true, force: true });
  }
}

describe.each(testedMajors)('health on Postgres %d', (major) => {
  let faulty!: FaultyServer;
  const seen = {} as Record<Role, Seen>;
  const find = (role: Role, check: string, database = 'shop') => {
    const of = seen[role].results.filter((result) => result.check === check);
    return of.find((result) => result.target.startsWith(`${database} `)) ?? of[0];
  };

  beforeAll(async () => {
    faulty = await startFaultyServer(major);
    for (const role of roles) seen[role] = await lookAs(faulty, role);
  });
  afterAll(() => (faulty as FaultyServer | undefined)?.stop());

  test.each(roles)('no statement fails as %s', (role) => {
    const failures = seen[role].events.flatMap((event) => (event.kind === 'log' && event.command?.output !== undefined ? [event.command.output] : []));
    expect(failures).toEqual([]);
  });

  test.each(roles)('every check answers as %s', (role) => {
    expect(new Set(seen[role].results.map((result) => result.check))).toEqual(new Set(postgresChecks.map((check) => check.about.id)));
  });

  test.each(planted)('a superuser finds what was planted for %s', (check) => {
    expect(find('superuser', check)?.status).toMatch(/^(?:warn|critical)$/);
  });

  test.each(planted)('what a superuser finds by %s is never ok for who sees less', (check) => {
    expect([find('monitor', check)?.status, find('plain', check)?.status]).not.toContain('ok');
  });

  test.each(['monitor', 'plain'] as const)('whatever %s could not see has a step that would open it', (role) => {
    const shut = seen[role].results.filter((result) => result.status === 'unknown' && (result.opener === null || result.opener === ''));
    expect(shut.map((result) => result.check)).toEqual([]);
  });

  test('anybody is told which grant to ask for', () => {
    expect(['connections', 'long-transaction', 'idle-in-transaction', 'blocked-sessions', 'tls-usage'].map((check) => find('plain', check)?.opener)).toEqual(Array(5).fill('GRANT pg_monitor TO "plain";'));
  });

  test('who watches sees sessions, but neither password hashes nor pg_hba.conf', () => {
    expect(['idle-in-transaction', 'password-hash', 'hba-rules', 'config-file-errors'].map((check) => find('monitor', check)?.status)).toEqual(['warn', 'unknown', 'unknown', 'unknown']);
  });

  test('a database that anybody may not connect to is named, with the grant', () => {
    expect(find('plain', 'database-coverage')).toMatchObject({ status: 'unknown', opener: 'GRANT CONNECT ON DATABASE "hidden" TO "plain";' });
  });

  test('a superuser looks into the databases that nobody manages', () => {
    expect(find('superuser', 'public-create', 'hidden')).toMatchObject({ databaseId: null, target: expect.stringContaining('hidden on 127.0.0.1') });
  });

  test('template0 is named as left out', () => {
    expect(find('superuser', 'database-coverage')?.summary).toContain('left out: template0, template1');
  });

  test('what a session last sent is shown without what stood in it', () => {
    const all = JSON.stringify([seen.superuser.results, seen.monitor.results]);
    expect(all).toContain("UPDATE customers SET name = '…' WHERE id = 2");
    expect(all).not.toMatch(/top secret|another secret/);
  });

  test('no password hash is kept', () => {
    const [row] = seen.superuser.results.filter((result) => result.check === 'password-hash');
    expect(JSON.stringify([row, seen.superuser.events])).not.toMatch(/SCRAM-SHA-256\$\d|md5[0-9a-f]{32}/);
  });

  test.each([
    ['invalid-indexes', 'DROP INDEX CONCURRENTLY'],
    ['duplicate-indexes', 'DROP INDEX CONCURRENTLY'],
    ['unindexed-foreign-keys', 'CREATE INDEX CONCURRENTLY "orders_customer_id_idx" ON "public"."orders" ("customer_id");'],
    ['sequence-exhaustion', 'ALTER TABLE "public"."orders" ALTER COLUMN "id" TYPE bigint;'],
    ['replication-slots', "SELECT pg_drop_replication_slot('forgotten');"],
    ['public-create', 'REVOKE CREATE ON SCHEMA public FROM PUBLIC;'],
    ['dead-tuples', 'ALTER TABLE "public"."Odd ""name" RESET (autovacuum_enabled);'],
  ])('%s comes with its fix', (check, text) => {
    expect(find('superuser', check)?.fix?.do).toContain(text);
  });

  test.each(['duplicate-indexes', 'unindexed-foreign-keys', 'public-create', 'sequence-exhaustion'])('the fix of %s and its undo both run', async (check) => {
    // Where no transaction is open: building an index concurrently waits for those.
    const fix = find('superuser', check, 'hidden')?.fix;
    const statements = [fix?.do, fix?.undo].flatMap((text) => (text ?? '').split('\n'));
    for (const statement of statements) await faulty.server.query(statement, [], { database: 'hidden' });
    expect(statements.length).toBeGreaterThan(1);
  });

  test('of two equal indexes every database is told to drop the same one', () => {
    expect(['shop', 'hidden'].map((database) => find('superuser', 'duplicate-indexes', database)?.fix?.do)).toEqual(['shop', 'hidden'].map((database) => `-- in database ${database}\nDROP INDEX CONCURRENTLY "public"."orders_filling_again";`));
  });

  test('the end of a session is bound to when it began', async () => {
    const fix = find('superuser', 'idle-in-transaction')?.fix?.do ?? '';
    expect(await faulty.server.query(fix.replace(/backend_start = '[^']*'/, "backend_start = '2001-01-01'").replace('pg_terminate_backend(pid)', 'pid'))).toEqual([]);
    expect(await faulty.server.query(fix.replace('pg_terminate_backend(pid)', 'pid'))).toHaveLength(1);
  });

  test('no secret of pg_hba.conf leaves the server, from an option or in an error', async () => {
    await appendFile(join(faulty.server.dataFolder, 'pg_hba.conf'), 'host all all 10.9.0.0/16 radius radiusservers="10.9.0.1" radiussecrets="hemlock"\nhost all all 10.9.0.0/16 radius radiussecrets=x hemlock\nhost all all 10.9.0.0/16 scrum\n');
    const check = checkNamed('hba-rules');
    const rows = await faulty.server.query(check.statement?.(lookOf(check, { server: { versionNum: major * 10_000 } })) ?? '');
    const sent = JSON.stringify(rows);
    expect([sent.includes('hemlock'), sent.includes('radiussecrets'), sent.includes('not in name=value format'), sent.includes('scrum')]).toEqual([false, true, true, true]);
  });

  test('asks in one connection per database, and once per check', () => {
    const questions = seen.superuser.events.filter((event) => event.kind === 'log' && event.command !== undefined && event.command.target.startsWith('shop '));
    expect(questions.length).toBeLessThanOrEqual(postgresChecks.length + 6);
  });
});
