import { describe, expect, test } from 'vitest';
import { checkInfo } from '#shared/contract/health.ts';
import { eyeIds, eyes } from '#engine/health/eyes.ts';
import { hostChecks, pieces, scriptOf, textOf } from '#engine/health/host/index.ts';
import { allChecks } from '#engine/health/limits.ts';
import { postgresChecks } from '#engine/health/postgres/index.ts';
import { lookOf } from '#test/health-look.ts';

describe('the catalogue', () => {
  test('has every id once', () => {
    expect(new Set(allChecks.map((check) => check.about.id)).size).toBe(allChecks.length);
  });
  test.each(postgresChecks.map((check) => [check.about.id, check] as const))('%s explains itself', (_id, check) => {
    const sql = check.statement?.(lookOf(check)) ?? 'nothing is sent';
    expect(() => checkInfo.parse({ ...check.about, sql, script: null })).not.toThrow();
    expect([check.about.question.endsWith('?'), check.about.meaning.length > 20, check.about.causes.length > 0, check.about.needs.length > 5]).toEqual([true, true, true, true]);
  });
  test.each(hostChecks.map((check) => [check.about.id, check] as const))('%s of a host explains itself', (_id, check) => {
    expect(() => checkInfo.parse({ ...check.about, sql: null, script: textOf(check.reads) })).not.toThrow();
    expect([check.about.question.endsWith('?'), check.about.meaning.length > 20, check.about.causes.length > 0, check.about.needs.length > 5, check.about.source.length > 5]).toEqual([true, true, true, true, true]);
  });
  test('has no check of a host by which nothing in the script goes, and no piece that none reads', () => {
    const read = new Set(hostChecks.flatMap((check) => check.reads));
    expect(pieces.filter(({ id }) => !read.has(id)).map(({ id }) => id)).toEqual([]);
  });
  test.each(allChecks.map((check) => [check.about.id, check] as const))('%s has limits in the right order', (_id, { about, lowerIsWorse }) => {
    const { warn, critical } = about;
    expect(warn === null || critical === null || (lowerIsWorse === true ? warn > critical : warn < critical)).toBe(true);
  });
  test.each([130000, 140000, 150000, 160000, 170000, 180000])('every statement of %d only reads', (versionNum) => {
    const statements = postgresChecks.map((check) => check.statement?.(lookOf(check, { server: { versionNum } })) ?? '');
    expect(statements.filter((sql) => /\b(?:INSERT|UPDATE|DELETE|ALTER|DROP|CREATE|VACUUM|pg_terminate|nextval|setval)\b/.test(sql.replaceAll(/'[^']*'/g, '')))).toEqual([]);
  });
  test('the script for hosts has every piece once, and neither writes, removes nor asks for root', () => {
    const script = scriptOf('mark');
    expect(new Set(pieces.map(({ id }) => id)).size).toBe(pieces.length);
    expect(script.replaceAll(/[12]?>(?:&[12]|\/dev\/null)/g, '')).not.toMatch(/(?:^|\s)(?:sudo|su|rm|mv|cp|tee|touch|mkdir|mktemp|chmod|chown|ln|dd|kill|systemctl (?:start|stop|restart|enable))\s|[^-<]>\s*[\w/"$]/m);
  });
  test.each(eyeIds)('what opens the eye %s names the role, quoted', (eye) => {
    expect(eye === 'counts' || eyes[eye].opener('the "watcher"', 'shop').includes('"the ""watcher"""')).toBe(true);
  });
});
