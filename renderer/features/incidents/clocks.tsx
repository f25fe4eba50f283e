import type { IncidentClock } from '#shared/contract/incidents.ts';
import { Exact, Instant, useEngineNow } from '../../components/age.tsx';
import { prose } from '../../components/format.ts';
import type { GlyphKind } from '../../components/glyph-kind.ts';
import { Glyph } from '../../components/icons.tsx';
import { Tint } from '../../components/state.tsx';
import { useIncident } from './context.ts';
import { clockWords, type ClockTone } from './words.ts';

const glyphs: Record<ClockTone, GlyphKind | null> = { ok: 'ok', warn: 'warn', critical: 'critical', plain: null };

function Clock({ clock, now }: { clock: IncidentClock; now: number }) {
  const { tone, left, about, used } = clockWords(clock, now);
  const glyph = glyphs[tone];
  const at = clock.at ?? clock.dueAt;
  return (
    <li className={`clock ${tone}`}>
      <p className="l">{clock.title}</p>
      <p className="left">{glyph === null ? null : <Glyph kind={glyph} />}{left}</p>
      <p className="t3 xs">{at === null ? about : <Exact at={at}>{about}</Exact>}</p>
      <div className="bar-of" aria-hidden>{used === null ? null : <i style={{ width: `${Math.round(used * 100)}%` }} />}</div>
    </li>
  );
}

/** What runs out, how much is left, and what that means. */
export function Clocks() {
  const { view } = useIncident();
  const now = useEngineNow();
  const { clocks, paused, hours } = view;
  return (
    <section className="stack" aria-label="Clocks">
      {paused === null ? null : <Tint kind="warn"><p>The clocks stand still since <Instant at={paused.since} />: {prose(paused.why)}</p></Tint>}
      {clocks.length === 0 ? <p className="t2">A severity without clocks: nothing was promised.</p> : <ul className="clocks" data-count={clocks.length}>{clocks.map((clock) => <Clock key={clock.name} clock={clock} now={now} />)}</ul>}
      <p className="t3 xs">{clocks.some(({ state }) => state === 'running') ? 'When a clock ends it is written down below and told on this computer. Nobody is called by it, and nothing is sent. ' : ''}{hours === null ? '' : prose(hours)}</p>
    </section>
  );
}
