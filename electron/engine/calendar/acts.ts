/** What people do with an occurrence: begin it, say that it is done, leave it out, take that back. */
import type { MethodInput, MethodOutput } from '#shared/contract/index.ts';
import { occurrenceAt, type Occurrence } from '#shared/domain/calendar/entry.ts';
import { durationWords } from '#shared/domain/calendar/words.ts';
import { PilothouseError } from '#shared/domain/errors.ts';
import type { EngineContext } from '../engine-context.ts';
import { createAdoptionRepository } from '../store/adoption-repository.ts';
import { isByRun, type CalendarMark } from '../store/calendar-repository.ts';
import { createWalkthroughRepository } from '../store/walkthrough-repository.ts';
import { createAnswers } from './answer.ts';
import type { EntryHere } from './entries.ts';
import type { Outlook, Seen } from './outlook.ts';
import { refOf, type FindRunbook } from './work.ts';

type Name = { systemId: string; key: string; local: string };

/** How early something may be called done: whoever does Monday's work on Sunday evening has done it. */
const earlyMs = 24 * 3_600_000;

export interface Acts {
  begin(input: MethodInput<'calendar.begin'>): MethodOutput<'calendar.begin'>;
  link(input: MethodInput<'calendar.link'>): void;
  done(input: MethodInput<'calendar.done'>): void;
  skip(input: MethodInput<'calendar.skip'>): void;
  undo(input: Name): void;
}

/** @param operator who does it where nobody says who */
export function createActs(context: EngineContext, outlook: Outlook, findRunbook: FindRunbook, operator: string): Acts {
  const walkthroughs = createWalkthroughRepository(context.store);
  const adoptions = createAdoptionRepository(context.store);
  const now = (): number => context.ports.clock.now();

  /** @throws store.not-found, calendar.invalid */
  const find = ({ systemId, key, local }: Name): { here: EntryHere; occurrence: Occurrence; seen: Seen } => {
    const here = outlook.entries.get(systemId, key);
    if (here.timing === null) throw new PilothouseError('calendar.invalid', `"${here.entry.title}" never comes: ${here.problem}`, { hint: 'Change its times.' });
    const occurrence = occurrenceAt(here.timing, here.entry.durationMs, local);
    if (occurrence === null) throw new PilothouseError('calendar.invalid', `"${here.entry.title}" does not come at ${local}.`, { hint: 'Its times may have been changed meanwhile; look at the calendar again.' });
    return { here, occurrence, seen: outlook.one(here, occurrence) };
  };

  const requireOpen = ({ here, standing }: Seen): void => {
    const { title } = here.entry;
    if (standing.state === 'running') throw new PilothouseError('calendar.not-now', `"${title}" is under way.`, { hint: 'Go on with what was begun, or take it back first.' });
    if (standing.state === 'done' || standing.state === 'skipped') throw new PilothouseError('calendar.not-now', `"${title}" is ${standing.state === 'done' ? 'done' : 'left out'} already.`, { hint: 'Take that back first, where it is wrong.' });
  };

  const requireBeginnable = ({ here, occurrence, seen }: ReturnType<typeof find>, why: string | undefined): void => {
    requireOpen(seen);
    const { title, cutoffMs } = here.entry;
    if (occurrence.start - now() > earlyMs) throw new PilothouseError('calendar.not-now', `"${title}" is ${durationWords(occurrence.start - now())} ahead, and is not begun yet.`, { hint: 'It can be begun within a day before it.' });
    const blocks = createAnswers(context, outlook, findRunbook).blocks(here);
    if (blocks.length > 0) throw new PilothouseError('calendar.not-now', `"${title}" must not begin now. ${blocks.join(' ')}`, { hint: 'Do what has to be there before; then begin it.', details: { blocks } });
    const isOver = cutoffMs !== null && occurrence.end > occurrence.start && now() > occurrence.end - cutoffMs;
    if (isOver && (why ?? '') === '') {
      throw new PilothouseError('calendar.not-now', `Nothing new is begun in the window of "${title}" from ${durationWords(cutoffMs)} before its end on.`, { hint: 'Wait for the next one, or say why it is begun now all the same.', details: { wantsWhy: true } });
    }
  };

  const byRun = (here: EntryHere): PilothouseError => new PilothouseError('calendar.not-now', `"${here.entry.title}" was done by a run, which stays.`, { hint: 'Look at the calendar again.' });

  const mark = (name: Name, changes: Pick<CalendarMark, 'state' | 'reason' | 'by' | 'at'> & Partial<CalendarMark>): void => {
    outlook.repository.mark({ systemId: name.systemId, key: name.key, local: name.local, walkthroughId: null, operationId: null, ...changes });
    context.changes.changed('calendar');
  };

  return {
    begin(input) {
      const found = find(input);
      requireBeginnable(found, input.why);
      const { work } = found.here.item.value;
      if (work.kind === 'runbook') return { kind: 'runbook', ref: refOf(work.runbook, adoptions.find(input.systemId)?.pack ?? null) };
      if (work.kind === 'tasks') return { kind: 'tasks', tasks: [...work.tasks] };
      return { kind: 'procedure', procedure: work.procedure, databases: found.here.system.databases.map(({ id, label }) => ({ id, label })) };
    },
    link(input) {
      const found = find(input);
      requireBeginnable(found, input.why);
      const row = walkthroughs.row(input.walkthroughId);
      if (row.systemId !== null && row.systemId !== input.systemId) throw new PilothouseError('calendar.invalid', `The walkthrough "${row.title}" is of another system.`, { hint: 'Begin the runbook from the calendar of this system.' });
      const { work } = found.here.item.value;
      const isItsWork = work.kind === 'runbook' && row.ref === refOf(work.runbook, adoptions.find(input.systemId)?.pack ?? null);
      if (!isItsWork || row.startedAt < found.occurrence.start - earlyMs) throw new PilothouseError('calendar.invalid', `The walkthrough "${row.title}" was not begun for "${found.here.entry.title}": it ${isItsWork ? 'is from long before' : 'is of another runbook'}.`, { hint: 'Begin the work from the calendar.' });
      mark(input, { state: 'begun', reason: input.why ?? null, by: row.operator, at: row.startedAt, walkthroughId: row.id });
    },
    done(input) {
      const { here, occurrence, seen } = find(input);
      requireOpen(seen);
      const at = input.at === undefined ? now() : Date.parse(input.at);
      if (at > now() + 60_000) throw new PilothouseError('calendar.invalid', `"${here.entry.title}" cannot have been done in the future.`, { hint: 'Say when it was done.' });
      if (occurrence.start - now() > earlyMs) throw new PilothouseError('calendar.not-now', `"${here.entry.title}" is ${durationWords(occurrence.start - now())} ahead, and cannot be done yet.`, { hint: 'It can be left out with a reason, or done within a day before it.' });
      mark(input, { state: 'done', reason: input.note === '' ? null : input.note, by: input.by ?? operator, at });
    },
    skip(input) {
      requireOpen(find(input).seen);
      mark(input, { state: 'skipped', reason: input.reason, by: input.by ?? operator, at: now() });
    },
    undo(input) {
      const { here, seen } = find(input);
      if (seen.mark === null && seen.run !== null) throw byRun(here);
      if (seen.mark === null) throw new PilothouseError('calendar.not-now', `Nothing was said of "${here.entry.title}" at ${input.local}.`, { hint: 'Look at the calendar again.' });
      const isOfRun = isByRun(seen.mark);
      context.store.transaction(() => {
        outlook.repository.unmark(input.systemId, input.key, input.local);
        // What ran is found again: to say that it was taken back would not be so.
        if (isOfRun && find(input).seen.standing.state === 'done') throw byRun(here);
      })();
      context.changes.changed('calendar');
    },
  };
}
