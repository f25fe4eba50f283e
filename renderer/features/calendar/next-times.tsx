import { useDebouncedValue } from '@mantine/hooks';
import { ErrorPanel } from '../../components/error-panel.tsx';
import { exactTime } from '../../components/format.ts';
import { useMethod } from '../../transport/use-method.ts';

const typingPauseMs = 200;

export interface Times {
  starts: string;
  rrule: string | null;
  tz: string;
}

/** What is wrong with a rule, by its field; null while nobody knows, or nothing is. */
export function useTimes(times: Times) {
  const [settled] = useDebouncedValue(times, typingPauseMs);
  const query = useMethod('calendar.preview', settled, { keepPrevious: true });
  return { query, isFresh: !query.isPlaceholderData && JSON.stringify(settled) === JSON.stringify(times), problem: query.data?.problem ?? null };
}

/** A rule in words, and the ten next times with the days on which clocks change. */
export function NextTimes({ times }: { times: ReturnType<typeof useTimes> }) {
  const { data, error } = times.query;
  if (error !== null) return <ErrorPanel error={error} onRetry={() => void times.query.refetch()} />;
  if (data === undefined) return <p className="t3" role="status">Working out when it comes</p>;
  return (
    <section className="sec next" aria-label="When it comes">
      <p className="medium" role="status">{data.problem === null ? data.words : data.problem.message}</p>
      {data.notes.map((note) => <p key={note} className="t2 xs">{note}</p>)}
      {data.next.length === 0 ? null : (
        <ol tabIndex={0} aria-label="The next ten times">
          {data.next.map(({ local, startsAt, offset, zone, clockChange }) => (
            <li key={local} className={clockChange === null ? '' : 'dst'} title={exactTime(startsAt)}>
              <span>{local.replace('T', ' ')}</span> <span className="t3">{zone === offset || zone.startsWith('GMT') ? offset : `${zone} ${offset}`}</span>
              {clockChange === null ? null : <span className="c">{clockChange}</span>}
            </li>
          ))}
        </ol>
      )}
    </section>
  );
}
