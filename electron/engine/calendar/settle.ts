/** What ended well is kept as done, so that it stays so when what ran for it ages out. */
import { occurrenceAt } from '#shared/domain/calendar/entry.ts';
import { hasCode } from '#shared/domain/errors.ts';
import type { EngineContext } from '../engine-context.ts';
import { byRun, type CalendarMark } from '../store/calendar-repository.ts';
import type { EntryHere } from './entries.ts';
import type { Outlook, Seen } from './outlook.ts';

const dayMs = 86_400_000;
/** Operations age out after months; what ran for an occurrence is settled within days. */
const lookBackMs = 7 * dayMs;

function entryOf(outlook: Outlook, { systemId, key }: CalendarMark): EntryHere | null {
  try {
    return outlook.entries.get(systemId, key);
  } catch (error) {
    // Taken out of the calendar meanwhile: what was begun of it stays as it is.
    if (hasCode(error, 'store.not-found')) return null;
    throw error;
  }
}

/** Whether anything was settled. */
export function settle(context: Pick<EngineContext, 'ports'>, outlook: Outlook): boolean {
  const now = context.ports.clock.now();
  let isChanged = false;
  const keep = ({ here, occurrence, standing, mark, run, endedAt }: Seen): void => {
    if (standing.state !== 'done' || (mark === null ? run === null : mark.state !== 'begun')) return;
    const { systemId, key } = here.entry;
    outlook.repository.mark({ systemId, key, local: occurrence.local, state: 'done', reason: mark?.reason ?? standing.why, by: mark?.by ?? byRun, walkthroughId: mark?.walkthroughId ?? null, operationId: run?.operationId ?? mark?.operationId ?? null, at: endedAt ?? now });
    isChanged = true;
  };
  for (const mark of outlook.repository.begun()) {
    const here = entryOf(outlook, mark);
    if (here === null || here.timing === null) continue;
    const occurrence = occurrenceAt(here.timing, here.entry.durationMs, mark.local);
    if (occurrence !== null) keep(outlook.one(here, occurrence));
  }
  for (const seen of outlook.between(null, now - lookBackMs, now)) if (seen.here.item.value.work.kind === 'procedure') keep(seen);
  return isChanged;
}
