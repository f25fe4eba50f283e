import { describe, expect, test } from 'vitest';
import { checkInfo } from '#shared/contract/health.ts';
import { eyeIds, eyes } from '#engine/health/eyes.ts';
import { postgresChecks } from '#engine/health/postgres/index.ts';
import { lookOf } from '#test/health-look.ts';

describe('the catalogue', () => {
  test('has every id once', () => {
    expect(new Set(postgresChecks.map((check) => check.about.id)).size).toBe(postgresChecks.length);
  });
  test.each(postgresChecks.map((check) => [check.about.id, check] as const))('%s explains itself', (_id, check) => {
    const sql = check.statement?.(lookOf(check)) ?? 'nothing is sent';
    expect(() => checkInfo.parse({ ...check.about, sql })).not.toThrow();
    expect([check.about.question.endsWith('?'), check.about.meaning.length > 20, check.about.causes.length > 0, check.about.needs.length > 5]).toEqual([true, true, true, true]);
  });
  test.each(postgresChecks.map((check) => [check.about.id, check] as const))('%s has limits in the right order', (_id, { about, lowerIsWorse }) => {
    const { warn, critical } = about;
    expect(warn === null || critical === null || (lowerIsWorse === true ? warn > critical : warn < critical)).toBe(true);
  });
  test.each([130000, 140000, 150000, 160000, 170000, 180000])('every statement of %d only reads', (versionNum) => {
    const statements = postgresChecks.map((check) => check.statement?.(lookOf(check, { server: { versionNum } })) ?? '');
    expect(statements.filter((sql) => /\b(?:INSERT|UPDATE|DELETE|ALTER|DROP|CREATE|VACUUM|pg_terminate|nextval|setval)\b/.test(sql.replaceAll(/'[^']*'/g, '')))).toEqual([]);
  });
  test.each(eyeIds)('what opens the eye %s names the role, quoted', (eye) => {
    expect(eye === 'counts' || eyes[eye].opener('the "watcher"', 'shop').includes('"the ""watcher"""')).toBe(true);
  });
});
