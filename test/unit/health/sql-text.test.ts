import { describe, expect, test } from 'vitest';
import { concurrently } from '#engine/health/index-text.ts';
import { bytes, duration, percent } from '#engine/health/figures.ts';
import { comment, identifier, indexName, literal, qualified, shownQuery } from '#engine/health/sql-text.ts';

describe('a query as evidence', () => {
  test.each([
    ["SELECT * FROM t WHERE mail = 'a@b.c'", "SELECT * FROM t WHERE mail = '…'"],
    ["ALTER ROLE x PASSWORD 'it''s secret'", "ALTER ROLE x PASSWORD '…'"],
    ["SELECT E'a\\'b' || 'c'", "SELECT '…' || '…'"],
    ['SELECT $$body$$, $tag$ $$ $tag$', "SELECT '…', '…'"],
    ["SELECT 1 -- password 'x'\n, 2", 'SELECT 1 , 2'],
    ["SELECT /* 'x' */ 1", 'SELECT 1'],
    ['SELECT "weird \'name"', 'SELECT "weird \'name"'],
    ['SELECT   1\n\t FROM  t', 'SELECT 1 FROM t'],
  ])('%s', (query, shown) => {
    expect(shownQuery(query)).toBe(shown);
  });
  test('a literal that the server cut off is masked to the end', () => {
    expect(shownQuery("INSERT INTO t VALUES ('secret that goes on")).toBe("INSERT INTO t VALUES ('…'");
  });
  test('is cut', () => {
    expect(shownQuery(`SELECT ${'a, '.repeat(500)}`)).toHaveLength(160);
  });
});

describe('text of fixes', () => {
  test('identifiers are quoted', () => {
    expect(qualified('a"b', 'C d')).toBe('"a""b"."C d"');
  });
  test('strings are quoted', () => {
    expect([literal("o'k"), literal('a\\b')]).toEqual(["'o''k'", "E'a\\\\b'"]);
  });
  test('a line break in a name does not end a comment', () => {
    expect(comment('in database x\nDROP TABLE y')).toBe('-- in database x DROP TABLE y');
  });
  test('an index name fits into 63 bytes', () => {
    expect(Buffer.byteLength(indexName('ä'.repeat(40), ['colümn']))).toBeLessThanOrEqual(63);
  });
  test('a definition becomes one that does not block writes', () => {
    expect(concurrently('CREATE UNIQUE INDEX i ON public.t USING btree (a)')).toBe('CREATE UNIQUE INDEX CONCURRENTLY i ON public.t USING btree (a)');
  });
  test('a quoted identifier keeps everything', () => {
    expect(identifier('Größe; --')).toBe('"Größe; --"');
  });
});

describe('figures', () => {
  test.each([[0, '0 s'], [0.25, '250 ms'], [59.6, '1 min'], [3661, '1 h 1 min'], [90_000, '1 d 1 h'], [86_400, '1 d']])('%d s is %s', (seconds, words) => {
    expect(duration(seconds)).toBe(words);
  });
  test.each([[0, '0 B'], [1023, '1,023 B'], [1024, '1 KiB'], [41_017_000_000, '38.2 GiB']])('%d bytes are %s', (value, words) => {
    expect(bytes(value)).toBe(words);
  });
  test('small shares keep a digit', () => {
    expect([percent(0.44), percent(58.4)]).toEqual(['0.4 %', '58 %']);
  });
});
