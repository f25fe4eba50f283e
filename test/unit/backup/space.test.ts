import { tmpdir } from 'node:os';
import { describe, expect, test } from 'vitest';
import { proofFindings } from '#engine/backup/look-ahead.ts';
import { requireServerSpace } from '#engine/backup/space.ts';
import type { PostgresSession, PostgresTarget } from '#engine/postgres/types.ts';

const target = { label: 'shop on 127.0.0.1:5432', connection: { host: '127.0.0.1' } } as unknown as PostgresTarget;
/** A server of this computer whose data lie in the folder for temporary files. */
const session = { server: { user: 'me', createDatabase: true, standby: false, database: 'shop' }, query: async () => ({ rows: [{ folder: tmpdir() }] }) } as unknown as PostgresSession;

describe('a proof for which the server has too little space', () => {
  test('is not planned: a server whose disk is full stands still', () => {
    expect(proofFindings(session, 2000, 1000)).toMatchObject([{ state: 'critical', fix: expect.stringContaining('Choose L2') }]);
  });
  test('is not begun either, where the space went after it was planned', async () => {
    await expect(requireServerSpace(target, session, Number.MAX_SAFE_INTEGER)).rejects.toMatchObject({ code: 'restore.space', retryable: true });
  });
  test('is told from one for which there is enough', async () => {
    await expect(requireServerSpace(target, session, 1)).resolves.toBeUndefined();
  });
});
