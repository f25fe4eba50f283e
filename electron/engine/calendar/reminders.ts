/** People are told of what comes, is due, and is late: of each once, and of much that waited while nobody was here in one line. */
import { localText } from '#shared/domain/calendar/local-time.ts';
import { lateFrom, wantsSomebody } from '#shared/domain/calendar/standing.ts';
import { durationWords } from '#shared/domain/calendar/words.ts';
import { fewNames } from '#shared/domain/few-names.ts';
import type { EngineContext } from '../engine-context.ts';
import type { ReminderKind } from '../store/calendar-repository.ts';
import { sinceWords } from './needs.ts';
import type { Outlook, Seen } from './outlook.ts';

const dayMs = 86_400_000;
/** What comes later than this is told when it is nearer. */
const mostNoticeMs = 31 * dayMs;
/** What was to be told longer ago than this is told late, and with the others. */
const lateMs = 600_000;
const mostAlone = 3;
const keptMs = 400 * dayMs;

/** Something that a person was not told yet. */
interface Untold {
  seen: Seen;
  kind: ReminderKind;
  /** When it was to be told, in milliseconds since the epoch. */
  from: number;
}

function kindOf({ standing }: Seen): ReminderKind | null {
  if (standing.state === 'notice') return 'notice';
  if (standing.state === 'due') return 'due';
  return wantsSomebody(standing) ? 'overdue' : null;
}

function untold(outlook: Outlook, seen: Seen): Untold[] {
  const kind = kindOf(seen);
  const { systemId, key, noticeMs } = seen.here.entry;
  const { local, start } = seen.occurrence;
  if (kind === null || outlook.repository.isReminded(systemId, key, local, kind)) return [];
  const from = kind === 'notice' ? start - (noticeMs ?? 0) : kind === 'due' ? start : lateFrom(seen.occurrence);
  // Whoever put it in the calendar a moment ago knows of it.
  return [{ seen, kind, from: Math.max(from, seen.here.since) }];
}

/** What the clock on the wall shows then: in the night in which clocks go forward the rule's own time may not be among that. */
const wallWords = ({ timing }: Seen['here'], { start, local }: Seen['occurrence']): string => (timing === null ? local : localText(timing.zone.localAt(start))).replace('T', ' ');

function bodyOf({ seen, kind }: Untold, now: number): string {
  const { here, occurrence } = seen;
  const { title } = here.entry;
  if (kind === 'notice') return `${title} begins in ${durationWords(occurrence.start - now)}, at ${wallWords(here, occurrence)} (${here.entry.tz})`;
  if (kind === 'due') return `${title} is due${occurrence.end > occurrence.start ? `, for ${durationWords(occurrence.end - now)}` : ' now'}`;
  return `${title} was due at ${sinceWords(seen, now)}, and nobody has done it${seen.standing.asks ? ': say what becomes of it' : ''}`;
}

const placeOf = (all: readonly Untold[]): string => {
  const systems = new Set(all.map(({ seen }) => seen.here.system.id));
  const [only] = systems;
  return systems.size === 1 && only !== undefined ? `/systems/${only}/calendar` : '/calendar';
};

function summaryOf(all: readonly Untold[]): string {
  const late = all.filter(({ kind }) => kind === 'overdue').length;
  const names = fewNames([...new Set(all.map(({ seen }) => seen.here.entry.title))]);
  return `${all.length === 1 ? 'One piece of work waits' : `${all.length} pieces of work wait`}${late > 0 ? `, ${late} of them overdue` : ''}: ${names}`;
}

/** Tells what was not told yet, and remembers that. */
export function remind(context: Pick<EngineContext, 'ports' | 'scrubber'>, outlook: Outlook): void {
  const { clock, notifier } = context.ports;
  const now = clock.now();
  const all = [...outlook.open(null), ...outlook.between(null, now + 1, now + mostNoticeMs)].flatMap((seen) => untold(outlook, seen));
  for (const { seen, kind } of all) outlook.repository.remind(seen.here.entry.systemId, seen.here.entry.key, seen.occurrence.local, kind, now);
  const tell = (title: string, body: string, place: string): void => notifier.notify(context.scrubber.scrub({ title, body, place }));
  const isFlood = all.length > mostAlone || all.some(({ from }) => now - from > lateMs);
  if (isFlood) tell('Calendar', summaryOf(all), placeOf(all));
  else for (const one of all) tell(one.seen.here.system.name, bodyOf(one, now), placeOf([one]));
  outlook.repository.forgetReminders(now - keptMs);
}
