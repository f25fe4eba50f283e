/** The engine is killed while a host makes a dump by itself, or while it is fetched: the next one goes on with it. */
import { describe, expect, test } from 'vitest';
import { continueDump, expectTrue, jobsThere, leftAfterAWhile } from '#test/far-dump.ts';
import { killAt, prepare, startAgain } from '#test/far-killed.ts';
import { setFarPlace } from '#test/far-stage.ts';
import { sampleOf } from '#test/sample.ts';

const place = setFarPlace();

describe('an engine that is killed', () => {
  test.each(sampleOf(['backup:snapshot', 'backup:begun'], 1))('at %s, when nothing can come of it, leaves nothing on either side', async (at) => {
    const prepared = await prepare(place);
    expect((await killAt(prepared, at)).signal).toBe('SIGKILL');
    const { dump, advice, state } = await startAgain(prepared);
    expect([state, advice]).toEqual(['interrupted', expect.stringContaining('It ended before pg_dump had its locks on db-1, so nobody can tell what it has seen. Both sides were cleaned. Back up again.')]);
    expect([await leftAfterAWhile(dump), await expectTrue(dump), (await dump.far.client.call('backup.unfinished', {})).dumps]).toEqual([[], [], []]);
  });

  const points = ['backup:locked', 'backup:counted', 'backup:dumped', 'backup:fetching', 'backup:fetched', 'backup:before-rename'];
  test.each(sampleOf(points, 2))('at %s has its dump on the host, and is continued to a proven backup', async (at) => {
    const prepared = await prepare(place);
    expect((await killAt(prepared, at)).signal).toBe('SIGKILL');
    const { dump, operationId, advice, state } = await startAgain(prepared);
    expect([state, advice]).toEqual(['interrupted', expect.stringMatching(/^The dump of shop .* (goes on|is finished) on db-1, .* Continue it/)]);
    expect(jobsThere(place)).toHaveLength(1);
    const continued = await continueDump(dump, operationId);
    expect([continued.state, continued.error, continued.result?.['proof']]).toEqual(['succeeded', null, 'L3']);
    const { contents } = await dump.far.client.call('backup.get', { backupId: continued.id });
    expect([contents?.countedIn, await leftAfterAWhile(dump), await expectTrue(dump)]).toEqual([at === 'backup:locked' ? 'dump' : 'database', [], ['L3']]);
    const { operation } = await dump.far.client.call('operation.get', { operationId });
    expect([operation.acknowledged, operation.advice]).toEqual([true, expect.stringContaining('It was continued, and is a backup')]);
    await expect(dump.far.client.call('backup.planContinue', { operationId })).rejects.toMatchObject({ code: 'backup.not-found' });
  });

  test.each(sampleOf(['backup:renamed', 'backup:host-left', 'proof:L1'], 1))('at %s has its backup, and nothing on the host', async (at) => {
    const prepared = await prepare(place);
    expect(await killAt(prepared, at)).toMatchObject({ said: '', signal: 'SIGKILL' });
    const { dump, advice } = await startAgain(prepared);
    expect([advice, (await expectTrue(dump)).length]).toEqual([expect.stringContaining('The backup itself was finished and is in the catalogue'), 1]);
    expect([await leftAfterAWhile(dump), (await dump.far.client.call('backup.unfinished', {})).dumps]).toEqual([[], []]);
  });
});
