import { execFileSync } from 'node:child_process';
import { chownSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { readDatabaseFacts } from '#engine/backup/snapshot.ts';
import { parseArchiveList } from '#engine/restore/archive-list.ts';
import { readCapabilities } from '#engine/restore/decisions.ts';
import { connectBeside, dropDatabase, endSessions, findByName } from '#engine/restore/server-databases.ts';
import { createScratchRepository } from '#engine/store/scratch-repository.ts';
import { mountSmallDisk, whyNoSmallDisk } from '#test/full-disk.ts';
import { startPostgres } from '#test/postgres-server.ts';
import { listProcesses, processesMatching } from '#test/processes.ts';
import { startProxy, type TcpProxy } from '#test/proxy.ts';
import { databasesOf, rowsOf } from '#test/shop.ts';
import { unprivilegedUser } from '#test/unprivileged-user.ts';
import { waitFor } from '#test/wait-for.ts';
import { setStage } from './stage.ts';

const stage = setStage();
const scratches = () => createScratchRepository(stage.engine.context.store).list();
const standing = async (name: string) => (await databasesOf(stage.server)).filter((database) => database.startsWith(name));

/** A restore of a large table whose rows are on their way. */
async function restoreUnderWay(name: string, port?: number) {
  const { databaseId } = await stage.shop(name, port === undefined ? {} : { port });
  await stage.server.query('INSERT INTO customers (name) SELECT g::text FROM generate_series(1, 600000) g', [], { database: name });
  const { backup } = await stage.backup(databaseId);
  const { plan } = await stage.engine.call('restore.plan', { backupId: backup.id });
  const operationId = stage.engine.start(plan);
  // The server is asked: what two workers of pg_restore say at the same moment may be one line that nobody can read.
  const onTheirWay = async () => {
    const ended = stage.engine.events(operationId).find((event) => event.kind === 'result');
    if (ended !== undefined) return `it ended: ${ended.summary}`;
    const copying = await stage.server.query("SELECT FROM pg_stat_activity WHERE datname = $1 AND state = 'active' AND query LIKE 'COPY public.customers %'", [`${name}__new`]);
    return copying.length > 0 ? 'on their way' : null;
  };
  expect(await waitFor('rows to be on their way', onTheirWay, { every: 20, within: 60_000 })).toBe('on their way');
  return { databaseId, backup, operationId, finished: () => stage.engine.context.runner.finished(operationId) };
}

describe('when the line breaks in the middle of a restore', () => {
  let proxy: TcpProxy;
  beforeAll(async () => {
    proxy = await startProxy(stage.server.port);
  });
  afterAll(() => proxy.close());

  it('the restore fails, and what it made is dropped over a new line', async () => {
    const { finished } = await restoreUnderWay('cut', proxy.port);
    proxy.cut();
    expect({ operation: await finished(), standing: await standing('cut'), left: scratches() }).toMatchObject({ operation: { state: 'failed', error: { code: 'postgres.connection-lost' } }, standing: ['cut'], left: [] });
  });

  it('what cannot be dropped is named, and dropped when the server is reached again', async () => {
    const { finished, backup } = await restoreUnderWay('away', proxy.port);
    proxy.refuse(true);
    proxy.cut();
    const operation = await finished();
    proxy.refuse(false);
    const left = await standing('away');
    await stage.engine.call('restore.plan', { backupId: backup.id });
    expect({ state: operation.state, named: operation.summary?.includes('Left behind: the database away__new'), left, now: await standing('away'), recorded: scratches() }).toEqual({ state: 'failed', named: true, left: ['away', 'away__new'], now: ['away'], recorded: [] });
  });

  /** A restore that could not drop what it had made, and that is not looked after by itself here. */
  const leftBehind = async (name: string) => {
    const { finished } = await restoreUnderWay(name, proxy.port);
    proxy.refuse(true);
    proxy.cut();
    const { id } = await finished();
    proxy.refuse(false);
    const restoreId = (await stage.engine.call('restore.list', { operationId: id })).restores[0]?.id ?? '';
    return { told: async () => (await stage.engine.call('restore.get', { restoreId })).leftBehind, plan: async () => (await stage.engine.call('restore.planDrop', { restoreId, which: 'restored' })).plan };
  };

  it('what it left is told with it, and dropped for whoever does not wait', async () => {
    const { told, plan } = await leftBehind('waited');
    const before = await told();
    const drop = await plan();
    const { state } = await stage.engine.run(drop);
    expect({ before, confirm: drop.confirmName, state, now: await told(), standing: await standing('waited') }).toEqual({ before: 'waited__new', confirm: 'waited__new', state: 'succeeded', now: null, standing: ['waited'] });
  });

  it('what has the name of what it left, and not its mark, is never dropped', async () => {
    const { plan } = await leftBehind('taken');
    const drop = await plan();
    await stage.server.query('DROP DATABASE taken__new WITH (FORCE)');
    await stage.server.query('CREATE DATABASE taken__new');
    expect({ operation: await stage.engine.run(drop), standing: await standing('taken') }).toMatchObject({ operation: { state: 'failed', error: { code: 'postgres.wrong-identity' } }, standing: ['taken', 'taken__new'] });
  });
});

describe('a restore', () => {
  it('writes nothing to another cluster that answers at the address after the plan', async () => {
    const { databaseId } = await stage.shop('moved');
    const { backup } = await stage.backup(databaseId);
    const { plan } = await stage.engine.call('restore.plan', { backupId: backup.id });
    const other = await startPostgres({ major: 15, ownIdentity: true });
    onTestFinished(async () => other.stop());
    const { connection } = stage.engine.context.systems.getDatabase(databaseId);
    stage.engine.context.systems.updateDatabase(databaseId, { connection: { ...connection, port: other.port } });
    stage.engine.unlock(databaseId, other.password);
    const operation = await stage.engine.run(plan);
    expect({ operation, there: await databasesOf(other) }).toMatchObject({ operation: { state: 'failed', error: { code: 'postgres.wrong-identity' } }, there: [] });
  });

  it('to another cluster is possible on purpose, and the plan says that it is another one', async () => {
    const { databaseId, systemId } = await stage.shop('abroad');
    const { backup } = await stage.backup(databaseId);
    const other = await startPostgres({ major: 15, ownIdentity: true });
    onTestFinished(async () => other.stop());
    const there = stage.engine.addDatabase({ name: systemId, server: other, database: 'postgres' });
    const { plan } = await stage.engine.call('restore.plan', { backupId: backup.id, databaseId: there.databaseId, into: 'abroad' });
    const operation = await stage.engine.run(plan);
    expect({ said: plan.findings.map(({ title }) => title), state: operation.state, rows: await rowsOf(other, 'abroad', 'customers') }).toEqual({ said: expect.arrayContaining(['It is another cluster than the one that was backed up']), state: 'succeeded', rows: 500 });
  });

  it('goes to a newer major', async () => {
    const { databaseId, systemId } = await stage.shop('newer');
    const { backup } = await stage.backup(databaseId);
    const other = await startPostgres({ major: 18 });
    onTestFinished(async () => other.stop());
    const there = stage.engine.addDatabase({ name: systemId, server: other, database: 'postgres' });
    const { plan } = await stage.engine.call('restore.plan', { backupId: backup.id, databaseId: there.databaseId, into: 'newer' });
    const { state } = await stage.engine.run(plan);
    // From 16 on a member may be kept from acting for a role; only who may is asked to.
    await other.query("CREATE ROLE keeper; CREATE ROLE guest; CREATE ROLE porter LOGIN PASSWORD 'at the gate'; GRANT keeper TO porter WITH SET FALSE; GRANT guest TO porter");
    const as = stage.engine.addDatabase({ name: 'porter', server: other, database: 'postgres', user: 'porter', password: 'at the gate' });
    const session = await stage.engine.context.postgres.connect(stage.engine.context.targetOf(as.databaseId), { applicationName: 'pilothouse test' });
    onTestFinished(() => session.close());
    const { owners } = await readCapabilities(session, { roles: ['keeper', 'guest'], tablespaces: [] }, parseArchiveList(''), 'newer');
    await other.query("CREATE DATABASE ruled TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'und' ICU_RULES '&v << w'");
    const ruled = stage.engine.addDatabase({ name: 'ruled', server: other, database: 'ruled' });
    const inRuled = await stage.engine.context.postgres.connect(stage.engine.context.targetOf(ruled.databaseId), { applicationName: 'pilothouse test' });
    onTestFinished(() => inRuled.close());
    const { icuRules } = await readDatabaseFacts(inRuled);
    expect({ state, owners, icuRules }).toEqual({ state: 'succeeded', owners: new Set(['guest']), icuRules: '&v << w' });
  });

  it('is done where pg_restore begins with a setting that the server does not know, and nothing else failed', async () => {
    const { databaseId } = await stage.shop('unfit');
    const { backup } = await stage.backup(databaseId);
    const { requireTool, requireReader } = stage.engine.context.postgres;
    const { path } = await requireTool('pg_restore', 15);
    const newer = join(stage.root, 'pg_restore');
    // What pg_restore 17 says to this server, around the work of the one that is here.
    const refusal = ['pg_restore: while INITIALIZING:', 'pg_restore: error: could not execute query: ERROR:  unrecognized configuration parameter "transaction_timeout"', 'Command was: SET transaction_timeout = 0;'];
    writeFileSync(newer, `#!/bin/sh\ncase " $* " in *" --dbname="*) ;; *) exec ${path} "$@" ;; esac\nprintf '%s\\n' '${refusal.join("' '")}' >&2\n${path} "$@" || exit 1\necho 'pg_restore: warning: errors ignored on restore: 1' >&2\nexit 1\n`, { mode: 0o755 });
    stage.engine.context.postgres.requireReader = async (...asked) => ({ ...(await requireReader(...asked)), path: newer, version: '17.2', major: 17 });
    onTestFinished(() => void (stage.engine.context.postgres.requireReader = requireReader));
    const { plan } = await stage.engine.call('restore.plan', { backupId: backup.id, jobs: 2 });
    const operation = await stage.engine.run(plan);
    expect({ state: operation.state, asked: JSON.stringify(plan.steps).includes('--exit-on-error') }).toEqual({ state: 'succeeded', asked: false });
  });

  it('does not go to an older major', async () => {
    const { databaseId } = await stage.shop('older');
    const { backup } = await stage.backup(databaseId, { change: (manifest) => void (manifest.server.versionNum = 160004) });
    const { plan } = await stage.engine.call('restore.plan', { backupId: backup.id });
    expect(plan).toMatchObject({ runnable: false, findings: expect.arrayContaining([expect.objectContaining({ state: 'critical', title: 'The server is older than the backup' })]) });
  });

  it('names the major of pg_restore that an archive needs', async () => {
    const { databaseId } = await stage.shop('toolless');
    const { backup } = await stage.backup(databaseId, { change: (manifest) => void (manifest.madeBy.pgDump = '19.1') });
    await expect(stage.engine.call('restore.plan', { backupId: backup.id })).rejects.toMatchObject({ code: expect.stringMatching(/^postgres\.tool-(missing|too-old)$/), message: expect.stringContaining('19') });
  });

  it('stops before it writes where the server lacks the locale', async () => {
    const { databaseId } = await stage.shop('foreign');
    const { backup } = await stage.backup(databaseId, { change: (manifest) => void Object.assign(manifest, { collate: 'xx_YY.utf8', ctype: 'xx_YY.utf8' }) });
    const { plan } = await stage.engine.call('restore.plan', { backupId: backup.id });
    const operation = await stage.engine.run(plan);
    expect({ warned: plan.findings.some(({ state, title }) => state === 'warn' && title.includes('xx_YY.utf8')), operation, left: scratches() }).toMatchObject({ warned: true, operation: { state: 'failed', error: { code: 'restore.preflight', hint: expect.stringContaining('locale-gen') } }, left: [] });
  });

  it('by an ordinary role brings back what is its own, and swaps it', async () => {
    await stage.server.query("CREATE ROLE merchant LOGIN CREATEDB PASSWORD 'merchant'");
    await stage.server.query('CREATE DATABASE stall OWNER merchant');
    const as = { database: 'stall', user: 'merchant', password: 'merchant' };
    await stage.server.query("CREATE TABLE goods (id serial PRIMARY KEY, name text); INSERT INTO goods (name) SELECT g::text FROM generate_series(1, 50) g; SELECT lo_from_bytea(0, 'x')", [], as);
    const { databaseId } = stage.engine.addDatabase({ name: 'stall', server: stage.server, database: 'stall', user: 'merchant', password: 'merchant' });
    const { backup } = await stage.backup(databaseId, { secret: 'merchant' });
    const beside = await stage.engine.run((await stage.engine.call('restore.plan', { backupId: backup.id })).plan);
    const swap = await stage.engine.run((await stage.engine.call('restore.planSwap', { restoreId: String(beside.result?.['restoreId']) })).plan);
    expect([beside.state, swap.state, await rowsOf(stage.server, 'stall', 'goods')]).toEqual(['succeeded', 'succeeded', 50]);
  });

  it('by an ordinary role ends and drops where autovacuum happens to be', async () => {
    const { server } = stage;
    await server.query("CREATE ROLE sweeper LOGIN CREATEDB PASSWORD 'sweeper'");
    await server.query('CREATE DATABASE swept OWNER sweeper');
    const as = { database: 'swept', user: 'sweeper', password: 'sweeper' };
    // Slow enough that it is still at it when the database is dropped.
    await server.query('CREATE TABLE littered (id int) WITH (autovacuum_vacuum_threshold = 0, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_cost_delay = 100, autovacuum_vacuum_cost_limit = 1)', [], as);
    await server.query('INSERT INTO littered SELECT generate_series(1, 50000)', [], as);
    await server.query('DELETE FROM littered', [], as);
    await server.query("ALTER SYSTEM SET autovacuum_naptime = '1s'");
    await server.query('SELECT pg_reload_conf()');
    onTestFinished(async () => {
      await server.query('ALTER SYSTEM RESET autovacuum_naptime');
      await server.query('SELECT pg_reload_conf()');
    });
    const isAtWork = "SELECT FROM pg_stat_activity WHERE datname = 'swept' AND backend_type = 'autovacuum worker' AND query LIKE '%littered%'";
    await waitFor('autovacuum to be at work', async () => (await server.query(isAtWork)).length > 0, { every: 20, within: 30_000 });
    const { databaseId } = stage.engine.addDatabase({ name: 'swept', server, database: 'swept', user: 'sweeper', password: 'sweeper' });
    const session = await connectBeside(stage.engine.context, stage.engine.context.targetOf(databaseId), { applicationName: 'pilothouse test', avoid: ['swept'] });
    onTestFinished(() => session.close());
    const swept = await findByName(session, 'swept');
    if (swept === null) throw new Error('There is no database to drop.');
    const ended = await endSessions(session, [swept.oid]);
    const stillAtWork = (await server.query(isAtWork)).length;
    await dropDatabase(session, swept);
    expect({ ended, stillAtWork, left: await standing('swept') }).toEqual({ ended: 0, stillAtWork: 1, left: [] });
  });

  it('shows its password neither in an argument, nor in an environment, nor in its log', async () => {
    const { finished, operationId } = await restoreUnderWay('secretive');
    const own = listProcesses().filter(({ commandLine }) => commandLine.includes("dbname='secretive__new'"));
    const environments = own.map(({ pid }) => execFileSync('cat', [`/proc/${pid}/environ`], { encoding: 'utf8' }));
    const exposed = processesMatching(stage.server.password).length;
    await finished();
    expect({ own: own.length > 0, exposed, environments: environments.join('').includes(stage.server.password), log: JSON.stringify(stage.engine.events(operationId)).includes(stage.server.password) }).toEqual({ own: true, exposed: 0, environments: false, log: false });
  });
});

describe('when the server has no space left', () => {
  const reason = whyNoSmallDisk();
  it.skipIf(reason !== null)(`the restore fails, says so, and is dropped${reason === null ? '' : ` (${reason})`}`, async () => {
    const disk = await mountSmallDisk(16 * 1024 * 1024);
    const account = unprivilegedUser();
    if (account) chownSync(disk.folder, account.uid, account.gid);
    onTestFinished(async () => {
      await stage.reopen();
      await stage.server.query('DROP TABLESPACE small');
      await disk.remove();
    });
    await stage.server.query(`CREATE TABLESPACE small LOCATION '${disk.folder}'`);
    /** Autovacuum may be in the new database for a moment. */
    const move = () => waitFor('the new database to be moved to the small disk', async () => (await stage.server.query('ALTER DATABASE filled__new SET TABLESPACE small')).length === 0, { within: 30_000 });
    await stage.reopen({ checkpoint: async (point) => void (point === 'restore:database-made' && (await move())) });
    const { finished } = await restoreUnderWay('filled');
    const operation = await finished();
    expect({ operation, standing: await standing('filled'), left: scratches() }).toMatchObject({ operation: { state: 'failed', error: { code: 'restore.space' } }, standing: ['filled'], left: [] });
  });

  it('the plan sees it before, where the server is on this computer', async () => {
    const { databaseId } = await stage.shop('huge');
    const { backup } = await stage.backup(databaseId, { change: (manifest) => void (manifest.databaseBytes = 1e15) });
    const { plan } = await stage.engine.call('restore.plan', { backupId: backup.id });
    expect(plan).toMatchObject({ runnable: false, findings: expect.arrayContaining([expect.objectContaining({ state: 'critical', title: 'The server has too little space' })]) });
  });
});

describe('a swap', () => {
  it.each([
    ['a prepared transaction is open', "BEGIN; INSERT INTO customers (name) VALUES ('x'); PREPARE TRANSACTION 'p'", 'Prepared transactions are open: p', "ROLLBACK PREPARED 'p'"],
    ['a logical slot follows the live database', "SELECT pg_create_logical_replication_slot('reader', 'pgoutput')", 'Logical slots follow these databases: reader', "SELECT pg_drop_replication_slot('reader')"],
  ])('is refused when %s, before and after it was planned', async (what, sql, title, undo) => {
    const server = await startPostgres({ major: 15, settings: { max_prepared_transactions: 5, wal_level: 'logical' } });
    onTestFinished(async () => server.stop());
    const own = stage.server;
    stage.server = server;
    try {
      const name = what.replaceAll(/\W/g, '').slice(0, 20).toLowerCase();
      const { databaseId } = await stage.shop(name);
      const { restoreId } = await stage.restoreBeside(databaseId);
      const { plan: before } = await stage.engine.call('restore.planSwap', { restoreId });
      await server.query(sql, [], { database: name });
      const operation = await stage.engine.run(before);
      const { plan } = await stage.engine.call('restore.planSwap', { restoreId });
      await server.query(undo, [], { database: name });
      const closed = stage.engine.events(operation.id).some((event) => event.kind === 'log' && event.command?.text.endsWith('ALLOW_CONNECTIONS false') === true);
      expect({ plan, operation, closed }).toMatchObject({
        plan: { runnable: false, findings: expect.arrayContaining([expect.objectContaining({ state: 'critical', title })]) },
        operation: { state: 'failed', error: { code: 'restore.swap-failed', message: expect.stringContaining(title) } },
        closed: false,
      });
    } finally {
      stage.server = own;
    }
  });

  it('is refused for a role that does not own the database, with the grant that is missing', async () => {
    const { databaseId } = await stage.shop('owned');
    const { restoreId } = await stage.restoreBeside(databaseId);
    await stage.server.query("CREATE ROLE clerk LOGIN PASSWORD 'behind the desk'");
    const { connection } = stage.engine.context.systems.getDatabase(databaseId);
    stage.engine.context.systems.updateDatabase(databaseId, { connection: { ...connection, user: 'clerk' } });
    stage.engine.unlock(databaseId, 'behind the desk');
    const { plan } = await stage.engine.call('restore.planSwap', { restoreId });
    expect(plan.findings.filter(({ state }) => state === 'critical').map(({ fix }) => fix)).toContain('As a superuser: GRANT "postgres" TO "clerk";');
  });
});
