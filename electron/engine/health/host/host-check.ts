/** What a check of a host is made of. One file per family; `index.ts` lists them. */
import type { ItemOf } from '#shared/contract/items.ts';
import type { Threshold } from '#shared/domain/health-state.ts';
import type { AnyCheck, Finding, Reading } from '../check.ts';
import type { HostSeen } from './read-output.ts';
import type { PieceId } from './script/index.ts';

/** A service that the system says runs on the host. */
export interface ExpectedService {
  title: string;
  manager: ItemOf<'service'>['manager'];
  /** Its unit, process or container. */
  name: string;
}

/** What a check may know beside what the host printed. */
export interface HostLook {
  limits: Threshold;
  ownLimits: boolean;
  /** Milliseconds since the epoch by this computer. */
  now: number;
  /** When the first line of the script arrived here, on the same clock. */
  firstLineAt: number;
  /** Milliseconds from asking to that line, and those of the way there and back alone. */
  answerMs: number;
  tripMs: number;
  /** What the shell of the account printed by itself. */
  chatter: string;
  /** The machines on the way, the host last: evidence of how it was reached. */
  hops: readonly { label: string; address: string | null; hostKey: string; ms: number }[];
  /** Of the system, on this host. */
  services: readonly ExpectedService[];
  /** The counters at the last look; null at the first one. */
  previous: Reading | null;
}

export interface HostCheck extends AnyCheck {
  /** The pieces of the script that it goes by. Where one was cut off it is unknown, and nobody is asked. */
  reads: readonly PieceId[];
  /** Pure: what was seen in, answer out. */
  judge(seen: HostSeen, look: HostLook): Finding;
  /** For what needs two looks: as for checks of Postgres. Null where nothing was seen that could be kept. */
  counters?: { keepMs: number; read(seen: HostSeen): Record<string, number | string | null> | null };
}
