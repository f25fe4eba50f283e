import { Client } from 'pg';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Manifest } from '#engine/backup/manifest.ts';
import { wasWrittenTo } from '#shared/domain/restored-copy.ts';
import { rowsOf } from '#test/shop.ts';
import { setStage } from './stage.ts';

const stage = setStage();

const swapped = (name: string) => stage.swapped(name);
const get = async (restoreId: string) => (await stage.engine.call('restore.get', { restoreId })).restore;
const states = async (restoreId: string) => (await get(restoreId)).state;

describe('a swap', () => {
  it('puts the copy in place of the live database and sets that aside', async () => {
    const { restoreId, operation } = await swapped('simple');
    const { setAside, state, undoUntil } = await get(restoreId);
    expect({ ended: operation.state, state, undoUntil, live: await rowsOf(stage.server, 'simple', 'customers'), aside: await rowsOf(stage.server, setAside ?? '', 'customers') }).toEqual({
      ended: 'succeeded', state: 'swapped', undoUntil: expect.any(String), live: 500, aside: 501,
    });
  });

  it('says before how many rows are set aside, and where', async () => {
    const { plan } = await swapped('numbers');
    expect(plan.consequences.join('\n')).toMatch(/public\.customers \+1\b[^]*kept as numbers__old_\d{8}_\d{4}/);
  });

  it('gives the copy owner, settings, grants, connection limit and comment of the original', async () => {
    const { databaseId } = await stage.shop('proper');
    await stage.server.query('CREATE ROLE keeper; CREATE ROLE web LOGIN');
    await stage.server.query(`ALTER DATABASE proper OWNER TO keeper; ALTER DATABASE proper SET work_mem = '7MB'; ALTER DATABASE proper SET search_path = "$user", public, "odd, name"; ALTER DATABASE proper SET app.tenant = 'it''s, "quoted"'`);
    await stage.server.query(`ALTER ROLE web IN DATABASE proper SET statement_timeout = '3s'; REVOKE ALL ON DATABASE proper FROM PUBLIC; GRANT CONNECT ON DATABASE proper TO web WITH GRANT OPTION; ALTER DATABASE proper CONNECTION LIMIT 17; COMMENT ON DATABASE proper IS 'the shop''s'`);
    const look = async () => {
      const [row] = await stage.server.query(
        `SELECT pg_get_userbyid(datdba) AS owner, datconnlimit, shobj_description(d.oid, 'pg_database') AS comment, datallowconn,
           (SELECT array_agg(acl::text ORDER BY acl::text) FROM unnest(datacl) acl) AS acl,
           (SELECT json_agg(json_build_array(setrole::regrole::text, setconfig) ORDER BY setrole) FROM pg_db_role_setting s WHERE s.setdatabase = d.oid) AS settings
         FROM pg_database d WHERE datname = 'proper'`,
      );
      return row;
    };
    const before = await look();
    const { restoreId } = await stage.restoreBeside(databaseId);
    await stage.engine.run((await stage.engine.call('restore.planSwap', { restoreId })).plan);
    expect(await look()).toEqual(before);
  });

  it('runs nothing that the owner of a database put in the way of its names and operators', async () => {
    const { databaseId } = await stage.shop('trapped');
    const { restoreId } = await stage.restoreBeside(databaseId);
    const trap = { database: 'trapped' };
    await stage.server.query('CREATE SCHEMA evil; CREATE TABLE evil.caught (who text)', [], trap);
    for (const type of ['name', 'oid', 'text', 'bool']) {
      await stage.server.query(`CREATE FUNCTION evil.same(${type}, ${type}) RETURNS bool LANGUAGE plpgsql AS $$ BEGIN INSERT INTO evil.caught VALUES (current_user); RETURN $1 OPERATOR(pg_catalog.=) $2; END $$`, [], trap);
      await stage.server.query(`CREATE OPERATOR evil.= (FUNCTION = evil.same, LEFTARG = ${type}, RIGHTARG = ${type})`, [], trap);
    }
    await stage.server.query('ALTER DATABASE trapped SET search_path = evil, pg_catalog', [], trap);
    await stage.engine.context.postgres.testConnection(stage.engine.context.targetOf(databaseId));
    const { plan } = await stage.engine.call('restore.planSwap', { restoreId });
    const { state } = await stage.engine.run(plan);
    const { setAside } = await get(restoreId);
    expect([state, await rowsOf(stage.server, setAside ?? '', 'evil.caught')]).toEqual(['succeeded', 0]);
  });

  it.each([
    ['of the database', 'ALTER DATABASE guarded_a SET app.jwt_secret', 'guarded_a'],
    ['of a role in it', 'ALTER ROLE postgres IN DATABASE guarded_b SET app.jwt_secret', 'guarded_b'],
  ])('keeps the values of settings %s to itself, and copies them', async (_what, set, name) => {
    const canary = `canary-${name}-0451`;
    const { databaseId } = await stage.shop(name);
    const { restoreId } = await stage.restoreBeside(databaseId);
    await stage.server.query(`${set} = '${canary}'`);
    const { plan } = await stage.engine.call('restore.planSwap', { restoreId });
    const operation = await stage.engine.run(plan);
    const { store, log } = stage.engine.context;
    log.flush();
    const tables = store.prepare<[], { name: string }>("SELECT name FROM sqlite_schema WHERE type = 'table'").all().map((table) => table.name);
    const holding = tables.filter((table) => JSON.stringify(store.prepare(`SELECT * FROM "${table}"`).all()).includes(canary));
    const [live] = await stage.server.query<{ value: string }>("SELECT current_setting('app.jwt_secret') AS value", [], { database: name });
    expect({ ended: operation.state, value: live?.value, shown: JSON.stringify(plan).includes('SET \\"app\\".\\"jwt_secret\\" TO [redacted]'), inPlan: JSON.stringify(plan).includes(canary), holding }).toEqual({ ended: 'succeeded', value: canary, shown: true, inPlan: false, holding: [] });
  });

  it('gets past sessions that reconnect as fast as they can', async () => {
    const { databaseId } = await stage.shop('busy');
    const { restoreId } = await stage.restoreBeside(databaseId);
    let on = true;
    const hammer = async (): Promise<void> => {
      while (on) {
        const client = new Client({ host: '127.0.0.1', port: stage.server.port, user: 'postgres', password: stage.server.password, database: 'busy' });
        client.on('error', () => {});
        try {
          await client.connect();
          await client.query('SELECT pg_sleep(0.2)');
        } catch {
          // Being thrown out is what these sessions are for.
        } finally {
          await client.end().catch(() => {});
        }
      }
    };
    const hammers = [hammer(), hammer(), hammer(), hammer()];
    onTestFinished(async () => {
      on = false;
      await Promise.all(hammers);
    });
    const operation = await stage.engine.run((await stage.engine.call('restore.planSwap', { restoreId })).plan);
    expect(operation).toMatchObject({ state: 'succeeded', error: null });
  });

  it('does not take differences of counts for rows, which may have been both added and deleted', async () => {
    const { databaseId } = await stage.shop('churned');
    const { restoreId } = await stage.restoreBeside(databaseId);
    await stage.server.query("DELETE FROM events WHERE id <= 9; INSERT INTO events SELECT g, '2020-02-01' FROM generate_series(101, 110) g", [], { database: 'churned' });
    const { plan } = await stage.engine.call('restore.planSwap', { restoreId });
    expect(plan.consequences.join('\n')).toContain('Net, by table, it has against the copy: public.events_2020 +1; rows may have been both added and deleted.');
  });

  it('does not call a live database unchanged that has as many rows in every table', async () => {
    const { databaseId } = await stage.shop('level');
    const { restoreId } = await stage.restoreBeside(databaseId);
    const { plan } = await stage.engine.call('restore.planSwap', { restoreId });
    expect(plan.consequences.join('\n')).toMatch(/as many as the copy in every table\. What was changed since .*, or added while as much was deleted, is set aside with it all the same\./);
  });

  it('says before what a live database has lost with its tables', async () => {
    const { databaseId } = await stage.shop('emptied');
    const { restoreId } = await stage.restoreBeside(databaseId);
    await stage.server.query('DROP SCHEMA public CASCADE; CREATE SCHEMA public', [], { database: 'emptied' });
    const { plan } = await stage.engine.call('restore.planSwap', { restoreId });
    expect(plan.consequences.join('\n')).toContain('public.customers −500 (the table is missing)');
  });

  it('counts the copy again before it calls it equal', async () => {
    const { databaseId } = await stage.shop('drifted');
    const { restoreId } = await stage.restoreBeside(databaseId);
    await stage.server.query('DELETE FROM "Mixed ""Case" WHERE id <= 9', [], { database: 'drifted__new' });
    const { plan } = await stage.engine.call('restore.planSwap', { restoreId });
    expect({ findings: plan.findings, consequences: plan.consequences.join('\n') }).toEqual({
      findings: expect.arrayContaining([{ state: 'warn', title: 'The copy is not what its backup holds any more', detail: expect.stringContaining('public.Mixed "Case −9') }]),
      consequences: expect.stringMatching(/drifted is drifted__new as it stands: 1,0\d\d rows.*which is not what the backup/),
    });
  });

  it('says that the copy is equal when it was counted and is', async () => {
    const { plan } = await swapped('undrifted');
    expect(plan.findings).toContainEqual({ state: 'ok', title: 'Counted just now, the copy has the rows of its backup, and nothing was left out' });
  });

  it('is refused when the copy was written to after the plan', async () => {
    const { databaseId } = await stage.shop('moving');
    const { restoreId } = await stage.restoreBeside(databaseId);
    const { plan } = await stage.engine.call('restore.planSwap', { restoreId });
    await stage.server.query("INSERT INTO customers (name) VALUES ('late')", [], { database: 'moving__new' });
    const operation = await stage.engine.run(plan);
    expect({ operation, state: await states(restoreId) }).toMatchObject({ operation: { state: 'failed', error: { code: 'restore.swap-refused', message: expect.stringContaining('public.customers +1') } }, state: 'beside' });
  });

  it('keeps what was set aside and what came back as counted at the swap', async () => {
    const { databaseId } = await stage.shop('figures');
    const { restoreId } = await stage.restoreBeside(databaseId);
    const { plan } = await stage.engine.call('restore.planSwap', { restoreId });
    await stage.server.query("INSERT INTO customers (name) VALUES ('after the plan')", [], { database: 'figures' });
    await stage.engine.run(plan);
    const { compared } = await stage.engine.call('restore.get', { restoreId });
    expect(compared.find(({ name }) => name === 'customers')).toMatchObject({ backup: 500, restored: 500, live: 501, equal: true });
  });

  describe('for a copy of another database', () => {
    async function otherCopy(live: string, change: (manifest: Manifest) => void = () => {}) {
      const shop = await stage.shop(`${live}_source`);
      const other = await stage.shop(live);
      const { backup } = await stage.backup(shop.databaseId, { change });
      const beside = (await stage.engine.call('restore.plan', { backupId: backup.id, databaseId: other.databaseId })).plan;
      const operation = await stage.engine.run(beside);
      const restoreId = String(operation.result?.['restoreId']);
      return { beside, restoreId, plan: (await stage.engine.call('restore.planSwap', { restoreId })).plan };
    }

    it('names both, and asks for the name wherever it runs', async () => {
      const { plan } = await otherCopy('billing');
      expect({ title: plan.title, confirmName: plan.confirmName, findings: plan.findings }).toEqual({
        title: 'Swap billing for a copy of billing_source', confirmName: 'billing',
        findings: expect.arrayContaining([expect.objectContaining({ state: 'warn', title: 'The copy is one of billing_source, not of billing' })]),
      });
    });

    it('is warned of before it is restored', async () => {
      const { beside } = await otherCopy('ledger');
      expect(beside.findings).toContainEqual(expect.objectContaining({ state: 'warn', title: 'The backup is of ledger_source, not of ledger' }));
    });

    it('tells apart a database of that name in another cluster', async () => {
      const { plan } = await otherCopy('twin', (manifest) => {
        manifest.database.name = 'twin';
        manifest.server.systemIdentifier = '123';
      });
      expect({ confirmName: plan.confirmName, title: plan.title, findings: plan.findings }).toEqual({ confirmName: 'twin', title: 'Swap twin for a copy of twin of another cluster (123)', findings: expect.arrayContaining([expect.objectContaining({ state: 'warn', title: 'The copy is one of twin of another cluster' })]) });
    });
  });

  it('asks for no name where a copy of the database itself is swapped outside production', async () => {
    const { plan } = await swapped('unasked');
    expect({ confirmName: plan.confirmName, raw: /\d{4}-\d\d-\d\dT/.test(JSON.stringify([plan.consequences, plan.findings])) }).toEqual({ confirmName: null, raw: false });
  });

  it('counts who is connected in the plan', async () => {
    const { databaseId } = await stage.shop('visited');
    const { restoreId } = await stage.restoreBeside(databaseId);
    const client = new Client({ host: '127.0.0.1', port: stage.server.port, user: 'postgres', password: stage.server.password, database: 'visited', application_name: 'web shop' });
    client.on('error', () => {});
    await client.connect();
    onTestFinished(async () => client.end());
    const { plan } = await stage.engine.call('restore.planSwap', { restoreId });
    expect(plan.findings).toContainEqual({ state: 'warn', title: '1 session is ended', detail: expect.stringContaining('web shop as postgres (1)') });
  });

  it('is refused when the live database is not the one of the plan any more', async () => {
    const { databaseId } = await stage.shop('replaced');
    const { restoreId } = await stage.restoreBeside(databaseId);
    const { plan } = await stage.engine.call('restore.planSwap', { restoreId });
    await stage.server.query('ALTER DATABASE replaced RENAME TO replaced_elsewhere');
    await stage.server.query('CREATE DATABASE replaced');
    const operation = await stage.engine.run(plan);
    expect({ operation, state: await states(restoreId) }).toMatchObject({ operation: { state: 'failed', error: { code: 'postgres.wrong-identity' } }, state: 'beside' });
  });

  it('is refused when the copy was dropped by somebody else', async () => {
    const { databaseId } = await stage.shop('copyless');
    const { restoreId } = await stage.restoreBeside(databaseId);
    await stage.server.query('DROP DATABASE copyless__new');
    await expect(stage.engine.call('restore.planSwap', { restoreId })).rejects.toMatchObject({ code: 'restore.swap-refused' });
  });

  it('copes with quotes and with names of 63 bytes', async () => {
    const name = `Ünï "Quoted" ${'y'.repeat(48)}`;
    const { restoreId, operation } = await swapped(name);
    const { setAside } = await get(restoreId);
    expect({ state: operation.state, bytes: Buffer.byteLength(setAside ?? '') <= 63, live: await rowsOf(stage.server, name, 'customers') }).toEqual({ state: 'succeeded', bytes: true, live: 500 });
  });

  it.each([['exchange:recorded', 'swapped_in__new'], ['exchange:copy-closed', 'swapped_in']])('closes no database that somebody put in the place of one of them at %s', async (point, name) => {
    const { databaseId } = await stage.shop('swapped_in');
    const { restoreId } = await stage.restoreBeside(databaseId);
    await stage.reopen({
      checkpoint: async (reached) => {
        if (reached !== point) return;
        await stage.server.query(`ALTER DATABASE ${name} RENAME TO swapped_out`);
        await stage.server.query(`CREATE DATABASE ${name}`);
      },
    });
    const operation = await stage.engine.run((await stage.engine.call('restore.planSwap', { restoreId })).plan);
    await stage.reopen();
    const rows = await stage.server.query("SELECT datname, datallowconn FROM pg_database WHERE datname LIKE 'swapped!_%' ESCAPE '!' AND NOT datallowconn ORDER BY 1");
    for (const made of ['swapped_in', 'swapped_in__new', 'swapped_out']) await stage.server.query(`DROP DATABASE IF EXISTS ${made} WITH (FORCE)`);
    expect({ ended: operation.state, closed: rows }).toEqual({ ended: 'failed', closed: [] });
  });

  it.each(['exchange:recorded', 'exchange:copy-closed', 'exchange:live-closed'])('takes everything back when it is cancelled at %s', async (point) => {
    const name = `halted_${point.replaceAll(/\W/g, '_')}`;
    const { databaseId } = await stage.shop(name);
    const { restoreId } = await stage.restoreBeside(databaseId);
    let operationId = '';
    await stage.reopen({ checkpoint: async (reached) => void (reached === point && stage.engine.context.runner.cancel(operationId)) });
    operationId = stage.engine.start((await stage.engine.call('restore.planSwap', { restoreId })).plan);
    const operation = await stage.engine.context.runner.finished(operationId);
    await stage.reopen();
    const rows = await stage.server.query("SELECT datname, datallowconn FROM pg_database WHERE datname LIKE $1 ORDER BY 1", [`${name}%`]);
    expect({ ended: operation.state, state: await states(restoreId), rows }).toEqual({ ended: 'cancelled', state: 'beside', rows: [{ datname: name, datallowconn: true }, { datname: `${name}__new`, datallowconn: true }] });
  });

  it.each(['exchange:before-commit', 'exchange:renamed'])('is a success when it is cancelled too late, at %s', async (point) => {
    const name = `late_${point.replaceAll(/\W/g, '_')}`;
    const { databaseId } = await stage.shop(name);
    const { restoreId } = await stage.restoreBeside(databaseId);
    let operationId = '';
    await stage.reopen({ checkpoint: async (reached) => void (reached === point && stage.engine.context.runner.cancel(operationId)) });
    operationId = stage.engine.start((await stage.engine.call('restore.planSwap', { restoreId })).plan);
    const operation = await stage.engine.context.runner.finished(operationId);
    await stage.reopen();
    expect({ ended: operation.state, state: await states(restoreId) }).toEqual({ ended: 'succeeded', state: 'swapped' });
  });

  it('looks how it stands when the line breaks while the renames are committed', async () => {
    const { databaseId } = await stage.shop('lost_answer');
    const { restoreId } = await stage.restoreBeside(databaseId);
    await stage.reopen({
      checkpoint: async (reached) => {
        if (reached === 'exchange:before-commit') await stage.server.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'pilothouse swap %'");
      },
    });
    const operation = await stage.engine.run((await stage.engine.call('restore.planSwap', { restoreId })).plan);
    await stage.reopen();
    const rows = await stage.server.query("SELECT datname, datallowconn FROM pg_database WHERE datname LIKE 'lost_answer%' ORDER BY 1");
    expect({ ended: operation.state, code: operation.error?.code, state: await states(restoreId), rows }).toEqual({ ended: 'failed', code: 'restore.swap-failed', state: 'beside', rows: [{ datname: 'lost_answer', datallowconn: true }, { datname: 'lost_answer__new', datallowconn: true }] });
  });
});

describe('undo', () => {
  it('brings the previous database back, with what was written until the swap', async () => {
    const { restoreId } = await swapped('back');
    const operation = await stage.engine.run((await stage.engine.call('restore.planUndo', { restoreId })).plan);
    expect({ ended: operation.state, state: await states(restoreId), live: await rowsOf(stage.server, 'back', 'customers'), copy: await rowsOf(stage.server, 'back__new', 'customers') }).toEqual({ ended: 'succeeded', state: 'undone', live: 501, copy: 500 });
  });

  it('says what was written since the swap, and keeps it in the copy', async () => {
    const { restoreId } = await swapped('since');
    await stage.server.query("INSERT INTO customers (name) SELECT g::text FROM generate_series(1, 7) g", [], { database: 'since' });
    const { plan } = await stage.engine.call('restore.planUndo', { restoreId });
    await stage.engine.run(plan);
    expect({ said: plan.consequences.some((text) => text.includes('public.customers +7')), copy: await rowsOf(stage.server, 'since__new', 'customers') }).toEqual({ said: true, copy: 507 });
  });

  it('leaves figures of both as they are then, and tells what was written to the copy', async () => {
    const { restoreId } = await swapped('fresh');
    await stage.server.query("INSERT INTO customers (name) SELECT g::text FROM generate_series(1, 7) g", [], { database: 'fresh' });
    await stage.engine.run((await stage.engine.call('restore.planUndo', { restoreId })).plan);
    const { compared, restore } = await stage.engine.call('restore.get', { restoreId });
    expect({ written: wasWrittenTo(restore), customers: compared.find(({ name }) => name === 'customers') }).toMatchObject({ written: true, customers: { backup: 500, restored: 507, live: 501, equal: false } });
  });

  it('can be followed by another swap, which says what was written to the copy while it was live', async () => {
    const { restoreId } = await swapped('retaken');
    await stage.server.query("INSERT INTO customers (name) SELECT g::text FROM generate_series(1, 7) g", [], { database: 'retaken' });
    await stage.engine.run((await stage.engine.call('restore.planUndo', { restoreId })).plan);
    const { plan } = await stage.engine.call('restore.planSwap', { restoreId });
    const operation = await stage.engine.run(plan);
    expect({ said: plan.findings.some(({ detail }) => detail?.includes('public.customers +7')), ended: operation.state, live: await rowsOf(stage.server, 'retaken', 'customers') }).toEqual({ said: true, ended: 'succeeded-with-warnings', live: 507 });
  });

  it('can be followed by another swap', async () => {
    const { restoreId } = await swapped('again');
    await stage.engine.run((await stage.engine.call('restore.planUndo', { restoreId })).plan);
    const operation = await stage.engine.run((await stage.engine.call('restore.planSwap', { restoreId })).plan);
    expect({ ended: operation.state, live: await rowsOf(stage.server, 'again', 'customers') }).toEqual({ ended: 'succeeded', live: 500 });
  });

  it('is refused where nothing was swapped', async () => {
    const { databaseId } = await stage.shop('unswapped');
    const { restoreId } = await stage.restoreBeside(databaseId);
    await expect(stage.engine.call('restore.planUndo', { restoreId })).rejects.toMatchObject({ code: 'restore.undo-refused' });
  });
});
