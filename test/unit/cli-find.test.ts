import { expect, test } from 'vitest';
import type { MethodName } from '#shared/contract/index.ts';
import { findBackupPlan, findDatabase, findHost, findSystem } from '../../electron/cli/find.ts';
import type { Session } from '../../electron/cli/session.ts';

const empty = { call: async (method: MethodName) => ({ [method === 'host.list' ? 'hosts' : method === 'system.list' ? 'systems' : 'plans']: [] }) } as unknown as Session;

test.each([
  ['a system', findSystem, 'system add NAME'],
  ['a database', findDatabase, 'database add SYSTEM'],
  ['a host', findHost, 'import ssh --system SYSTEM'],
  ['a plan', findBackupPlan, 'backup run --database NAME'],
])('who names %s where there is none at all is told what comes first', async (_what, find, command) => {
  await expect(find(empty, 'shop')).rejects.toMatchObject({ code: 'store.not-found', hint: expect.stringContaining(command) as string });
});
