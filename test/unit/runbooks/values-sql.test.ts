/** Statements of Postgres, and values in them. */
import { describe, expect, test } from 'vitest';
import { bindNames, compileSql, splitStatements, sqlWithLiterals } from '#shared/domain/runbook/sql-text.ts';

const binds = (sql: string): string => bindNames(sql).map(({ name }) => name).join(', ');

describe('values that are bound', () => {
  test.each([
    ['SELECT :a, :b, :a', 'a, b, a'], ["SELECT ':a', E'\\':a', 'it''s :a', U&':a', :b", 'b'], ['SELECT "x:a", :b', 'b'], ['SELECT $$ :a $$, $t$ :a $$ $t$, :b', 'b'], ['SELECT 1 -- :a\n, :b /* :a /* :a */ :a */', 'b'],
    ['SELECT a::int, b :: text, :c::date', 'c'], ['SELECT f(a := 1, b := :b)', 'b'], ['SELECT a[1:2], a[lo:hi], a[f(1):hi], a[:n]', 'n'], ["SELECT a$b$, :c, 'x'", 'c'], ["SELECT '{{ a }}:b', :c", 'c'], ["SELECT E'a\\\\', :b", 'b'], ["SELECT 'a\\', :b", 'b'], ['SELECT :', ''],
  ])('%j names %j', (sql, expected) => {
    expect(binds(sql)).toBe(expected);
  });
});

describe('statements of a text', () => {
  test.each([
    ['SELECT 1; SELECT 2', ['SELECT 1', 'SELECT 2']], [" SELECT ';' ; ; -- nothing\n", ["SELECT ';'"]], ['DO $$ BEGIN x; END $$; SELECT 1;', ['DO $$ BEGIN x; END $$', 'SELECT 1']], ['CREATE RULE r AS ON INSERT TO t DO (SELECT 1; SELECT 2); SELECT 3', ['CREATE RULE r AS ON INSERT TO t DO (SELECT 1; SELECT 2)', 'SELECT 3']],
    ['CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT CASE WHEN true THEN 1 END; SELECT 2; END; SELECT 3', ['CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT CASE WHEN true THEN 1 END; SELECT 2; END', 'SELECT 3']], ['BEGIN; COMMIT', ['BEGIN', 'COMMIT']], ['/* ; */', []], ['', []],
  ])('%j are told apart', (sql, expected) => {
    expect(splitStatements(sql).map(({ text }) => text)).toEqual(expected);
  });
  test('have their places', () => {
    expect(splitStatements('  SELECT 1 ; SELECT 2')).toEqual([{ text: 'SELECT 1', from: 2, to: 10 }, { text: 'SELECT 2', from: 13, to: 21 }]);
  });
});

describe('a statement with its values', () => {
  test('has numbers where they are bound, one for each name', () => {
    expect(compileSql("SELECT :a, :b, a:a FROM {{ t | ident }}.{{ c | ident }} -- {{ a }} it's\nWHERE x = ANY(:list) AND y = ':a'", { a: "x'", b: 2, t: 'sh"op', c: 'Orders', list: ['a"b', 'c\\d,e'] })).toEqual({ statement: `SELECT $1, $2, a $1 FROM "sh""op"."Orders" -- a it's\nWHERE x = ANY($3) AND y = ':a'`, parameters: ["x'", 2, '{"a\\"b","c\\\\d,e"}'] });
  });
  test('has literals where a person is to type it', () => {
    expect(sqlWithLiterals("SELECT :a, :n, :yes WHERE ':a' = ANY(:list)", { a: "it's \\", n: -1.5, yes: true, list: ["o'x"] })).toEqual({ statement: `SELECT 'it''s \\', -1.5, 'true' WHERE ':a' = ANY('{"o''x"}')` });
  });
  test.each([
    ['SELECT {{ a }}', 'would be pasted'], ['SELECT {{ a | raw }}', 'would be pasted'], ["SELECT '{{ a | ident }}'", 'stands in quotes'], ['SELECT "{{ a | ident }}"', 'stands in quotes'], ['SELECT $$ {{ a | ident }} $$', 'stands in quotes'], ['SELECT U&{{ a | ident }}', 'whole name'], ['SELECT {{ a | ident }}_old', 'whole name'], ['SELECT x{{ a | ident }}', 'whole name'], ['SELECT {{ a | ident }}{{ a | ident }}', 'whole name'], ['SELECT {{ a | ident }}"b"', 'whole name'],
    ['SELECT {{ list | ident }}', 'is a list'], ['SELECT {{ empty | ident }}', 'is empty'], ['SELECT {{ nul | ident }}', 'NUL'], ['SELECT :nul', 'NUL'], ['SELECT :nobody', 'has no value'], ['SELECT {{ nobody | ident }}', 'has no value'], ['SELECT $1', 'Values are written :name'], ['SELECT {{ a', 'not closed'],
  ])('%j is refused', (sql, said) => {
    expect(compileSql(sql, { a: 'x', list: ['x'], empty: '', nul: 'a\0b' })).toEqual({ fault: expect.stringContaining(said) });
  });
});
