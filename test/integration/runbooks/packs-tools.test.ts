/** Runbooks of the packs, walked live on a host whose tools are no real ones: what is sent, what is understood of the answers, and the way back. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { EngineClient } from '#shared/contract/index.ts';
import { createEngine, type Engine } from '#engine/create-engine.ts';
import { silentLogger, silentNotifier, systemClock, systemRandom } from '#engine/ports.ts';
import { startPostgres, type PostgresServer } from '#test/postgres-server.ts';
import { startPretendHost, type PretendHost } from '#test/pretend-host.ts';
import type { PretendState } from '#test/pretend-tools.ts';
import { makeTemporaryFolder } from '#test/temporary-folder.ts';
import { runToEnd } from '#test/run-to-end.ts';
import { walkRunbook, type Move, type Script, type Walked } from '#test/walk-runbook.ts';

let root: string;
let engine: Engine;
let client: EngineClient;
let server: PostgresServer;
let systemId: string;
let databaseId: string;
let host: PretendHost;
let bindings: Record<'ops' | 'app', { hostId: string }> & Record<'api' | 'web', { url: string }> & Record<'db', { databaseId: string }>;

/** Minutes by which the clock of the engine is ahead. */
let ahead = 0;
const isWell = ({ running, processes }: PretendState): boolean => running.isUp && Object.values(processes).every((process) => process > 0);
const [first, second, third] = ['a', 'b', 'c'].map((sign) => sign.repeat(64)) as [string, string, string];
const versions: Record<string, string> = { [first]: '2.4.0', [second]: '2.4.1', [third]: '2.4.2' };

beforeAll(async () => {
  root = await makeTemporaryFolder('packs-tools');
  server = await startPostgres({ major: 15 });
  await server.query('CREATE DATABASE zb');
  await server.query("CREATE TABLE users (id serial PRIMARY KEY, created_at timestamptz NOT NULL DEFAULT now()); CREATE TABLE posts (id serial PRIMARY KEY, created_at timestamptz NOT NULL DEFAULT now()); INSERT INTO users SELECT FROM generate_series(1, 40); INSERT INTO posts SELECT FROM generate_series(1, 60)", [], { database: 'zb' });
  engine = await createEngine({ root, ports: { clock: { ...systemClock, now: () => systemClock.now() + ahead * 60_000 }, random: systemRandom, logger: silentLogger, keyWrapping: null, notifier: silentNotifier, host: 'test' } });
  client = engine.client('test');
  ({ id: systemId } = (await client.call('system.add', { name: 'Zb', environment: 'production' })).system);
  ({ id: databaseId } = (await client.call('database.add', { systemId, connection: { host: server.host, port: server.port, database: 'zb', user: 'postgres', tls: { mode: 'disable' }, password: { source: 'ask' } }, password: server.password })).database);
  host = await startPretendHost((path, state) => (path === '/health' ? { status: isWell(state) ? 200 : 503, body: 'health' } : path === '/api/version' ? { status: 200, body: JSON.stringify({ version: versions[state.running.image] ?? 'unknown' }) } : { status: 404, body: '' }));
  const hostId = await host.addTo(client, systemId);
  bindings = { ops: { hostId }, app: { hostId }, api: { url: host.url }, web: { url: host.url }, db: { databaseId } };
});
afterAll(async () => {
  await engine?.close();
  await host?.close();
  await server?.stop();
  rmSync(root, { recursive: true, force: true });
});
beforeEach(() => host.set({ deployments: { 'zbinnovation-backend': 4, 'zbinnovation-frontend': 1 }, failingRollouts: 0, log: 'ready\n', running: { image: first, isUp: true }, images: { 'hydraulic/webapp:latest': first, 'registry/hydraulic/webapp:2.4.1': second, 'registry/hydraulic/webapp:2.4.2': third }, broken: [], processes: {}, failingTests: false, calls: [] }));

const ticked: Move = { answer: true };
const written = (text: string): Move => ({ answer: text });
const by = (...names: (keyof typeof bindings)[]) => Object.fromEntries(names.map((name) => [name, bindings[name]]));
const stepOf = ({ view }: Walked, key: string) => view.steps.find((step) => step.key === key);
/** What changed something, as the tools were called. */
const changes = () => host.state().calls.filter((call) => /scale|rollout (?:restart|undo)|compose (?:up|stop|start|run)|docker tag|pm2 (?:start|stop|restart)/.test(call));
const timePasses = (minutes: number) => (): void => {
  ahead += minutes;
  engine.power('resume');
};

describe('system restart', () => {
  const restart = (script: Script) =>
    walkRunbook(client, { ref: 'zbinnovation/system-restart', systemId, bindings: by('ops', 'api', 'web'), readsByItself: true }, { window: ticked, notified: written('mail'), backup: { byHand: {} }, 'plan-b': written('revision 41'), ...script });
  const counts = () => Object.values(host.state().deployments);

  it('starts as many replicas as ran before, whatever that was', async () => {
    const walked = await restart({ how: { decide: 'Yes, a full stop' }, stop: 'go', quiet: { answer: 0 }, start: 'go', smoke: ticked, told: written('mail') });
    expect({ state: walked.view.run.state, counts: counts(), calls: changes().length, stopped: stepOf(walked, 'stop')?.verdicts.every(({ ok }) => ok), report: walked.report.includes('backend_replicas') }).toEqual({ state: 'succeeded', counts: [4, 1], calls: 3, stopped: true, report: true });
  });

  it('goes back to what ran where it does not come up', async () => {
    const walked = await restart({
      how: { decide: 'Yes, a full stop' }, stop: 'go', quiet: { answer: 0 },
      start: [{ meanwhile: async () => host.set({ failingRollouts: 1 }) }, 'go'],
      'undo:stop:0': 'go', 'rb-new': { decide: 'No, the same version' }, 'rb-damage': { decide: 'No' }, 'rb-tell': written('it runs'),
    });
    expect([walked.view.run.state, counts(), stepOf(walked, 'start')?.state]).toEqual(['rolled-back', [4, 1], 'failed']);
  });

  it('replaces pods one after another without ever standing at none', async () => {
    const walked = await restart({ how: { decide: 'No, pods may be replaced one after another' }, rolling: 'go', smoke: ticked, told: written('mail') });
    expect([walked.view.run.state, changes()]).toEqual(['succeeded', [expect.stringContaining('rollout restart')]]);
  });

  it('asks when an error was logged since the start', async () => {
    host.set({ log: 'ready\nERROR no database\n' });
    const walked = await restart({ how: { decide: 'No, pods may be replaced one after another' }, rolling: 'go', logs: ['go', { pass: 'known, and gone since' }], smoke: ticked, told: written('mail') });
    expect([walked.view.run.state, stepOf(walked, 'logs')?.verdicts.at(-1)?.seen]).toEqual(['failed', 'ERROR no database']);
  });
});

describe('database recovery', () => {
  const recover = (script: Script) =>
    walkRunbook(client, { ref: 'zbinnovation/database-recovery', systemId, bindings: by('ops', 'api', 'db'), readsByItself: true }, { incident: written('INC-7'), 'stop-writes': 'go', resume: 'go', 'backup-now': { answer: 100 }, cause: written('a disk'), ...script });

  it('of indexes checks each page, reads every row into a copy, and builds them anew', async () => {
    const before = await server.query<{ node: number }>("SELECT relfilenode::int AS node FROM pg_class WHERE relname = 'users_pkey'", [], { database: 'zb' });
    const walked = await recover({ look: { skip: 'known: checksums are off here' }, kind: { decide: 'Some tables or indexes, the rest reads well' }, 'minor-copy': written('copied'), 'minor-amcheck': 'go', 'minor-read': 'go', 'minor-what': { decide: 'Yes, so only indexes can be damaged' }, 'minor-index': ['go', 'go'] });
    const after = await server.query<{ node: number }>("SELECT relfilenode::int AS node FROM pg_class WHERE relname = 'users_pkey'", [], { database: 'zb' });
    expect({ state: walked.view.run.state, checked: ['minor-check[users]', 'minor-check[posts]', 'minor-read', 'minor-valid', 'proof[users]'].map((key) => stepOf(walked, key)?.state), anew: before[0]?.node !== after[0]?.node, replicas: host.state().deployments['zbinnovation-backend'], recent: stepOf(walked, 'proof-recent')?.verdicts.map(({ ok }) => ok) }).toEqual({ state: 'succeeded-with-skips', checked: Array(5).fill('succeeded'), anew: true, replicas: 4, recent: [true, true, true, true] });
  });

  it('of much damage swaps a proven copy of before in, with nobody writing, and lets them write again', async () => {
    const { plan } = await client.call('backup.plan', { databaseId, options: { proof: 'L3' } });
    expect((await runToEnd(client, plan)).state).toBe('succeeded');
    await server.query('DELETE FROM posts', [], { database: 'zb' });
    const walked = await recover({
      look: { skip: 'known: checksums are off here' }, kind: { decide: 'Much of it, or nobody can say how much' }, 'major-extent': written('posts, since noon'), 'major-where': { decide: 'On a server of our own' }, 'own-beside': 'go', 'own-log': written('there is no archive'),
      'own-signoff': { approve: { dba: 'the DBA', 'incident-commander': 'the commander' } }, 'own-swap': [{ meanwhile: async () => expect(host.state().deployments['zbinnovation-backend']).toBe(0) }, 'go'],
    });
    const [posts] = await server.query<{ found: number }>('SELECT count(*)::int AS found FROM posts', [], { database: 'zb' });
    expect([walked.view.run.state, posts?.found, host.state().deployments['zbinnovation-backend']]).toEqual(['succeeded-with-skips', 60, 4]);
  });

  it('does not let people back into a database that is empty', async () => {
    await server.query('DELETE FROM users', [], { database: 'zb' });
    await expect(recover({ look: { skip: 'known' }, kind: { decide: 'Some tables or indexes, the rest reads well' }, 'minor-copy': written('copied'), 'minor-amcheck': 'go', 'minor-read': 'go', 'minor-what': { decide: 'Yes, so only indexes can be damaged' }, 'minor-index': ['go', 'go'] })).rejects.toThrow(/proof\[users\] \[sql\] is failed/);
    expect(host.state().deployments['zbinnovation-backend']).toBe(0);
  });
});

const prepared: Script = { changelog: written('nothing'), staging: written('Monday'), notified: written('mail'), 'way-back': written('the one on call'), window: ticked };

describe('update', () => {
  const folder = (): string => join(host.home, 'app');
  const git = (...args: string[]): string => execFileSync('git', ['-c', 'user.name=test', '-c', 'user.email=test@test', '-C', folder(), ...args], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' } }).trim();
  beforeEach(() => {
    mkdirSync(folder(), { recursive: true });
  });
  afterEach(() => rmSync(folder(), { recursive: true, force: true }));
  /** The backup of today, which was made by hand. */
  let backup: string;
  beforeAll(async () => {
    const done: Move = { byHand: {} };
    ({ walkthroughId: backup } = await walkRunbook(client, { ref: 'hydraulic/backup', systemId, mode: 'paper', values: { recipient: 'age1test', data: false } }, { database: done, 'configuration-age': { byHand: { captured: { archive: '/backup/config.tar.age' } } }, 'off-host': done, opens: { answer: 3 }, keep: 'go' }));
  });
  const update = (values: Record<string, string | boolean>, script: Script) =>
    walkRunbook(client, { ref: 'hydraulic/update', systemId, bindings: by('app'), values: { folder: folder(), base_url: host.url, ...values }, readsByItself: true }, { backup: { call: backup }, ...prepared, ...script });

  const verified: Script = { smoke: written('a network was calculated'), watch: { wait: timePasses(16) }, figures: written('none'), told: written('mail') };

  it('replaces the container by the version that was named, and keeps the one of before by a name', async () => {
    const walked = await update({ release: '2.4.1' }, { 'image-keep': 'go', pull: 'go', replace: 'go', ...verified });
    const { images, running } = host.state();
    expect({ state: walked.view.run.state, running: running.image, kept: images['hydraulic/webapp:before-2.4.1'], version: stepOf(walked, 'version')?.verdicts.at(-1)?.ok }).toEqual({ state: 'succeeded', running: second, kept: first, version: true });
  });

  it('runs the version of before again where the new one does not come up', async () => {
    host.set({ broken: [third] });
    const walked = await update({ release: '2.4.2' }, { 'image-keep': 'go', pull: 'go', replace: 'go', 'undo:replace:0': 'go', 'rb-schema': { decide: 'No' }, 'rb-tell': written('2.4.0 runs') });
    expect([walked.view.run.state, host.state().running]).toEqual(['rolled-back', { image: first, isUp: true }]);
  });

  it('from source goes to a tag, and back to the commit of before when its tests fail', async () => {
    host.set({ processes: { 'hydraulic-app': 4711 }, failingTests: true });
    git('init', '-q');
    writeFileSync(join(folder(), 'app.js'), 'old');
    git('add', '.');
    git('commit', '-qm', 'old');
    const before = git('rev-parse', 'HEAD');
    writeFileSync(join(folder(), 'app.js'), 'new');
    git('commit', '-qam', 'new');
    git('tag', '-a', '3.0.0', '-m', '3.0.0');
    git('switch', '-q', '--detach', before);
    git('remote', 'add', 'origin', folder());
    const walked = await update({ release: '3.0.0', deployment: 'source', migrations: true }, { stop: 'go', code: 'go', 'undo:code:0': 'go', 'undo:stop:0': 'go', 'rb-schema': { decide: 'No' }, 'rb-tell': written('it runs') });
    expect({ state: walked.view.run.state, tests: stepOf(walked, 'tests')?.exitStatus, migrated: host.state().calls.includes('npm run migrate'), at: git('rev-parse', 'HEAD'), text: readFileSync(join(folder(), 'app.js'), 'utf8'), runs: (host.state().processes['hydraulic-app'] ?? 0) > 0 }).toEqual({ state: 'rolled-back', tests: 1, migrated: false, at: before, text: 'old', runs: true });
  });

  it('from source does not begin where somebody changed something on the server', async () => {
    git('init', '-q');
    writeFileSync(join(folder(), 'app.js'), 'old');
    git('add', '.');
    git('commit', '-qm', 'old');
    writeFileSync(join(folder(), 'app.js'), 'mended by hand');
    await expect(update({ release: '3.0.0', deployment: 'source' }, {})).rejects.toThrow(/clean \[sh\] is failed.*changed 1/s);
  });
});

describe('rollback', () => {
  const rollback = (values: Record<string, string | boolean>, script: Script) =>
    walkRunbook(client, { ref: 'hydraulic/rollback', systemId, bindings: by('app', 'db'), values: { folder: host.home, base_url: host.url, ...values }, readsByItself: true }, { reason: written('it is wrong'), ...script });
  const data = (): string => join(host.home, 'data');
  const snapshot = (): string => join(host.home, 'data_2026-11-25_x');
  const texts = (folder: string) => Object.fromEntries(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'utf8')]));
  beforeEach(() => {
    for (const [folder, files] of [[data(), { 'a.txt': 'new', 'b.txt': 'only new' }], [snapshot(), { 'a.txt': 'old' }]] as const) {
      mkdirSync(folder);
      for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
    }
    host.set({ running: { image: second, isUp: true }, images: { ...host.state().images, 'hydraulic/webapp:latest': second, 'hydraulic/webapp:before-2.4.1': first } });
  });
  afterEach(() => {
    for (const name of readdirSync(host.home)) if (name.startsWith('data')) rmSync(join(host.home, name), { recursive: true });
  });
  const both = { previous: 'before-2.4.1', back_files: true };

  it('puts version and files of before in place whole, and keeps what it replaced', async () => {
    const walked = await rollback({ ...both, data_folder: data(), snapshot: snapshot() }, { 'stop-container': 'go', files: 'go', 'version-container': 'go', 'start-container': 'go', smoke: written('right'), told: written('mail') });
    const aside = readdirSync(host.home).find((name) => name.startsWith('data.before-')) ?? '';
    expect({ state: walked.view.run.state, running: host.state().running, data: texts(data()), aside: texts(join(host.home, aside)), snapshot: texts(snapshot()) }).toEqual({ state: 'succeeded', running: { image: first, isUp: true }, data: { 'a.txt': 'old' }, aside: { 'a.txt': 'new', 'b.txt': 'only new' }, snapshot: { 'a.txt': 'old' } });
  });

  it('is taken back, newest first, where it did not help', async () => {
    const walked = await rollback({ ...both, data_folder: data(), snapshot: snapshot() }, {
      'stop-container': 'go', files: 'go', 'version-container': 'go', 'start-container': 'go', smoke: { rollBack: 'as wrong as before' },
      'undo:version-container:0': 'go', 'undo:files:0': 'go', 'undo:stop-container:0': 'go', 'rb-tell': written('2.4.1 runs'),
    });
    expect({ state: walked.view.run.state, running: host.state().running.image, data: texts(data()) }).toEqual({ state: 'rolled-back', running: second, data: { 'a.txt': 'new', 'b.txt': 'only new' } });
  });

  it('stops nothing where the version to go back to is not on the host', async () => {
    await expect(rollback({ previous: 'before-1.0.0' }, {})).rejects.toThrow(/there \[sh\] is failed/);
    expect(changes()).toEqual([]);
  });

  it('moves no files where the snapshot is empty', async () => {
    rmSync(join(snapshot(), 'a.txt'));
    await expect(rollback({ ...both, data_folder: data(), snapshot: snapshot() }, {})).rejects.toThrow(/snapshot-there \[sh\] is failed/);
    expect([texts(data())['a.txt'], existsSync(snapshot()), host.state().running.isUp]).toEqual(['new', true, true]);
  });
});

describe('backup', () => {
  const done: Move = { byHand: {} };
  const backUp = (script: Script) =>
    walkRunbook(client, { ref: 'hydraulic/backup', systemId, bindings: by('app', 'db'), values: { recipient: 'age1test', store_folder: join(host.home, 'by hand'), data_folder: join(host.home, 'data') } }, { database: done, 'configuration-age': { byHand: { captured: { archive: '/backup/config.tar.age' } } }, 'off-host': done, opens: { answer: 3 }, keep: 'go', ...script });
  beforeEach(() => {
    mkdirSync(join(host.home, 'data', 'networks'), { recursive: true });
    writeFileSync(join(host.home, 'data', 'networks', 'one.json'), '{}');
  });
  afterEach(() => {
    for (const name of ['data', 'by hand']) rmSync(join(host.home, name), { recursive: true, force: true });
  });

  it('keeps a whole snapshot for each walk, beside those of before', async () => {
    const walks = [await backUp({ files: 'go' }), await backUp({ files: 'go' })];
    const snapshots = readdirSync(join(host.home, 'by hand'));
    expect({ states: walks.map(({ view }) => view.run.state), snapshots: snapshots.map((name) => existsSync(join(host.home, 'by hand', name, 'networks', 'one.json'))), linked: host.state().calls.filter((call) => call.includes('--link-dest=')).length }).toEqual({ states: ['succeeded', 'succeeded'], snapshots: [true, true], linked: 1 });
  });

  it('has failed where there is nothing to copy', async () => {
    rmSync(join(host.home, 'data'), { recursive: true });
    const walked = await backUp({ files: ['go', { pass: 'the folder is elsewhere' }] });
    expect([walked.view.run.state, readdirSync(join(host.home, 'by hand')).filter((name) => !name.includes('.part.'))]).toEqual(['failed', []]);
  });
});

describe('old copies', () => {
  const done: Move = { byHand: {} };
  const store = (): string => join(host.home, 'old copies');
  const old = ['01', '02', '03', '04'].flatMap((day) => [`config_2025-01-${day}_r.tar.age`, `data_2025-01-${day}_r`]);
  const today = new Date().toISOString().slice(0, 10);
  const fresh = [`config_${today}_r.tar.age`, `data_${today}_r`, 'data_2025-01-05_r.part.77'];
  beforeEach(() => {
    for (const name of [...old, ...fresh]) {
      mkdirSync(join(store(), ...(name.startsWith('data') ? [name, 'networks of 2025'] : [])), { recursive: true });
      writeFileSync(join(store(), ...(name.startsWith('data') ? [name, 'networks of 2025', 'one.json'] : [name])), '{}');
    }
  });
  afterEach(() => rmSync(store(), { recursive: true }));
  const makeRoom = async (script: Script) => {
    const { walkthroughId } = await walkRunbook(client, { ref: 'hydraulic/backup', systemId, mode: 'paper', values: { recipient: 'age1test', data: false } }, { database: done, 'configuration-age': { byHand: { captured: { archive: '/backup/config.tar.age' } } }, 'off-host': done, opens: { answer: 3 }, keep: 'go' });
    return walkRunbook(client, { ref: 'hydraulic/old-copies', systemId, bindings: by('app'), values: { store_folder: store(), keep_newest: 3 }, readsByItself: true }, { backup: { call: walkthroughId }, ...script });
  };

  it('go by the date in their names, the oldest first, and the newest stay', async () => {
    const walked = await makeRoom({ proven: done, wanted: { decide: 'Yes, set them aside' }, aside: 'go', remove: 'go', written: written('28 % full') });
    expect([walked.view.run.state, readdirSync(store()).toSorted()]).toEqual(['succeeded', [...old.filter((name) => /-0[34]_/.test(name)), ...fresh].toSorted()]);
  });

  it('are back in their place where a person thought better of it', async () => {
    const walked = await makeRoom({ proven: done, wanted: { decide: 'Yes, set them aside' }, aside: 'go', remove: { rollBack: 'the auditor wants them' }, 'undo:aside:0': 'go', 'rb-tell': written('all stay') });
    expect([walked.view.run.state, readdirSync(store()).toSorted()]).toEqual(['rolled-back', [...old, ...fresh].toSorted()]);
  });

  it('all stay where no copy of the last days is proven', async () => {
    ahead += 4 * 1440;
    await expect(makeRoom({ proven: 'go' })).rejects.toThrow(/proven \[procedure\] is failed/);
    expect(readdirSync(store()).toSorted()).toEqual([...old, ...fresh].toSorted());
  });
});

describe('uploads that nobody needs', () => {
  const byHand: Move = { byHand: {} };
  const backedUp: Move = { call: { scope: [byHand, byHand, byHand], uploads: byHand, secrets: { byHand: { captured: { archive: '/archives/secrets.age' } } }, opens: { answer: 3 }, keep: 'go' } };
  const folders = () => ({ uploads_folder: join(host.home, 'shop', 'uploads'), aside_folder: join(host.home, 'shop', 'aside'), named_list: join(host.home, 'shop', 'named') });
  const long = new Date(Date.now() - 100 * 86_400_000);
  const put = (name: string, time?: Date): void => {
    const file = join(folders().uploads_folder, name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, name);
    if (time !== undefined) utimesSync(file, time, time);
  };
  const below = (folder: string): string[] => (readdirSync(folder, { recursive: true, withFileTypes: true }).flatMap((entry) => (entry.isFile() ? [join(entry.parentPath, entry.name).slice(folder.length + 1)] : [])).toSorted());
  const walk = (script: Script) => walkRunbook(client, { ref: 'ecommerce-cod/unused-uploads', systemId, bindings: by('app'), values: { recipient: 'age1qqqq', elsewhere: false, ...folders() } }, { 'files-backed-up': backedUp, list: written('customers and orders'), told: written('support'), ...script });
  beforeEach(() => {
    put('receipts/old and named.pdf', long);
    put('receipts/old and not named.pdf', long);
    put('-rf', long);
    put('new and not named.pdf');
    writeFileSync(folders().named_list, 'receipts/old and named.pdf\n');
    mkdirSync(join(folders().aside_folder, '2020-01-01_r0'), { recursive: true });
    writeFileSync(join(folders().aside_folder, '2020-01-01_r0', 'missed by nobody.pdf'), '');
  });
  afterEach(() => rmSync(join(host.home, 'shop'), { recursive: true }));

  it('sets aside what is old and named nowhere, and removes what lay there for long', async () => {
    const walked = await walk({ count: 'go', some: { decide: 'Yes, set them aside' }, aside: 'go', 'old-aside': 'go', remove: 'go' });
    const aside = below(folders().aside_folder);
    expect({ state: walked.view.run.state, left: below(folders().uploads_folder), aside: aside.map((name) => name.replace(/^[^/]+\//, '')) }).toEqual({ state: 'succeeded', left: ['new and not named.pdf', 'receipts/old and named.pdf'], aside: ['-rf', 'receipts/old and not named.pdf'] });
  });

  it('touches nothing where the list is old, or names files otherwise than they lie there', async () => {
    const stopped: Script = { count: ['go', { pass: 'the list is wrong' }], some: { decide: 'No, or there are none' }, 'old-aside': 'go', remove: { skip: 'not today' } };
    writeFileSync(folders().named_list, 'https://shop.example/receipts/old and named.pdf\n');
    const otherwise = await walk(stopped);
    writeFileSync(folders().named_list, 'receipts/old and named.pdf\n');
    utimesSync(folders().named_list, long, long);
    const old = await walk(stopped);
    expect([stepOf(otherwise, 'count')?.state, stepOf(old, 'count')?.exitStatus, below(folders().uploads_folder).length]).toEqual(['failed', 3, 4]);
  });
});

describe('full restore', () => {
  it('stops and starts only the services that are named', async () => {
    host.set({ processes: { backend: 10, 'workflow-worker': 11, blog: 12 } });
    const byHand: Move = { byHand: {} };
    const walked = await walkRunbook(client, { ref: 'ecommerce-cod/full-restore', systemId, bindings: by('app', 'db'), values: { orders_table: 'posts', app_folder: host.home, health_url: `${host.url}/health` }, readsByItself: true }, {
      severity: written('INC-9'), beside: byHand, safety: byHand, signoff: { approve: { dba: 'the DBA', 'incident-commander': 'the commander' } },
      'stop-pm2': ['go', { meanwhile: async () => expect(host.state().processes).toMatchObject({ backend: 0, 'workflow-worker': 11 }) }, 'go'], swap: byHand, migrate: 'go', 'start-pm2': ['go', 'go'], smoke: written('order 60'), lost: written('none'),
    });
    expect([walked.view.run.state, host.state().processes['blog'], changes()]).toEqual(['succeeded', 12, ['pm2 stop backend', 'pm2 stop workflow-worker', 'pm2 start backend', 'pm2 start workflow-worker']]);
  });
});
