import { describe, expect, it } from 'vitest';
import { isPilothouseError } from '#shared/domain/errors.ts';
import { startupFailure, statementFailure } from '#engine/postgres/failures.ts';

const place = { label: 'shop', host: '127.0.0.1', port: 5432, database: 'shop', user: 'ann', viaId: null, through: null };
const long = 'x'.repeat(1_000_000);
const serverError = () => Object.assign(new Error(long), { code: 'P0001', severity: 'ERROR', detail: long, hint: long });
const circumstances = { aborted: false, elapsedMs: 1, statementTimeoutMs: 0 };

describe('a line that is lost', () => {
  const said = (message: string) => statementFailure(new Error(message), place, circumstances);

  it.each(['Client has encountered a connection error and is not queryable', 'Connection terminated unexpectedly'])('is told without what the library says of itself: %s', (message) => {
    expect(said(message)).toMatchObject({ code: 'postgres.connection-lost', message: expect.stringMatching(/the connection was lost\.$/) as string });
  });
  it('is told with the reason, where there is one', () => {
    expect(said('read ECONNRESET')).toMatchObject({ message: expect.stringMatching(/the connection was lost: read ECONNRESET\.$/) as string });
  });
});

describe('what a server says, however long', () => {
  it.each<[string, () => unknown]>([
    ['to a statement', () => statementFailure(serverError(), place, circumstances)],
    ['to a session that is opened', () => startupFailure(serverError(), place)],
    ['where it is no server of Postgres', () => startupFailure(new Error(long), place)],
  ])('is kept up to 16 KiB for each text, %s', (_, fail) => {
    const error = fail();
    const kept = isPilothouseError(error) ? [error.message, error.hint ?? '', ...Object.values(error.details).filter((value) => typeof value === 'string')] : [long];
    expect(Math.max(...kept.map((text) => text.length))).toBeLessThan(17_000);
  });
});
