import { expect, test } from 'vitest';
import { reviewOf } from '#engine/runbooks/library/index.ts';

const day = 86_400_000;
const reviewed = { reviewedOn: '2026-08-28', reviewEveryMs: 90 * day };

test.each([
  ['one that was reviewed lately is fresh', reviewed, '2026-11-25T23:59:59.999Z', { review: 'fresh', dueAt: '2026-11-26T00:00:00.000Z' }],
  ['one whose time has come is due', reviewed, '2026-11-26T00:00:00.000Z', { review: 'due', dueAt: '2026-11-26T00:00:00.000Z' }],
  ['one that asks for reviews and had none says so', { reviewedOn: null, reviewEveryMs: day }, '2026-11-26T00:00:00.000Z', { review: 'never', dueAt: null }],
  ['one that asks for none has none', { reviewedOn: '2020-01-01', reviewEveryMs: null }, '2026-11-26T00:00:00.000Z', { review: 'none', dueAt: null }],
  ['one whose date is none was never reviewed', { reviewedOn: '2026-13-45', reviewEveryMs: day }, '2026-11-26T00:00:00.000Z', { review: 'never', dueAt: null }],
] as const)('%s', (_what, runbook, now, expected) => {
  expect(reviewOf(runbook, Date.parse(now))).toEqual(expected);
});
