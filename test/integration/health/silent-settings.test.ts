/** Settings under which a server says nothing of what goes wrong: no failure is counted, no error raised. */
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { healthEngine } from '#test/health-engine.ts';
import type { PostgresMajor } from '#test/postgres-binaries.ts';
import { startPostgres, type PostgresServer } from '#test/postgres-server.ts';

describe.each<PostgresMajor>([13, 15, 18])('Postgres %d', (major) => {
  let server!: PostgresServer;
  const plain = { user: 'plain', password: 'plain-pw' };
  beforeAll(async () => {
    server = await startPostgres({ major, settings: { archive_mode: 'on', archive_command: `''`, wal_level: 'replica' } });
    await server.query("SET password_encryption = 'scram-sha-256'; CREATE ROLE plain LOGIN PASSWORD 'plain-pw'");
    await server.query('SELECT pg_switch_wal()');
  });
  afterAll(() => server.stop());

  test('that archives to nowhere is critical', async () => {
    const { look } = await healthEngine({ server });
    expect((await look(['wal-archiving'])).operation.result).toMatchObject({ status: 'critical' });
  });
  test('shows that to any role', async () => {
    const { look } = await healthEngine({ server, ...plain });
    expect((await look(['wal-archiving'])).operation.result).toMatchObject({ status: 'critical' });
  });
  test.each(['zero_damaged_pages', 'ignore_checksum_failure'])('that hides damage from a role by %s is critical to it', async (name) => {
    await server.query(`ALTER ROLE plain SET ${name} = on`);
    onTestFinished(() => server.query(`ALTER ROLE plain RESET ${name}`).then(() => {}));
    const { look, engine } = await healthEngine({ server, ...plain });
    const { operation } = await look(['settings']);
    const { results } = await engine.call('health.run', { runId: String(operation.result?.['runId']) });
    expect(results[0]).toMatchObject({ status: 'critical', evidence: { rows: expect.arrayContaining([[name, 'on', 'user', expect.any(String)]]) } });
  });
});
