/**
 * How a person or the system asks a program of a terminal to end.
 *
 * Elsewhere: Ctrl-C (SIGINT), `kill` (SIGTERM), the terminal that is closed (SIGHUP). Windows: Ctrl-C (SIGINT),
 * Ctrl-Break (SIGBREAK), the console window that is closed, or somebody who signs out (SIGHUP: some ten seconds later
 * the process is ended, whatever it does); SIGTERM never comes. Children get none of it: elsewhere they lead groups of
 * their own, on Windows they have no console, so that they end by our cleaning up, or by their lifelines.
 */
import { here, type Platform } from './here.ts';

const elsewhere = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
const onWindows = ['SIGINT', 'SIGBREAK', 'SIGHUP'] as const;

export type EndingSignal = (typeof elsewhere)[number] | (typeof onWindows)[number];

export const endingSignals = (platform: Platform = here): readonly EndingSignal[] => (platform === 'win32' ? onWindows : elsewhere);

/** Who tells of signals: this process, or what a test puts in its place. */
export interface SignalSource {
  on(signal: EndingSignal, listener: (signal: EndingSignal) => void): unknown;
  off(signal: EndingSignal, listener: (signal: EndingSignal) => void): unknown;
}

/**
 * Tells of each time that somebody asks this process to end; it does not end by itself any more. A terminal and the
 * program that started us may both pass on the same Ctrl-C: what comes so soon after another one is the same.
 * @param sameWithinMs milliseconds
 * @returns what stops the telling
 */
export function onAskedToEnd(listener: (signal: EndingSignal) => void, { sameWithinMs, source = process, platform = here, now = () => performance.now() }: { sameWithinMs: number; source?: SignalSource; platform?: Platform; now?: () => number }): () => void {
  let last = Number.NEGATIVE_INFINITY;
  const heard = (signal: EndingSignal): void => {
    const at = now();
    if (at - last <= sameWithinMs) return;
    last = at;
    listener(signal);
  };
  const signals = endingSignals(platform);
  for (const signal of signals) source.on(signal, heard);
  return () => {
    for (const signal of signals) source.off(signal, heard);
  };
}
