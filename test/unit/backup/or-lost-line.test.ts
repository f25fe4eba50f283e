import { describe, expect, test } from 'vitest';
import { PilothouseError } from '#shared/domain/errors.ts';
import { explainEnd } from '#engine/backup/dump.ts';
import { orLostLine } from '#engine/backup/making.ts';
import type { PostgresSession, PostgresTarget } from '#engine/postgres/types.ts';

const target = { label: 'shop on 127.0.0.1:5432', connection: { user: 'dba' } } as PostgresTarget;
const said = (stderr: string): PilothouseError => explainEnd({ name: 'pg_dump', path: '/bin/pg_dump', version: '15.18', major: 15 }, stderr, 1, null, target);

const lost = new PilothouseError('postgres.connection-lost', 'The connection was lost.', { retryable: true });
const alive = { query: () => Promise.resolve([]) } as unknown as PostgresSession;
const dead = { query: () => Promise.reject(lost) } as unknown as PostgresSession;

const snapshot = said('pg_dump: error: query failed: ERROR:  invalid snapshot identifier: "00000003-1"\n');
const lock = said('pg_dump: error: could not obtain lock on relation "public.orders"\n');
const other = said('pg_dump: error: query failed: ERROR:  permission denied for table orders\n');

describe('what pg_dump says', () => {
  test.each([
    ['of a snapshot that is not known is the loss of the line, where our own session went with it', snapshot, dead, lost],
    ['of a snapshot that is not known stands where our own session is alive', snapshot, alive, snapshot],
    ['of a lock is the loss of the line, where our own session went with it', lock, dead, lost],
    ['of a lock stands where our own session is alive', lock, alive, lock],
    ['of something else stands, line or no line', other, dead, other],
  ])('%s', async (_what, error, session, expected) => {
    expect(await orLostLine(error, session)).toBe(expected);
  });
});
