import { describe, expect, it } from 'vitest';
import { PilothouseError } from '#shared/domain/errors.ts';
import { giveToOwner } from '#engine/restore/restore-into.ts';
import type { PostgresSession } from '#engine/postgres/types.ts';

/** A session in which the owner may be acted for, and giving the database away ends as told. */
const sessionOf = (major: number, give: () => Promise<unknown>) => {
  const asked: unknown[] = [];
  const session = {
    server: { user: 'merchant', major } as PostgresSession['server'],
    query: (async (sql: string, parameters: readonly unknown[] = []) => {
      if (sql.startsWith('ALTER')) await give();
      else asked.push(parameters[1]);
      return { rows: [{ may: true }], columns: [], rowCount: 1 };
    }) as PostgresSession['query'],
  };
  return { asked, give: () => giveToOwner(session, { owner: 'keeper' }, 'shop__new') };
};
const refusal = (code: 'postgres.privilege' | 'postgres.connection-lost', details: Record<string, unknown>) => () => Promise.reject(new PilothouseError(code, 'must be able to SET ROLE "keeper"', { details }));

describe('a restored database', () => {
  it.each([[15, 'MEMBER'], [16, 'SET']])('is given to its owner on %i by whoever has %s', async (major, privilege) => {
    const { asked, give } = sessionOf(major, async () => {});
    expect([await give(), asked]).toEqual([null, [privilege]]);
  });
  it('that the server does not let go stays whole, and that is said', async () => {
    expect(await sessionOf(16, refusal('postgres.privilege', { sqlState: '42501' })).give()).toContain('could not be given to keeper: must be able');
  });
  it('is not called whole where the line was lost meanwhile', async () => {
    await expect(sessionOf(16, refusal('postgres.connection-lost', {})).give()).rejects.toMatchObject({ code: 'postgres.connection-lost' });
  });
});
