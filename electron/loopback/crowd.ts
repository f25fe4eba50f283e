/** How many connections there may be, and which one goes where there are more. */
import type { Duplex } from 'node:stream';

export interface Crowd {
  /** A connection came. Where that is one too many, the one goes that came first of those without a session. */
  enter(connection: Duplex): void;
  /** It has said its session, and stays. */
  admit(connection: Duplex): void;
}

/**
 * Any process of this computer may open connections and say nothing on them. They make room for whoever comes later, so
 * that they keep no browser tab out, and they never cut off one that is in.
 */
export function createCrowd(most: number): Crowd {
  const strangers = new Set<Duplex>();
  const admitted = new Set<Duplex>();
  return {
    enter(connection) {
      strangers.add(connection);
      connection.once('close', () => {
        strangers.delete(connection);
        admitted.delete(connection);
      });
      if (strangers.size + admitted.size <= most) return;
      const [first] = strangers;
      if (first === undefined) return;
      strangers.delete(first);
      first.destroy();
    },
    admit(connection) {
      if (strangers.delete(connection)) admitted.add(connection);
    },
  };
}
