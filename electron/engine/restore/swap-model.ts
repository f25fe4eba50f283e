/**
 * Where two databases stand that were to exchange their names. Pure: it looks at oids, which stay, and at names, which
 * changed all at once or not at all, because both renames are one transaction.
 */
import type { StoredExchange } from '../store/restore-repository.ts';

/** What the server says of one of the two databases. Null: it is gone. */
export type Seen = { name: string; allowsConnections: boolean } | null;

/** `before`: nothing was exchanged. `after`: everything was. `foreign`: somebody else renamed or dropped one of them. */
export type Standing = 'before' | 'after' | 'foreign';

export interface Verdict {
  standing: Standing;
  /** What has to be sent so that both databases accept connections as they should. In order: the live one first. */
  open: { name: string; allow: boolean }[];
}

/**
 * Decides how an exchange stands and what is left to do. Whoever has the live name is opened whatever else is the
 * matter: the one thing that must not last is a live name that lets nobody in.
 */
export function judgeExchange(exchange: StoredExchange, outgoing: Seen, incoming: Seen): Verdict {
  const before = outgoing?.name === exchange.liveName && (incoming === null || incoming.name === exchange.incoming.nameBefore);
  const after = incoming?.name === exchange.liveName && (outgoing === null || outgoing.name === exchange.outgoing.nameAfter);
  const standing: Standing = before ? 'before' : after ? 'after' : 'foreign';
  // The live name lets in whom it let in before, whichever database has it now; the other one opens as it was.
  const liveAllows = exchange.outgoing.allowedConnections;
  const wanted = (seen: Seen, own: boolean): { name: string; allow: boolean }[] => {
    if (seen === null) return [];
    const allow = seen.name === exchange.liveName ? liveAllows : own;
    return seen.allowsConnections === allow ? [] : [{ name: seen.name, allow }];
  };
  const open = [...wanted(outgoing, exchange.outgoing.allowedConnections), ...wanted(incoming, exchange.incoming.allowedConnections)];
  return { standing, open: open.sort((a, b) => Number(b.name === exchange.liveName) - Number(a.name === exchange.liveName)) };
}
