/** A backup that a host makes is cancelled, or Pilothouse is closed in the middle of it. */
import { describe, expect, test } from 'vitest';
import { beginDump, continueDump, dumpsThere, expectTrue, holdDump, jobsThere, leftAfterAWhile, leftOver, openFarDump, seenLocked } from '#test/far-dump.ts';
import { setFarDump, setFarPlace } from '#test/far-stage.ts';
import { endOf } from '#test/run-to-end.ts';
import { sampleOf } from '#test/sample.ts';

const place = setFarPlace({ shop: { orders: 60_000 } });
const dump = setFarDump(place);

describe('a backup that is cancelled', () => {
  test.each(sampleOf(['backup:begun', 'backup:locked', 'backup:counted', 'backup:dumped', 'backup:fetching', 'backup:fetched'], 3))('at %s leaves nothing on either side', async (at) => {
    let operationId = '';
    const known = Promise.withResolvers<void>();
    dump.points.at(at, async () => {
      await known.promise;
      await dump.far.client.call('operation.cancel', { operationId });
    });
    operationId = await beginDump(dump);
    known.resolve();
    const operation = await endOf(dump.far.client, operationId);
    expect([operation.state, operation.summary]).toEqual(['cancelled', 'Cancelled. Nothing was left behind.']);
    expect([await leftAfterAWhile(dump), await expectTrue(dump)]).toEqual([[], []]);
  });
  test('while the host is away says what is left, and takes it off when the host is back', async () => {
    const operationId = await beginDump(dump, { compressLevel: 6 });
    const { letGo } = await holdDump(place);
    await seenLocked(dump, operationId);
    dump.line.refuse(true);
    dump.line.cut();
    await dump.far.client.call('operation.cancel', { operationId });
    letGo();
    const operation = await endOf(dump.far.client, operationId);
    expect([operation.state, operation.summary, jobsThere(place).length]).toEqual(['failed', expect.stringContaining('is taken off db-1 as soon as that can be reached'), 1]);
    dump.line.refuse(false);
    await dump.far.engine.close();
    Object.assign(dump, await openFarDump(place, { root: dump.root, line: dump.line }));
    await dump.far.engine.recovered;
    expect([await leftOver(dump), await expectTrue(dump)]).toEqual([[], []]);
  });
});

describe('Pilothouse that is closed', () => {
  test('leaves the dump to the host, and goes on with it at the next start', async () => {
    const operationId = await beginDump(dump, { compressLevel: 6, proof: 'L3' });
    const { letGo } = await holdDump(place);
    await seenLocked(dump, operationId);
    await dump.far.engine.close();
    expect([dumpsThere(place).length > 0, jobsThere(place).length]).toEqual([true, 1]);
    Object.assign(dump, await openFarDump(place, { root: dump.root, line: dump.line }));
    const { operation } = await dump.far.client.call('operation.get', { operationId });
    expect([operation.state, operation.summary]).toEqual(['interrupted', expect.stringContaining('stays on db-1, and goes on there')]);
    await dump.far.engine.recovered;
    expect((await dump.far.client.call('operation.get', { operationId })).operation.advice).toContain('goes on on db-1');
    expect((await dump.far.client.call('overview.get', {})).needs.map(({ text, action }) => `${text}: ${action.label}`)).toContain('Back up shop was interrupted, and its dump is on db-1: Continue');
    letGo();
    const continued = await continueDump(dump, operationId);
    expect([continued.state, await leftAfterAWhile(dump), await expectTrue(dump)]).toEqual(['succeeded', [], ['L3']]);
  });
  test('before nobody needs it any more takes it back on both sides', async () => {
    dump.points.at('backup:begun', () => void dump.far.engine.close());
    const operationId = await beginDump(dump);
    await dump.far.engine.close();
    Object.assign(dump, await openFarDump(place, { root: dump.root, line: dump.line }));
    const { operation } = await dump.far.client.call('operation.get', { operationId });
    expect([operation.state, await leftAfterAWhile(dump), await expectTrue(dump)]).toEqual(['cancelled', [], []]);
  });
});
