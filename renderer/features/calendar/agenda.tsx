import { Fragment } from 'react';
import type { CalendarOccurrence } from '#shared/contract/calendar.ts';
import { clockTime, plural } from '../../components/format.ts';
import { Empty } from '../../components/screen.tsx';
import { dayKey, dayTitle, keyOf } from './days.ts';
import { OccurrenceRow } from './row.tsx';
import { late } from './words.ts';

interface Props {
  occurrences: readonly CalendarOccurrence[];
  open: readonly CalendarOccurrence[];
  withSystem: boolean;
  now: Date;
  onOpen: (one: CalendarOccurrence) => void;
}

const nameOf = ({ systemId, key, local }: CalendarOccurrence): string => `${systemId}/${key}/${local}`;

/** What ran as planned needs no line of its own, once its day is over or its time has passed. */
const isQuiet = (one: CalendarOccurrence): boolean => (one.state === 'done' && one.mark?.byRun === true) || one.state === 'passed';

/** First what waits for somebody, then day by day. */
export function Agenda({ occurrences, open, withSystem, now, onOpen }: Props) {
  const waiting = [...open].sort((a, b) => Number(late(b)) - Number(late(a)) || a.startsAt.localeCompare(b.startsAt));
  const overdue = waiting.filter(late);
  const due = waiting.filter((one) => !late(one));
  const told = new Set(waiting.map(nameOf));
  const days = Map.groupBy(occurrences.filter((one) => !told.has(nameOf(one))), keyOf);
  const today = dayKey(now);
  const row = (one: CalendarOccurrence, dated: boolean) => <OccurrenceRow key={nameOf(one)} one={one} withSystem={withSystem} dated={dated} onOpen={onOpen} />;
  if (waiting.length === 0 && days.size === 0) return <Empty>Nothing is planned in these days. Plan work here, or adopt a pack for a system: it brings a calendar.</Empty>;
  return (
    <div className="agenda panel">
      {overdue.length === 0 ? null : <section className="late" aria-labelledby="overdue"><h2 id="overdue">Overdue <span>{overdue.length}</span></h2><ul>{overdue.map((one) => row(one, true))}</ul></section>}
      {due.length === 0 ? null : <section aria-labelledby="due"><h2 id="due">Due now <span className="t3">{due.length}</span></h2><ul>{due.map((one) => row(one, false))}</ul></section>}
      {[...days].map(([day, all]) => {
        const shown = all.filter((one) => !isQuiet(one));
        const quiet = all.length - shown.length;
        const isToday = day === today;
        const next = shown.findIndex(({ startsAt }) => startsAt > now.toISOString());
        return (
          <section key={day} aria-labelledby={`day-${day}`}>
            <h2 id={`day-${day}`}>{dayTitle(day, now)} {quiet === 0 ? null : <span className="t3">{plural(quiet, 'more', 'more')} done by runs or passed</span>}</h2>
            <ul>
              {shown.map((one, index) => <Fragment key={nameOf(one)}>{isToday && index === next ? <li className="nowl" aria-hidden>{clockTime(now.toISOString())}</li> : null}{row(one, false)}</Fragment>)}
            </ul>
          </section>
        );
      })}
    </div>
  );
}
