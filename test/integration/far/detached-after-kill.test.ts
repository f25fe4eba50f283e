/** What comes after an engine that was killed while a host made a dump: again, later, or nothing. */
import { describe, expect, test } from 'vitest';
import { continueDump, expectTrue, jobsThere, leftAfterAWhile, leftOver } from '#test/far-dump.ts';
import { killAt, prepare, startAgain } from '#test/far-killed.ts';
import { setFarPlace } from '#test/far-stage.ts';
import { runToEnd } from '#test/run-to-end.ts';

const place = setFarPlace();

describe('a backup whose engine was killed', () => {
  test('twice, the second time while it went on, is continued all the same', async () => {
    const prepared = await prepare(place);
    await killAt(prepared, 'backup:dumped');
    const first = await startAgain(prepared);
    await first.dump.far.engine.close();
    expect((await killAt(first.dump, 'backup:fetched', first.operationId)).signal).toBe('SIGKILL');
    const { dump, operationId } = await startAgain(first.dump);
    const [unfinished] = (await dump.far.client.call('backup.unfinished', {})).dumps;
    expect([unfinished?.operationId, unfinished?.continuedBy === null]).toEqual([operationId, false]);
    expect(unfinished).toMatchObject({ systemId: dump.far.systemId, host: 'db-1', hopeless: null, lastLook: expect.stringMatching(/^The dump of .* is finished on db-1, .* Continue it: /) as string });
    expect([(unfinished?.bytesHere ?? 0) > 0, (unfinished?.interruptedAt ?? '') > (unfinished?.begunAt ?? '')]).toEqual([true, true]);
    const asking = async () => (await dump.far.client.call('overview.get', {})).needs.flatMap(({ action }) => (action.kind === 'open-operation' ? [action.id] : []));
    expect(await asking()).toEqual([unfinished?.continuedBy]);
    const continued = await continueDump(dump, unfinished?.continuedBy ?? '');
    expect([continued.state, await leftAfterAWhile(dump), await expectTrue(dump)]).toEqual(['succeeded', [], ['L3']]);
    expect(await asking()).toEqual([]);
  });

  test('while the host is away loses nothing: it is looked at when the host is back', async () => {
    const prepared = await prepare(place);
    await killAt(prepared, 'backup:counted');
    prepared.line.refuse(true);
    const { dump, operationId, advice } = await startAgain(prepared);
    expect([advice, jobsThere(place).length]).toEqual([expect.stringMatching(/^What became of it could not be looked at yet: .*nothing of it is lost/), 1]);
    dump.line.refuse(false);
    // Whoever asks for it anew has not to wait for the next look.
    await dump.far.client.call('database.test', { databaseId: dump.databaseId });
    const continued = await continueDump(dump, operationId);
    expect([continued.state, await leftAfterAWhile(dump), await expectTrue(dump)]).toEqual(['succeeded', [], ['L3']]);
  });

  test('is given up with both sides clean, where somebody wants that', async () => {
    const prepared = await prepare(place);
    await killAt(prepared, 'backup:dumped');
    const { dump, operationId } = await startAgain(prepared);
    expect(await leftOver(dump)).toHaveLength(2);
    const { plan } = await dump.far.client.call('backup.planAbandon', { operationId });
    expect(plan.consequences.join(' ')).toMatch(/No backup comes of it: shop as it was .* is lost with it\./);
    expect([(await runToEnd(dump.far.client, plan)).state, await leftAfterAWhile(dump), await expectTrue(dump)]).toEqual(['succeeded', [], []]);
  });
});
