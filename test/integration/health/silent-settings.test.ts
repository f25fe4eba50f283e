/** Settings under which a server says nothing of what goes wrong: no failure is counted, no error raised. */
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { healthEngine } from '#test/health-engine.ts';
import type { PostgresMajor } from '#test/postgres-binaries.ts';
import { startPostgres, type PostgresServer } from '#test/postgres-server.ts';
import { waitFor } from '#test/wait-for.ts';

describe.each<PostgresMajor>([13, 15, 18])('Postgres %d', (major) => {
  let server!: PostgresServer;
  const plain = { user: 'plain', password: 'plain-pw' };
  beforeAll(async () => {
    server = await startPostgres({ major, settings: { archive_mode: 'on', archive_command: `''`, wal_level: 'replica', fsync: 'on', full_page_writes: 'on' } });
    await server.query("SET password_encryption = 'scram-sha-256'; CREATE ROLE plain LOGIN PASSWORD 'plain-pw'; CREATE ROLE watch LOGIN PASSWORD 'watch-pw' IN ROLE pg_monitor");
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

  describe('what hides damage', () => {
    const watch = { user: 'watch', password: 'watch-pw' };
    const settingsAs = async (login: { user?: string; password?: string } = {}) => {
      const { look, engine } = await healthEngine({ server, ...login });
      const { operation } = await look(['settings']);
      const { results } = await engine.call('health.run', { runId: String(operation.result?.['runId']) });
      return results[0];
    };
    const whileSet = async (set: string, reset: string): Promise<void> => {
      onTestFinished(() => server.query(reset).then(() => {}));
      await server.query(set);
    };
    const whileOnServer = async (name: string): Promise<void> => {
      const reload = async (sql: string, value: string) => {
        await server.query(sql);
        await server.query('SELECT pg_reload_conf()');
        await waitFor(`${name} to be ${value}`, async () => (await server.query<{ value: string }>(`SELECT current_setting('${name}') AS value`))[0]?.value === value);
      };
      onTestFinished(() => reload(`ALTER SYSTEM RESET ${name}`, 'off'));
      await reload(`ALTER SYSTEM SET ${name} = on`, 'on');
    };

    test('is off for everybody on a server that was left as it was made', async () => {
      expect(await settingsAs(watch)).toMatchObject({ status: 'ok', value: 0 });
    });
    test.each([
      ['the role that looks', 'ROLE watch', 'role watch'],
      ['another role', 'ROLE plain', 'role plain'],
      ['all roles', 'ROLE ALL', 'all roles'],
      ['another database', 'DATABASE template1', 'database template1'],
      ['a role in another database', 'ROLE plain IN DATABASE template1', 'role plain in database template1'],
    ])('for %s is critical, and its fix ends it', async (_whose, owner, words) => {
      await whileSet(`ALTER ${owner} SET zero_damaged_pages = on`, `ALTER ${owner} RESET zero_damaged_pages`);
      const found = await settingsAs(watch);
      await server.query(found?.fix?.do ?? '');
      expect([found, await settingsAs(watch)]).toEqual([
        expect.objectContaining({ status: 'critical', summary: expect.stringContaining(`zero_damaged_pages is on for ${words}, so `), evidence: expect.objectContaining({ rows: expect.arrayContaining([['zero_damaged_pages', 'on', words, expect.any(String)]]) }) }),
        expect.objectContaining({ status: 'ok' }),
      ]);
    });
    test('for the whole server is critical', async () => {
      await whileOnServer('zero_damaged_pages');
      expect(await settingsAs(watch)).toMatchObject({ status: 'critical', evidence: { rows: expect.arrayContaining([['zero_damaged_pages', 'on', 'configuration file', expect.any(String)]]) } });
    });
    test('for the whole server, and not for the role that looks, is unknown to that', async () => {
      await whileOnServer('zero_damaged_pages');
      await whileSet('ALTER ROLE watch SET zero_damaged_pages = off', 'ALTER ROLE watch RESET zero_damaged_pages');
      const found = await settingsAs(watch);
      await server.query(found?.opener ?? '');
      expect([found?.status, (await settingsAs(watch))?.status]).toEqual(['unknown', 'critical']);
    });
    test('is unknown to a role that may not read what is set for others, until its grant is given', async () => {
      await whileSet('REVOKE SELECT ON pg_catalog.pg_db_role_setting FROM PUBLIC', 'GRANT SELECT ON pg_catalog.pg_db_role_setting TO PUBLIC');
      const found = await settingsAs(watch);
      await server.query(found?.opener ?? '');
      onTestFinished(() => server.query('REVOKE SELECT ON pg_catalog.pg_db_role_setting FROM watch').then(() => {}));
      expect([found?.status, (await settingsAs(watch))?.status]).toEqual(['unknown', 'ok']);
    });
    // The servers of tests have data checksums from 18 on, where initdb makes them unless told otherwise.
    test(`by not minding checksums is ${major >= 18 ? 'critical' : 'ok where there are none'}`, async () => {
      await whileOnServer('ignore_checksum_failure');
      expect((await settingsAs(watch))?.status).toBe(major >= 18 ? 'critical' : 'ok');
    });
  });
});
