/** What is offered to do and to undo: it must fit what is there, and harm nobody. */
import { describe, expect, test } from 'vitest';
import { ask, defaultAskLimits } from '#engine/health/ask.ts';
import type { PostgresSession } from '#engine/postgres/index.ts';
import { checkNamed, judgeRows, lookOf, serverFacts } from '#test/health-look.ts';

const fixOf = (...parameters: Parameters<typeof judgeRows>) => judgeRows(...parameters).fix ?? null;

describe('sessions of Pilothouse itself', () => {
  const backup = { seconds: 9000, pid: 7, usename: 'backup', application_name: 'pilothouse backup', state: 'idle in transaction', backend_start: '2026-09-01' };
  const desk = { seconds: 400, pid: 8, usename: 'desk', application_name: 'psql', state: 'idle in transaction', backend_start: '2026-09-01' };
  test.each([
    ['idle-in-transaction', backup],
    ['long-transaction', backup],
    ['long-transaction', { ...backup, application_name: 'pilothouse dump', state: 'active' }],
    ['blocked-sessions', { seconds: 9000, pid: 1, blockers: [7], blocker_pid: 7, blocker_application: 'pilothouse swap', blocker_start: '2026-09-01' }],
  ])('%s: no session of ours is offered to be ended from outside', (check, row) => {
    expect(fixOf(check, [row])).toMatchObject({ where: 'console', do: 'Cancel the operation in Pilothouse instead' });
  });
  test('those of a running backup are evidence, and no finding', () => {
    const finding = judgeRows('idle-in-transaction', [{ ...backup, dumping: true }]);
    expect([finding.status, finding.value, finding.evidence?.rows.length, finding.fix ?? null]).toEqual(['ok', 0, 1, null]);
  });
  test('one that no backup needs any more is a finding', () => {
    expect(judgeRows('idle-in-transaction', [{ ...backup, dumping: false }]).status).toBe('critical');
  });
  test('a stranger beside a running backup is the one that is named', () => {
    expect(judgeRows('idle-in-transaction', [{ ...backup, dumping: true }, { ...desk, dumping: true }])).toMatchObject({ status: 'warn', value: 400, summary: '6 min 40 s: desk (psql) sits in a transaction; 1 session in all', fix: { where: 'sql' } });
  });
});

describe('who waits for a prepared transaction', () => {
  const row = { seconds: 9000, pid: 1, usename: 'web', blockers: [0], blocker_pid: null };
  test('is told so, and which check has it', () => {
    const { summary, meaning, fix, evidence } = judgeRows('blocked-sessions', [row]);
    expect([summary, meaning?.includes('prepared-transactions'), fix ?? null, evidence?.rows[0]?.[5]]).toEqual(['2 h 30 min: web (pid 1) waits for a prepared transaction, which has no session; 1 session waiting', true, null, 'a prepared transaction']);
  });
  test('behind others, too', () => {
    expect(judgeRows('blocked-sessions', [{ ...row, pid: 2, blockers: [1], blocker_pid: 1 }, row]).summary).toContain('waits for a prepared transaction');
  });
});

describe('clients without TLS', () => {
  const client = { ssl: false, plain: '1', sessions: '1', usename: 'o"dd role', client_addr: '10.1.1.1', server_ssl: 'on', backend_type: 'client backend' };
  test('no line is made up for them: the one that lets them in is changed', () => {
    expect(fixOf('tls-usage', [client])).toMatchObject({ do: '# pg_hba.conf (role "o""dd role" from 10.1.1.1): in the line that lets it in, change host to hostssl; then SELECT pg_reload_conf();' });
  });
  test('a standby has to ask for TLS first', () => {
    expect(fixOf('tls-usage', [{ ...client, backend_type: 'walsender' }])?.note).toContain('sslmode=require in its primary_conninfo first');
  });
});

describe('settings are turned back where they were turned', () => {
  const off = (changes: Record<string, unknown>) => fixOf('settings', [{ name: 'fsync', setting: 'off', pending_restart: false, source: 'configuration file', sourcefile: '/etc/postgresql.conf', ...changes }]);
  test('in a file: the undo goes back to it', () => {
    expect(off({})).toMatchObject({ do: 'ALTER SYSTEM SET fsync = on;\nSELECT pg_reload_conf();', undo: 'ALTER SYSTEM RESET fsync;\nSELECT pg_reload_conf();' });
  });
  test.each(['/data/postgresql.auto.conf', null])('by ALTER SYSTEM, or who knows where (%s): the undo sets it off again', (sourcefile) => {
    expect(off({ sourcefile })).toMatchObject({ undo: 'ALTER SYSTEM SET fsync = off;\nSELECT pg_reload_conf();' });
  });
  test('on the command line: only there', () => {
    const fix = off({ source: 'command line', sourcefile: null });
    expect([fix?.where, fix?.do.includes('ALTER SYSTEM'), fix?.do.includes('-c fsync=off, or -F'), fix?.note?.includes('at once')]).toEqual(['setting', false, true, false]);
  });
  const unseen = (changes: Record<string, unknown>) => fixOf('settings', [{ name: 'zero_damaged_pages', setting: 'on', pending_restart: false, source: 'configuration file', sourcefile: null, ...changes }]);
  test('one that must be off is set off, and what was read while it was on is told of', () => {
    expect(unseen({})).toMatchObject({ do: 'ALTER SYSTEM SET zero_damaged_pages = off;\nSELECT pg_reload_conf();', undo: 'ALTER SYSTEM SET zero_damaged_pages = on;\nSELECT pg_reload_conf();', note: expect.stringContaining('Then restart the server') });
  });
  test('one that must be off in a database: there', () => {
    expect(unseen({ source: 'role or database', database: 'shop' })).toMatchObject({ do: 'ALTER DATABASE "shop" RESET zero_damaged_pages;', undo: 'ALTER DATABASE "shop" SET zero_damaged_pages = on;', note: expect.stringContaining('It is on for sessions of database shop.') });
  });
  test('for a role: for the role', () => {
    expect(off({ name: 'track_counts', source: 'user', sourcefile: null, role: 'watcher' })).toMatchObject({ do: 'ALTER ROLE "watcher" RESET track_counts;', undo: 'ALTER ROLE "watcher" SET track_counts = off;' });
  });
});

describe('freezing', () => {
  const old = (name: string, changes: Record<string, unknown> = {}) => ({ kind: 'database', name, xid_age: 2 ** 31 * 0.6, mxid_age: 0, shut: false, ...changes });
  test('is of the whole database, not of one table', () => {
    expect(fixOf('xid-age', [old('shop'), old('public.orders', { kind: 'table' })])).toMatchObject({ do: '-- in database shop\nVACUUM (FREEZE, VERBOSE);', undo: null });
  });
  test('of one that nobody can connect to opens it first, and the undo shuts it', () => {
    expect(fixOf('xid-age', [old('template0', { shut: true })])).toMatchObject({ do: expect.stringMatching(/^ALTER DATABASE "template0" ALLOW_CONNECTIONS true;\n[\s\S]*ALLOW_CONNECTIONS false;$/), undo: 'ALTER DATABASE "template0" ALLOW_CONNECTIONS false;' });
  });
  test('cannot reach a temporary table, and says which', () => {
    expect(fixOf('xid-age', [old('shop'), old('pg_temp_3.basket', { kind: 'temporary table' })])?.note).toContain('pg_temp_3.basket is a temporary table');
  });
});

describe('an undo brings back what was there', () => {
  const damaged = { datid: '16384', datname: 'shop', data_checksums: 'on', checksum_failures: '1' };
  test('amcheck is dropped only where it was made', () => {
    expect([false, true].map((amcheck) => fixOf('checksum-failures', [{ ...damaged, amcheck }])).map((fix) => [fix?.do.startsWith('CREATE EXTENSION amcheck;'), fix?.undo])).toEqual([[true, 'DROP EXTENSION amcheck;'], [false, null]]);
  });
  test('amcheck in a database that was not asked is dropped only where it was not before', () => {
    const fix = fixOf('checksum-failures', [{ ...damaged, datname: 'archive', amcheck: true }]);
    expect([fix?.do.split('\n', 2), fix?.undo?.includes('only where it was not there before')]).toEqual([['-- in database archive', 'CREATE EXTENSION IF NOT EXISTS amcheck;'], true]);
  });

  const sequence = { nspname: 'public', relname: 's', table_schema: 'public', table_name: 't', column_name: 'id', column_type: 'integer', visible: true, last_value: '1', ends_at: '2147483647', used: 60 };
  test('a bigint sequence over an int column stays one', () => {
    expect(fixOf('sequence-exhaustion', [{ ...sequence, sequence_type: 'bigint' }])).toMatchObject({ do: 'ALTER TABLE "public"."t" ALTER COLUMN "id" TYPE bigint;', undo: 'ALTER TABLE "public"."t" ALTER COLUMN "id" TYPE integer;' });
  });
  test('an integer sequence becomes one again', () => {
    expect(fixOf('sequence-exhaustion', [{ ...sequence, sequence_type: 'integer' }])?.undo).toBe('ALTER SEQUENCE "public"."s" AS integer;\nALTER TABLE "public"."t" ALTER COLUMN "id" TYPE integer;');
  });

  test('an index gets a name that nothing has, so that the undo drops nothing else', () => {
    const key = { nspname: 'public', relname: 'orders', relkind: 'r', referenced: 'customers', columns: ['customer_id'], bytes: '20000000', taken: ['orders', 'orders_customer_id_idx', 'orders_customer_id_idx1'] };
    expect(fixOf('unindexed-foreign-keys', [key])).toMatchObject({ do: 'CREATE INDEX CONCURRENTLY "orders_customer_id_idx2" ON "public"."orders" ("customer_id");', undo: 'DROP INDEX CONCURRENTLY "public"."orders_customer_id_idx2";' });
  });
});

describe('on a standby', () => {
  const fixAt = async (id: string, row: Record<string, unknown>, standby: boolean) => {
    const session = { server: serverFacts(), processId: 1, readOnly: () => Promise.resolve({ rows: [row], columns: [], rowCount: 1 }) } as unknown as PostgresSession;
    const { finding } = await ask(checkNamed(id), session, lookOf(checkNamed(id), { server: { standby } }), defaultAskLimits, () => 0);
    return finding.fix ?? null;
  };
  const writing: [string, Record<string, unknown>][] = [
    ['xid-age', { kind: 'database', name: 'shop', xid_age: 2 ** 31 * 0.6, mxid_age: 0 }],
    ['invalid-indexes', { nspname: 's', relname: 'i', relkind: 'i', definition: 'CREATE INDEX i ON s.t (a)' }],
    ['duplicate-indexes', { nspname: 's', relname: 'i', droppable: true, definition: 'CREATE INDEX i ON s.t (a)' }],
    ['unindexed-foreign-keys', { nspname: 's', relname: 't', relkind: 'r', columns: ['a'] }],
    ['sequence-exhaustion', { nspname: 's', relname: 'q', table_schema: 's', table_name: 't', column_name: 'id', column_type: 'integer', sequence_type: 'integer', visible: true, used: 90 }],
    ['public-create', { present: true, open: true }],
    ['password-hash', { rolname: 'app', stored: 'md5', password_encryption: 'md5' }],
    ['checksum-failures', { datid: '1', datname: 'shop', data_checksums: 'on', checksum_failures: '1' }],
  ];
  test.each(writing)('what mends %s is to be done on the primary', async (id, row) => {
    const fix = await fixAt(id, row, true);
    expect([fix?.do.startsWith('-- on the primary\n'), fix?.undo?.startsWith('-- on the primary\n') ?? true]).toEqual([true, true]);
  });
  test.each(writing)('and on a primary %s says nothing of it', async (id, row) => {
    expect(JSON.stringify(await fixAt(id, row, false))).not.toContain('on the primary');
  });
  test('a session is ended where it is', async () => {
    expect((await fixAt('long-transaction', { seconds: 9000, pid: 1, backend_start: 'x', application_name: 'psql' }, true))?.do).toMatch(/^SELECT pg_/);
  });
});
