/** What a host says of itself is read whatever it says. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hostFindings } from '#shared/contract/detection.ts';
import { detectMark, readFindings } from '#engine/ssh/detect/index.ts';

const kind = fc.constantFrom('account', 'socket', 'listen', 'process', 'config', 'folder', 'tool', 'sudo', 'answer', 'container', 'pod', 'blind', 'end', '');
const word = fc.oneof(
  fc.constantFrom('/var/run/postgresql/.s.PGSQL.5432', '/tmp/.s.PGSQL.99999', '0100007F:1538', '00000000000000000000000001000000:1538', 'postgres', 'postgres\u001f-D\u001f/data\u001f-p\u001f5433', 'port = 5433\u001f', 'yes', 'account', 'sudo', 'version\t15.6', 'database', 'user', 'shop-db', 'postgres:16', 'db=postgres:16', 'pg_dump (PostgreSQL) 15.18', '0.0.0.0:5433->5432/tcp', '172.17.0.2 ', '__proto__', 'constructor'),
  fc.string({ unit: 'binary', maxLength: 30 }),
);
const line = fc.tuple(kind, fc.array(word, { maxLength: 6 })).map(([first, rest]) => [first, ...rest].join('\t'));
const output = fc.tuple(fc.array(word, { maxLength: 2 }), fc.array(line, { maxLength: 40 }), fc.boolean()).map(([before, lines, ends]) => [...before, detectMark, ...lines, ...(ends ? ['end', ''] : [])].join('\n'));

const strings = (value: unknown): string[] => (typeof value === 'string' ? [value] : typeof value === 'object' && value !== null ? Object.values(value).flatMap(strings) : []);

describe('what a host says of itself', () => {
  test('is read into what the contract knows, whatever it is', () => {
    fc.assert(fc.property(fc.oneof(output, fc.string({ unit: 'binary', maxLength: 200 })), (text) => void hostFindings.parse(readFindings(text))), { numRuns: 2000 });
  });
  test('holds nothing that a terminal would obey, and no address that could be an option', () => {
    fc.assert(
      fc.property(output, (text) => {
        const found = readFindings(text);
        expect(strings(found).filter((each) => /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202e]/.test(each))).toEqual([]);
        expect(found.postgres.flatMap(({ ways }) => ways).filter(({ host, port }) => host.startsWith('-') || port < 1 || port > 65_535)).toEqual([]);
      }),
      { numRuns: 1000 },
    );
  });
  test('that broke off says so', () => {
    expect(readFindings(`${detectMark}\naccount\tann\n`)).toMatchObject({ account: 'ann', blind: [expect.stringContaining('did not come to its end')] });
  });
  test('is nothing where its script never began', () => {
    expect(readFindings('account\tann\nend\n')).toMatchObject({ account: null, postgres: [] });
  });
});
