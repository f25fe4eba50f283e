/** Figures that guides have in prose and tables: durations, limits, clocks, addresses. Pure. */
import { durationText } from '../runbook/params.ts';
import { folded } from './plain.ts';

const unitMs: readonly [RegExp, number][] = [
  [/^(?:ms|millisec\w*|millisek\w*)$/, 1],
  [/^(?:s|sec\w*|sek\w*|segund\w*)$/, 1000],
  [/^(?:m|min\w*)$/, 60_000],
  [/^(?:h|hr|hrs|hour\w*|std|stunde\w*|heure\w*|hora\w*|or[ae]|uur|uren|godzin\w*)$/, 3_600_000],
  [/^(?:d|day\w*|tag\w*|jour\w*|dia\w*|giorn\w*|dag\w*|dni\w*|dzien)$/, 86_400_000],
  [/^(?:w|week\w*|woche\w*|semaine\w*|semana\w*|settiman\w*|weken|tydzien|tygodni\w*)$/, 604_800_000],
  [/^(?:month\w*|monat\w*|mois|mes|meses|mes[ie]|maand\w*|miesi\w*)$/, 2_592_000_000],
  [/^(?:y|yr|year\w*|jahr\w*|annee\w*|ans?|ano\w*|ann[oi]|jaar|rok\w*)$/, 31_536_000_000],
];

const unitOf = (word: string): number | null => unitMs.find(([pattern]) => pattern.test(word))?.[1] ?? null;

export interface FoundDuration {
  /** Of a range the longer one. */
  ms: number;
  /** The shorter one of a range. */
  fromMs: number;
  text: string;
}

/** The durations of a text, in order: "15 minutes", "1-4 hours", "30 minutes - 2 hours", "48-hour". */
export function durationsIn(text: string): FoundDuration[] {
  const words = folded(text);
  const found: FoundDuration[] = [];
  for (const match of words.matchAll(/(\d+(?:[.,]\d+)?)\s*([a-z]+\.?)?\s*(?:-|–|—|to|bis|a|tot|do)\s*(\d+(?:[.,]\d+)?)\+?[\s-]*([a-z]+)|(\d+(?:[.,]\d+)?)\+?[\s-]*([a-z]+)/g)) {
    const [whole, low, lowUnit, high, highUnit, single, unit] = match;
    const number = (digits: string | undefined): number => Number((digits ?? '').replace(',', '.'));
    if (single !== undefined) {
      const ms = unitOf(unit ?? '');
      if (ms !== null) found.push({ ms: number(single) * ms, fromMs: number(single) * ms, text: whole });
      continue;
    }
    const upper = unitOf(highUnit ?? '');
    if (upper === null) continue;
    found.push({ ms: number(high) * upper, fromMs: number(low) * (unitOf((lowUnit ?? '').replace('.', '')) ?? upper), text: whole });
  }
  return found.filter(({ ms }) => ms > 0 && ms < 10 * 366 * 86_400_000);
}

/** The first duration; of a range the longer one. "Immediately" is a minute: nobody is quicker. */
export function durationIn(text: string): number | null {
  const [first] = durationsIn(text);
  if (first !== undefined) return Math.round(first.ms);
  return /\b(?:immediate\w*|sofort|umgehend|immediat\w*|inmediat\w*|imediat\w*|onmiddellijk|natychmiast)\b/.test(folded(text)) ? 60_000 : null;
}

/** As runbooks and packs write one: "1h30m". */
export const writtenDuration = (ms: number): string => durationText(Math.max(1, Math.round(ms)));

export interface FoundLimit {
  value: number;
  unit: string;
  /** It is crossed from above: "below 99.5 %" is bad. */
  lowerIsWorse: boolean;
  text: string;
}

const limitUnits: readonly [RegExp, string, number][] = [
  [/^(?:%|percent|prozent|pour cent|por ciento|per cento)$/, 'percent', 1],
  [/^(?:ms|milliseconds?|millisekunden)$/, 'ms', 1],
  [/^(?:s|sec|secs|seconds?|sek|sekunden?|secondes?|segundos?|secondi)$/, 'seconds', 1],
  [/^(?:m|min|mins|minutes?|minuten?|minutos?|minuti)$/, 'seconds', 60],
  [/^(?:h|hours?|stunden?|heures?|horas?|ore|uur)$/, 'hours', 1],
  [/^(?:d|days?|tage?n?|jours?|dias?|giorni|dagen)$/, 'days', 1],
  [/^(?:kb|kib)$/, 'bytes', 1024],
  [/^(?:mb|mib)$/, 'bytes', 1_048_576],
  [/^(?:gb|gib)$/, 'bytes', 1_073_741_824],
  [/^(?:tb|tib)$/, 'bytes', 1_099_511_627_776],
];

/** Limits of a text: "> 80 %", "<500ms", "over 5 minutes", "99.5% uptime", "unter 100 ms". */
export function limitsIn(text: string): FoundLimit[] {
  const words = folded(text).replaceAll('&lt;', '<').replaceAll('&gt;', '>');
  const found: FoundLimit[] = [];
  const pattern = /(<=|>=|≤|≥|<|>|above|over|more than|at least|below|under|less than|up to|max(?:imum|imal)?\.?|min(?:imum|destens)?\.?|uber|mehr als|hochstens|unter|weniger als|plus de|moins de|au moins|mas de|menos de|piu di|meno di|mais de|meer dan|minder dan)?\s*(\d+(?:[.,]\d+)?)\s*(%|[a-z]+)?/g;
  for (const match of words.matchAll(pattern)) {
    const [whole, sign = '', digits = '', unitWord = ''] = match;
    const unit = limitUnits.find(([known]) => known.test(unitWord));
    if (unit === undefined && sign === '') continue;
    const value = Number(digits.replace(',', '.')) * (unit?.[2] ?? 1);
    // "<3 seconds" is what is wanted, so that more is bad; ">99.5 %" is wanted as well, and less is bad.
    const isUptime = unit?.[1] === 'percent' && value >= 90 && /uptime|availab|verfugbar|disponib|beschikbaar|dostepn|target|ziel|success|hit/.test(words) && !/usage|cpu|memory|disk|pool|auslastung|speicher/.test(words);
    found.push({ value, unit: unit?.[1] ?? 'count', lowerIsWorse: isUptime, text: whole.trim() });
  }
  return found;
}

/** Mail addresses of a text, in order, each once. */
export const mailsIn = (text: string): string[] => [...new Set(text.match(/[\w.+-]+@[\w-]+(?:\.[\w-]+)+/g) ?? [])];
export const urlsIn = (text: string): string[] => [...new Set((text.match(/https?:\/\/[^\s)>\]"'`|]+/g) ?? []).map((url) => url.replace(/[.,;:]+$/, '')))];

export interface FoundPhone {
  text: string;
  /** As it is dialled; null where it cannot be: letters, placeholders. */
  number: string | null;
}

/** Telephone numbers of a text, and what stands in the place of one. */
export function phonesIn(text: string): FoundPhone[] {
  const found: FoundPhone[] = [];
  for (const match of text.matchAll(/(?<![\w./:@-])(\+?\(?\d[\d().\s/-]{1,12}[-. ][A-Z]{3,12}(?![\w@])|\+?\d{1,3}[-. ](?:[X]{3,}[-. ]?)+[X]*|\+?\(?\d[\d ().\-/]{5,22}\d)(?![\w@%:])/g)) {
    const whole = (match[1] ?? '').trim();
    // A bracket that opens before it and closes behind it is none of its own.
    const raw = whole.startsWith('(') && !whole.includes(')') ? whole.slice(1) : whole;
    const hasLetters = /[A-Z]/.test(raw);
    const digits = raw.replaceAll(/\D/g, '');
    const isDateOrTime = /^\d{4}-\d{2}-\d{2}|^\d{1,2}[./-]\d{1,2}[./-]\d{2,4}$|^\d{1,3}(?:\.\d{1,3}){3}$|^\d+(?:-\d+)?$/.test(raw) && !raw.startsWith('+');
    if (!hasLetters && (isDateOrTime || digits.length < 6 || digits.length > 15)) continue;
    const number = raw.replaceAll('/', ' ').replaceAll(/^\((\d+)\)\s*/g, '$1 ').replaceAll(/\s+/g, ' ').trim();
    found.push({ text: raw, number: hasLetters || !/^\+?[0-9][0-9 ().-]{2,28}[0-9]$/.test(number) ? null : number });
  }
  return found;
}
