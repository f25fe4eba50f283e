/** Things that a guide says twice and not alike: notice, hours, how long copies are kept. */
import { folded, leadOf, plain } from '#shared/domain/guide/plain.ts';
import { timeIn } from '#shared/domain/guide/recurrence.ts';
import { durationsIn, writtenDuration } from '#shared/domain/guide/values.ts';
import { weekdaysOf } from '#shared/domain/guide/words.ts';
import type { Section } from '../sections.ts';
import type { MadeItem, Remark } from './made.ts';

/** A figure, with a word beside it that one of the three has: most lines pass. */
const worthALook = /\d.*(?:notif|notice|announce|ank[uü]ndig|vorlauf|pr[eé]avi|AM|PM|UTC|Uhr|:\d\d)|(?:notif|notice|announce|ank[uü]ndig|vorlauf|pr[eé]avi|-mtime).*\d/i;

interface Fact {
  line: number;
  text: string;
  value: string;
}

const explanation = 'The guide says two things of the same. Only people know which of them holds.';

function told(facts: readonly Fact[], what: string, itemAt: (line: number) => MadeItem | undefined): void {
  const [first] = facts;
  if (first === undefined) return;
  for (const other of facts.slice(1)) {
    if (other.value === first.value) continue;
    const remark = (line: number): Remark => ({ rule: 'contradiction', class: 'contradiction', line, message: `${what}: line ${first.line} says "${first.text}", and line ${other.line} says "${other.text}".`, explanation, fix: 'Keep what is written, or write the other figure.', edit: null });
    // Whoever looks at one of the two is told.
    const items = new Set([itemAt(first.line), itemAt(other.line)]);
    for (const item of items) item?.remarks.push(remark(item === itemAt(other.line) ? other.line : first.line));
  }
}

/** @param lines of the guide, each with the section that it is in */
export function tellContradictions(lines: readonly string[], sectionAt: (line: number) => Section, itemAt: (line: number) => MadeItem | undefined): void {
  const notice: Fact[] = [];
  const hours: Fact[] = [];
  for (const [index, raw] of lines.entries()) {
    if (raw.length > 500 || !worthALook.test(raw)) continue;
    const line = index + 1;
    const section = sectionAt(line);
    const item = raw.replace(/^\s*(?:[-*+]|\d+[.)])\s+/, '');
    const said = leadOf(item);
    const text = plain(item);
    const words = folded(`${section.title} ${text}`);
    const duration = durationsIn(said?.rest ?? text)[0];
    if (duration !== undefined && /maintenance|wartung|mantenimiento|manutenzione|onderhoud|konserwac/.test(words) && /notif|notice|announce|ankundig|vorlauf|preavis|preavviso/.test(folded(text)) && !/emergency|notfall/.test(words)) notice.push({ line, text, value: writtenDuration(duration.ms) });
    const time = timeIn(text);
    if (time?.durationMs !== null && time !== null && weekdaysOf(text).length === 2 && /hour|zeit|heure|horario|orari/.test(folded(`${section.title} ${text}`)) && !/extended|emergency|sales|erweitert|notfall|24\/7/.test(words)) hours.push({ line, text, value: `${time.time}+${time.durationMs}` });
    tellRetention(lines, index, itemAt);
  }
  told(notice, 'How long before maintenance people are told', itemAt);
  told(hours, 'The hours in which somebody answers', itemAt);
}

/** A comment that says how long copies are kept, and a command below it that keeps them longer or shorter. */
function tellRetention(lines: readonly string[], index: number, itemAt: (line: number) => MadeItem | undefined): void {
  const age = /\bfind\b.*-mtime\s+\+(\d+)/.exec(lines[index] ?? '');
  if (age === null) return;
  for (let above = index - 1; above >= Math.max(0, index - 3); above -= 1) {
    const comment = lines[above] ?? '';
    if (!/#/.test(comment) || !/keep|last|older|behalten|letzte|aufbewahr|garder|conserv/i.test(comment)) continue;
    const kept = durationsIn(comment)[0];
    if (kept === undefined) continue;
    const days = kept.ms / 86_400_000;
    const found = Number(age[1]);
    if (Math.abs(found - days) > Math.max(1, days * 0.1)) itemAt(index + 1)?.remarks.push({ rule: 'contradiction', class: 'contradiction', line: index + 1, message: `Line ${above + 1} says "${comment.replace(/^\s*#\s*/, '')}", and the command keeps ${found} days.`, explanation, fix: 'Write the figure that holds.', edit: null });
    return;
  }
}
