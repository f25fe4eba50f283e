/** What tests of connections have met that are stored nowhere yet: whoever adds one of them right after has seen it. */
import { isDeepStrictEqual } from 'node:util';
import type { DatabaseConnection } from '#shared/contract/systems.ts';
import type { Clock } from '../ports.ts';
import type { Sighting } from '../store/system-repository.ts';

interface Tested {
  connection: DatabaseConnection;
  /** Through which machines, as `Reach.wayOf` tells; null where it is behind none. */
  way: unknown;
  sighting: Sighting;
  /** Milliseconds since the epoch. */
  at: number;
}

export interface TestedConnections {
  keep(tested: Omit<Tested, 'at'>): void;
  /** Null where none met it lately, or where it is reached through other machines by now. */
  find(connection: DatabaseConnection, way: unknown): Pick<Tested, 'sighting' | 'at'> | null;
}

/** For how long it holds, in milliseconds. */
const holdsForMs = 10 * 60_000;
/** How many are remembered, the newest ones. */
const most = 20;

export function createTestedConnections(clock: Clock): TestedConnections {
  let kept: Tested[] = [];
  const holds = ({ at }: Tested): boolean => Math.abs(clock.now() - at) <= holdsForMs;
  return {
    keep(tested) {
      kept = [{ ...tested, at: clock.now() }, ...kept.filter(holds)].slice(0, most);
    },
    find: (connection, way) => kept.find((tested) => holds(tested) && isDeepStrictEqual(tested.connection, connection) && isDeepStrictEqual(tested.way, way)) ?? null,
  };
}
