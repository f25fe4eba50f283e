import { Tooltip } from '@mantine/core';
import { Clock } from 'lucide-react';
import { useSyncExternalStore, type ReactNode } from 'react';
import { isAhead } from '#shared/domain/clock-skew.ts';
import { useLostSince } from '../transport/engine-context.ts';
import { age, exactTime, localTime, zoneName } from './format.ts';
import { Glyph, Icon } from './icons.tsx';

const tickMs = 1000;
let now = Date.now();
const listeners = new Set<() => void>();
let timer = 0;

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  if (listeners.size === 1) {
    // Nobody moved the time while nobody looked.
    now = Date.now();
    timer = window.setInterval(() => {
      now = Date.now();
      for (const each of listeners) each();
    }, tickMs);
  }
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) window.clearInterval(timer);
  };
}

/** The time in milliseconds since the epoch, a second fresh; all ages on screen move together. */
export function useNow(): number {
  return useSyncExternalStore(subscribe, () => now);
}

/** The time up to which is known what the engine does: now, or where it is lost, when it was last heard. */
export function useEngineNow(): number {
  const seen = useNow();
  return Math.min(seen, useLostSince() ?? seen);
}

/** A time whose exact instant, with its zone and in UTC, is one hover or focus away. */
export function Exact({ at, children }: { at: string; children: ReactNode }) {
  return (
    <Tooltip label={exactTime(at)}>
      <time dateTime={at} tabIndex={0}>{children}</time>
    </Tooltip>
  );
}

/** Local time, with the day where it is not today. */
export function Instant({ at, zone }: { at: string; zone?: boolean }) {
  return (
    <Exact at={at}>
      {localTime(at)}
      {zone ? ` ${zoneName(at)}` : null}
    </Exact>
  );
}

interface AgeProps {
  at: string;
  stale?: boolean;
  /** Becomes stale by itself at this age, also while nothing is read anew. */
  staleAfterMs?: number;
  before?: string;
  after?: string;
}

/** Where a clock was set nobody knows: "1 s" would look as fresh as can be. */
const sinceWords = (at: string, seenAt: number): string => (isAhead(at, seenAt) ? 'an unknown time' : age(Math.max(0, seenAt - Date.parse(at))));

/** How long ago something was seen; stale ages are marked by shape and colour. */
export function Age({ at, stale: known = false, staleAfterMs = Infinity, before, after }: AgeProps) {
  const seenAt = useNow();
  const ms = Math.max(0, seenAt - Date.parse(at));
  const stale = known || ms > staleAfterMs;
  return (
    <span className={`age${stale ? ' stale' : ''}`}>
      {stale ? <Glyph kind="warn" small label="Old" /> : <Icon of={Clock} small />}
      <Exact at={at}>
        {before}{sinceWords(at, seenAt)} ago{after}
      </Exact>
    </span>
  );
}

/** An age as a bare figure: "1 d 12 h". */
export function AgeFigure({ at }: { at: string }) {
  return <>{sinceWords(at, useNow())}</>;
}
