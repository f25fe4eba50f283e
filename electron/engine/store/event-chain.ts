/** How events of a walkthrough or an incident are chained: each holds the hash of the one before, so that a change in an earlier one is seen. */
import { createHash } from 'node:crypto';

/** One event of a log, as it is kept. */
export interface Chained {
  seq: number;
  /** ISO. */
  at: string;
  /** Of logs that measure spans; left out by others. */
  monoMs?: number;
  actor: string;
  commandId: string;
  event: unknown;
  prevHash: string;
  hash: string;
}

/** What the first event stands on. */
export const chainStart = '0'.repeat(64);

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, part]) => part !== undefined)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, part]) => [name, sorted(part)]),
  );
}

/** JSON in which equal things have equal texts: names in the order of their code units, nothing between. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(sorted(value));
}

/** SHA-256, in hex, of an event with all that belongs to it but its own hash. */
export function hashOfEvent({ seq, at, monoMs, actor, commandId, event, prevHash }: Omit<Chained, 'hash'>): string {
  return createHash('sha256').update(canonicalJson({ seq, at, monoMs, actor, commandId, event, prevHash })).digest('hex');
}

/** Where a chain is broken: the first event that does not fit; null: nowhere. It shows change by accident: who owns the file can make a chain anew. */
export function breakIn(events: readonly Chained[]): { seq: number; message: string } | null {
  let before = chainStart;
  for (const [index, event] of events.entries()) {
    if (event.seq !== index + 1) return { seq: event.seq, message: `Event ${index + 1} is missing.` };
    if (event.prevHash !== before) return { seq: event.seq, message: `Event ${event.seq} does not follow the one before it.` };
    if (hashOfEvent(event) !== event.hash) return { seq: event.seq, message: `Event ${event.seq} is not as it was written.` };
    before = event.hash;
  }
  return null;
}
