/** Who may use the console: one-time tokens for the address, exchanged for sessions that last as long as this process. */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { Clock, Random } from '#engine/ports.ts';

/** How long an address that was printed can be used. */
export const tokenLifeMs = 15 * 60_000;
/** 256 bits. */
const secretBytes = 32;

export interface Sessions {
  /** A fresh token, good once and for a while. */
  issueToken(): string;
  /** Takes a token in exchange for a session, once. Null: it is wrong, was used, or is too old. */
  exchange(token: string): string | null;
  isKnown(session: string): boolean;
  /** Wrong, used and old tokens and unknown sessions so far. They lock nobody out: the right one works all the same. */
  readonly refused: number;
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/** Looks at every one, so that the time it takes says nothing about which one came close. */
function indexOfEqual(digests: readonly Buffer[], wanted: Buffer): number {
  return digests.reduce((found, candidate, index) => (timingSafeEqual(candidate, wanted) ? index : found), -1);
}

export function createSessions(ports: { clock: Clock; random: Random }): Sessions {
  let tokens: { digest: Buffer; expiresAt: number }[] = [];
  const sessions: Buffer[] = [];
  let refused = 0;
  const draw = (): string => ports.random.bytes(secretBytes).toString('base64url');

  return {
    issueToken() {
      const token = draw();
      tokens.push({ digest: digest(token), expiresAt: ports.clock.now() + tokenLifeMs });
      return token;
    },
    exchange(token) {
      const now = ports.clock.now();
      tokens = tokens.filter((entry) => entry.expiresAt > now);
      const index = indexOfEqual(
        tokens.map((entry) => entry.digest),
        digest(token),
      );
      if (index === -1) {
        refused += 1;
        return null;
      }
      tokens.splice(index, 1);
      const session = draw();
      sessions.push(digest(session));
      return session;
    },
    isKnown(session) {
      const known = indexOfEqual(sessions, digest(session)) !== -1;
      if (!known) refused += 1;
      return known;
    },
    get refused() {
      return refused;
    },
  };
}
