/** Every error of the five guides is seen by a rule where it stands, or stands in no pack. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { rules } from '#engine/rules/index.ts';
import { problemText, readRunbook } from '#engine/runbooks/format/index.ts';
import { projectRoot } from '../../../scripts/house/layers.ts';
import { guides, type Guide } from '#test/errors/row.ts';
import { errorRows } from '#test/errors/rows.ts';
import { errorTable } from '#test/errors/table.ts';
import { findingsIn, packTexts, rowsOf, type LineFinding } from '#test/errors/texts.ts';
import { guidesFolder } from '#test/guides.ts';

const texts = packTexts();
const known = new Set(rules().map(({ id }) => id));
const seen = errorRows.flatMap(({ id, seen: all }) => all.map((each) => ({ id, ...each })));
const absent = errorRows.flatMap(({ id, what, absent: pattern }) => (pattern === null ? [] : [{ id, what, pattern }]));

describe('the table of errors', () => {
  it('is the one that is committed', () => {
    expect(readFileSync(join(import.meta.dirname, 'errors.md'), 'utf8')).toBe(errorTable());
  });

  it('names rules that there are', () => {
    expect(seen.filter(({ rule }) => !known.has(rule))).toEqual([]);
  });

  it('says of every row by what it is seen, or what is absent', () => {
    expect(errorRows.filter((row) => row.seen.length === 0 && row.absent === null).map(({ id }) => id)).toEqual([]);
  });

  it.each(absent)('$id: $what is in no pack', ({ pattern }) => {
    expect(texts.filter(({ text }) => pattern.test(text)).map(({ file }) => file)).toEqual([]);
  });
});

describe('the packs', () => {
  const ofClass = new Map(rules().map((rule) => [rule.id, rule.class]));
  const isWrong = (rule: string): boolean => ['wrong', 'quoting', 'language', 'endless', 'document'].includes(ofClass.get(rule) ?? '');

  it.each(texts.filter(({ file }) => file.includes('/runbooks/')))('$file has nothing that the rule book knows', ({ file }) => {
    const whole = readFileSync(join(projectRoot, 'resources', 'packs', file), 'utf8');
    expect(readRunbook(whole).problems.filter(({ rule }) => isWrong(rule)).map((problem) => problemText(problem))).toEqual([]);
  });

  it('has nothing of it in their templates and cards', () => {
    const found = texts.filter(({ file }) => file.endsWith('.md')).flatMap(({ file, text }) => findingsIn(text).filter(({ rule }) => isWrong(rule)).map(({ line, rule }) => `${file}:${line} ${rule}`));
    expect(found).toEqual([]);
  });
});

describe.skipIf(guidesFolder === null)('beside the project', () => {
  const read = (name: string): string => readFileSync(join(guidesFolder ?? '', `${name}.md`), 'utf8');
  const cache = new Map<Guide, LineFinding[]>();
  const findings = (guide: Guide): LineFinding[] => {
    const found = cache.get(guide) ?? findingsIn(read(guides[guide]));
    cache.set(guide, found);
    return found;
  };

  it('errors.md has the rows of the table and no other, in its order', () => {
    const theirs = rowsOf(read('errors'));
    expect(theirs.map(({ id }) => id)).toEqual(errorRows.map(({ id }) => id));
    expect(theirs.filter(({ where }, at) => !where.startsWith(errorRows[at]?.where ?? '?'))).toEqual([]);
  });

  it.each(seen)('$id: $rule sees it in $guide on line $line', ({ rule, guide, line }) => {
    expect(findings(guide).filter((finding) => finding.rule === rule).map((finding) => finding.line)).toContain(line);
  });

  it.each(absent)('$id: what is absent from the packs would be found as it is written in a guide', ({ pattern }) => {
    expect(Object.values(guides).some((name) => pattern.test(read(name)))).toBe(true);
  });
});
