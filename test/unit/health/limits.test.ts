import { describe, expect, test } from 'vitest';
import { systemPolicy } from '#shared/contract/systems.ts';
import { withThreshold } from '#engine/health/limits.ts';

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
