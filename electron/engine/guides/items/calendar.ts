/** Entries of a calendar, from what a guide says of when something is done. */
import type { LineSpan } from '#shared/contract/guides.ts';
import { durationIn, writtenDuration } from '#shared/domain/guide/values.ts';
import { recurrenceIn, startFor, zoneOf, type Recurrence } from '#shared/domain/guide/recurrence.ts';
import { folded } from '#shared/domain/guide/plain.ts';
import type { oftenOf } from '#shared/domain/guide/words.ts';
import type { Section } from '../sections.ts';
import type { Fields } from '../draft/yaml-text.ts';
import { unsure, type Collection, type MadeItem, type Remark } from './made.ts';

export interface Entry {
  title: string;
  /** What says when: "Sunday 02:00 UTC". */
  when: string;
  often?: ReturnType<typeof oftenOf>;
  recurrence?: Recurrence;
  line: number;
  lines: LineSpan[];
  tasks: string[];
  durationMs?: number | null;
  noticeMs?: number | null;
  owner?: string | null;
  text?: string;
  /** The key of a runbook that is done then. */
  runbook?: string;
}

const removing = /\b(?:archiv\w*|purg\w*|clean-?\s?up|delet\w*|prun\w*|loschen|aufraumen|bereinig\w*|supprim\w*|borrar|limpieza|pulizia|limpeza|opschonen)\b/;

/** "EST" all year is one of two zones: which, is asked. */
function zoneRemarks(written: string, line: number): { tz: string; remarks: Remark[] } {
  const zone = zoneOf(written);
  const letters = written.toUpperCase();
  if (zone === null) return { tz: 'UTC', remarks: [unsure('zone', line, `The zone ${letters} is not known here, and UTC is proposed.`, { fix: 'Write a zone by its place: Europe/Berlin.' })] };
  if (zone.other === null) return { tz: zone.tz, remarks: [] };
  return {
    tz: zone.tz,
    remarks: [unsure('zone', line, `${letters} is one hour off for half of the year where clocks are changed. ${zone.tz} is proposed, which follows the clocks of the place.`, { explanation: `${letters} may mean the clocks of the place (${zone.tz}), or the same offset all year (${zone.other}).`, fix: `Keep ${zone.tz}, or write ${zone.other} for the same offset all year.`, edit: { title: `Write ${zone.other}`, find: `tz: ${zone.tz}`, replace: `tz: ${zone.other}` } })],
  };
}

/** @returns null where the text says neither how often nor when */
export function addEntry(collection: Collection, section: Section, entry: Entry): MadeItem | null {
  const { now, timeZone } = collection.around;
  const recurrence = entry.recurrence ?? recurrenceIn(entry.when, entry.often ?? null);
  if (recurrence === null) return null;
  const { line } = entry;
  const remarks: Remark[] = recurrence.unsure.map((message) => unsure('recurrence', line, message, { fix: 'Write the rule as it is meant: FREQ=MONTHLY;BYDAY=1SU is the first Sunday of each month.' }));
  const written = recurrence.zone ?? collection.zone;
  const hasZone = recurrence.time !== null || recurrence.zone !== null;
  const isAskedBefore = written === null && collection.zoneAskedBy !== null;
  const zone = written === null ? { tz: timeZone, remarks: isAskedBefore ? [] : [unsure('zone', line, `The guide says no zone, and ${timeZone} is proposed, here and wherever else it says none.`, { fix: 'Write the zone in which the times are meant, here and in the entries that say that they go by this one.' })] } : zoneRemarks(written, line);
  const time = recurrence.time ?? '09:00';
  if (recurrence.time === null) remarks.push(unsure('time', line, 'The guide says no time of the day, and 09:00 is proposed.'));
  // Without a time the zone says little, and is one thing less to ask.
  if (hasZone) remarks.push(...zone.remarks);
  const said = [entry.text ?? '', isAskedBefore && hasZone ? `The guide says no zone: it is the one of "${collection.zoneAskedBy}".` : ''];
  if (written === null && hasZone) collection.zoneAskedBy ??= entry.title.slice(0, 190);
  if (recurrence.rrule === null) remarks.push(unsure('recurrence', line, 'The guide says a time and not how often: it is put down once.', { fix: 'Write rrule: FREQ=DAILY, or as it is meant.' }));
  const duration = entry.durationMs ?? recurrence.durationMs;
  const tasks = (entry.tasks.length === 0 ? [entry.title] : entry.tasks).map((task) => task.replaceAll(/\s+/g, ' ').trim().slice(0, 490)).filter((task) => task !== '').slice(0, 60);
  const fields = (work: { tasks: string[] } | { runbook: string }, text: readonly string[]): Fields => ({
    text: text.filter((each) => each !== '').join('\n'),
    starts: startFor(recurrence.rrule, time, now),
    rrule: recurrence.rrule,
    tz: zone.tz,
    duration: duration === null || duration === undefined ? null : writtenDuration(duration),
    notice: entry.noticeMs === null || entry.noticeMs === undefined ? null : writtenDuration(entry.noticeMs),
    work,
    ...(removing.test(folded(`${entry.title} ${entry.tasks.join(' ')}`)) && entry.runbook === undefined && entry.tasks.length <= 1 ? { removes: true } : {}),
  });
  const made = collection.fields('calendar', entry.title, section, entry.lines, fields(entry.runbook === undefined ? { tasks } : { runbook: entry.runbook }, said), remarks);
  const [task = '', ...more] = tasks;
  if (entry.runbook === undefined && more.length === 0 && folded(task).includes(folded(entry.title))) {
    collection.oneTask.push({ title: entry.title, isOpen: () => /^work:\n {2}tasks:/m.test(made.text), link: (runbook) => {
      // What the task says beyond the name of the runbook stays.
      made.text = collection.fieldsText(entry.title, entry.lines, fields({ runbook }, [...said, folded(task) === folded(entry.title) ? '' : task]));
    } });
  }
  return made;
}

/** "(5-10 minutes)" behind a heading. */
export const budgetIn = (text: string): number | null => {
  const found = /\(([^)]*\d[^)]*)\)/.exec(text)?.[1];
  return found === undefined ? null : durationIn(found);
};
