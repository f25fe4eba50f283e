/** Clocks of severities in sentences: "P1 is answered within 30 minutes". Pure. */
import { folded, plain } from '#shared/domain/guide/plain.ts';
import { durationsIn } from '#shared/domain/guide/values.ts';
import { severityOf, type ClockName, type SaidClock } from './severities.ts';

/** Severities by their letters: words like "high" say too many other things in a sentence. */
const named = /(?<![a-z0-9])(?:p|sev ?-?|prio(?:ritat)? ?)[1-4](?![0-9])/g;
const within = /(?<![a-z])(?:within|innerhalb(?: von)?|binnen)\s+(?:(?:the|first|der|den|ersten?)\s+)*(\d.*)$/;

/** What is done within that time, the clearest word first. */
const clocks: readonly [RegExp, ClockName | null][] = [
  [/acknowledg|bestatig|quittier/, 'acknowledge'],
  [/escalat|eskali|weitergegeben|weiterge(?:leitet|reicht)/, 'escalate'],
  [/resol|restor|fixed|behoben|gelost|losung|wiederhergestellt/, 'resolve'],
  [/update|zwischenstand/, 'update'],
  [/respon|react|answer|reagier|reaktion|antwort/, 'respond'],
  // What is told to others, closed or looked back at has no clock.
  [/inform|notif|meld|(?<![a-z])kund|customer|clos|schliess|report|bericht|review|post-?mortem|call|ruf/, null],
];

/** Where nothing is said of what is done, it is that somebody answers, as in lists. */
function clockOf(words: string): ClockName | null {
  const found = clocks.find(([pattern]) => pattern.test(words));
  return found === undefined ? 'respond' : found[1];
}

/** @param lines of the guide */
export function clocksSaid(lines: readonly string[]): SaidClock[] {
  return lines.flatMap((raw, index): SaidClock[] => {
    if (raw.length > 500 || !/within|innerhalb|binnen/i.test(raw)) return [];
    const words = folded(plain(raw));
    const names = new Set([...words.matchAll(named)].map(([name]) => severityOf(name)?.key));
    const [key] = names;
    // A sentence with two times says two things, and which of them is which is for people.
    const [found, ...others] = durationsIn(words);
    const ms = durationsIn(within.exec(words)?.[1] ?? '')[0]?.ms;
    const clock = clockOf(words);
    return key === undefined || names.size !== 1 || ms === undefined || found?.ms !== ms || others.length > 0 || clock === null ? [] : [{ key, clock, ms, line: index + 1 }];
  });
}
