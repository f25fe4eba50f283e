import { readFile } from 'node:fs/promises';
import type { z } from 'zod';
import type { CalendarEntry, CalendarOccurrence } from '#shared/contract/calendar.ts';
import { entriesThatWait } from '#shared/domain/pack/waiting.ts';
import { integerOption, required, textOption, type Register } from '../command.ts';
import type { calendarDueDocument, calendarEntryDocument, calendarImportDocument, calendarListDocument, calendarMarkedDocument } from '../documents.ts';
import { UsageError } from '../failures.ts';
import { findSystem, pick } from '../find.ts';
import type { Session } from '../session.ts';
import { localTime, sentence, table } from '../text.ts';
import { writeNew } from '../write-new.ts';

const dayMs = 86_400_000;

async function systemOption(session: Session, options: Record<string, unknown>): Promise<{ systemId?: string }> {
  const wanted = textOption(options, 'system');
  return wanted === undefined ? {} : { systemId: (await findSystem(session, wanted)).id };
}

async function findEntry(session: Session, system: string | undefined, wanted: string | undefined): Promise<CalendarEntry> {
  const { id } = await findSystem(session, required(system));
  const { entries } = await session.call('calendar.entries', { systemId: id });
  return pick('entry of its calendar', required(wanted), entries, ({ key, item }) => ({ id: key, names: [key, item.title] }), 'calendar list shows what there is');
}

async function around(session: Session, systemId: string, days: number) {
  const now = Date.now();
  return session.call('calendar.list', { systemId, from: new Date(now - days * dayMs).toISOString(), to: new Date(now + days * dayMs).toISOString() });
}

/** What would be in the calendar of a system, or of all, and waits until somebody answers. */
async function waiting(session: Session, systemId: string | undefined): Promise<string[]> {
  const { systems } = await session.call('system.list', {});
  const told: string[] = [];
  for (const { id, name } of systems.filter((system) => systemId === undefined || system.id === systemId)) {
    const { adoption } = await session.call('pack.standing', { systemId: id });
    const { entries, questions } = entriesThatWait(adoption?.open.questions ?? []);
    if (entries > 0) told.push(`${name}: ${entries} ${entries === 1 ? 'entry is' : 'entries are'} not here yet, until somebody answers ${questions.map(({ key }) => key).join(', ')} (pack answer "${name}" --answer ${questions[0]?.key ?? ''}=…).`);
  }
  return told;
}

/** The one that is named, else the oldest that waits for somebody. */
async function findOccurrence(session: Session, { systemId, key, item }: CalendarEntry, local: string | undefined): Promise<{ systemId: string; key: string; local: string }> {
  if (local !== undefined) return { systemId, key, local };
  const { open } = await around(session, systemId, 0);
  const found = open.find((one) => one.key === key && one.state !== 'running');
  if (found === undefined) throw new UsageError(`Nothing of "${item.title}" waits for somebody.`, 'Name another time of it: --time 2026-11-29T02:00. calendar show lists them.');
  return { systemId, key, local: found.local };
}

const stateText = ({ state, asks, why }: CalendarOccurrence): string => `${asks ? 'missed, what becomes of it?' : state}${why === null ? '' : `: ${why}`}`;

const rowOf = (one: CalendarOccurrence): string[] => [localTime(one.startsAt), one.systemName, one.title, stateText(one), sentence([...one.blocked, ...one.conflicts.map(({ text }) => text), ...(one.clockChange === null ? [] : [one.clockChange])].join('; '))];
const columns = ['AT', 'SYSTEM', 'WORK', 'STATE', ''];

export const registerCalendar: Register = (program, act) => {
  const calendar = program.command('calendar').description('recurring work: what is due, what comes, what became of it. This computer reminds; it does not run while it is off');

  calendar
    .command('due')
    .description('what waits for somebody now: due, overdue, or missed with an answer wanted')
    .option('--system <system>', 'only of this system')
    .action(
      act(async (session, _positionals, options) => {
        const now = new Date().toISOString();
        const { open, problems } = await session.call('calendar.list', { ...(await systemOption(session, options)), from: now, to: now });
        const document: z.infer<typeof calendarDueDocument> = { due: open, problems };
        return { document, text: [table(columns, open.map(rowOf), 'Nothing is due.'), ...problems.map(({ title, message }) => `${title} never comes: ${sentence(message)}`)].join('\n') };
      }),
    );

  calendar
    .command('list')
    .description('what comes in the next days, with what collides and what the change of the clocks does')
    .option('--system <system>', 'only of this system')
    .option('--days <n>', 'how many days', '14')
    .action(
      act(async (session, _positionals, options) => {
        const days = integerOption(options, 'days', { min: 1, max: 400 }) ?? 14;
        const now = Date.now();
        const to = new Date(now + days * dayMs).toISOString();
        const about = await systemOption(session, options);
        const { occurrences, clockChanges: ahead } = await session.call('calendar.list', { ...about, from: new Date(now).toISOString(), to });
        const clockChanges = ahead.filter(({ at }) => at <= to);
        const document: z.infer<typeof calendarListDocument> = { occurrences, clockChanges };
        const changes = clockChanges.map(({ date, tz, length, before, after }) => `On ${date} the clocks of ${tz} change from ${before} to ${after}: that day has ${length}.`);
        return { document, text: [table(columns, occurrences.map(rowOf), `Nothing is planned in the next ${days} days.`), ...changes, ...(await waiting(session, about.systemId))].join('\n') };
      }),
    );

  calendar
    .command('show <system> <entry>')
    .description('an entry: its rule in words, the next ten times, and what became of the last ones')
    .action(
      act(async (session, [system, wanted]) => {
        const entry = await findEntry(session, system, wanted);
        const { starts, rrule, tz } = entry.item;
        const { next } = await session.call('calendar.preview', { starts, rrule, tz });
        const { occurrences } = await around(session, entry.systemId, 100);
        const all = occurrences.filter(({ key }) => key === entry.key);
        const now = Date.now();
        const last = all.filter(({ startsAt }) => Date.parse(startsAt) <= now).slice(-10);
        const coming = all.filter(({ startsAt }) => Date.parse(startsAt) > now).slice(0, 10);
        const document: z.infer<typeof calendarEntryDocument> = { entry, last, next: coming };
        const rows = (some: readonly CalendarOccurrence[]): string[][] => some.map((one) => [one.local.replace('T', ' '), stateText(one), one.mark === null ? '' : `${one.mark.by}${one.mark.reason === null ? '' : `: ${one.mark.reason}`}`, sentence(one.clockChange ?? '')]);
        const text = [`${entry.item.title} (${entry.key})`, entry.problem === null ? `${entry.words}, ${tz}` : `It never comes: ${sentence(entry.problem)}`, table(['LAST', 'STATE', 'BY', ''], rows(last), 'It has not come yet.'), table(['NEXT', 'STATE', 'BY', ''], rows(coming), next.length === 0 ? 'It does not come any more.' : 'It does not come within 100 days.')].join('\n');
        return { document, text };
      }),
    );

  calendar
    .command('done <system> <entry>')
    .description('say that it was done by hand; without a time the oldest that waits')
    .option('--time <local>', 'which one: 2026-11-29T02:00, as its rule gives it')
    .option('--by <name>', 'who did it')
    .option('--note <text>', 'what is worth knowing')
    .action(
      act(async (session, [system, wanted], options) => {
        const entry = await findEntry(session, system, wanted);
        const name = await findOccurrence(session, entry, textOption(options, 'time'));
        const by = textOption(options, 'by');
        await session.call('calendar.done', { ...name, note: textOption(options, 'note') ?? '', ...(by === undefined ? {} : { by }) });
        const document: z.infer<typeof calendarMarkedDocument> = { ...name, state: 'done' };
        return { document, text: `"${entry.item.title}" of ${name.local.replace('T', ' ')} is done.` };
      }),
    );

  calendar
    .command('skip <system> <entry>')
    .description('leave it out, with why; without a time the oldest that waits')
    .requiredOption('--reason <text>', 'why')
    .option('--time <local>', 'which one: 2026-11-29T02:00, as its rule gives it')
    .option('--by <name>', 'who says so')
    .action(
      act(async (session, [system, wanted], options) => {
        const entry = await findEntry(session, system, wanted);
        const name = await findOccurrence(session, entry, textOption(options, 'time'));
        const by = textOption(options, 'by');
        await session.call('calendar.skip', { ...name, reason: textOption(options, 'reason') ?? '', ...(by === undefined ? {} : { by }) });
        const document: z.infer<typeof calendarMarkedDocument> = { ...name, state: 'skipped' };
        return { document, text: `"${entry.item.title}" of ${name.local.replace('T', ' ')} is left out.` };
      }),
    );

  calendar
    .command('export')
    .description('the calendar as a file of iCalendar, for other programs')
    .option('--system <system>', 'only of this system')
    .option('--out <file>', 'write it into a new file, for you alone')
    .action(
      act(async (session, _positionals, options) => {
        const { fileName, mediaType, content, entries } = await session.call('calendar.export', await systemOption(session, options));
        const path = textOption(options, 'out') ?? null;
        if (path !== null) await writeNew(path, content);
        return { document: { export: { fileName, mediaType, path, content: path === null ? content : null } }, text: path === null ? content : `${path}: ${entries} ${entries === 1 ? 'entry' : 'entries'}.`, verbatim: path === null };
      }),
    );

  calendar
    .command('import <file> <system>')
    .description('take the events of a file of iCalendar into the calendar of a system; what cannot be taken is named')
    .option('--tz <zone>', 'for times without a time zone; left out: that of this computer')
    .option('--dry-run', 'only say what each event would be')
    .action(
      act(async (session, [file, wanted], options) => {
        const path = required(file);
        let text: string;
        try {
          text = await readFile(path, 'utf8');
        } catch (error) {
          throw new UsageError(`${path} cannot be read: ${error instanceof Error ? error.message : String(error)}.`, 'Name a file of iCalendar (.ics).');
        }
        const { id: systemId } = await findSystem(session, required(wanted));
        const tz = textOption(options, 'tz') ?? Intl.DateTimeFormat().resolvedOptions().timeZone;
        const { events } = await session.call('calendar.readFile', { systemId, text, tz });
        const uids = events.filter(({ problem }) => problem === null).map(({ uid }) => uid);
        const keys = options['dryRun'] === true || uids.length === 0 ? [] : (await session.call('calendar.importFile', { systemId, text, tz, uids })).keys;
        const document: z.infer<typeof calendarImportDocument> = { imported: keys, events };
        const rows = events.map(({ summary, words, problem, notes, key, replaces }) => [problem === null ? (replaces ? 'changes' : 'new') : 'kept out', key ?? '', summary, words ?? '', sentence([...(problem === null ? [] : [problem]), ...notes].join(' '))]);
        return { document, text: [table(['', 'KEY', 'EVENT', 'WHEN', ''], rows, 'There is no event in it.'), `${keys.length} of ${events.length} taken in.`].join('\n') };
      }),
    );
};
