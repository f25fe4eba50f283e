/** What a system consists of is what the console goes by. */
import { expect, test } from 'vitest';
import { packStage } from '#test/packs/pack-stage.ts';

test('thresholds of a pack are the limits of health, and say that they are', async () => {
  const stage = await packStage();
  const systemId = await stage.adopt();
  const { limits } = await stage.engine.call('health.limits', { systemId });
  expect(limits.filter(({ from }) => from === 'item').map(({ check, warn, critical, item }) => [check, warn, critical, item?.title])).toEqual([['last-backup', 26, 50, 'Age of backups'], ['cpu', 70, 90, 'Processor']]);
});

test('a threshold that is changed here changes the limits, and what a person sets for the check comes before it', async () => {
  const stage = await packStage();
  const systemId = await stage.adopt();
  const cpu = async () => (await stage.engine.call('health.limits', { systemId })).limits.find(({ check }) => check === 'cpu');
  await stage.engine.call('item.save', { systemId, kind: 'threshold', key: 'cpu', value: { ...(await stage.value(systemId, 'threshold', 'cpu')), warn: 50 } });
  expect(await cpu()).toMatchObject({ warn: 50, from: 'item' });
  await stage.engine.call('health.setThreshold', { systemId, check: 'cpu', threshold: { warn: 40, critical: 45 } });
  expect(await cpu()).toMatchObject({ warn: 40, from: 'own', otherwise: { warn: 50, from: 'item' } });
});
