/** Events of a file of iCalendar (RFC 5545) as entries of ours; what we cannot do is named for each. */
import { readTiming } from '../entry.ts';
import { expand } from '../expand.ts';
import { dayOf, localText, minutesPerDay, type LocalMinutes } from '../local-time.ts';
import { readRule, type Rule } from '../rule.ts';
import { findZone, type Zone } from '../zone.ts';
import { readComponents, textOf, type Component, type Property } from './lines.ts';
import { readDuration, readTime } from './values.ts';
import { zoneNamed } from './zone-names.ts';

export interface EventDraft {
  title: string;
  text: string;
  starts: string;
  rrule: string | null;
  tz: string;
  durationMs: number | null;
  noticeMs: number | null;
}

export interface ReadEvent {
  uid: string;
  summary: string;
  /** Null: it cannot be an entry, and `problem` says why. */
  draft: EventDraft | null;
  problem: string | null;
  notes: string[];
  /** Local times that it leaves out. */
  skips: string[];
  /** What this console wrote of it; null where another program did. */
  own: string | null;
}

const mostEvents = 5000;
const mostSkips = 2000;
const longestTitle = 200;
const longestText = 40_000;

const secondsCut = 'Its seconds are cut.';

class KeptOut extends Error {}

const keepOut = (problem: string): never => {
  throw new KeptOut(problem);
};

const propertyOf = (component: Component, name: string): Property | undefined => component.properties.find((property) => property.name === name);
const valueOf = (component: Component, name: string): string | null => {
  const property = propertyOf(component, name);
  return property === undefined ? null : textOf(property.value).trim();
};

interface Reading {
  calendar: Component;
  /** For times without a zone. */
  fallback: string;
  notes: string[];
}

/** A time with the zone it is in. @throws KeptOut */
function timeOf(property: Property, { calendar, fallback, notes }: Reading): { zone: Zone; local: LocalMinutes; isDate: boolean } {
  const time = readTime(property.value);
  if (time === null) return keepOut(`${property.name} is "${property.value.slice(0, 60)}", which is no date and time.`);
  if (time.hasSeconds && !notes.includes(secondsCut)) notes.push(secondsCut);
  const named = property.params.get('TZID');
  const name = time.isUtc ? 'UTC' : (named ?? fallback);
  const zone = time.isUtc || named === undefined ? findZone(name) : zoneNamed(named, calendar);
  return zone === null ? keepOut(`The time zone "${name}" is not known here.`) : { zone, local: time.local, isDate: time.isDate };
}

function windowOf(event: Component, start: { zone: Zone; local: LocalMinutes; isDate: boolean }, reading: Reading): number | null {
  const duration = propertyOf(event, 'DURATION');
  const end = propertyOf(event, 'DTEND');
  const from = start.zone.resolve(start.local).at;
  if (duration !== undefined) {
    const ms = readDuration(duration.value);
    if (ms === null || ms < 0) reading.notes.push(`Its duration "${duration.value.slice(0, 30)}" is not understood: it has no window.`);
    return ms !== null && ms > 0 ? ms : null;
  }
  if (end === undefined) return start.isDate ? start.zone.resolve(start.local + minutesPerDay).at - from : null;
  const { zone, local } = timeOf(end, reading);
  const ms = zone.resolve(local).at - from;
  if (ms < 0) reading.notes.push('It ends before it begins: it has no window.');
  return ms > 0 ? ms : null;
}

/** How long before its beginning people are told: by the earliest alarm. */
function noticeOf(event: Component, notes: string[]): number | null {
  const leads = event.components.flatMap((alarm) => {
    const trigger = alarm.name === 'VALARM' ? propertyOf(alarm, 'TRIGGER') : undefined;
    if (trigger === undefined) return [];
    const ms = readDuration(trigger.value);
    if (ms === null || ms > 0 || trigger.params.get('RELATED')?.toUpperCase() === 'END') {
      notes.push('An alarm that does not come before its beginning is left out.');
      return [];
    }
    return ms === 0 ? [] : [-ms];
  });
  if (leads.length > 1) notes.push('Of its alarms the earliest is taken.');
  return leads.length === 0 ? null : Math.max(...leads);
}

/** Of these local times those that a series has. They are looked for at once: a series may be long. */
function timesOf(walls: ReadonlySet<LocalMinutes>, start: { zone: Zone; local: LocalMinutes }, rule: Rule | null): LocalMinutes[] {
  const sorted = [...walls].sort((a, b) => a - b);
  const [first] = sorted;
  const last = sorted.at(-1);
  if (first === undefined || last === undefined) return [];
  const until = rule?.until?.kind === 'instant' ? rule.until.at : Number.POSITIVE_INFINITY;
  return expand(rule, start.local, first, last).filter((local) => walls.has(local) && start.zone.resolve(local).at <= until);
}

function skipsOf(event: Component, start: { zone: Zone; local: LocalMinutes }, rule: Rule | null, reading: Reading): string[] {
  const walls = new Set<LocalMinutes>();
  for (const property of event.properties) {
    if (property.name !== 'EXDATE') continue;
    for (const value of property.value.split(',')) {
      if (walls.size > mostSkips) keepOut(`It leaves out more than ${mostSkips} times. Plan it as an entry of its own.`);
      const { zone, local, isDate } = timeOf({ ...property, value }, reading);
      walls.add(isDate ? local + (start.local - dayOf(start.local) * minutesPerDay) : zone === start.zone ? local : start.zone.localAt(zone.resolve(local).at));
    }
  }
  const found = timesOf(walls, start, rule);
  const unknown = walls.size - found.length;
  if (unknown > 0) reading.notes.push(`${unknown} of the times that it leaves out ${unknown === 1 ? 'is' : 'are'} none of its times.`);
  return found.map(localText);
}

function ruleOf(event: Component): { text: string | null; rule: Rule | null } {
  const rules = event.properties.filter(({ name }) => name === 'RRULE');
  if (rules.length > 1) return keepOut('It has several rules. Write one entry for each.');
  const [only] = rules;
  if (only === undefined) return { text: null, rule: null };
  const read = readRule(only.value);
  return read.rule === null ? keepOut(`Its rule ${only.value.slice(0, 200)}: ${read.problem}`) : { text: only.value.trim().toUpperCase(), rule: read.rule };
}

function textFor(event: Component, notes: string[]): string {
  const where = valueOf(event, 'LOCATION');
  const url = valueOf(event, 'URL');
  const text = [valueOf(event, 'DESCRIPTION') ?? '', where === null || where === '' ? '' : `Where: ${where}`, url ?? ''].filter((part) => part !== '').join('\n\n');
  if (text.length > longestText) notes.push(`Its description has more than ${longestText} characters, and is cut.`);
  return text.slice(0, longestText);
}

function draftOf(event: Component, summary: string, reading: Reading): { draft: EventDraft; skips: string[] } {
  if (valueOf(event, 'STATUS')?.toUpperCase() === 'CANCELLED' || propertyOf(reading.calendar, 'METHOD')?.value.trim().toUpperCase() === 'CANCEL') keepOut('It is cancelled.');
  if (propertyOf(event, 'RECURRENCE-ID') !== undefined) keepOut('It moves or changes one time of a series, which is not known here. Leave that time out, and plan one of its own.');
  const dtstart = propertyOf(event, 'DTSTART');
  if (dtstart === undefined) return keepOut('It has no beginning.');
  for (const name of ['RDATE', 'EXRULE']) if (propertyOf(event, name) !== undefined) keepOut(`It has ${name}, which is not known here. Plan those times as entries of their own.`);
  const start = timeOf(dtstart, reading);
  if (start.isDate) reading.notes.push('It has no time of day: it begins at 00:00.');
  if (!start.isDate && dtstart.params.get('TZID') === undefined && !dtstart.value.trim().endsWith('Z')) reading.notes.push(`It names no time zone: ${reading.fallback} is taken.`);
  const { text: rrule, rule } = ruleOf(event);
  const draft = { title: summary.slice(0, longestTitle), text: textFor(event, reading.notes), starts: localText(start.local), rrule, tz: start.zone.name, durationMs: windowOf(event, start, reading), noticeMs: noticeOf(event, reading.notes) };
  const { problem } = readTiming(draft, () => null);
  if (problem !== null) keepOut(problem.message);
  return { draft, skips: skipsOf(event, start, rule, reading) };
}

function readEvent(event: Component, calendar: Component, fallback: string, index: number): ReadEvent {
  const reading: Reading = { calendar, fallback, notes: [] };
  const summary = (valueOf(event, 'SUMMARY') ?? '').replaceAll(/\s+/g, ' ').trim() || 'Without a title';
  const moved = valueOf(event, 'RECURRENCE-ID');
  const named = valueOf(event, 'UID');
  const uid = `${named === null || named === '' ? `event ${index + 1}` : named}${moved === null ? '' : ` ${moved}`}`.slice(0, 1000);
  const own = valueOf(event, 'X-PILOTHOUSE-ENTRY');
  try {
    const { draft, skips } = draftOf(event, summary, reading);
    return { uid, summary, draft, problem: null, notes: reading.notes, skips, own };
  } catch (error) {
    if (error instanceof KeptOut) return { uid, summary, draft: null, problem: error.message, notes: reading.notes, skips: [], own };
    throw error;
  }
}

/** @param fallback the zone of times without one. Null: it is no file of iCalendar */
export function readCalendar(text: string, fallback: string): ReadEvent[] | null {
  const calendars = readComponents(text);
  if (calendars === null) return null;
  const events = calendars.flatMap((calendar) => calendar.components.filter(({ name }) => name === 'VEVENT').map((event) => ({ calendar, event })));
  const seen = new Set<string>();
  const read = events.slice(0, mostEvents).map(({ calendar, event }, index) => {
    const one = readEvent(event, calendar, fallback, index);
    // Names tell events apart, also in a file where two have the same.
    const uid = seen.has(one.uid) ? `${one.uid} (${index + 1})` : one.uid;
    seen.add(uid);
    return { ...one, uid };
  });
  const left = events.length - read.length;
  return left === 0 ? read : [...read, { uid: 'further events', summary: `${left} further events`, draft: null, problem: `A file may have ${mostEvents} events. Split it.`, notes: [], skips: [], own: null }];
}
