/** The practice system where the engine has no way to run its traffic beside it, as in an installed application. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { applicationScripts } from '#engine/node-scripts.ts';
import { startCommand } from '#test/command-line.ts';
import { openPracticeEngine, practiceProcesses, removePractice, type PracticeEngine } from '#test/practice.ts';
import { makeTemporaryFolder } from '#test/temporary-folder.ts';
import { waitFor } from '#test/wait-for.ts';

const installed = { scripts: applicationScripts({ command: '/opt/Pilothouse/pilothouse', args: [] }) };

let root: string;
let practice: PracticeEngine;
beforeAll(async () => {
  root = await makeTemporaryFolder('practice-inside');
  practice = openPracticeEngine(root, installed);
});
afterAll(async () => {
  await practice.engine.close();
  await removePractice(root);
});

const one = async <T>(sql: string, database?: string): Promise<T> => Object.values((await practice.query(sql, database))[0] ?? {})[0] as T;
const orders = () => one<number>('SELECT max(id)::int FROM orders');
const traffic = () => one<number>(`SELECT count(*)::int FROM pg_stat_activity WHERE application_name IN ('shop-web', 'shop-desk')`, 'postgres');
const daemons = () => practiceProcesses(practice.place).filter(({ commandLine }) => commandLine.includes('traffic'));
const upSteps = async () => (await practice.engine.call('practice.plan', { action: 'up' })).plan;

/** An order more than there was, which only the traffic places. */
async function sells(): Promise<boolean> {
  const before = await orders();
  return waitFor('another order', async () => (await orders()) > before);
}

async function openAnother(ports: Parameters<typeof openPracticeEngine>[1]): Promise<void> {
  await practice.engine.close();
  practice = openPracticeEngine(root, ports);
  await practice.start();
}

describe('traffic inside the engine', () => {
  it('is said to stop with Pilothouse, before it is started', async () => {
    const { steps, consequences } = await upSteps();
    expect([steps.find(({ id }) => id === 'traffic')?.detail, consequences.join('; ')]).toEqual([expect.stringContaining('they stop with Pilothouse'), expect.stringContaining('its little traffic runs and its SSH host answers while Pilothouse runs')]);
  });

  it('starts, and says where it runs', async () => {
    expect(await practice.act('up')).toMatchObject({ state: 'succeeded' });
    expect(await practice.status()).toMatchObject({ state: 'running', traffic: true, trafficInside: true });
  });

  it('sells, without a process of its own', async () => {
    expect([await sells(), daemons()]).toEqual([true, []]);
  });

  it('lets somebody wait for a lock at its desk', async () => {
    expect(await one(`SELECT count(*)::int FROM pg_stat_activity WHERE application_name = 'shop-desk' AND wait_event_type = 'Lock'`)).toBe(1);
  });

  it('connects again when its sessions were ended', async () => {
    await practice.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name IN ('shop-web', 'shop-desk')`, 'postgres');
    expect(await sells()).toBe(true);
  });

  it('ends with the engine, and its sessions with it', async () => {
    await practice.engine.close();
    practice = openPracticeEngine(root, installed);
    expect([await traffic(), await practice.status()]).toEqual([0, expect.objectContaining({ state: 'running', traffic: false, trafficInside: false })]);
  });

  it('goes on at the next start of the engine', async () => {
    await practice.start();
    expect([await sells(), (await practice.status()).trafficInside]).toEqual([true, true]);
  });

  it('ends when the practice system is stopped', async () => {
    await practice.act('down');
    expect(await practice.status()).toMatchObject({ state: 'stopped', traffic: false, trafficInside: false });
    await waitFor('every process to end', () => practiceProcesses(practice.place).length === 0, { within: 5000 });
  });

  it('does not start by itself while the practice system is stopped', async () => {
    await practice.start();
    expect(await practice.status()).toMatchObject({ state: 'stopped', traffic: false, trafficInside: false });
  });

  it('finds the server that comes back on another port after the power was cut', async () => {
    await practice.act('up');
    const { port } = await practice.status();
    for (const { pid } of practiceProcesses(practice.place)) process.kill(pid, 'SIGKILL');
    await waitFor('the server to be dead, and said to be', async () => practiceProcesses(practice.place).length === 0 && (await practice.status()).state === 'stopped');
    const found = await practice.status();
    const taker = createServer();
    await new Promise<void>((resolve) => taker.listen(port ?? 0, '127.0.0.1', resolve));
    const operation = await practice.act('up');
    taker.close();
    expect([found.traffic, operation.state, (await practice.status()).port === port, await sells()]).toEqual([false, 'succeeded', false, true]);
  });

  it('goes on after a reset', async () => {
    await practice.act('reset');
    expect([await sells(), (await practice.status()).trafficInside]).toEqual([true, true]);
  });

  it('leaves nothing behind when the engine is killed, and goes on at the next start', async () => {
    await practice.act('down');
    await practice.engine.close();
    const engine = spawn(process.execPath, [join(import.meta.dirname, 'engine-until.ts'), root, 'up', 'practice:registered', 'inside'], { stdio: ['ignore', 'pipe', 'inherit'], cwd: '/', env: { PATH: process.env.PATH ?? '', HOME: root } });
    for await (const line of createInterface({ input: engine.stdout })) if (line.startsWith('reached')) engine.kill('SIGKILL');
    if (engine.signalCode === null) await once(engine, 'exit');
    practice = openPracticeEngine(root, installed);
    const found = await practice.status();
    await practice.start();
    await practice.engine.context.runner.recover();
    const [interrupted] = practice.engine.context.operations.list({ limit: 1 });
    expect([found.state, found.traffic, interrupted?.advice, await sells()]).toEqual(['running', false, 'The practice system is whole and runs.', true]);
  });
});

describe('the command line of an installed application', () => {
  it('says that the traffic runs as long as it does, and ends it with itself', async () => {
    await practice.act('down');
    await practice.engine.close();
    const told = await startCommand(['--home', root, '--yes', 'practice', 'up'], '', undefined, installed.scripts).result;
    practice = openPracticeEngine(root, installed);
    expect([told.status, told.stdout, await practice.status()]).toEqual([0, expect.stringContaining(', with traffic as long as Pilothouse runs.'), expect.objectContaining({ state: 'running', traffic: false })]);
  });
});

describe('traffic of an engine on plain Node', () => {
  it('is taken as it is by an installed application', async () => {
    await practice.act('down');
    await openAnother({});
    await practice.act('up');
    await openAnother(installed);
    expect([await sells(), await practice.status(), daemons().length]).toEqual([true, expect.objectContaining({ traffic: true, trafficInside: false }), 1]);
  });

  it('is stopped by it', async () => {
    await practice.act('down');
    expect([(await practice.status()).traffic, daemons()]).toEqual([false, []]);
  });
});
