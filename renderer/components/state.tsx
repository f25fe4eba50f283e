import type { ReactNode } from 'react';
import type { HealthState } from '#shared/domain/health-state.ts';
import { isFinished, type OperationState } from '#shared/domain/operation-state.ts';
import { useLostSince } from '../transport/engine-context.ts';
import { logTime } from './format.ts';
import { Glyph } from './icons.tsx';
import { healthWords, operationWords, type Tone } from './words.ts';

/** A health state: its shape and a word, always both. */
export function State({ kind, children }: { kind: HealthState; children?: ReactNode }) {
  return (
    <span className={`st ${kind}`}>
      <Glyph kind={kind} small />
      {children ?? healthWords[kind]}
    </span>
  );
}

/** Only the shape, with the word for who cannot see it. */
export function StateGlyph({ kind, small }: { kind: HealthState; small?: boolean }) {
  return (
    <span className={kind}>
      <Glyph kind={kind} label={healthWords[kind]} {...(small ? { small } : {})} />
    </span>
  );
}

export function OperationStateLabel({ state, children }: { state: OperationState; children?: ReactNode }) {
  const { word, glyph, tone } = operationWords[state];
  const lostSince = useLostSince();
  // Whether it still runs nobody here knows any more.
  if (lostSince !== null && !isFinished(state)) {
    return (
      <span className="st unknown">
        <Glyph kind="unknown" small />
        {children ?? word}, last seen {logTime(new Date(lostSince).toISOString()).clock}
      </span>
    );
  }
  return (
    <span className={`st ${tone}`}>
      <Glyph kind={glyph} small />
      {children ?? word}
    </span>
  );
}

export function OperationGlyph({ state }: { state: OperationState }) {
  const { word, glyph, tone } = operationWords[state];
  return (
    <span className={tone}>
      <Glyph kind={glyph} small label={word} />
    </span>
  );
}

/** A sentence on the ground of its state. */
export function Tint({ kind, children, role }: { kind: Tone; children: ReactNode; role?: 'alert' | 'status' }) {
  return (
    <div className={`tint ${kind} row at-top`} role={role}>
      <span style={{ paddingTop: 3 }}>
        <Glyph kind={kind} small />
      </span>
      <div className="grow break">{children}</div>
    </div>
  );
}
