/** What of the calendar waits for somebody, for the overview. */
import type { Need } from '#shared/contract/systems.ts';
import { dateText, dayOf, parseLocal, timeText } from '#shared/domain/calendar/local-time.ts';
import { wantsSomebody } from '#shared/domain/calendar/standing.ts';
import { dayAt } from '#shared/domain/calendar/zone.ts';
import type { EngineContext } from '../engine-context.ts';
import { createOutlook, type Outlook, type Seen } from './outlook.ts';

/** "04:30", "2026-11-20 04:30" where that is another day. */
export function sinceWords({ here, occurrence }: Pick<Seen, 'here' | 'occurrence'>, now: number): string {
  const local = here.timing?.zone.localAt(occurrence.start) ?? parseLocal(occurrence.local) ?? 0;
  const isToday = here.timing !== null && dayAt(here.timing.zone, now) === dayOf(local);
  return isToday ? timeText(local) : `${dateText(dayOf(local))} ${timeText(local)}`;
}

function needOf(seen: Seen, more: number): Need {
  const { here, occurrence, standing } = seen;
  const { title } = here.entry;
  const why = standing.why === null ? '' : `. ${standing.why}`;
  const about = { systemId: here.system.id, systemName: here.system.name, environment: here.system.environment, since: new Date(occurrence.start).toISOString(), more, action: { label: standing.asks ? 'Answer' : 'Open calendar', kind: 'open-calendar' as const, id: here.entry.key } };
  if (standing.asks) return { state: 'warn', text: `${title} was missed: say what becomes of it${why}`, ...about };
  if (standing.state === 'overdue') return { state: 'warn', text: `${title} is overdue${why}`, ...about };
  return { state: 'warn', text: `${title} is due${why}`, ...about };
}

/** Each entry is told once, by its oldest that waits. */
export function createCalendarNeeds(context: EngineContext, outlook: Outlook = createOutlook(context)): () => Need[] {
  return () => {
    const groups = Map.groupBy(outlook.open(null).filter(({ standing }) => wantsSomebody(standing)), ({ here }) => `${here.entry.systemId}/${here.entry.key}`);
    return [...groups.values()].flatMap((group) => {
      const [oldest] = group;
      return oldest === undefined ? [] : [needOf(oldest, group.length - 1)];
    });
  };
}
