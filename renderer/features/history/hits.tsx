import { Fragment } from 'react';
import type { HistoryHit } from '#shared/contract/history.ts';
import { clockTime, dayName, plainText } from '../../components/format.ts';
import { Glyph } from '../../components/icons.tsx';
import { OperationGlyph } from '../../components/state.tsx';
import { snippetParts } from './marks.ts';

export function hitKey(hit: HistoryHit): string {
  return `${hit.operationId}-${hit.seq}`;
}

/** A snippet with its matches marked. */
function Marked({ text }: { text: string }) {
  return <>{snippetParts(text).map((part, index) => (part.match ? <mark key={index}>{part.text}</mark> : <Fragment key={index}>{part.text}</Fragment>))}</>;
}

function HitGlyph({ hit }: { hit: HistoryHit }) {
  if (hit.level === 'warn') return <span className="warn"><Glyph kind="warn" small label="Warn" /></span>;
  if (hit.level === 'error') return <span className="critical"><Glyph kind="failed" small label="Error" /></span>;
  return <OperationGlyph state={hit.operation.state} />;
}

interface Props {
  hits: readonly HistoryHit[];
  current: string | null;
  onChoose: (hit: HistoryHit) => void;
  empty: string;
}

/** What was found, newest first, by day. */
export function Hits({ hits, current, onChoose, empty }: Props) {
  if (hits.length === 0) return <p className="t2" style={{ padding: 12 }}>{empty}</p>;
  const days: { day: string; hits: HistoryHit[] }[] = [];
  for (const hit of hits) {
    const day = dayName(hit.at);
    const last = days.at(-1);
    if (last?.day === day) last.hits.push(hit);
    else days.push({ day, hits: [hit] });
  }
  return (
    <>
      {days.map(({ day, hits: of }) => (
        <Fragment key={`${day}-${of[0]?.at}`}>
          <h2 className="dayh">{day}</h2>
          <ul>
            {of.map((hit) => (
              <li key={hitKey(hit)}>
                <button type="button" className="res" onClick={() => onChoose(hit)} {...(hitKey(hit) === current ? { 'aria-current': 'true' as const } : {})}>
                  <span className="g"><HitGlyph hit={hit} /></span>
                  <span className="medium clip">{plainText(hit.operation.title)}</span>
                  <span className="t3 xs nowrap">{hit.kind}, {clockTime(hit.at)}</span>
                  <span className="x"><Marked text={hit.text} /></span>
                </button>
              </li>
            ))}
          </ul>
        </Fragment>
      ))}
    </>
  );
}
