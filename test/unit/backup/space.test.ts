import { tmpdir } from 'node:os';
import { describe, expect, test } from 'vitest';
import { proofFindings } from '#engine/backup/look-ahead.ts';
import { readFree, requireServerSpace } from '#engine/backup/space.ts';
import type { EngineContext } from '#engine/engine-context.ts';
import type { PostgresSession, PostgresTarget } from '#engine/postgres/types.ts';

const target = { label: 'shop on 127.0.0.1:5432', connection: { host: '127.0.0.1', viaId: null } } as unknown as PostgresTarget;
/** A server of this computer whose data lie in the folder for temporary files. */
const session = { server: { user: 'me', createDatabase: true, standby: false, database: 'shop' }, query: async () => ({ rows: [{ folder: tmpdir() }] }) } as unknown as PostgresSession;

const context = {} as unknown as EngineContext;

describe('a proof for which the server has too little space', () => {
  test('is not planned: a server whose disk is full stands still', () => {
    expect(proofFindings(session, 2000, 1000)).toMatchObject([{ state: 'critical', fix: expect.stringContaining('Choose L2') }]);
  });
  test('is not begun either, where the space went after it was planned', async () => {
    await expect(requireServerSpace(context, target, session, Number.MAX_SAFE_INTEGER)).rejects.toMatchObject({ code: 'restore.space', retryable: true });
  });
  test('is told from one for which there is enough', async () => {
    await expect(requireServerSpace(context, target, session, 1)).resolves.toBeUndefined();
  });
});

describe('what df says of a disk of a host', () => {
  test.each([
    ['GNU', 'Filesystem     1024-blocks     Used Available Capacity Mounted on\n/dev/sda1         40581564 12345678  26146540      33% /\n', 26_146_540],
    ['BusyBox, with a space in the name', 'Filesystem           1024-blocks    Used Available Capacity Mounted on\n/dev/disk/by label       1000       400       600  40% /my disk\n', 600],
  ])('is read: %s', (_name, text, kilobytes) => {
    expect(readFree(text)).toBe(kilobytes * 1024);
  });
  test.each([[''], ['df: no such file'], ['Filesystem 1024-blocks Used Available Capacity Mounted on\ntmpfs - - - - /x']])('is unknown where it is something else: %s', (text) => {
    expect(readFree(text)).toBeNull();
  });
});
