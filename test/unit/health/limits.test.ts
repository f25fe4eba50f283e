import { describe, expect, test } from 'vitest';
import { systemPolicy } from '#shared/contract/systems.ts';
import { thresholdItem, type Item } from '#shared/contract/items.ts';
import { limitInUse, limitsOf, checkOf, policyInUse, withThreshold } from '#engine/health/limits.ts';

const system = { policy: systemPolicy.parse({ thresholds: { connections: { warn: 10, critical: 20 } } }) };
const refusal = (check: string, warn: number | null, critical: number | null) => {
  try {
    withThreshold(system, check, { warn, critical });
    return 'accepted';
  } catch (error) {
    return (error as { code: string }).code;
  }
};

describe('limits of a system', () => {
  test('are kept by check', () => {
    expect(withThreshold(system, 'deadlocks', { warn: 1, critical: 2 }).thresholds).toEqual({ connections: { warn: 10, critical: 20 }, deadlocks: { warn: 1, critical: 2 } });
  });
  test('go back to the catalogue\'s with null', () => {
    expect(withThreshold(system, 'connections', null).thresholds).toEqual({});
  });
  test.each([
    ['connections', 90, 80, 'contract.invalid-input'],
    ['connections', 80, 80, 'accepted'],
    ['connections', null, 80, 'accepted'],
    ['cache-hit', 90, 95, 'contract.invalid-input'],
    ['cache-hit', 99, 95, 'accepted'],
    ['connections', -1, 80, 'contract.invalid-input'],
    ['connections', 80, 101, 'contract.invalid-input'],
    ['hba-rules', 1, 2, 'contract.invalid-input'],
    ['last-backup', 0, 2, 'contract.invalid-input'],
    ['last-backup', null, 2, 'contract.invalid-input'],
    ['no-such-check', 1, 2, 'health.unknown-check'],
  ])('%s with warn %d and critical %d: %s', (check, warn, critical, answer) => {
    expect(refusal(check, warn, critical)).toBe(answer);
  });
  test('of the newest backup are the policy\'s age of backups', () => {
    expect(withThreshold(system, 'last-backup', { warn: 5, critical: 9 }).backupAgeHours).toEqual({ warn: 5, critical: 9 });
  });
});

/** A threshold of a system. */
const threshold = (key: string, fields: Record<string, unknown>): Item<'threshold'> => ({ systemId: 's', kind: 'threshold', key, standing: 'pack', value: thresholdItem.parse({ title: `Title of ${key}`, unit: 'percent', ...fields }) });
const cpu = threshold('load', { drives: { kind: 'check', check: 'cpu' }, warn: 60, critical: 75 });
const age = threshold('copies', { drives: { kind: 'backup-age' }, warn: 30, critical: 60, unit: 'hours' });
const policy = systemPolicy.parse({});

describe('limits that count', () => {
  test('are those of a threshold of the system before the catalogue\'s', () => {
    expect(limitInUse('cpu', policy, [cpu])).toEqual({ warn: 60, critical: 75, from: 'item', item: { key: 'load', title: 'Title of load' } });
    expect(limitInUse('memory', policy, [cpu]).from).toBe('catalogue');
  });
  test('are the catalogue\'s where a threshold names the check and has no figure', () => {
    const empty = threshold('none', { drives: { kind: 'check', check: 'cpu' } });
    expect([limitInUse('cpu', policy, [empty]).from, policyInUse(policy, [empty]), limitInUse('cpu', policy, [empty, cpu]).item?.key]).toEqual(['catalogue', policy, 'load']);
  });
  test('are those that a person set before all others', () => {
    expect(limitInUse('cpu', withThreshold({ policy }, 'cpu', { warn: 1, critical: 2 }), [cpu])).toEqual({ warn: 1, critical: 2, from: 'own', item: null });
  });
  test('of the age of copies are those of a threshold, unless a person set them, be it to what they were anyway', () => {
    expect([limitInUse('last-backup', policy, [age]), limitInUse('last-backup', withThreshold({ policy }, 'last-backup', { warn: 26, critical: 50 }), [age]), limitInUse('last-backup', systemPolicy.parse({ backupAgeHours: { warn: 5, critical: 9 } }), [age])]).toMatchObject([{ warn: 30, critical: 60, from: 'item' }, { warn: 26, critical: 50, from: 'own' }, { warn: 5, critical: 9, from: 'own' }]);
  });
  test('are what a check goes by', () => {
    const inUse = policyInUse(policy, [cpu, age]);
    expect([limitsOf(checkOf('cpu'), inUse).limits, limitsOf(checkOf('last-backup'), inUse).limits, limitsOf(checkOf('memory'), inUse).ownLimits]).toEqual([{ warn: 60, critical: 75 }, { warn: 30, critical: 60 }, false]);
  });
  test('are taken for what they are where a threshold names a check that is not there any more', () => {
    expect(policyInUse(policy, [threshold('old', { drives: { kind: 'check', check: 'gone' }, warn: 1 })])).toEqual(policy);
  });
});
