/** An entry as somebody types it, and as the engine takes it. */
import type { CalendarEntry } from '#shared/contract/calendar.ts';
import type { MethodArgument } from '#shared/contract/index.ts';
import { readSpan, repeatOf, ruleFor, spanText, type Repeat } from './repeat.ts';

type Item = MethodArgument<'calendar.save'>['item'];
type Work = Item['work'];

export interface EntryDraft {
  title: string;
  text: string;
  date: string;
  time: string;
  repeat: Repeat;
  /** Of one's own. */
  rule: string;
  tz: string;
  duration: string;
  cutoff: string;
  notice: string;
  lookBack: string;
  missed: 'ask' | 'run-once' | 'skip';
  workKind: Work['kind'];
  runbook: string;
  procedure: 'health.check' | 'backup.run';
  tasks: string;
  removes: boolean;
  copyWithin: string;
  /** The key of an entry that is done before; empty: none. */
  after: string;
  afterWithin: string;
  enabled: boolean;
}

const dayMs = 86_400_000;
const usualCopyMs = 26 * 3_600_000;

export const startsOf = ({ date, time }: Pick<EntryDraft, 'date' | 'time'>): string => `${date}T${time}`;
export const ruleOf = (draft: EntryDraft): string | null => ruleFor(draft.repeat, startsOf(draft), draft.rule.trim());

/** @param today "2026-11-29" @param tz of this computer */
export function freshDraft(today: string, tz: string): EntryDraft {
  return { title: '', text: '', date: today, time: '09:00', repeat: 'weekly', rule: 'FREQ=WEEKLY;BYDAY=SU', tz, duration: '1 h', cutoff: '', notice: '', lookBack: '', missed: 'run-once', workKind: 'tasks', runbook: '', procedure: 'health.check', tasks: '', removes: false, copyWithin: spanText(usualCopyMs), after: '', afterWithin: '1 d', enabled: true };
}

export function draftOf({ item }: Pick<CalendarEntry, 'item'>): EntryDraft {
  const [date = '', time = ''] = item.starts.split('T');
  const before = item.after.find(({ needs }) => needs === 'done');
  const copy = item.after.find(({ needs }) => needs === 'proven-backup');
  const { work } = item;
  return {
    title: item.title,
    text: item.text,
    date,
    time,
    repeat: repeatOf(item.rrule, item.starts),
    rule: item.rrule ?? '',
    tz: item.tz,
    duration: spanText(item.durationMs),
    cutoff: spanText(item.cutoffMs),
    notice: spanText(item.noticeMs),
    lookBack: spanText(item.lookBackMs),
    missed: item.missed,
    workKind: work.kind,
    runbook: work.kind === 'runbook' ? work.runbook : '',
    procedure: work.kind === 'procedure' ? work.procedure : 'health.check',
    tasks: work.kind === 'tasks' ? work.tasks.join('\n') : '',
    removes: item.removes,
    copyWithin: spanText(copy?.withinMs ?? usualCopyMs),
    after: before?.key ?? '',
    afterWithin: spanText(before?.withinMs ?? dayMs),
    enabled: item.enabled,
  };
}

function workOf(draft: EntryDraft): Work {
  if (draft.workKind === 'runbook') return { kind: 'runbook', runbook: draft.runbook };
  if (draft.workKind === 'procedure') return { kind: 'procedure', procedure: draft.procedure };
  return { kind: 'tasks', tasks: draft.tasks.split('\n').map((line) => line.trim()).filter((line) => line !== '') };
}

/** What is missing or cannot be read, by field; empty where it can be saved. */
export function faultsOf(draft: EntryDraft): Partial<Record<keyof EntryDraft, string>> {
  const faults: Partial<Record<keyof EntryDraft, string>> = {};
  if (draft.title.trim() === '') faults.title = 'What is it called?';
  for (const name of ['duration', 'cutoff', 'notice', 'lookBack'] as const) if (readSpan(draft[name]) === undefined) faults[name] = 'Write 30 min, 4 h or 2 d';
  if (draft.removes && typeof readSpan(draft.copyWithin) !== 'number') faults.copyWithin = 'Write 26 h or 2 d';
  if (draft.after !== '' && typeof readSpan(draft.afterWithin) !== 'number') faults.afterWithin = 'Write 26 h or 2 d';
  if (draft.workKind === 'runbook' && draft.runbook === '') faults.runbook = 'Which one?';
  if (draft.workKind === 'tasks' && draft.tasks.trim() === '') faults.tasks = 'What is to be done?';
  return faults;
}

/** @param before the entry that is changed: what this form does not show stays as it is */
export function itemOf(draft: EntryDraft, before: CalendarEntry['item'] | null): Item {
  const span = (text: string): number | null => readSpan(text) ?? null;
  const copy = before?.after.find(({ needs }) => needs === 'proven-backup') ?? null;
  const done = before?.after.find(({ needs }) => needs === 'done') ?? null;
  const others = (before?.after ?? []).filter((each) => each !== copy && each !== done && (each.needs !== 'done' || each.key !== draft.after));
  // Whoever takes the mark away wants no copy; one that waits for a copy without it is left so.
  const kept = copy !== null && before?.removes === false && !draft.removes ? [copy] : [];
  return {
    ...before,
    title: draft.title.trim(),
    text: draft.text,
    starts: startsOf(draft),
    rrule: ruleOf(draft),
    tz: draft.tz.trim(),
    durationMs: span(draft.duration),
    cutoffMs: span(draft.cutoff),
    noticeMs: span(draft.notice),
    lookBackMs: span(draft.lookBack),
    missed: draft.missed,
    work: workOf(draft),
    after: [
      ...others,
      ...(draft.after === '' ? [] : [{ key: draft.after, withinMs: span(draft.afterWithin) ?? dayMs, needs: 'done' as const }]),
      ...(draft.removes ? [{ key: copy?.key ?? 'backup', withinMs: span(draft.copyWithin) ?? usualCopyMs, needs: 'proven-backup' as const }] : kept),
    ],
    removes: draft.removes,
    enabled: draft.enabled,
  };
}
