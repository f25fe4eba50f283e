import { Link } from 'wouter';
import { useMethod } from '../transport/use-method.ts';
import { useNow } from './age.tsx';
import { dayName, clockTime, plainText } from './format.ts';
import { paths } from './paths.ts';

const dayMs = 86_400_000;
const aheadDays = 3;
const shown = 6;

/** Midnight here, so that the same is asked all day. */
function midnight(at: number): number {
  const day = new Date(at);
  return new Date(day.getFullYear(), day.getMonth(), day.getDate()).getTime();
}

/** What the calendar has for the next days; what is due already is told among the needs. */
export function Coming({ systemId }: { systemId: string | null }) {
  const now = useNow();
  const from = midnight(now);
  const query = useMethod('calendar.list', { ...(systemId === null ? {} : { systemId }), from: new Date(from).toISOString(), to: new Date(from + aheadDays * dayMs).toISOString() });
  const coming = (query.data?.occurrences ?? []).filter(({ state }) => state === 'coming' || state === 'notice');
  if (coming.length === 0) return null;
  return (
    <section className="sec" aria-labelledby="coming">
      <header><h2 id="coming">Coming <span className="count">{coming.length}</span></h2><span className="end t3 xs">in {aheadDays} d</span></header>
      <ul className="side-list">
        {coming.slice(0, shown).map(({ systemId: of, key, local, startsAt, title, systemName, conflicts }) => (
          <li key={`${of}/${key}/${local}`}>
            <span className="t3">{clockTime(startsAt)}</span>
            <div className="break">
              <Link to={paths.calendar(of)} className="plain">{plainText(title)}</Link>
              <div className="xs t3">{[dayName(startsAt), systemId === null ? systemName : '', conflicts.length > 0 ? 'collides' : ''].filter((part) => part !== '').join(', ')}</div>
            </div>
          </li>
        ))}
      </ul>
    </section>
  );
}
