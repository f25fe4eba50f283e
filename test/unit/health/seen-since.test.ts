/** Whether what hid a system from its last look is out of the way by now. */
import { expect, test } from 'vitest';
import type { HealthResult } from '#shared/contract/health.ts';
import type { Host } from '#shared/contract/hosts.ts';
import type { System } from '#shared/contract/systems.ts';
import { seenSince } from '../../../renderer/features/health/seen-since.ts';

const looked = '2026-09-01T12:00:00.000Z';
const later = '2026-09-01T12:05:00.000Z';
const away = (status: HealthResult['status'] = 'critical') => ({ check: 'host-connection', status, databaseId: null, hostId: 'h', opener: null, trend: [{ at: looked, value: null, status }] }) as unknown as HealthResult;
const host = (changes: Partial<Host>) => ({ id: 'h', label: 'web-1', lastError: null, lastSeenAt: later, ...changes }) as Host;
const system = { databases: [] } as unknown as System;

test.each([
  ['that was away and was seen since can be looked at now', [host({})], away(), 'web-1 can be reached now'],
  ['that was away and still is', [host({ lastError: { code: 'ssh.refused' } as Host['lastError'] })], away(), null],
  ['that was seen before the look only', [host({ lastSeenAt: looked })], away(), null],
  ['that was removed', [], away(), null],
  ['that was reached then', [host({})], away('ok'), null],
])('a host %s', (_what, hosts, result, words) => {
  expect(seenSince(system, hosts, [result], false)).toBe(words);
});
