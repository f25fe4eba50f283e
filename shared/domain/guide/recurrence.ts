/** When something is done, as guides say it: in words of several languages, or as a line of cron. Pure. */
import { durationsIn } from './values.ts';
import { folded } from './plain.ts';
import { monthsOf, oftenOf, ordinalOf, weekdaysOf } from './words.ts';

export interface Recurrence {
  /** As in iCalendar, without "RRULE:"; null: nothing is said of how often. */
  rrule: string | null;
  /** "02:00"; null: no time is said. */
  time: string | null;
  /** Of a span of time ("2 AM - 6 AM"). */
  durationMs: number | null;
  /** As the guide writes it: "UTC", "EST"; null: none. */
  zone: string | null;
  /** What the words leave open, in sentences. */
  unsure: string[];
}

const two = (value: number): string => String(value).padStart(2, '0');

function clock(hour: string, minute: string | undefined, half: string | undefined): string | null {
  let value = Number(hour);
  const isAfternoon = half !== undefined && half.startsWith('p');
  if (half !== undefined && value > 12) return null;
  if (half !== undefined) value = (value % 12) + (isAfternoon ? 12 : 0);
  return value > 23 || Number(minute ?? 0) > 59 ? null : `${two(value)}:${two(Number(minute ?? 0))}`;
}

const minutesOf = (time: string): number => Number(time.slice(0, 2)) * 60 + Number(time.slice(3));
const zoneWord = String.raw`(utc|gmt|zulu|est|edt|et|cst|cdt|mst|mdt|pst|pdt|pt|bst|cet|cest|mez|mesz|wet|west|eet|eest|msk|ist|jst|aest|aedt|[a-z]+\/[a-z_]+(?:\/[a-z_]+)?)`;

/** The time of day that a text names, with where it ends. */
export function timeIn(text: string): { time: string; durationMs: number | null; zone: string | null } | null {
  const words = folded(text);
  const one = String.raw`(\d{1,2})(?:[:h.](\d{2}))?\s*(a\.?m\.?|p\.?m\.?)?(?:\s*uhr)?`;
  const span = new RegExp(String.raw`(?<![\d:.-])${one}\s*(?:-|–|—|to|bis|until|a|tot)\s*${one}(?:\s*${zoneWord}\b)?`).exec(words);
  if (span !== null && (span[2] !== undefined || span[3] !== undefined || span[6] !== undefined || /\buhr\b/.test(span[0]))) {
    const from = clock(span[1] ?? '', span[2], span[3] ?? span[6]);
    const to = clock(span[4] ?? '', span[5], span[6]);
    if (from !== null && to !== null) return { time: from, durationMs: ((minutesOf(to) - minutesOf(from) + 1440) % 1440) * 60_000 || null, zone: span[7] ?? null };
  }
  for (const pattern of [String.raw`(?<![\d:.-])(\d{1,2})[:h](\d{2})\s*(a\.?m\.?|p\.?m\.?)?(?:\s*uhr)?(?:\s*\(?${zoneWord}\b)?`, String.raw`(?<![\d:.-])(\d{1,2})()\s*(a\.?m\.?|p\.?m\.?|uhr)(?:\s*\(?${zoneWord}\b)?`]) {
    const found = new RegExp(pattern).exec(words);
    if (found === null) continue;
    const time = clock(found[1] ?? '', found[2] === '' ? undefined : found[2], found[3] === 'uhr' ? undefined : found[3]);
    if (time !== null) return { time, durationMs: null, zone: found[4] ?? null };
  }
  return null;
}

const cronDays = ['SU', 'MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'];
const cronNames: Readonly<Record<string, number>> = { sun: 0, mon: 1, tue: 2, wed: 3, thu: 4, fri: 5, sat: 6 };

/** Figures of a field of cron; null: any. `undefined`: it is none. */
function cronField(field: string, min: number, max: number): number[] | null | undefined {
  if (field === '*' || field === '?') return null;
  const values = new Set<number>();
  for (const part of field.toLowerCase().split(',')) {
    const found = /^(?:(\*)|(\d+|[a-z]{3})(?:-(\d+|[a-z]{3}))?)(?:\/(\d+))?$/.exec(part);
    if (found === null) return undefined;
    const read = (text: string | undefined): number => (text === undefined ? Number.NaN : (cronNames[text] ?? Number(text)));
    const from = found[1] === '*' ? min : read(found[2]);
    const to = found[1] === '*' || (found[3] === undefined && found[4] !== undefined) ? max : found[3] === undefined ? from : read(found[3]);
    const step = Number(found[4] ?? 1);
    if (!(from >= min && to <= max && from <= to && step > 0)) return undefined;
    for (let value = from; value <= to; value += step) values.add(value);
  }
  return [...values];
}

/** A line of cron: five fields, or six or seven as Spring and Quartz have them (seconds first). Null: it is none. */
export function cronRecurrence(text: string): Recurrence | null {
  const fields = text.trim().split(/\s+/);
  if (fields.length < 5 || fields.length > 7) return null;
  const isSpring = fields.length > 5;
  const [minuteField = '', hourField = '', dayField = '', monthField = '', weekField = ''] = isSpring ? fields.slice(1) : fields;
  const minute = cronField(minuteField, 0, 59);
  const hour = cronField(hourField, 0, 23);
  const days = cronField(dayField, 1, 31);
  const months = cronField(monthField, 1, 12);
  const weeks = cronField(weekField, 0, 7);
  if ([minute, hour, days, months, weeks].includes(undefined)) return null;
  const unsure: string[] = [];
  const by: string[] = [];
  if (months !== null) by.push(`BYMONTH=${months?.join(',')}`);
  if (days !== null) by.push(`BYMONTHDAY=${days?.join(',')}`);
  if (weeks !== null) by.push(`BYDAY=${[...new Set((weeks ?? []).map((value) => cronDays[value] ?? 'SU'))].join(',')}`);
  if (days !== null && weeks !== null) unsure.push('In cron a day of the month and a day of the week are either of the two; here both have to be true.');
  if (isSpring && weeks !== null && /\d/.test(weekField)) unsure.push('In Quartz 1 is Sunday, in Spring and cron it is Monday: say which is meant.');
  const frequency = weeks !== null && days === null ? 'WEEKLY' : days !== null ? 'MONTHLY' : hour === null ? 'HOURLY' : 'DAILY';
  if (hour !== null && (hour?.length ?? 0) > 1) by.push(`BYHOUR=${hour?.join(',')}`);
  if (minute === null || (minute?.length ?? 0) > 1) unsure.push('It runs more than once an hour, which is no work for people: say what of it belongs into a calendar.');
  const zone = null;
  return { rrule: [`FREQ=${frequency}`, ...by].join(';'), time: `${two(hour?.[0] ?? 0)}:${two(minute?.[0] ?? 0)}`, durationMs: null, zone, unsure };
}

/** A line of cron within a text, as in `@Scheduled(cron = "0 0 2 * * ?")` or a crontab. */
export function cronIn(text: string): { expression: string; rest: string } | null {
  const found = /(?:^|["'`\s(=])((?:(?:[\d*?]|\*\/\d+)[\d*?,/-]*\s+){4,5}(?:[\d*?,/-]+|[A-Za-z]{3}(?:[-,][A-Za-z]{3})*)(?:\s+[\d*]{1,4})?)(?=$|["'`\s)])/.exec(text);
  const expression = (found?.[1] ?? '').trim();
  if (expression === '' || cronRecurrence(expression) === null) return null;
  return { expression, rest: text.slice((found?.index ?? 0) + (found?.[0].length ?? 0)).trim() };
}

/**
 * @param text "First Sunday of quarter 05:00 UTC"
 * @param often what the heading above says of how often, where the text does not
 */
export function recurrenceIn(text: string, often: ReturnType<typeof oftenOf> = null): Recurrence | null {
  const cron = cronIn(text);
  if (cron !== null) return cronRecurrence(cron.expression);
  const words = folded(text);
  const at = timeIn(text);
  const days = weekdaysOf(text);
  const months = monthsOf(text);
  const ordinal = ordinalOf(text);
  const own = oftenOf(text);
  const frequency = own ?? often;
  const unsure: string[] = [];
  const dayOfMonth = [...words.matchAll(/\b(\d{1,2})(?:st|nd|rd|th|er|\.(?!\d))(?=\W|$)/g)].map((match) => Number(match[1])).filter((day) => day >= 1 && day <= 31);
  const every = /\b(?:every|alle|toutes les|tous les|cada|ogni|a cada|elke|co)\s+(\d+)\s*(\p{L}+)/u.exec(words);
  let rrule: string | null = null;
  if (every !== null) {
    const ms = durationsIn(`${every[1]} ${every[2]}`)[0]?.ms ?? null;
    if (ms !== null && ms < 86_400_000) rrule = `FREQ=HOURLY;INTERVAL=${Math.max(1, Math.round(ms / 3_600_000))}`;
    else if (ms !== null) rrule = ms % 2_592_000_000 === 0 ? `FREQ=MONTHLY;INTERVAL=${ms / 2_592_000_000}` : ms % 604_800_000 === 0 ? `FREQ=WEEKLY;INTERVAL=${ms / 604_800_000}` : `FREQ=DAILY;INTERVAL=${Math.round(ms / 86_400_000)}`;
  }
  if (rrule === null && days.length > 0 && ordinal !== null && (frequency === 'QUARTERLY' || frequency === 'MONTHLY' || own === null)) {
    const by = days.map((day) => `${ordinal}${day}`).join(',');
    rrule = frequency === 'QUARTERLY' ? `FREQ=YEARLY;BYMONTH=1,4,7,10;BYDAY=${by}` : months.length > 0 ? `FREQ=YEARLY;BYMONTH=${months.join(',')};BYDAY=${by}` : `FREQ=MONTHLY;BYDAY=${by}`;
  }
  if (rrule === null && dayOfMonth.length > 0) rrule = months.length > 0 ? `FREQ=YEARLY;BYMONTH=${months.join(',')};BYMONTHDAY=${dayOfMonth.join(',')}` : frequency === 'QUARTERLY' ? `FREQ=YEARLY;BYMONTH=1,4,7,10;BYMONTHDAY=${dayOfMonth.join(',')}` : `FREQ=MONTHLY;BYMONTHDAY=${dayOfMonth.join(',')}`;
  if (rrule === null && days.length > 0 && frequency === 'MONTHLY') {
    rrule = `FREQ=MONTHLY;BYDAY=1${days[0]}`;
    unsure.push('The guide says which day of the week, and not which of the month: the first is proposed.');
  }
  if (rrule === null && days.length > 0) rrule = days.length === 2 && /\b(?:to|through|bis|a|-|–)\b/.test(words) && /mon\w*\s*(?:-|–|to|through)\s*fri|montag\s*(?:-|–|bis)\s*freitag/.test(words) ? 'FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR' : `FREQ=WEEKLY;BYDAY=${days.join(',')}`;
  if (rrule === null && months.length > 0) rrule = `FREQ=YEARLY;BYMONTH=${months.join(',')};BYMONTHDAY=1`;
  if (rrule === null && frequency !== null) {
    rrule = { HOURLY: 'FREQ=HOURLY', DAILY: 'FREQ=DAILY', WEEKLY: 'FREQ=WEEKLY;BYDAY=MO', MONTHLY: 'FREQ=MONTHLY;BYMONTHDAY=1', QUARTERLY: 'FREQ=YEARLY;BYMONTH=1,4,7,10;BYMONTHDAY=1', YEARLY: 'FREQ=YEARLY;BYMONTH=1;BYMONTHDAY=1' }[frequency];
    if (frequency === 'WEEKLY') unsure.push('The guide says weekly, and no day: Monday is proposed.');
    if (frequency === 'MONTHLY' || frequency === 'QUARTERLY' || frequency === 'YEARLY') unsure.push('The guide names no day: the first is proposed.');
  }
  if (rrule === null && at === null) return null;
  return { rrule, time: at?.time ?? null, durationMs: at?.durationMs ?? null, zone: at?.zone ?? null, unsure };
}

/** Zones by the letters that guides write, each with what else could be meant. */
const zones: Readonly<Record<string, { tz: string; other: string | null }>> = {
  utc: { tz: 'UTC', other: null },
  gmt: { tz: 'UTC', other: null },
  zulu: { tz: 'UTC', other: null },
  est: { tz: 'America/New_York', other: 'Etc/GMT+5' },
  edt: { tz: 'America/New_York', other: 'Etc/GMT+4' },
  et: { tz: 'America/New_York', other: null },
  cst: { tz: 'America/Chicago', other: 'Etc/GMT+6' },
  cdt: { tz: 'America/Chicago', other: 'Etc/GMT+5' },
  mst: { tz: 'America/Denver', other: 'Etc/GMT+7' },
  mdt: { tz: 'America/Denver', other: 'Etc/GMT+6' },
  pst: { tz: 'America/Los_Angeles', other: 'Etc/GMT+8' },
  pdt: { tz: 'America/Los_Angeles', other: 'Etc/GMT+7' },
  pt: { tz: 'America/Los_Angeles', other: null },
  bst: { tz: 'Europe/London', other: 'Etc/GMT-1' },
  cet: { tz: 'Europe/Berlin', other: 'Etc/GMT-1' },
  cest: { tz: 'Europe/Berlin', other: 'Etc/GMT-2' },
  mez: { tz: 'Europe/Berlin', other: 'Etc/GMT-1' },
  mesz: { tz: 'Europe/Berlin', other: 'Etc/GMT-2' },
  wet: { tz: 'Europe/Lisbon', other: 'UTC' },
  eet: { tz: 'Europe/Athens', other: 'Etc/GMT-2' },
  msk: { tz: 'Europe/Moscow', other: null },
  ist: { tz: 'Asia/Kolkata', other: 'Europe/Dublin' },
  jst: { tz: 'Asia/Tokyo', other: null },
  aest: { tz: 'Australia/Sydney', other: 'Australia/Brisbane' },
};

/** The zone that letters may mean, with the other one that they may; null: nobody here knows them. */
export function zoneOf(written: string): { tz: string; other: string | null } | null {
  const known = zones[folded(written)];
  if (known !== undefined) return known;
  try {
    // Names of the zone database come back in their own letters.
    return written.includes('/') ? { tz: new Intl.DateTimeFormat('en', { timeZone: written }).resolvedOptions().timeZone, other: null } : null;
  } catch {
    return null;
  }
}

const weekdayNames = ['SU', 'MO', 'TU', 'WE', 'TH', 'FR', 'SA'];

function matches(rule: ReadonlyMap<string, string>, day: Date): boolean {
  const month = rule.get('BYMONTH');
  if (month !== undefined && !month.split(',').includes(String(day.getUTCMonth() + 1))) return false;
  const monthDay = rule.get('BYMONTHDAY');
  if (monthDay !== undefined && !monthDay.split(',').includes(String(day.getUTCDate()))) return false;
  const byDay = rule.get('BYDAY');
  if (byDay === undefined) return true;
  return byDay.split(',').some((each) => {
    const [, ordinal = '', name = ''] = /^(-?\d+)?([A-Z]{2})$/.exec(each) ?? [];
    if (weekdayNames[day.getUTCDay()] !== name) return false;
    if (ordinal === '') return true;
    const last = new Date(Date.UTC(day.getUTCFullYear(), day.getUTCMonth() + 1, 0)).getUTCDate();
    return Number(ordinal) > 0 ? Math.ceil(day.getUTCDate() / 7) === Number(ordinal) : Math.ceil((last - day.getUTCDate() + 1) / 7) === -Number(ordinal);
  });
}

/** The first day from `from` on that a rule of ours falls on, with the time: "2026-01-04T02:00". @param from milliseconds since the epoch */
export function startFor(rrule: string | null, time: string, from: number): string {
  const rule = new Map((rrule ?? '').split(';').map((part) => part.split('=') as [string, string]));
  const first = new Date(from);
  for (let ahead = 0; ahead < 800; ahead += 1) {
    const day = new Date(Date.UTC(first.getUTCFullYear(), first.getUTCMonth(), first.getUTCDate() + ahead));
    if (matches(rule, day)) return `${day.toISOString().slice(0, 10)}T${time}`;
  }
  return `${first.toISOString().slice(0, 10)}T${time}`;
}

const ofAllTimes = /\b(?:all|alle) (?:[a-z]+ ){0,2}(?:times?|zeiten|uhrzeiten|zeitangaben)\b([^.;]{1,60})|\b(?:time ?zone|zeitzone)\b([^.;]{1,40})/;
/** Letters of zones that are words besides: "ist", "et". */
const wordsToo: ReadonlySet<string> = new Set(['ist', 'et', 'pt', 'wet', 'west']);

/** The zone that a guide says once for all its times: "All times are in CET", "Zeitzone: Europe/Berlin". Null: none, or more than one. */
export function zoneOfAll(lines: readonly string[]): string | null {
  const said = new Set<string>();
  for (const line of lines) {
    const found = /time|zeit/i.test(line) ? ofAllTimes.exec(folded(line)) : null;
    const zone = (found?.[1] ?? found?.[2] ?? '').split(/[^a-z_/]+/).find((word) => !wordsToo.has(word) && zoneOf(word) !== null);
    if (zone !== undefined) said.add(zone);
  }
  const [only] = said;
  return said.size === 1 ? (only ?? null) : null;
}
