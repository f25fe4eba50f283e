/** What is said of a line that was lost while a backup came over it. */
import { describe, expect, test } from 'vitest';
import { explainLostLine } from '#engine/backup/dump.ts';
import type { ClientTool } from '#engine/postgres/types.ts';
import { PilothouseError, type ErrorCode } from '#shared/domain/errors.ts';

const error = (code: ErrorCode) => new PilothouseError(code, 'db-1: it is so.', { hint: 'Look at what it was doing before it is run again.', details: { hop: 'db-1' } });
const ofHost = { there: { label: 'db-1' } } as unknown as Pick<ClientTool, 'there'>;

describe('a backup whose line was lost', () => {
  test.each(['ssh.connection-lost', 'postgres.connection-lost'] as const)('is to be made again, whatever a command or a statement would be: %s', (code) => {
    expect(explainLostLine(error(code), {})).toMatchObject({ code, message: 'db-1: it is so.', hint: 'Check the line and the server, then back up again. What was written of this one was removed.', retryable: true, details: { hop: 'db-1' } });
  });
  test('says what becomes of the programs of the host', () => {
    expect(explainLostLine(error('ssh.connection-lost'), ofHost)).toMatchObject({ hint: expect.stringMatching(/ What worked for it on db-1 ends with the line\.$/) as string });
  });
  test('that ended by something else says that', () => {
    const other = error('backup.space');
    expect(explainLostLine(other, ofHost)).toBe(other);
  });
});
