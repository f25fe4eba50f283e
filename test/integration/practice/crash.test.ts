import { spawn } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { readIdentifier } from '#engine/practice/server.ts';
import { createHostRepository } from '#engine/store/host-repository.ts';
import { openPracticeEngine, practicePlace, practiceProcesses, removePractice, type PracticeEngine } from '#test/practice.ts';
import { sampleOf } from '#test/sample.ts';
import { makeTemporaryFolder } from '#test/temporary-folder.ts';
import { waitFor } from '#test/wait-for.ts';

async function freshRoot(): Promise<string> {
  const root = await makeTemporaryFolder('practice-crash');
  onTestFinished(() => removePractice(root));
  return root;
}

let open: PracticeEngine | null = null;
afterEach(async () => {
  await open?.engine.close();
  open = null;
});

/** Runs the engine as a process of its own, to its end or to where it is killed. Returns its lines. */
async function runEngine(root: string, actions: string, options: { killAt?: string; user?: { uid: number; gid: number } } = {}): Promise<string[]> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'engine-until.ts'), root, actions, options.killAt === undefined ? '' : `practice:${options.killAt}`], {
    stdio: ['ignore', 'pipe', 'inherit'],
    cwd: '/',
    env: { PATH: process.env.PATH ?? '', HOME: root },
    ...options.user,
  });
  const lines: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    lines.push(line);
    if (line.startsWith('reached')) child.kill('SIGKILL');
  }
  return lines;
}

/** The next start: an engine on the same data folder, which has looked at what it found. */
async function nextStart(root: string): Promise<{ practice: PracticeEngine; advice: string }> {
  open = openPracticeEngine(root);
  await open.engine.context.runner.recover();
  const [interrupted] = open.engine.context.operations.list({ limit: 1 });
  return { practice: open, advice: `${interrupted?.state}: ${interrupted?.advice}` };
}

/** Which cluster the folder holds, and which one the console believes it to be. */
async function identities(practice: PracticeEngine): Promise<{ folder: string | null; console: string | null | undefined }> {
  const { databaseId } = await practice.status();
  return { folder: readIdentifier(practice.place.cluster), console: practice.engine.context.systems.findDatabase(databaseId ?? '')?.systemIdentifier };
}

describe('an engine that is killed while it builds the practice system', () => {
  it.each(sampleOf(['binaries', 'initdb', 'start', 'started', 'data', 'faults'], 1))('before it is whole, at %s, leaves nothing after the next start', async (killAt) => {
    const root = await freshRoot();
    expect(await runEngine(root, 'up', { killAt })).toEqual([`reached practice:${killAt}`]);
    const { practice, advice } = await nextStart(root);
    expect(advice).toMatch(/^interrupted: .*There is no practice system now/);
    await waitFor('its last processes to end', () => practiceProcesses(practice.place).length === 0, { within: 5000 });
    expect([(await practice.status()).state, existsSync(practice.place.folder), practice.engine.context.systems.list()]).toEqual(['absent', false, []]);
  });

  it.each(sampleOf(['built', 'traffic', 'host', 'host-started', 'register', 'database-registered', 'registered'], 1))('when it is whole, at %s, has it in the console at the next start, with its host', async (killAt) => {
    const root = await freshRoot();
    expect(await runEngine(root, 'up', { killAt })).toEqual([`reached practice:${killAt}`]);
    const { practice, advice } = await nextStart(root);
    expect(advice).toContain('whole and runs');
    const { folder, console } = await identities(practice);
    const { state, hostId, hostPort } = await practice.status();
    const host = createHostRepository(practice.engine.context.store).find(hostId ?? '');
    expect([state, practice.engine.context.systems.list().length, console, host?.connection.port]).toEqual(['running', 1, folder, hostPort]);
  });
});

describe('one practice system, through one crash after the other', () => {
  let root: string;
  let first: string | null;
  beforeAll(async () => {
    root = await makeTemporaryFolder('practice-crash');
  });
  afterAll(() => removePractice(root));

  it('is added to the console at the start after a kill that left it whole', async () => {
    expect(await runEngine(root, 'up', { killAt: 'traffic-started' })).toEqual(['reached practice:traffic-started']);
    const { practice, advice } = await nextStart(root);
    first = readIdentifier(practice.place.cluster);
    expect([advice, await identities(practice), practice.engine.context.systems.list().length]).toEqual(['interrupted: The practice system is whole and runs.', { folder: first, console: first }, 1]);
  });

  it('refuses a plan that was made when something else stood', async () => {
    const { practice } = await nextStart(root);
    const { plan } = await practice.engine.call('practice.plan', { action: 'up' });
    await practice.act('down');
    expect(await practice.engine.run(plan)).toMatchObject({ state: 'failed', error: { code: 'operation.plan-changed' } });
  });

  it.each(sampleOf(['host-stopped', 'traffic-stopped'], 1))('is stopped, with its data, at the start after a kill while it was being stopped, at %s', async (killAt) => {
    expect(await runEngine(root, 'up,down', { killAt })).toContain(`reached practice:${killAt}`);
    const { practice } = await nextStart(root);
    await waitFor('every process to end', () => practiceProcesses(practice.place).length === 0, { within: 5000 });
    expect([(await practice.status()).state, readIdentifier(practice.place.cluster)]).toEqual(['stopped', first]);
  });

  it.each(sampleOf(['old-stopped', 'set-aside', 'initdb', 'data', 'faults'], 1))('is the old one at the start after a kill of a reset at %s, and starts', async (killAt) => {
    expect(await runEngine(root, 'reset', { killAt })).toEqual([`reached practice:${killAt}`]);
    const { practice } = await nextStart(root);
    expect([(await practice.status()).state, await identities(practice)]).toEqual(['stopped', { folder: first, console: first }]);
    expect(await practice.act('up')).toMatchObject({ state: 'succeeded' });
  });

  it.each(sampleOf(['built', 'registered'], 1))('is the new one at the start after a kill of a reset at %s, and the console knows', async (killAt) => {
    expect(await runEngine(root, 'reset', { killAt })).toEqual([`reached practice:${killAt}`]);
    const { practice } = await nextStart(root);
    const { folder, console } = await identities(practice);
    expect([(await practice.status()).state, console === folder, folder === first, existsSync(practice.place.previous.folder)]).toEqual(['running', true, false, false]);
  });

  it.each(sampleOf(['remove-stopped', 'folder-removed'], 1))('is gone at the start after a kill while it was being removed, at %s, with its host, its key and its jobs', async (killAt) => {
    await runEngine(root, 'up');
    const job = join(practicePlace(root).host.home, '.pilothouse/jobs/left');
    mkdirSync(job, { recursive: true });
    // As the keeper of a job: it leads a group, works in its folder, and has written down who it is.
    const keeper = spawn('/bin/sh', ['-c', 'sleep 600 & wait'], { cwd: job, detached: true, stdio: 'ignore' });
    writeFileSync(join(job, 'pid'), `${keeper.pid}\n`);
    expect(await runEngine(root, 'remove', { killAt })).toEqual([`reached practice:${killAt}`]);
    const { practice } = await nextStart(root);
    const { store, systems } = practice.engine.context;
    await waitFor('its last processes to end', () => practiceProcesses(practice.place).length === 0, { within: 5000 });
    expect([(await practice.status()).state, existsSync(practice.place.folder), systems.list(), createHostRepository(store).list(), store.prepare('SELECT count(*) AS keys FROM host_keys').get()]).toEqual(['absent', false, [], [], { keys: 0 }]);
  });
});

describe('building that is cancelled', () => {
  it.each(sampleOf(['binaries', 'initdb', 'start', 'started', 'data', 'faults', 'built', 'traffic', 'traffic-started', 'host', 'host-started', 'register'], 2))('at %s, leaves nothing', async (point) => {
    let operationId = '';
    const practice = openPracticeEngine(await freshRoot(), {
      checkpoint: (name) => {
        if (name === `practice:${point}`) practice.engine.context.runner.cancel(operationId);
        return Promise.resolve();
      },
    });
    open = practice;
    operationId = practice.engine.start((await practice.engine.call('practice.plan', { action: 'up' })).plan);
    const operation = await practice.engine.context.runner.finished(operationId);
    expect([operation.state, operation.summary, existsSync(practice.place.folder), practiceProcesses(practice.place), practice.engine.context.systems.list()]).toEqual(['cancelled', 'Cancelled. Nothing was left behind.', false, [], []]);
  });
});

describe('an ordinary user', () => {
  it.skipIf(process.getuid?.() !== 0)('has a practice system inside the data folder', async () => {
    const nobody = { uid: 65534, gid: 65534 };
    const root = await makeTemporaryFolder('practice-ordinary');
    const folder = join(root, 'practice');
    // Root may not open it as a data folder of its own, so it is cleared away by hand.
    onTestFinished(() => {
      for (const { pid } of practiceProcesses({ folder })) process.kill(pid, 'SIGKILL');
      rmSync(root, { recursive: true, force: true, maxRetries: 5 });
    });
    chownSync(root, nobody.uid, nobody.gid);
    chmodSync(root, 0o700);
    const outcomes = (await runEngine(root, 'up,down', { user: nobody })).map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(outcomes.map(({ state, stands, folder: where, user }) => [state, stands, where, user])).toEqual(['running', 'stopped'].map((stands) => ['succeeded', stands, folder, nobody.uid]));
    expect(practiceProcesses({ folder })).toEqual([]);
  });
});
