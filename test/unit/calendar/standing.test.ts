import { describe, expect, test } from 'vitest';
import { conflictsOf, type Planned } from '#shared/domain/calendar/conflicts.ts';
import { blocksOf, type Others } from '#shared/domain/calendar/depends.ts';
import type { Entry, Occurrence } from '#shared/domain/calendar/entry.ts';
import { standingOf, wantsSomebody, type Mark } from '#shared/domain/calendar/standing.ts';

const hour = 3_600_000;
const day = 24 * hour;
const start = Date.UTC(2026, 10, 29, 2);
const entry = (more: Partial<Entry> = {}): Entry => ({ systemId: 's', key: 'vacuum', title: 'Vacuum', starts: '2026-11-29T02:00', rrule: 'FREQ=WEEKLY', tz: 'UTC', durationMs: 4 * hour, cutoffMs: null, noticeMs: 48 * hour, missed: 'run-once', lookBackMs: null, after: [], removes: false, ...more });
const occurrence = (at = start, durationMs = 4 * hour): Occurrence => ({ local: new Date(at).toISOString().slice(0, 16), start: at, end: at + durationMs, offset: 0, kind: 'plain' });
const stateAt = (now: number, more: Partial<Entry> = {}, mark: Mark | null = null, since = 0) => standingOf(entry(more), occurrence(), mark, start + 7 * day, since, now);

describe('an occurrence', () => {
  test.each([
    [start - 49 * hour, 'coming'],
    [start - 48 * hour, 'notice'],
    [start, 'due'],
    [start + 4 * hour - 1, 'due'],
    [start + 4 * hour, 'overdue'],
    [start + 7 * day, 'missed'],
  ])('at %d is %s', (now, state) => {
    expect(stateAt(now).state).toBe(state);
  });

  test('that is not made up for has passed when its window is over', () => {
    expect(stateAt(start + 5 * hour, { missed: 'skip' }).state).toBe('passed');
  });

  test('that nobody did waits for an answer where its entry asks', () => {
    expect(stateAt(start + 5 * hour, { missed: 'ask' })).toStrictEqual({ state: 'missed', asks: true, why: null });
  });

  test('is not asked about beyond its look-back', () => {
    expect(stateAt(start + 3 * day, { missed: 'ask', lookBackMs: 2 * day }).asks).toBe(false);
  });

  test('is not made up for beyond its look-back', () => {
    expect(stateAt(start + 3 * day, { lookBackMs: 2 * day }).state).toBe('missed');
  });

  test('from before its entry was here is nobody\'s to do', () => {
    expect(stateAt(start + 5 * hour, {}, null, start + 5 * hour).state).toBe('passed');
  });

  test('without a window is due for an hour', () => {
    expect(standingOf(entry({ durationMs: null }), occurrence(start, 0), null, null, 0, start + hour - 1).state).toBe('due');
  });

  test('is running while what was begun for it is under way', () => {
    expect(stateAt(start + 9 * day, {}, { state: 'begun', begun: { outcome: 'under-way', why: null } }).state).toBe('running');
  });

  test('is done when what was begun for it ended well', () => {
    expect(stateAt(start + hour, {}, { state: 'begun', begun: { outcome: 'well', why: null } }).state).toBe('done');
  });

  test('stays due, with why, when what was begun for it did not end well', () => {
    expect(stateAt(start + hour, {}, { state: 'begun', begun: { outcome: 'not-well', why: 'Stopped at Drop the slot' } })).toStrictEqual({ state: 'due', asks: false, why: 'Stopped at Drop the slot' });
  });

  test.each(['done', 'skipped'] as const)('that was marked %s wants nobody', (state) => {
    expect(wantsSomebody(stateAt(start + 5 * hour, { missed: 'ask' }, { state }))).toBe(false);
  });
});

describe('what has to be there before', () => {
  const now = start;
  const others = (more: Partial<Others> = {}): Others => ({ title: () => 'Backup', doneAt: () => null, copies: { provenAt: null, why: 'No copy of shop was ever restored and counted.' }, copyWithinMs: 50 * hour, ...more });
  const after = [{ key: 'backup', withinMs: 26 * hour, needs: 'done' as const }];
  const proven = [{ key: 'backup', withinMs: 26 * hour, needs: 'proven-backup' as const }];

  test('an entry that was never done holds back the one after it', () => {
    expect(blocksOf(entry({ after }), others(), now)).toStrictEqual(['"Backup" has to be done before, and never was.']);
  });

  test('an entry that was done too long ago holds it back as well', () => {
    expect(blocksOf(entry({ after }), others({ doneAt: () => now - 30 * hour }), now)).toStrictEqual(['"Backup" has to be done within 1 d 2 h before, and was done 1 d 6 h ago.']);
  });

  test('an entry that was done in time does not', () => {
    expect(blocksOf(entry({ after }), others({ doneAt: () => now - 20 * hour }), now)).toStrictEqual([]);
  });

  test('a removal without any proven copy is held back', () => {
    expect(blocksOf(entry({ removes: true, after: proven }), others(), now)).toStrictEqual(['No copy of shop was ever restored and counted.']);
  });

  test('a removal is held back by a proven copy that is too old', () => {
    expect(blocksOf(entry({ removes: true, after: proven }), others({ copies: { provenAt: now - 40 * hour, why: '' } }), now)).toStrictEqual(['The newest copy that was restored and counted is 1 d 16 h old, and may be 1 d 2 h old.']);
  });

  test('a removal goes on with a proven copy', () => {
    expect(blocksOf(entry({ removes: true, after: proven }), others({ copies: { provenAt: now - hour, why: '' } }), now)).toStrictEqual([]);
  });

  test('a removal that names no copy needs one all the same', () => {
    expect(blocksOf(entry({ removes: true }), others(), now)).toStrictEqual(['It removes something. No copy of shop was ever restored and counted.']);
  });
});

describe('conflicts', () => {
  const planned = (more: Partial<Entry>, at: number, durationMs = hour, rest: Partial<Planned> = {}): Planned => ({ entry: entry(more), occurrence: occurrence(at, durationMs), places: new Map(), reads: false, estimateMs: null, without: null, ...rest });
  const texts = (all: Planned[]): string[][] => conflictsOf(all, (_systemId, key) => all.some((one) => one.entry.key === key)).map((list) => list.map(({ text }) => text));

  test('windows of one system that overlap are named on both', () => {
    expect(texts([planned({ key: 'a', title: 'A' }, start), planned({ key: 'b', title: 'B' }, start + 40 * 60_000)])).toStrictEqual([['Overlaps "B", which begins after it, by 20 min'], ['Overlaps "A", which begins before it, by 20 min']]);
  });

  test('what only looks is in nobody\'s way', () => {
    expect(texts([planned({ key: 'a', title: 'A' }, start), planned({ key: 'b', title: 'B' }, start, hour, { reads: true })])).toStrictEqual([[], []]);
  });

  test('windows that touch do not overlap', () => {
    expect(texts([planned({ key: 'a' }, start), planned({ key: 'b' }, start + hour)])).toStrictEqual([[], []]);
  });

  test('windows of two systems overlap only where they share a place', () => {
    const on = (name: string) => ({ places: new Map([[name, name]]) });
    expect(texts([planned({ key: 'a', title: 'A' }, start, hour, on('web-1')), planned({ key: 'b', title: 'B', systemId: 't' }, start, hour, on('web-1')), planned({ key: 'c', title: 'C', systemId: 'u' }, start, hour, on('web-2'))])).toStrictEqual([['Overlaps "B", which begins after it, on web-1 by 1 h'], ['Overlaps "A", which begins before it, on web-1 by 1 h'], []]);
  });

  test('a removal before the copy that it depends on is named', () => {
    const after = [{ key: 'backup', withinMs: 2 * hour, needs: 'proven-backup' as const }];
    expect(texts([planned({ key: 'archive', removes: true, after }, start), planned({ key: 'backup', title: 'Monthly backup' }, start + hour)])).toStrictEqual([['It removes something before "Monthly backup", which it depends on, is done'], []]);
  });

  test('a removal after its copy is in order', () => {
    const after = [{ key: 'backup', withinMs: 2 * hour, needs: 'proven-backup' as const }];
    expect(texts([planned({ key: 'backup' }, start), planned({ key: 'archive', removes: true, after }, start + hour)])).toStrictEqual([[], []]);
  });

  test.each([
    ['work that takes longer than its window', planned({}, start, hour, { estimateMs: 2 * hour }), 'Its work takes about 2 h, and its window is 1 h'],
    ['a window without work', planned({}, start, hour, { without: 'There is no runbook neff-paving/vacuum' }), 'There is no runbook neff-paving/vacuum'],
    ['a removal that names no copy', planned({ removes: true }, start), 'It removes something, and does not say which copy has to be proven before'],
    ['what depends on an entry that is not there', planned({ after: [{ key: 'gone', withinMs: hour, needs: 'done' }] }, start), 'It depends on gone, which is not in this calendar'],
  ])('%s is named', (_name, one, expected) => {
    expect(texts([one])).toStrictEqual([[expected]]);
  });
});
