/** How a step of a pack is found to have happened, after a crash that left nobody knowing: each probe says no before it, and yes after it. And what is looked at before one that copies. */
import { execFile, spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, renameSync, rmdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { Client } from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Step, Value } from '#shared/domain/runbook/definition.ts';
import { judge, type Seen } from '#shared/domain/runbook/judge.ts';
import { compileScript } from '#shared/domain/runbook/shell-context.ts';
import { compileSql } from '#shared/domain/runbook/sql-text.ts';
import { readRunbook } from '#engine/runbooks/format/index.ts';
import { defaultPacksFolder, listPacks } from '#engine/runbooks/library/packs.ts';
import { startPostgres, type PostgresServer } from '#test/postgres-server.ts';
import { startPretendHost, type PretendHost } from '#test/pretend-host.ts';

type Values = Record<string, Value>;

let host: PretendHost;
let server: PostgresServer;
let leaking: Client;
/** Holds a port that another wants. */
let leftOver: ChildProcess | null = null;
async function endLeftOver(): Promise<void> {
  if (leftOver === null || leftOver.exitCode !== null || leftOver.signalCode !== null) return;
  const ended = once(leftOver, 'exit');
  leftOver.kill();
  await ended;
}
beforeAll(async () => {
  host = await startPretendHost(() => ({ status: 404, body: '' }));
  server = await startPostgres({ major: 15 });
  await server.query('CREATE ROLE shop_app LOGIN');
  leaking = new Client({ host: server.host, port: server.port, user: 'postgres', password: server.password, database: 'postgres', application_name: 'checkout' });
  await leaking.connect();
});
afterAll(async () => {
  await endLeftOver();
  await leaking?.end();
  await server?.stop();
  await host?.close();
});

const steps = new Map(
  listPacks(defaultPacksFolder()).flatMap(({ name, folder }) =>
    ['system-restart', 'database-recovery', 'connection-pool-exhausted', 'full-restore', 'backup', 'update', 'rollback', 'old-copies', 'postgres-tuning', 'slow-api', 'workflow-not-executing', 'application-backup', 'point-in-time-recovery', 'container-will-not-start'].flatMap((file) => {
      const runbook = readOrNull(join(folder, `${file}.yaml`));
      return (runbook?.steps ?? []).map((step): [string, Step] => [`${name}/${file} ${step.id}`, step]);
    }),
  ),
);
function readOrNull(file: string) {
  try {
    return readRunbook(readFileSync(file, 'utf8')).runbook;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

/** Asks it as the console does, of the host or of the database. */
async function isDone(name: string, values: Values): Promise<boolean> {
  const probe = steps.get(name)?.probe;
  if (probe === null || probe === undefined) throw new Error(`${name} has no probe.`);
  const seen: Seen = { kind: probe.action.kind, exitStatus: null, stdout: '', stderr: '', rows: null, status: null, answer: null, truncated: false };
  if (probe.action.kind === 'sh') {
    const script = compileScript(probe.action.script, values);
    if ('fault' in script) throw new Error(script.fault);
    const { status, stdout, stderr } = spawnSync('/bin/sh', ['-s'], { input: `${script.prelude}\n${script.body}\n`, encoding: 'utf8', env: host.environment, cwd: host.home });
    Object.assign(seen, { exitStatus: status, stdout, stderr });
  } else {
    const sql = compileSql(probe.action.statement, values);
    if ('fault' in sql) throw new Error(sql.fault);
    const rows = await server.query<Record<string, unknown>>(sql.statement, [...sql.parameters]);
    Object.assign(seen, { rows: { columns: Object.keys(rows[0] ?? {}), rows: rows.map((row) => Object.values(row)), count: rows.length } });
  }
  return judge([{ matcher: probe.doneIf, say: 'It happened', line: 1 }], seen, values).at(-1)?.ok ?? false;
}

const run = { today: '2026-11-26', run_id: 'r1' };
const inHome = (...names: string[]): string => join(host.home, ...names);
const role = { role: 'postgres', application: 'checkout', idle_seconds: 0 };
const cases: readonly { step: string; values: () => Values; before: () => unknown; after: () => unknown }[] = [
  {
    step: 'zbinnovation/system-restart stop',
    values: () => ({ ns: 'prod', backend: 'back', frontend: 'front' }),
    before: () => host.set({ deployments: { back: 3, front: 2 } }),
    after: () => host.set({ deployments: { back: 0, front: 0 } }),
  },
  {
    // Half of it is not it.
    step: 'zbinnovation/system-restart stop',
    values: () => ({ ns: 'prod', backend: 'back', frontend: 'front' }),
    before: () => host.set({ deployments: { back: 0, front: 2 } }),
    after: () => host.set({ deployments: { back: 0, front: 0 } }),
  },
  { step: 'zbinnovation/database-recovery stop-writes', values: () => ({ ns: 'prod', backend: 'back' }), before: () => host.set({ deployments: { back: 3 } }), after: () => host.set({ deployments: { back: 0 } }) },
  { step: 'zbinnovation/database-recovery minor-amcheck', values: () => ({ schema: 'public' }), before: () => server.query('DROP EXTENSION IF EXISTS amcheck'), after: () => server.query('CREATE EXTENSION amcheck') },
  { step: 'ecommerce-cod/connection-pool-exhausted end-open', values: () => role, before: () => leaking.query('BEGIN; SELECT 1'), after: () => leaking.query('ROLLBACK') },
  {
    step: 'ecommerce-cod/connection-pool-exhausted timeout',
    values: () => ({ role: 'shop_app', database: 'postgres' }),
    before: () => server.query("ALTER ROLE shop_app SET idle_in_transaction_session_timeout = '5min'"),
    after: () => server.query("ALTER ROLE shop_app IN DATABASE postgres SET idle_in_transaction_session_timeout = '5min'"),
  },
  { step: 'ecommerce-cod/full-restore stop-pm2', values: () => ({ item: 'backend' }), before: () => host.set({ processes: { backend: 4711 } }), after: () => host.set({ processes: { backend: 0 } }) },
  ...(['age', 'gpg'] as const).map((cipher) => ({
    step: `hydraulic/backup configuration-${cipher}`,
    values: () => ({ ...run, store_folder: inHome('store') }),
    before: () => (mkdirSync(inHome('store'), { recursive: true }), writeFileSync(inHome('store', `config_2026-11-26_r1.tar.${cipher}.part`), 'half')),
    after: () => writeFileSync(inHome('store', `config_2026-11-26_r1.tar.${cipher}`), 'whole'),
  })),
  { step: 'hydraulic/backup files', values: () => ({ ...run, store_folder: inHome('store') }), before: () => mkdirSync(inHome('store', 'data_2026-11-26_r1.part.7'), { recursive: true }), after: () => mkdirSync(inHome('store', 'data_2026-11-26_r1')) },
  { step: 'hydraulic/update stop', values: () => ({ process: 'app' }), before: () => host.set({ processes: { app: 4711 } }), after: () => host.set({ processes: { app: 0 } }) },
  { step: 'hydraulic/rollback stop-source', values: () => ({ process: 'app' }), before: () => host.set({ processes: { app: 4711 } }), after: () => host.set({ processes: { app: 0 } }) },
  { step: 'hydraulic/rollback stop-container', values: () => ({ service: 'webapp', folder: host.home }), before: () => host.set({ running: { image: 'a'.repeat(64), isUp: true } }), after: () => host.set({ running: { image: 'a'.repeat(64), isUp: false } }) },
  {
    step: 'hydraulic/rollback files',
    values: () => ({ ...run, data_folder: inHome('data') }),
    // The folder of now was set aside, and the other is not in its place yet.
    before: () => mkdirSync(inHome('data.before-r1')),
    after: () => mkdirSync(inHome('data')),
  },
  {
    // Half of them is not it.
    step: 'hydraulic/old-copies aside',
    values: () => ({ ...run, store_folder: inHome('old'), found: 2 }),
    before: () => (mkdirSync(inHome('old', 'aside_r1'), { recursive: true }), writeFileSync(inHome('old', 'aside_r1', 'config_2026-01-01_r0.tar.age'), 'old')),
    after: () => writeFileSync(inHome('old', 'aside_r1', 'config_2026-01-02_r0.tar.age'), 'old'),
  },
  { step: 'hydraulic/old-copies remove', values: () => ({ ...run, store_folder: inHome('gone') }), before: () => mkdirSync(inHome('gone', 'aside_r1'), { recursive: true }), after: () => rmdirSync(inHome('gone', 'aside_r1')) },
  ...Object.entries({ cache: ['effective_cache_size', '1GB'], maintenance: ['maintenance_work_mem', '64MB'], checkpoints: ['checkpoint_completion_target', '0.9'], buffers: ['shared_buffers', '144MB'] } as const).map(([step, [name, value]]) => ({
    step: `hydraulic/postgres-tuning ${step}`,
    values: () => ({ [name]: value }),
    before: () => server.query(`ALTER SYSTEM RESET ${name}`),
    after: () => server.query(`ALTER SYSTEM SET ${name} = '${value}'`),
  })),
  ...Object.entries({ 'by-user': ['idx_calculations_user_status', 'user_id, status'], 'by-time': ['idx_calculations_created_at', 'created_at'] } as const).map(([step, [index, columns]]) => ({
    step: `hydraulic/postgres-tuning ${step}`,
    values: () => ({ schema: 'public' }),
    before: () => server.query('CREATE TABLE IF NOT EXISTS calculations (user_id int, status text, created_at timestamptz)'),
    after: () => server.query(`CREATE INDEX ${index} ON calculations (${columns})`),
  })),
  ...Object.entries({ 'index-status': ['idx_orders_status', 'status'], 'index-created-at': ['idx_orders_created_at', 'created_at'] } as const).map(([step, [index, column]]) => ({
    step: `ecommerce-cod/slow-api ${step}`,
    values: () => ({ schema: 'public' }),
    before: () => server.query('CREATE TABLE IF NOT EXISTS orders (status text, created_at timestamptz)'),
    after: () => server.query(`CREATE INDEX ${index} ON orders (${column})`),
  })),
  {
    step: 'ecommerce-cod/workflow-not-executing switch-on',
    values: () => ({ schema: 'public', table: 'workflows', workflow: '7' }),
    before: () => server.query('CREATE TABLE workflows AS SELECT id, id = 8 AS active FROM generate_series(7, 8) AS id'),
    after: () => server.query('UPDATE workflows SET active = true WHERE id = 7'),
  },
  {
    step: 'ecommerce-cod/application-backup uploads',
    values: () => ({ ...run, store_folder: inHome('archives') }),
    before: () => mkdirSync(inHome('archives', 'uploads_2026-11-26_r1.part.7'), { recursive: true }),
    after: () => mkdirSync(inHome('archives', 'uploads_2026-11-26_r1')),
  },
  {
    step: 'ecommerce-cod/application-backup secrets',
    values: () => ({ ...run, store_folder: inHome('archives') }),
    before: () => (mkdirSync(inHome('archives'), { recursive: true }), writeFileSync(inHome('archives', 'secrets_2026-11-26_r1.tar.age.part'), 'half')),
    after: () => writeFileSync(inHome('archives', 'secrets_2026-11-26_r1.tar.age'), 'whole'),
  },
  {
    step: 'ecommerce-cod/point-in-time-recovery copy',
    values: () => ({ beside: inHome('second') }),
    before: () => (mkdirSync(inHome('second.part')), writeFileSync(inHome('second.part', 'recovery.signal'), '')),
    after: () => renameSync(inHome('second.part'), inHome('second')),
  },
  {
    step: 'ecommerce-cod/container-will-not-start end-it',
    values: () => ({ pid: leftOver?.pid ?? 0 }),
    before: () => (leftOver = spawn('sleep', ['60'], { stdio: 'ignore' })),
    after: () => endLeftOver(),
  },
];

it.each(cases)('$step', async ({ step, values, before, after }) => {
  await before();
  const first = await isDone(step, values());
  await after();
  expect([first, await isDone(step, values())]).toEqual([false, true]);
});

it('is asked for each step that has a probe, but for those of systemd and of containers', () => {
  const probed = [...steps].filter(([, { probe }]) => probe !== null).map(([name]) => name);
  expect(probed.filter((name) => !cases.some(({ step }) => step === name))).toEqual(['ecommerce-cod/full-restore stop-systemd', 'ecommerce-cod/container-will-not-start set-aside', 'ecommerce-cod/container-will-not-start new']);
});

it('a base backup that leads elsewhere is not copied beside the live server, which a tablespace of it may be', () => {
  const step = steps.get('ecommerce-cod/point-in-time-recovery base') ?? expect.fail('base');
  const first = '000000010000000000000002';
  for (const folder of ['base/pg_tblspc', 'wal', 'live', 'bin']) mkdirSync(inHome('pitr', folder), { recursive: true });
  writeFileSync(inHome('pitr', 'base', 'backup_label'), `START WAL LOCATION: 0/2000028 (file ${first})\nSTART TIME: 2026-01-30 02:00:00 UTC\n`);
  writeFileSync(inHome('pitr', 'wal', first), '');
  writeFileSync(inHome('pitr', 'bin', 'pg_verifybackup'), '#!/bin/sh\n', { mode: 0o755 });
  const values = { base: inHome('pitr', 'base'), wal: inHome('pitr', 'wal'), moment: '2026-01-31 14:30:00+00' };
  const isMet = (): boolean => {
    const script = step.action.kind === 'sh' ? compileScript(step.action.script, values) : expect.fail('sh');
    if ('fault' in script) throw new Error(script.fault);
    const { status, stdout, stderr } = spawnSync('/bin/sh', ['-s'], { input: `${script.prelude}\n${script.body}\n`, encoding: 'utf8', env: { ...host.environment, PATH: `${inHome('pitr', 'bin')}:${process.env['PATH'] ?? ''}` } });
    return judge(step.expect, { kind: 'sh', exitStatus: status, stdout, stderr, rows: null, status: null, answer: null, truncated: false }, values).every(({ ok }) => ok);
  };
  expect(isMet()).toBe(true);
  symlinkSync(inHome('pitr', 'live'), inHome('pitr', 'base', 'pg_tblspc', '16400'));
  expect(isMet()).toBe(false);
});

it('an error that came quickly is no quick answer', async () => {
  const step = steps.get('ecommerce-cod/slow-api measured-again') ?? expect.fail('measured-again');
  const seenOf = (status: number): Promise<readonly boolean[]> =>
    new Promise((resolve, reject) => {
      const shop = createServer((_request, response) => response.writeHead(status).end('{}')).listen(0, '127.0.0.1', () => {
        const { port } = shop.address() as AddressInfo;
        const script = step.action.kind === 'sh' ? compileScript(step.action.script, { url: `http://127.0.0.1:${port}/health` }) : expect.fail('sh');
        if ('fault' in script) return reject(new Error(script.fault));
        const shell = execFile('/bin/sh', ['-s'], { encoding: 'utf8' }, (_error, stdout, stderr) => {
          shop.close();
          resolve(judge(step.expect, { kind: 'sh', exitStatus: shell.exitCode, stdout, stderr, rows: null, status: null, answer: null, truncated: false }, {}).map(({ ok }) => ok));
        });
        shell.stdin?.end(`${script.prelude}\n${script.body}\n`);
      });
    });
  expect([(await seenOf(200)).every(Boolean), (await seenOf(500)).every(Boolean)]).toEqual([true, false]);
});
