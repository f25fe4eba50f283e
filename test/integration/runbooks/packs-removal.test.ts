/** Statements of Neff Paving and of the generic server, in a real Postgres: each is understood by the oldest and the newest, and what removes rows removes no other. */
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Step } from '#shared/domain/runbook/definition.ts';
import { ask, runbookOf, statementsOf, type Statement, type Values } from '#test/pack-statements.ts';
import { testedMajors } from '#test/postgres-binaries.ts';
import { startPostgres, type PostgresServer } from '#test/postgres-server.ts';

const given: Values = {
  statements_schema: 'public', tool_schema: 'public', index: 'customers_pkey', file_number: '1', memory_mib: 4096, pid: 0, role: 'shop', application: 'shop', copy: 'postgres', databases: ['postgres'], tables: ['customers'],
  audit_cut: '2020-01-01T00:00:00Z', session_cut: '2020-01-01T00:00:00Z', audit_all: 0, audit_old: 0, session_all: 0, session_old: 0,
};
const schema = `
  CREATE TABLE customers (id serial PRIMARY KEY, created_at timestamptz DEFAULT now());
  CREATE TABLE appointments (id serial PRIMARY KEY, appointment_date date, status text);
  CREATE TABLE audit_logs (id serial PRIMARY KEY, created_at timestamptz DEFAULT now());
  CREATE TABLE session_logs (id serial PRIMARY KEY, created_at timestamptz DEFAULT now());
  CREATE TABLE backup_statistics (backup_date timestamptz, backup_size_gb numeric);
  CREATE TABLE users (id serial PRIMARY KEY, username text, last_login timestamptz, role text, active boolean);
  CREATE TABLE roles (id serial PRIMARY KEY, role_name text);
  CREATE TABLE permissions (id serial PRIMARY KEY, permission_name text);
  CREATE TABLE user_roles (user_id int, role_id int);
  CREATE TABLE role_permissions (role_id int, permission_id int);
  CREATE EXTENSION pg_stat_statements;
  CREATE EXTENSION pgstattuple;
`;

/** A server that follows nobody has nothing to replay, and cannot be promoted. */
const ofStandbys = /pg_promote|pg_wal_replay_resume|pg_is_wal_replay_paused/;
const statements = ['neff-paving', 'postgres-server'].flatMap((pack) => statementsOf(pack, given)).filter(({ statement }) => !ofStandbys.test(statement));

describe.each(testedMajors)('of Postgres %i', (major) => {
  let server: PostgresServer;
  let session: Client;
  beforeAll(async () => {
    server = await startPostgres({ major, settings: { shared_preload_libraries: "'pg_stat_statements'" } });
    session = new Client({ host: server.host, port: server.port, user: server.user, password: server.password, database: 'postgres' });
    await session.connect();
    await session.query(schema);
  });
  afterAll(async () => {
    await session?.end();
    await server?.stop();
  });

  it.each(statements)('$name is understood', async (statement) => {
    await expect(ask(session, statement)).resolves.toHaveProperty('rows');
  });

  describe('access', () => {
    const { steps, values } = runbookOf('neff-paving', 'access-review', given);

    it('leaves no account out that never signed in, and counts none that is switched off', async () => {
      await session.query("INSERT INTO users (username, last_login, role, active) VALUES ('here', now(), 'staff', true), ('away', now() - interval '31 days', 'staff', true), ('never', NULL, 'staff', true), ('gone', NULL, 'staff', false)");
      const step = steps.find(({ id }) => id === 'inactive') ?? expect.fail('inactive');
      const { rows } = await ask(session, { statement: step.action.kind === 'sql' ? step.action.statement : '', step, values });
      expect(rows.map(({ username }) => username)).toEqual(['never', 'away']);
    });
  });

  describe('the removal of old log rows', () => {
    const { steps, values } = runbookOf('neff-paving', 'retention', given);
    const doing = (id: string, more: Values): Pick<Statement, 'statement' | 'step' | 'values'> => {
      const step: Step = steps.find((each) => each.id === id) ?? expect.fail(id);
      return { statement: step.action.kind === 'sql' ? step.action.statement : '', step, values: { ...values, batch: 100, ...more } };
    };
    const counts = async (): Promise<string> => (await session.query<{ counts: string }>("SELECT (SELECT count(*) FROM audit_logs) || ' and ' || (SELECT count(*) FROM session_logs) AS counts")).rows[0]?.counts ?? '';

    it('takes old rows alone, batch by batch, until a batch is not full', async () => {
      await session.query("TRUNCATE audit_logs, session_logs; INSERT INTO audit_logs (created_at) SELECT now() - interval '100 days' FROM generate_series(1, 250); INSERT INTO audit_logs (created_at) SELECT now() - interval '89 days' FROM generate_series(1, 30); INSERT INTO session_logs (created_at) SELECT now() - interval '29 days' FROM generate_series(1, 5)");
      const counted = (await ask(session, doing('audit-count', {}))).rows[0] ?? {};
      const sessions = (await ask(session, doing('session-count', {}))).rows[0] ?? {};
      const known = { audit_cut: String(counted['cut']), audit_old: Number(counted['old_rows']), audit_all: Number(counted['all_rows']), session_cut: String(sessions['cut']), session_old: Number(sessions['old_rows']), session_all: Number(sessions['all_rows']) };
      const removed: unknown[] = [];
      for (let isDone = false; !isDone && removed.length < 10; ) {
        const { rows, verdicts } = await ask(session, doing('audit-delete', known));
        removed.push(Number(rows[0]?.['removed']));
        isDone = verdicts.every(({ ok }) => ok);
      }
      const left = await ask(session, doing('left', known));
      expect({ old: [known.audit_old, known.session_old], removed, counts: await counts(), well: left.verdicts.every(({ ok }) => ok) }).toEqual({ old: [250, 0], removed: [100, 100, 50], counts: '30 and 5', well: true });
    });

    it('says it where a row is missing that was not old', async () => {
      const known = { audit_cut: '2020-01-01T00:00:00Z', audit_old: 0, audit_all: 31, session_cut: '2020-01-01T00:00:00Z', session_old: 0, session_all: 5 };
      const { verdicts } = await ask(session, doing('left', known));
      expect(verdicts.filter(({ ok }) => !ok).map(({ say }) => say)).toEqual(['No other audit row is missing']);
    });
  });
});
