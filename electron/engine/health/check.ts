/** What a check is made of. One file per check in `postgres/`; its `index.ts` lists them. */
import type { Backup } from '#shared/contract/backups.ts';
import type { Fix } from '#shared/contract/common.ts';
import type { CheckInfo, HealthResult } from '#shared/contract/health.ts';
import type { ServerFacts } from '../postgres/index.ts';
import type { HealthState, Threshold } from '#shared/domain/health-state.ts';
import type { EyeId } from './eyes.ts';

/** What a check says of itself; what it sends is made of the rest of it. */
export type About = Omit<CheckInfo, 'sql' | 'script'>;

/** What every check has, of Postgres or of a host. */
export interface AnyCheck {
  about: About;
  lowerIsWorse?: boolean;
}

export type Cell = string | number | boolean | null;
export type Row = Record<string, unknown>;

/** The last reading of a check's counters. */
export interface Reading {
  /** Milliseconds since the epoch. */
  at: number;
  values: Record<string, number | string | null>;
}

/** What the server tells about itself once, before its checks. */
export interface ClusterFacts {
  /** Hours since this database's statistics began, at the least; null where nobody knows. */
  statisticsHours: number | null;
}

/** `aside`: left out on purpose, and nothing is missed by it. `copy`: so, too, since we made it or set it aside. `missed`: nobody knows how it stands. */
export type Coverage = { state: 'looked' } | { state: 'aside' | 'copy' | 'missed'; why: string };

/** Everything a check may know beside the rows it asked for. */
export interface Look {
  server: ServerFacts;
  /** In words: "shop on 127.0.0.1:5432". */
  target: string;
  facts: ClusterFacts;
  /** Whether the role sees what this eye opens on. */
  sees(eye: EyeId): boolean;
  /** The limits that count here: the catalogue's, or the system's own. */
  limits: Threshold;
  /** Whether the limits are the system's own. */
  ownLimits: boolean;
  /** Milliseconds since the epoch, by this computer. */
  now: number;
  /** The counters at the last run; null at the first one. */
  previous: Reading | null;
  /** Milliseconds that connecting took, and that the check's own statement took. */
  connectMs: number;
  statementMs: number;
  /** Databases of this server that were looked into, and those that were not. */
  covered: ReadonlyMap<string, Coverage>;
  /** Databases of this server that Pilothouse made for a proof or a restore, or set aside: what is done in them is its own work. */
  ours: ReadonlySet<string>;
  /** Why the other databases could not be listed; null where they were. */
  notListed: string | null;
  backups: { newest: Backup | null; newestProven: Backup | null };
}

/** What a statement may be chosen by. */
export type Choice = Pick<Look, 'server' | 'sees' | 'limits'>;

/** What a check says. */
export interface Finding {
  status: HealthState;
  value: number | null;
  /** One sentence, the figure first; for unknown and skipped: why. */
  summary: string;
  /** What it means with this value; the catalogue's meaning where it is left out. */
  meaning?: string;
  causes?: string[];
  evidence?: HealthResult['evidence'];
  fix?: Fix | null;
  /** For unknown: the one grant or step that would open the eyes. */
  opener?: string | null;
  /** Where other limits than the check's counted for this value. */
  limits?: { warn: number | null; critical: number | null };
}

export interface PostgresCheck extends AnyCheck {
  /**
   * `cluster`: once per server. `managed`: for each database that is managed here. `database`: for what can be seen
   * only from inside, so in every database of the server that one can connect to.
   */
  scope: 'cluster' | 'database' | 'managed';
  /** Why it is not for a standby; null where it is. */
  notOnStandby: string | null;
  /** What the role must see for any answer but unknown. Looked at before the statement is sent. */
  eyes: readonly EyeId[];
  /** Whether what its fix does is written to the database, which only a primary can. */
  fixWrites?: true;
  /** One statement that reads, by version, by what the role sees and by the limits that count. Null: it asks nothing of the server. */
  statement: ((choice: Choice) => string) | null;
  /** Pure: rows in, answer out. */
  judge(rows: readonly Row[], look: Look): Finding;
  /**
   * For checks that need two readings: the counters of this one. A reading replaces the last one only when that is
   * older than `keepMs`, so that pressing twice does not shorten what a rate is taken over.
   */
  counters?: { keepMs: number; read(rows: readonly Row[], look: Look): Record<string, number | string | null> };
}
