/** The table of statements itself: each stands once, is proven by tests that are there, and is seen by what can be taken away. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { projectRoot } from '../../scripts/house/layers.ts';
import { patternOf, timesIn } from '#test/security/statement.ts';
import { titlesIn } from '#test/security/test-titles.ts';
import { beside, statements } from './statements.ts';

const sourceOf = (file: string): string => (existsSync(join(projectRoot, file)) ? readFileSync(join(projectRoot, file), 'utf8') : '');
const titles = new Map<string, readonly string[]>();
const titlesOf = (file: string): readonly string[] => {
  const known = titles.get(file) ?? titlesIn(file, sourceOf(file));
  titles.set(file, known);
  return known;
};

describe('the statements', () => {
  test('have a name each, which says where they belong', () => {
    const ids = statements.map(({ id }) => id);
    expect([ids.filter((id, at) => ids.indexOf(id) !== at), ids.filter((id) => !/^(?:window|loopback|secrets|ssh|rest)-[a-z-]+$/.test(id))]).toEqual([[], []]);
  });
  test('are proven by tests that are there, by these names', () => {
    const missing = statements.flatMap(({ id, proofs }) => proofs.filter(({ file, test: name }) => !titlesOf(file).includes(name)).map(({ file, test: name }) => `${id}: ${file}: ${name}`));
    expect([missing, statements.filter(({ proofs }) => proofs.length === 0).map(({ id }) => id)]).toEqual([[], []]);
  });
  test('name rows of tables that stand in the file', () => {
    const missing = statements.flatMap(({ id, proofs }) => proofs.filter(({ file, row, rowFrom = file }) => row !== undefined && !sourceOf(rowFrom).includes(row)).map(({ row }) => `${id}: ${row ?? ''}`));
    expect(missing).toEqual([]);
  });
  test('are each seen by what takes a protection away', () => {
    expect(statements.filter(({ mutations }) => mutations.length === 0).map(({ id }) => id)).toEqual([]);
  });
  test('take away what stands in a file just once, and put something else there', () => {
    const wrong = statements.flatMap(({ id, mutations }) => mutations.filter(({ file, find, replace }) => timesIn(sourceOf(file), find) !== 1 || find === replace).map(({ file, find }) => `${id}: ${file}: ${timesIn(sourceOf(file), find)} times: ${find}`));
    expect(wrong).toEqual([]);
  });
  test('take nothing from a test, and no list of packages, which would install others', () => {
    expect(statements.flatMap(({ mutations }) => mutations.map(({ file }) => file)).filter((file) => file.startsWith('test/') || file === 'package-lock.json')).toEqual([]);
  });
});

test('every test of test/security proves a statement, or it is said why it stands there', () => {
  const files = readdirSync(join(projectRoot, 'test', 'security')).filter((name) => name.endsWith('.test.ts')).map((name) => `test/security/${name}`);
  const named = (file: string, name: string): boolean => statements.some(({ proofs }) => proofs.some((proof) => proof.file === file && proof.test === name));
  const explained = (file: string, name: string): boolean => beside.some((each) => each.file === file && (each.tests === null || each.tests.includes(name)));
  expect(files.flatMap((file) => titlesOf(file).filter((name) => !named(file, name) && !explained(file, name)).map((name) => `${file}: ${name}`))).toEqual([]);
});

test('a name of the table is a pattern of just that test', () => {
  const table = { file: 'x', test: 'a request is refused > $why: $kind' };
  expect([patternOf(table), patternOf({ ...table, row: 'by PUT' }), patternOf({ file: 'x', test: 'costs 100% (of 2)' })]).toEqual(['a request is refused > .*: .*', 'a request is refused > by PUT: .*', 'costs 100% \\(of 2\\)']);
});
