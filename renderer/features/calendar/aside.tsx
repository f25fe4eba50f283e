import type { ClockChange } from '#shared/contract/calendar.ts';
import { Icon } from '../../components/icons.tsx';
import { clockLook } from './words.ts';

const day = new Intl.DateTimeFormat('en-GB', { weekday: 'short', day: 'numeric', month: 'short', year: 'numeric', timeZone: 'UTC' });

/** The next changes of the clocks, each once for its zone. */
export function ClockChanges({ changes }: { changes: readonly ClockChange[] }) {
  if (changes.length === 0) return null;
  return (
    <section className="sec" aria-labelledby="clocks">
      <h2 id="clocks" className="row"><Icon of={clockLook.icon} />Clock changes</h2>
      {changes.slice(0, 4).map(({ date, tz, length, before, after, forward }) => (
        <div key={`${tz} ${date}`}>
          <p className="medium">{day.format(new Date(`${date}T00:00:00Z`))}, {length} <span className="t3 xs">{before} to {after}</span></p>
          <p className="t2 xs">{tz}: an hour {forward ? 'is left out; what stands in it begins right after it' : 'comes twice; what stands in it begins the first time'}.</p>
        </div>
      ))}
    </section>
  );
}

export function Honest() {
  return (
    <section className="sec" aria-labelledby="honest">
      <h2 id="honest">While it is closed</h2>
      <p className="t2">What came due meanwhile is told in one line when it is open again, and stands here until somebody did it, left it out, or its time has passed.</p>
    </section>
  );
}
