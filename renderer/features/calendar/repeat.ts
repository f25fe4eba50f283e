/** Usual recurrences, as one chooses them, made of the day that an entry begins on. */
import { civilDay, dayOf, daysInMonth, parseLocal, weekdayOf, weekdays } from '#shared/domain/calendar/local-time.ts';
import { dayNames, monthNames } from '#shared/domain/calendar/words.ts';
import { duration, durationSpelled } from '#shared/domain/runbook/params.ts';

export const repeats = ['once', 'daily', 'working-days', 'weekly', 'monthly-day', 'monthly-weekday', 'quarterly', 'yearly', 'own'] as const;
export type Repeat = (typeof repeats)[number];

const countWords = ['first', 'second', 'third', 'fourth'] as const;

interface Place {
  weekday: number;
  /** -1: the last of its month. */
  nth: number;
  day: number;
  month: number;
}

function placeOf(starts: string): Place | null {
  const local = parseLocal(starts);
  if (local === null) return null;
  const { year, month, day } = civilDay(dayOf(local));
  const nth = Math.ceil(day / 7);
  return { weekday: weekdayOf(dayOf(local)), nth: nth > 4 || day + 7 > daysInMonth(year, month) ? -1 : nth, day, month };
}

const countedWord = ({ nth, weekday }: Place): string => `${nth === -1 ? 'last' : (countWords[nth - 1] ?? '')} ${dayNames[weekday]}`;

/** Null: once. @param own the rule that one writes oneself */
export function ruleFor(repeat: Repeat, starts: string, own: string): string | null {
  const place = placeOf(starts);
  if (repeat === 'own') return own;
  if (repeat === 'once' || place === null) return null;
  const weekday = weekdays[place.weekday] ?? 'MO';
  switch (repeat) {
    case 'daily': return 'FREQ=DAILY';
    case 'working-days': return 'FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR';
    case 'weekly': return `FREQ=WEEKLY;BYDAY=${weekday}`;
    case 'monthly-day': return `FREQ=MONTHLY;BYMONTHDAY=${place.day}`;
    case 'monthly-weekday': return `FREQ=MONTHLY;BYDAY=${place.nth}${weekday}`;
    case 'quarterly': {
      const months = [0, 3, 6, 9].map((on) => ((place.month - 1 + on) % 12) + 1).sort((a, b) => a - b);
      return `FREQ=YEARLY;BYMONTH=${months.join(',')};BYDAY=${place.nth}${weekday}`;
    }
    case 'yearly': return `FREQ=YEARLY;BYMONTH=${place.month};BYMONTHDAY=${place.day}`;
  }
}

/** In words, for the day that is chosen. */
export function repeatWords(repeat: Repeat, starts: string): string {
  const place = placeOf(starts);
  const day = place === null ? '' : (dayNames[place.weekday] ?? '');
  switch (repeat) {
    case 'once': return 'Once';
    case 'daily': return 'Every day';
    case 'working-days': return 'Every working day, Monday to Friday';
    case 'weekly': return place === null ? 'Every week' : `Every week on ${day}`;
    case 'monthly-day': return place === null ? 'Every month on this day' : `Every month on day ${place.day}`;
    case 'monthly-weekday': return place === null ? 'Every month on this weekday' : `Every month on the ${countedWord(place)}`;
    case 'quarterly': return place === null ? 'Every quarter' : `Every quarter, on the ${countedWord(place)} of its month`;
    case 'yearly': return place === null ? 'Every year' : `Every year on ${place.day} ${monthNames[place.month - 1]}`;
    case 'own': return 'By a rule of one’s own';
  }
}

/** Which of them a rule is. */
export function repeatOf(rrule: string | null, starts: string): Repeat {
  return repeats.find((repeat) => repeat !== 'own' && ruleFor(repeat, starts, '') === rrule) ?? 'own';
}

/** Reads "4h", "1 h 30 min", "2 d". Null: nothing is written; undefined: it is no span. */
export function readSpan(text: string): number | null | undefined {
  const plain = text.trim().toLowerCase().replaceAll(/\s+/g, '');
  if (plain === '') return null;
  const ms = duration(plain) ?? 0;
  return ms === 0 ? undefined : ms;
}

/** "4 h 30 min", so that it can be read again. */
export const spanText = (ms: number | null): string => (ms === null ? '' : durationSpelled(ms));
