/** What happens on a host to the dump that it makes by itself: each end of it is told, and leaves nothing on either side. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { beginDump, dumpsThere, expectTrue, holdDump, jobsThere, leftAfterAWhile, seenLocked } from '#test/far-dump.ts';
import { lockTable } from '#test/far-shop.ts';
import { setFarDump, setFarPlace } from '#test/far-stage.ts';
import { endOf } from '#test/run-to-end.ts';
import { waitFor } from '#test/wait-for.ts';

const place = setFarPlace({ shop: { orders: 60_000 } });
const dump = setFarDump(place);

/** A dump that is held there when all of its workers have begun. */
async function beginHeld(): Promise<{ operationId: string; folder: string; letGo(): void }> {
  const operationId = await beginDump(dump, { compressLevel: 6 });
  const held = await holdDump(place);
  await seenLocked(dump, operationId);
  const [folder = ''] = jobsThere(place);
  return { operationId, folder, ...held };
}
const killGroup = (folder: string): void => void process.kill(-Number(readPid(folder)), 'SIGKILL');
const readPid = (folder: string): string => readFileSync(join(folder, 'pid'), 'utf8');

async function expectFailed(operationId: string, code: string, words: RegExp): Promise<void> {
  const operation = await endOf(dump.far.client, operationId);
  expect([operation.state, operation.error?.code, operation.error?.message]).toEqual(['failed', code, expect.stringMatching(words)]);
  expect([await leftAfterAWhile(dump), await expectTrue(dump)]).toEqual([[], []]);
}

describe('on the host', () => {
  test('pg_dump is killed', async () => {
    const { operationId, letGo } = await beginHeld();
    const [first] = dumpsThere(place);
    process.kill(first?.pid ?? 0, 'SIGKILL');
    letGo();
    await expectFailed(operationId, 'backup.dump-failed', /pg_dump (was ended by signal 9|ended with status 1)/);
  });
  test('all of the job is killed', async () => {
    const { operationId, folder } = await beginHeld();
    killGroup(folder);
    await expectFailed(operationId, 'backup.dump-failed', /its processes were killed there/);
  });
  test('the folder of the job is taken away', async () => {
    const { operationId, folder } = await beginHeld();
    rmSync(folder, { recursive: true });
    await expectFailed(operationId, 'backup.dump-failed', /somebody took it away/);
  });
  test('the machine is started anew', async () => {
    const { operationId, folder } = await beginHeld();
    dump.line.refuse(true);
    dump.line.cut();
    killGroup(folder);
    writeFileSync(join(folder, 'boot'), 'of another start\n');
    dump.line.refuse(false);
    await expectFailed(operationId, 'backup.dump-failed', /the machine was started anew/);
  });
  test('the sessions of Postgres are ended', async () => {
    const { operationId, letGo } = await beginHeld();
    await place.postgres.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'pilothouse%'");
    letGo();
    await expectFailed(operationId, 'postgres.connection-lost', /the connection was lost/);
  });
  test('a lock keeps the dump from beginning, until it is cancelled', async () => {
    dump.points.at('backup:snapshot', async () => {
      const lock = await lockTable(place, 'shop', 'orders');
      onTestFinished(() => lock.release());
    });
    const operationId = await beginDump(dump);
    await waitFor('the dump to wait', async () => (await place.postgres.query("SELECT FROM pg_locks WHERE NOT granted")).length > 0);
    await dump.far.client.call('operation.cancel', { operationId });
    expect((await endOf(dump.far.client, operationId)).state).toBe('cancelled');
    expect([await leftAfterAWhile(dump), await expectTrue(dump)]).toEqual([[], []]);
  });
  // The last one: it is not started again.
  test('Postgres itself ends', async () => {
    const { operationId, letGo } = await beginHeld();
    await place.postgres.kill();
    letGo();
    const operation = await endOf(dump.far.client, operationId);
    expect([operation.state, operation.error?.code]).toEqual(['failed', 'postgres.connection-lost']);
    expect([jobsThere(place), dumpsThere(place), (await dump.far.client.call('backup.list', {})).backups]).toEqual([[], [], []]);
  });
});
