/** A fix says in which database it is carried out: the same names stand in more than one of a server. */
import { describe, expect, test } from 'vitest';
import { ask, defaultAskLimits } from '#engine/health/ask.ts';
import type { PostgresSession } from '#engine/postgres/index.ts';
import { checkNamed, judgeRows, lookOf, someBackup } from '#test/health-look.ts';

async function askedIn(database: string, id: string, rows: readonly Record<string, unknown>[], standby = false) {
  const check = checkNamed(id);
  const session = { readOnly: () => Promise.resolve({ rows }) } as unknown as PostgresSession;
  return (await ask(check, session, lookOf(check, { server: { database, standby } }), defaultAskLimits, () => 0)).finding;
}

describe('what was found inside a database', () => {
  const open = [{ present: true, open: true }];
  test('is mended in that database, by the words beside it and in what is copied', async () => {
    const { fix } = await askedIn('second shop', 'public-create', open);
    expect(fix).toMatchObject({ database: 'second shop', do: '-- in database second shop\nREVOKE CREATE ON SCHEMA public FROM PUBLIC;', undo: '-- in database second shop\nGRANT CREATE ON SCHEMA public TO PUBLIC;' });
  });
  test('is mended in that database on the primary where a standby shows it', async () => {
    expect((await askedIn('shop', 'public-create', open, true)).fix?.do).toBe('-- on the primary\n-- in database shop\nREVOKE CREATE ON SCHEMA public FROM PUBLIC;');
  });
});

describe('a backup that is missing', () => {
  test('is made by the console, and there is nothing in it to take back', () => {
    expect(judgeRows('last-backup', []).fix).toMatchObject({ where: 'console', act: { kind: 'back-up' }, undo: null, harmless: true });
  });
  test('is proved where there is one', () => {
    expect(judgeRows('last-backup', [], { backups: { newest: someBackup({ proof: 'L1' }), newestProven: null } }).fix?.act).toEqual({ kind: 'prove', backupId: 'b1' });
  });
});

describe('what concerns the server', () => {
  test('names no database where any will do', async () => {
    const { fix } = await askedIn('shop', 'replication-slots', [{ slot_name: 'old', slot_type: 'physical', active: false, held: '9999999999999' }]);
    expect([fix?.do.includes('in database'), fix?.database]).toEqual([false, undefined]);
  });
  test('names the one database where it has to be done there', () => {
    const { fix } = judgeRows('prepared-transactions', [{ seconds: 9000, gid: 'g', database: 'shop', owner: 'web' }]);
    expect(fix).toMatchObject({ database: 'shop', do: expect.stringContaining('-- in database shop') });
  });
});
