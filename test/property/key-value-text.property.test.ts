import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { readConnectionText } from '#shared/domain/postgres-url.ts';
import { readKeyValues, writeKeyValue } from '#shared/domain/key-value-text.ts';

const value = fc.string({ unit: fc.oneof(fc.constantFrom("'", '\\', ' ', '=', '\n', '"', '\t'), fc.string({ minLength: 1, maxLength: 1 })), minLength: 1 });
const unexpected = (problem: string): Error => new Error(problem);

it('what is written is read back, whatever it is', () => {
  fc.assert(
    fc.property(value, value, (first, second) => {
      const read = readKeyValues(`${writeKeyValue('user', first)} ${writeKeyValue('password', second)}`, unexpected);
      expect([...read]).toEqual([['user', first], ['password', second]]);
    }),
  );
});

it('every part of a URL comes back as it was before it was percent-encoded', () => {
  const part = fc.string({ minLength: 1, maxLength: 40 }).filter((text) => !text.includes('\0') && text.isWellFormed());
  fc.assert(
    fc.property(part, part, part, (user, password, database) => {
      const read = readConnectionText(`postgres://${encodeURIComponent(user)}:${encodeURIComponent(password)}@h/${encodeURIComponent(database)}`);
      expect([read.connection.user, read.password?.reveal(), read.connection.database]).toEqual([user, password, database]);
    }),
  );
});

it('libpq reads a quoted value as we meant it', () => {
  const file = fc.string({ unit: fc.constantFrom("'", '\\', ' ', '=', 'a', '"', '$'), minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(file, (name) => {
      // A socket folder that does not exist: psql's complaint repeats it as libpq understood it.
      let complaint = '';
      try {
        execFileSync('psql', ['-X', '-w', `${writeKeyValue('host', `/no/${name}`)} ${writeKeyValue('port', 1)}`], { stdio: 'pipe', env: { PATH: process.env['PATH'], LC_ALL: 'C' } });
      } catch (error) {
        complaint = String((error as { stderr: Buffer }).stderr);
      }
      expect(complaint).toContain(`"/no/${name}/.s.PGSQL.1"`);
    }),
    { numRuns: 15 },
  );
});
