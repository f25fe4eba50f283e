/** The calendars of the packs, as they are once they were adopted: over a year nothing in one stands in the way of something else in it. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { calendarItem } from '#shared/contract/items.ts';
import { conflictsOf, type Planned } from '#shared/domain/calendar/conflicts.ts';
import { occurrencesOf, readTiming } from '#shared/domain/calendar/entry.ts';
import { readPack, readPackFolder } from '#engine/packs/format/index.ts';
import { knownChecks } from '#engine/packs/known-checks.ts';
import { readRunbook } from '#engine/runbooks/format/index.ts';
import { defaultPacksFolder } from '#engine/runbooks/library/index.ts';

const folder = defaultPacksFolder();
/** Answers the question for the zone, where there is one. */
const answered = 'America/New_York';
const from = Date.UTC(2026, 0, 1);
const to = Date.UTC(2027, 0, 1);

function plannedOf(name: string): Planned[] {
  const { pack } = readPack(readPackFolder(join(folder, name), name), knownChecks);
  const planned = (pack?.items ?? []).flatMap(({ kind, key, fields }): Planned[] => {
    if (kind !== 'calendar') return [];
    const item = calendarItem.parse({ tz: answered, ...fields });
    const { timing, problem } = readTiming(item, () => null);
    if (timing === null) throw new Error(`${name} ${key}: ${problem.message}`);
    const estimateMs = item.work.kind === 'runbook' ? (readRunbook(readFileSync(join(folder, name, 'runbooks', `${item.work.runbook}.yaml`), 'utf8')).runbook?.estimateMs ?? null) : null;
    return occurrencesOf(timing, item.durationMs, from, to).map((occurrence) => ({ entry: { ...item, systemId: name, key }, occurrence, places: new Map<string, string>(), reads: false, estimateMs, without: null }));
  });
  return planned.toSorted((one, other) => one.occurrence.start - other.occurrence.start);
}

const conflictsIn = (name: string): { kind: string; says: string }[] => {
  const planned = plannedOf(name);
  const keys = new Set(planned.map(({ entry }) => entry.key));
  return conflictsOf(planned, (_systemId, key) => keys.has(key)).flatMap((found, at) => found.map(({ kind, text }) => ({ kind, says: `${planned[at]?.entry.key}: ${text}` })));
};

test.each(readdirSync(folder))('%s removes nothing before its copy is proven, and has nothing before what it depends on', (name) => {
  const planned = plannedOf(name);
  expect({ entries: planned.length > 0, found: conflictsIn(name).filter(({ kind }) => kind === 'order' || kind === 'unprotected') }).toEqual({ entries: true, found: [] });
});

/** The guides of the others give times that overlap, which the calendar shows to whoever adopts them. */
test.each(['hydraulic', 'neff-paving', 'postgres-server', 'reconciliation'])('%s has no windows that overlap, and none that is too short for its runbook', (name) => {
  expect(conflictsIn(name)).toEqual([]);
});
