/** Recurrences and times as people say them. */
import { civilDay, dayOf, minutesPerDay, parseLocal, timeText, weekdayOf, type LocalMinutes } from './local-time.ts';
import type { Rule } from './rule.ts';

export const dayNames = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'] as const;
export const monthNames = ['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October', 'November', 'December'] as const;

const and = (words: readonly string[]): string => (words.length < 2 ? (words[0] ?? '') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`);

const countWords = ['first', 'second', 'third', 'fourth', 'fifth'] as const;

/** "first", "last", "last but one", "17th". */
function countWord(nth: number): string {
  if (nth > 0) return countWords[nth - 1] ?? `${nth}th`;
  if (nth === -1) return 'last';
  return nth === -2 ? 'last but one' : `${countWords[-nth - 1] ?? `${-nth}th`} from the end`;
}

const monthDayWord = (place: number): string => (place > 0 ? `day ${place}` : place === -1 ? 'the last day' : `the ${countWord(place)} day`);

const units = { DAILY: 'day', WEEKLY: 'week', MONTHLY: 'month', YEARLY: 'year' } as const;

function daysWords({ byDay }: Rule): string {
  const plain = byDay.filter(({ nth }) => nth === null).map(({ weekday }) => weekday).sort((a, b) => a - b);
  const isWorkweek = plain.length === 5 && plain.every((day, index) => day === index);
  const words = isWorkweek ? ['working days (Monday to Friday)'] : plain.map((day) => dayNames[day] ?? '');
  return and([...byDay.filter(({ nth }) => nth !== null).map(({ weekday, nth }) => `the ${countWord(nth ?? 1)} ${dayNames[weekday]}`), ...words]);
}

function where(rule: Rule, start: LocalMinutes): string {
  const { month, day } = civilDay(dayOf(start));
  const months = and(rule.byMonth.map((each) => monthNames[each - 1] ?? ''));
  const named = [daysWords(rule), and(rule.byMonthDay.map(monthDayWord))].filter((words) => words !== '').join(' that is ');
  const places = rule.bySetPos.length === 0 || named === '' ? named : `the ${and(rule.bySetPos.map(countWord))} of ${named}`;
  switch (rule.freq) {
    case 'DAILY': return [places === '' ? '' : ` on ${places}`, months === '' ? '' : ` in ${months}`].join('');
    case 'WEEKLY': return [` on ${places === '' ? dayNames[weekdayOf(dayOf(start))] : places}`, months === '' ? '' : ` in ${months}`].join('');
    case 'MONTHLY': return ` on ${places === '' ? `day ${day}` : places}${months === '' ? '' : `, in ${months}`}`;
    case 'YEARLY': {
      if (months !== '') return ` on ${places === '' ? `day ${day}` : places} of ${months}`;
      return places === '' ? ` on ${day} ${monthNames[month - 1]}` : ` on ${places}`;
    }
  }
}

/** "29 November 2026". */
export function dateWords(days: number): string {
  const { year, month, day } = civilDay(days);
  return `${day} ${monthNames[month - 1]} ${year}`;
}

function end({ count, until }: Rule): string {
  if (count !== null) return count === 1 ? ', once' : `, ${count} times`;
  if (until === null) return '';
  return `, until ${dateWords(until.kind === 'local' ? dayOf(until.local) : Math.floor(until.at / 86_400_000))}`;
}

/** "Every week on Sunday at 02:00", "Once, on Sunday 29 November 2026 at 02:00". */
export function recurrenceWords(rule: Rule | null, start: LocalMinutes): string {
  const day = dayOf(start);
  if (rule === null) return `Once, on ${dayNames[weekdayOf(day)]} ${dateWords(day)} at ${timeText(start)}`;
  const unit = units[rule.freq];
  return `Every ${rule.interval === 1 ? unit : `${rule.interval} ${unit}s`}${where(rule, start)} at ${timeText(start)}${end(rule)}`;
}

const steps = [
  { ms: 86_400_000, word: 'd' },
  { ms: 3_600_000, word: 'h' },
  { ms: 60_000, word: 'min' },
] as const;

/** "2 d 3 h", "20 min": the two greatest parts, cut to minutes. */
export function durationWords(ms: number): string {
  let rest = Math.max(0, ms);
  const parts: string[] = [];
  for (const { ms: step, word } of steps) {
    const count = Math.floor(rest / step);
    rest -= count * step;
    if (count > 0) parts.push(`${count} ${word}`);
  }
  return parts.slice(0, 2).join(' ') || 'less than a minute';
}

/** "+01:00", of minutes ahead of UTC. */
export function offsetWords(offset: number): string {
  const minutes = Math.abs(offset);
  return `${offset < 0 ? '−' : '+'}${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;
}

/** "23 h", "24 h 30 min", of minutes. */
export const hoursWords = (minutes: number): string => `${Math.floor(minutes / 60)} h${minutes % 60 === 0 ? '' : ` ${minutes % 60} min`}`;

/** What the change of the clocks does to one occurrence. Null where it does nothing. @param length of its day, in minutes @param startsAt "03:00" */
export function clockChangeWords(local: string, kind: 'plain' | 'gap' | 'overlap', length: number, startsAt: string): string | null {
  const time = timeText(parseLocal(local) ?? 0);
  if (kind === 'gap') return `${time} does not exist that day: the clocks go forward. It begins at ${startsAt}.`;
  if (kind === 'overlap') return `${time} comes twice that day: the clocks go back. It begins at the first.`;
  return length === minutesPerDay ? null : `The clocks go ${length < minutesPerDay ? 'forward' : 'back'} that day: it has ${hoursWords(length)}.`;
}
