/** Runbooks of the packs, walked live on a practice system: its shop, its host, its traffic. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { EngineClient } from '#shared/contract/index.ts';
import { createEngine, type Engine } from '#engine/create-engine.ts';
import { silentLogger, silentNotifier, systemClock, systemRandom } from '#engine/ports.ts';
import { passwordIn } from '#engine/practice/passfile.ts';
import { practicePlace, removePractice } from '#test/practice.ts';
import { runToEnd } from '#test/run-to-end.ts';
import { makeTemporaryFolder } from '#test/temporary-folder.ts';
import { walkRunbook, type Move, type Script, type Walked } from '#test/walk-runbook.ts';

let root: string;
let engine: Engine;
let client: EngineClient;
let systemId: string;
let databaseId: string;
let port: number;
beforeAll(async () => {
  root = await makeTemporaryFolder('packs');
  engine = await createEngine({ root, ports: { clock: systemClock, random: systemRandom, logger: silentLogger, keyWrapping: null, notifier: silentNotifier, host: 'test' } });
  client = engine.client('test');
  await runToEnd(client, (await client.call('practice.plan', { action: 'up' })).plan);
  const status = await client.call('practice.status', {});
  if (status.systemId === null || status.databaseId === null || status.port === null) throw new Error('There is no practice system.');
  ({ systemId, databaseId, port } = { systemId: status.systemId, databaseId: status.databaseId, port: status.port });
});
afterAll(async () => {
  await engine.close();
  await removePractice(root);
});

const home = (): string => practicePlace(root).host.home;
const written = (text: string): Move => ({ answer: text });
const stepOf = ({ view }: Walked, key: string) => view.steps.find((step) => step.key === key);
const seenAt = (walked: Walked, key: string) => stepOf(walked, key)?.verdicts.map(({ ok, seen }) => [ok, seen]);

/** A session of the shop's application, under a name of the test's own. It ends with the test. */
async function session(applicationName: string, role: 'shop_app' | 'reporting' = 'shop_app'): Promise<Client & { gone: boolean }> {
  const password = passwordIn(readFileSync(practicePlace(root).passfile, 'utf8'), role) ?? '';
  const made = Object.assign(new Client({ host: '127.0.0.1', port, user: role, password, database: 'shop', application_name: applicationName }), { gone: false });
  made.on('error', () => {});
  made.on('end', () => (made.gone = true));
  await made.connect();
  onTestFinished(() => made.end().catch(() => {}));
  return made;
}
async function idleInTransaction(applicationName: string, role?: 'shop_app' | 'reporting') {
  const made = await session(applicationName, role);
  await made.query('BEGIN; SELECT 1');
  return made;
}
async function asConsole<Row>(sql: string, database = 'shop'): Promise<Row[]> {
  const password = passwordIn(readFileSync(practicePlace(root).passfile, 'utf8'), 'pilothouse') ?? '';
  const made = new Client({ host: '127.0.0.1', port, user: 'pilothouse', password, database });
  await made.connect();
  try {
    return (await made.query(sql)).rows as Row[];
  } finally {
    await made.end();
  }
}

describe('backup (hydraulic)', () => {
  it('leaves a proven copy, and an encrypted archive here and there that only the key opens', async (context) => {
    if (!existsSync('/usr/bin/gpg')) context.skip('there is no gpg here, with which the archive is encrypted');
    const keys = mkdtempSync(join(tmpdir(), 'gpg-'));
    const gpg = (...args: string[]) => execFileSync('/usr/bin/gpg', ['--homedir', keys, '--batch', '--quiet', ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    onTestFinished(() => {
      execFileSync('/usr/bin/gpgconf', ['--homedir', keys, '--kill', 'all']);
      rmSync(keys, { recursive: true, force: true });
    });
    gpg('--passphrase', '', '--pinentry-mode', 'loopback', '--quick-generate-key', 'backup@hydraulic.test', 'default', 'default', 'never');
    const publicKey = join(keys, 'public.gpg');
    gpg('--output', publicKey, '--export', 'backup@hydraulic.test');
    const ring = join(home(), '.gnupg');
    mkdirSync(ring, { mode: 0o700 });
    execFileSync('/usr/bin/gpg', ['--homedir', ring, '--batch', '--quiet', '--no-autostart', '--import', publicKey], { stdio: 'ignore' });
    const configuration = join(home(), 'hydraulic app');
    mkdirSync(configuration);
    writeFileSync(join(configuration, 'app.env'), 'DATABASE_URL=postgres://shop\n');

    const walked = await walkRunbook(client, { ref: 'hydraulic/backup', systemId, values: { config_folder: configuration, store_folder: join(home(), 'by hand'), cipher: 'gpg', recipient: 'backup@hydraulic.test', data: false } }, {
      database: 'go', 'configuration-gpg': 'go', 'off-host': 'go', opens: { answer: 2 }, keep: 'go',
    });

    const archive = walked.view.values.find(({ name }) => name === 'archive')?.text ?? '';
    const folder = join(root, 'transfers', 'hydraulic');
    const here = join(folder, readdirSync(folder)[0] ?? '');
    const plain = gpg('--passphrase', '', '--pinentry-mode', 'loopback', '--decrypt', here);
    const { databases } = await client.call('backup.newest', { systemId });
    expect({
      state: walked.view.run.state,
      proof: databases.find((each) => each.databaseId === databaseId)?.newestProven?.proof,
      same: readFileSync(archive).equals(readFileSync(here)),
      listed: execFileSync('/bin/tar', ['-tf', '-'], { input: plain, encoding: 'utf8' }).trim().split('\n'),
      inTheClear: readFileSync(here).includes('DATABASE_URL'),
      left: readdirSync(join(home(), 'by hand')).length,
      report: walked.report.includes('The copy is proven to L3'),
    }).toEqual({ state: 'succeeded', proof: 'L3', same: true, listed: ['./', './app.env'], inTheClear: false, left: 1, report: true });
  });

  it('does not take half of a configuration for all of it', async (context) => {
    if (!existsSync('/usr/bin/gpg')) context.skip('there is no gpg here, with which the archive is encrypted');
    const store = join(home(), 'half');
    const walked = await walkRunbook(client, { ref: 'hydraulic/backup', systemId, values: { config_folder: join(home(), 'not there'), store_folder: store, cipher: 'gpg', recipient: 'backup@hydraulic.test', data: false } }, {
      database: { skip: 'made a minute ago' }, 'configuration-gpg': ['go', { pass: 'the folder is elsewhere' }], 'off-host': { skip: 'there is none' }, opens: { skip: 'there is none' }, keep: 'go',
    });
    expect([walked.view.run.state, readdirSync(store).filter((name) => name.endsWith('.gpg'))]).toEqual(['failed', []]);
  });
});

describe('database maintenance (ZbInnovation)', () => {
  it('vacuums each table of the shop, and reports what it found and how long the work took', async () => {
    const [before] = await asConsole<{ now: string }>('SELECT now()::text AS now');
    const walked = await walkRunbook(client, { ref: 'zbinnovation/database-maintenance', systemId, readsByItself: true }, { vacuum: 'go', rebuild: { decide: 'No' } });
    const [tables] = await asConsole<{ reached: number; missed: number }>(`SELECT count(*) FILTER (WHERE last_vacuum >= '${before?.now ?? ''}')::int AS reached, count(*) FILTER (WHERE last_vacuum IS NULL)::int AS missed FROM pg_stat_user_tables WHERE EXISTS (SELECT FROM pg_class WHERE oid = relid AND relkind = 'r')`);
    const report = JSON.parse(walked.view.values.find(({ name }) => name === 'made')?.text ?? '{}') as Record<string, unknown>;
    expect({ state: walked.view.run.state, all: (tables?.reached ?? 0) > 5 && tables?.missed === 0, status: report['status'], lasted: /^\d\d:\d\d:\d\d$/.test(String(report['maintenance_duration'])), sent: walked.ways.some((way) => way.startsWith('send')) }).toEqual({ state: 'succeeded', all: true, status: 'completed', lasted: true, sent: false });
  });
});

describe('morning check (e-commerce)', () => {
  const log = (): string => join(home(), 'error.log');
  const at = (hoursAgo: number): string => new Date(Date.now() - hoursAgo * 3_600_000).toISOString();
  const check = (values: Record<string, string | number | boolean>, script: Script = {}) =>
    walkRunbook(client, { ref: 'ecommerce-cod/morning-check', systemId, values: { pm2: false, orders_time: 'ordered_at', error_log: log(), ...values }, readsByItself: true }, { told: written('nothing stands out'), ...script });

  it('tells real figures, and is well only where all of them are', async () => {
    writeFileSync(log(), `${at(30)} error: the day before\n${at(2)} error: twice\n  at somewhere\n${at(1)} error: twice\n`);
    const walked = await check({ most_errors: 2 });
    const [counted] = await asConsole<{ orders: number }>("SELECT count(*)::int AS orders FROM orders WHERE ordered_at >= now() - interval '25 hours'");
    const sold = Number(stepOf(walked, 'orders')?.verdicts.at(-1)?.seen);
    const failed = walked.view.steps.filter(({ state }) => state === 'failed').map(({ key }) => key);
    expect({
      state: walked.view.run.state,
      orders: sold > 0 && sold <= (counted?.orders ?? 0),
      errors: seenAt(walked, 'errors')?.at(-1),
      backup: stepOf(walked, 'backups')?.state,
      disk: /^\d+$/.test(stepOf(walked, 'disk[/]')?.verdicts.at(-1)?.seen ?? ''),
      memory: /^\d+$/.test(stepOf(walked, 'memory')?.verdicts.at(-1)?.seen ?? ''),
      load: /^\d+(?:\.\d+)?$/.test(stepOf(walked, 'load')?.verdicts.at(-1)?.seen ?? ''),
      notForThis: walked.ways.some((way) => way.startsWith('services')),
    }).toEqual({ state: failed.length === 0 ? 'succeeded' : 'failed', orders: true, errors: [true, '2'], backup: 'succeeded', disk: true, memory: true, load: true, notForThis: false });
  });

  it('finds more errors than are accepted, goes on to the end, and has failed', async () => {
    writeFileSync(log(), `${at(1)} error\n${at(1)} error\n${at(1)} error\n`);
    const walked = await check({});
    expect([walked.view.run.state, seenAt(walked, 'errors')?.at(-1), stepOf(walked, 'backups')?.state, stepOf(walked, 'told')?.state]).toEqual(['failed', [false, '3'], 'succeeded', 'succeeded']);
  });

  it.each([
    ['a log without times', () => writeFileSync(log(), 'something went wrong\n')],
    ['a log that is not there', () => rmSync(log())],
  ])('does not take %s for one without errors', async (_what, prepare) => {
    writeFileSync(log(), '');
    prepare();
    expect(stepOf(await check({}), 'errors')?.state).toBe('failed');
  });

  it('does not take a table that is not there for a day on which nothing was sold', async () => {
    expect(stepOf(await check({ orders_table: 'shipments', orders_time: 'sent_at', schema: 'audit' }), 'orders')?.state).toBe('failed');
  });
});

describe('connection pool exhausted (e-commerce)', () => {
  const values = { role: 'shop_app', application: 'checkout', idle_seconds: 0, run_seconds: 0, limit_percent: 100 };
  const limits = () => asConsole<{ line: string }>("SELECT line FROM pg_db_role_setting, unnest(setconfig) AS line WHERE line LIKE 'idle_in_transaction%'");

  it('ends what one application left open, and nobody else', async () => {
    const leaking = [await idleInTransaction('checkout'), await idleInTransaction('checkout')];
    const others = [await idleInTransaction('nightly'), await idleInTransaction('checkout', 'reporting'), await session('checkout')];
    const walked = await walkRunbook(client, { ref: 'ecommerce-cod/connection-pool-exhausted', systemId, values, readsByItself: true }, {
      first: { decide: 'Yes, end those' }, 'end-open': 'go', second: { decide: 'No, it is enough' }, cause: written('the checkout forgets to commit'), timeout: 'go',
    });
    const holders = await client.call('walkthrough.timeline', { walkthroughId: walked.walkthroughId });
    expect({
      state: walked.view.run.state,
      ended: leaking.map(({ gone }) => gone),
      others: others.map(({ gone }) => gone),
      refused: seenAt(walked, 'end-open')?.at(-1),
      listed: walked.report.includes('nightly'),
      limits: await limits(),
      told: holders.entries.length > 0,
    }).toEqual({ state: 'succeeded', ended: [true, true], others: [false, false, false], refused: [true, '0'], listed: true, limits: [{ line: 'idle_in_transaction_session_timeout=5min' }], told: true });
  });

  it('goes no further than a limit that somebody has set, unless a person does', async () => {
    const walked = await walkRunbook(client, { ref: 'ecommerce-cod/connection-pool-exhausted', systemId, values, readsByItself: true }, {
      first: { decide: 'No' }, second: { decide: 'No, it is enough' }, cause: written('known'), 'timeout-before': ['go', { pass: 'it is the one of before' }], timeout: { skip: 'it is set' },
    });
    expect([walked.view.run.state, seenAt(walked, 'timeout-before')?.at(-1)]).toEqual(['failed', [false, '1']]);
  });

  it('cancels a statement before it ends a session, and takes its own limit back', async () => {
    await asConsole('ALTER ROLE shop_app IN DATABASE shop RESET idle_in_transaction_session_timeout');
    const busy = await session('checkout');
    const cancelled = busy.query('SELECT pg_sleep(600)').then(() => 'ran', (error: { code: string }) => error.code);
    const idle = await session('checkout');
    const walked = await walkRunbook(client, { ref: 'ecommerce-cod/connection-pool-exhausted', systemId, values: { ...values, limit_percent: 1 }, readsByItself: true }, {
      first: { decide: 'No' }, second: { decide: 'Yes, cancel those statements' }, cancel: 'go',
      third: [{ meanwhile: () => cancelled }, { decide: 'Yes, end idle connections of this application' }], 'end-idle': 'go',
      cause: written('unknown'), timeout: 'go', 'used-after': ['go', { rollBack: 'it did not help' }], 'undo:timeout:0': 'go',
    });
    expect({ state: walked.view.run.state, cancelled: await cancelled, idle: idle.gone, limits: await limits() }).toEqual({ state: 'rolled-back', cancelled: '57014', idle: true, limits: [] });
  });
});

const approved: Move = { approve: { dba: 'the DBA', 'incident-commander': 'the commander' } };

describe('full restore (e-commerce)', () => {
  const customers = async () => Number((await asConsole<{ found: string }>('SELECT count(*) AS found FROM customers'))[0]?.found);
  const fake = (name: string) => asConsole(`INSERT INTO customers (name, email, phone, language, registered_at) VALUES ('late', '${name}@example.org', '0', 'en', now())`);
  const options = { ref: 'ecommerce-cod/full-restore', systemId, values: { manager: 'by hand', migrations: false } };
  const untilSwap: Script = { severity: written('INC-3, the commander'), beside: 'go', safety: 'go', signoff: approved, 'stop-by-hand': written('the traffic goes on'), swap: 'go', 'start-by-hand': written('at once'), holds: 'go' };

  it('puts a proven copy in place, keeps what it replaced, and says so', async () => {
    await fake('before-the-restore');
    const before = await customers();
    const walked = await walkRunbook(client, { ...options, systemId }, { ...untilSwap, smoke: written('order 14000'), lost: written('one customer') });
    const { restores } = await client.call('restore.list', { systemId });
    expect({ state: walked.view.run.state, lost: before - (await customers()), restore: restores[0]?.state, aside: restores[0]?.setAside !== null, report: ['Go or no-go for the swap', 'the commander', 'Every count equals the backup'].filter((words) => !walked.report.includes(words)) }).toEqual({ state: 'succeeded', lost: 1, restore: 'swapped', aside: true, report: [] });
  });

  it('brings back what was live when the copy turns out to be the wrong one', async () => {
    await fake('before-the-second');
    const before = await customers();
    const walked = await walkRunbook(client, { ...options, systemId }, { ...untilSwap, smoke: { rollBack: 'the newest order is missing' }, 'undo:swap:0': 'go', 'rb-tell': written('the database of before is live') });
    expect({ state: walked.view.run.state, customers: await customers(), ways: walked.ways.filter((way) => way.startsWith('undo:')) }).toEqual({ state: 'rolled-back', customers: before, ways: ['undo:swap:0 undone'] });
  });

  it('begins nothing where the copy is older than what is accepted', async () => {
    await expect(walkRunbook(client, { ...options, systemId, values: { ...options.values, max_age: '1s' } }, { severity: written('INC-4'), beside: 'go' })).rejects.toThrow(/older than 1s/);
  });
});

describe('daily check (Neff Paving)', () => {
  it('looks at the host, the database and the newest proven backup', async () => {
    const walked = await walkRunbook(client, { ref: 'neff-paving/daily-check', systemId, values: { online: false, systemd: false, integrations: false }, readsByItself: true }, { alerts: { answer: 0 }, told: written('nothing stands out') });
    const failed = walked.view.steps.filter(({ state }) => state === 'failed').map(({ key }) => key);
    expect({
      state: walked.view.run.state,
      database: seenAt(walked, 'database')?.at(-1),
      connections: Number(stepOf(walked, 'connections')?.verdicts.at(-1)?.seen) > 0,
      backup: stepOf(walked, 'backup')?.state,
      others: failed.filter((key) => !['load', 'memory', 'disk[/]'].includes(key)),
    }).toEqual({ state: failed.length === 0 ? 'succeeded' : 'failed', database: [true, '1'], connections: true, backup: 'succeeded', others: [] });
  });

  it('has failed where a critical alert is open', async () => {
    const walked = await walkRunbook(client, { ref: 'neff-paving/daily-check', systemId, values: { online: false, systemd: false, integrations: false }, readsByItself: true }, { alerts: { answer: 2 }, told: written('two alerts') });
    expect([walked.view.run.state, stepOf(walked, 'alerts')?.state]).toEqual(['failed', 'failed']);
  });
});

describe('restore test (Neff Paving)', () => {
  const databases = async () => (await asConsole<{ datname: string }>("SELECT datname FROM pg_database WHERE datname = 'shop_test'")).length;
  const options = { ref: 'neff-paving/restore-test', values: { copy: 'shop_test', tables: ['customers', 'orders'] }, readsByItself: true };
  const drop = async (): Promise<void> => {
    const { restores } = await client.call('restore.list', { systemId });
    const restoreId = restores.find(({ into }) => into === 'shop_test')?.id ?? '';
    await runToEnd(client, (await client.call('restore.planDrop', { restoreId, which: 'restored' })).plan);
  };

  it('counts a copy, keeps how long it took, and leaves nothing', async () => {
    const seen: number[] = [];
    const walked = await walkRunbook(client, { ...options, systemId }, { beside: 'go', rto: { answer: 7 }, drop: [{ meanwhile: async () => void seen.push(await databases()) }, { meanwhile: drop }, { answer: true }], signoff: { approve: { 'database-admin': 'the DBA' } } });
    expect({ state: walked.view.run.state, during: seen, after: await databases(), counted: seenAt(walked, 'counts[customers]')?.at(-1)?.[0], rto: stepOf(walked, 'rto')?.answer, report: walked.report.includes('It is within the time that is allowed') }).toEqual({ state: 'succeeded', during: [1], after: 0, counted: true, rto: 7, report: true });
  });

  it('keeps a recovery that took too long as a finding, and sees a copy that was not dropped', async () => {
    const walked = await walkRunbook(client, { ...options, systemId, values: { ...options.values, rto_minutes: 5 } }, { beside: 'go', rto: { answer: 9 }, drop: { answer: true }, gone: ['go', { meanwhile: drop }, { pass: 'dropped after all' }], signoff: { approve: { 'database-admin': 'the DBA' } } });
    expect([walked.view.run.state, stepOf(walked, 'rto')?.state, seenAt(walked, 'gone')?.at(-1), await databases()]).toEqual(['failed', 'failed', [false, '1'], 0]);
  });
});
