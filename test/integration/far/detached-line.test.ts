/** The line is lost while a host makes a dump by itself, at each point of it. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { beginDump, dumpingThere, expectTrue, holdDump, jobsThere, leftAfterAWhile, openFarDump, runDump, seenLocked } from '#test/far-dump.ts';
import { createFarShop } from '#test/far-shop.ts';
import { setFarDump, setFarPlace } from '#test/far-stage.ts';
import { endOf } from '#test/run-to-end.ts';
import { isRunning } from '#test/processes.ts';
import { cutConnections } from '#test/ssh-server.ts';
import { waitFor } from '#test/wait-for.ts';

// The dump of the large one takes long enough to be held before it ends.
const place = setFarPlace({ furnish: (started) => createFarShop(started, 'large', { orders: 300_000 }) });
const dump = setFarDump(place);

const detailOf = async (backupId: string) => dump.far.client.call('backup.get', { backupId });

describe('a line that is lost', () => {
  test('before pg_dump has its locks has both sides cleaned, and says so', async () => {
    dump.points.at('backup:begun', () => dump.line.cut());
    const operation = await runDump(dump);
    expect([operation.state, operation.error?.code, operation.error?.message]).toEqual(['failed', 'backup.dump-failed', expect.stringContaining('before pg_dump had its locks')]);
    // A host that stays away is cleaned later, which is told beside it: nothing may say by then that it was done.
    expect(operation.error?.hint).not.toContain('was taken away');
    expect([await leftAfterAWhile(dump), await expectTrue(dump)]).toEqual([[], []]);
  });
  test('before the rows are counted has them counted in the dump, which goes on', async () => {
    dump.points.at('backup:locked', async () => {
      await waitFor('its workers to have the snapshot', async () => [0, 3].includes(await dumpingThere(place)));
      dump.line.cut();
    });
    const operation = await runDump(dump, { proof: 'L3' });
    expect([operation.state, operation.error, (await detailOf(operation.id)).contents?.countedIn]).toEqual(['succeeded', null, 'dump']);
    expect([await leftAfterAWhile(dump), await expectTrue(dump)]).toEqual([[], ['L3']]);
  });
  test('after the rows were counted costs nothing', async () => {
    dump.points.at('backup:counted', () => dump.line.cut());
    const operation = await runDump(dump);
    expect([operation.state, operation.error, (await detailOf(operation.id)).contents?.countedIn]).toEqual(['succeeded', null, 'database']);
    expect([await leftAfterAWhile(dump), await expectTrue(dump)]).toEqual([[], ['L1']]);
  });
  test('for a while is waited for, which is said, and the dump goes on meanwhile', async () => {
    const large = await openFarDump(place, { database: 'large' });
    const operationId = await beginDump(large, { compressLevel: 1 });
    const held = await holdDump(place, 'large');
    await seenLocked(large, operationId);
    large.line.refuse(true);
    large.line.cut();
    held.letGo();
    await waitFor('the dump to be whole there', () => jobsThere(place).some((folder) => folder.includes(operationId)) && large.line.connections === 0);
    await waitFor('it to be said', async () => (await large.far.client.call('operation.get', { operationId })).operation.progressText?.startsWith('No connection to db-1 since') ?? false);
    // By now it may be whole there, and nobody here can know.
    const { progressText } = (await large.far.client.call('operation.get', { operationId })).operation;
    large.line.refuse(false);
    const operation = await endOf(large.far.client, operationId);
    expect(progressText).toContain('. The dump was going on there when it was last seen, and needs no connection for it. Cancel to give it up');
    expect([operation.state, operation.error]).toEqual(['succeeded', null]);
    expect([await leftAfterAWhile(large), await expectTrue(large, 'large')]).toEqual([[], ['L1']]);
  });
  test('in the middle of a file has it brought on from the last byte that was verified', async () => {
    const large = await openFarDump(place, { database: 'large' });
    let [before, fetched] = [0, 0];
    large.points.at('backup:dumped', () => {
      before = large.line.bytesFromServer;
      large.line.cutAfter(20_000_000);
    });
    large.points.at('backup:fetched', () => (fetched = large.line.bytesFromServer - before));
    const operation = await runDump(large);
    const { backup } = await large.far.client.call('backup.get', { backupId: operation.id });
    expect([operation.state, operation.error, backup.sizeBytes > 24_000_000]).toEqual(['succeeded', null, true]);
    // From its beginning it would have been nearly twice as much. What was under way when it broke was lost.
    expect([fetched > backup.sizeBytes * 0.99, fetched < backup.sizeBytes * 1.4]).toEqual([true, true]);
    expect([await leftAfterAWhile(large), await expectTrue(large, 'large')]).toEqual([[], ['L1']]);
  });
  test('because the bastion was stopped is there again when that is started again', async () => {
    const large = await openFarDump(place, { database: 'large' });
    const operationId = await beginDump(large, { compressLevel: 1 });
    const held = await holdDump(place, 'large');
    await seenLocked(large, operationId);
    const { pid, folder } = place.bastion;
    process.kill(pid, 'SIGKILL');
    cutConnections(place.bastion);
    large.line.cut();
    await waitFor('it to be gone', () => !isRunning(pid));
    held.letGo();
    await waitFor('it to be said', async () => (await large.far.client.call('operation.get', { operationId })).operation.progressText?.startsWith('No connection to db-1 since') ?? false);
    const again = spawn('/usr/sbin/sshd', ['-D', '-e', '-f', join(folder, 'sshd_config')], { stdio: 'ignore' });
    onTestFinished(() => void again.kill('SIGKILL'));
    const operation = await endOf(large.far.client, operationId);
    expect([operation.state, operation.error]).toEqual(['succeeded', null]);
    expect([await leftAfterAWhile(large), await expectTrue(large, 'large')]).toEqual([[], ['L1']]);
  });
});
