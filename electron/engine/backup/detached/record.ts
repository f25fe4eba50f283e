/** What is kept of a dump that a host makes by itself, so that any later start can go on with it. */
import { join } from 'node:path';
import type { DatabaseConnection } from '#shared/contract/systems.ts';
import { isFinished } from '#shared/domain/operation-state.ts';
import type { EngineContext } from '../../engine-context.ts';
import type { PostgresTarget } from '../../postgres/types.ts';
import { createDetachedDumpRepository, type DetachedDump, type DetachedDumpRepository } from '../../store/detached-dump-repository.ts';
import type { DatabaseContents, Manifest } from '../manifest.ts';
import type { BackupDetails } from '../plan-backup.ts';
import type { DatabaseFacts, Snapshot } from '../snapshot.ts';

export interface AboutDump {
  details: BackupDetails;
  /** How the database, and with it the host, was reached. */
  connection: DatabaseConnection;
  /** "shop on 127.0.0.1:5432 through db-1" */
  targetLabel: string;
  /** What people call the host. */
  through: string | null;
  /** The same with the account whose programs dump there: "db-1", "db-1 as postgres". */
  siteLabel: string;
  /** SHA-256 of the key that the host showed. */
  hostKey: string;
  /** The folder of the job there. */
  jobFolder: string;
  snapshot: Snapshot;
  /** Milliseconds since the epoch. */
  startedAt: number;
  server: { version: string; versionNum: number; major: number };
  pgDump: { version: string; major: number; path: string };
  inEnglish: boolean;
  facts: DatabaseFacts;
  /** What there was to count in the snapshot. */
  outline: DatabaseContents;
  /** Tables that were rewritten between the snapshot and pg_dump's locks. Null until it had them: before that nothing comes of the dump without us. */
  rewritten: { schema: string; name: string }[] | null;
  /** What was counted in the snapshot. Null as long as that is not done; where the line was lost meanwhile, for good. */
  contents: DatabaseContents | null;
  globals: Manifest['globals'] | null;
}

export type Dump = DetachedDump<AboutDump>;

export const dumpsOf = (context: Pick<EngineContext, 'store'>): DetachedDumpRepository<AboutDump> => createDetachedDumpRepository<AboutDump>(context.store);

/** The database as it was reached when the dump was begun: jobs are looked for there, wherever it is now. */
export const targetOfDump = ({ databaseId, about }: Dump): PostgresTarget => ({ databaseId, label: about.targetLabel, connection: about.connection, through: about.through, systemIdentifier: about.details.identity.systemIdentifier });

/** Where it is brought to here. */
export const folderOfDump = (context: Pick<EngineContext, 'home'>, { folder }: Pick<Dump, 'folder'>): string => join(context.home.backups, folder);

/** Whether an operation works on it at this moment. */
export function isUnderWay(context: Pick<EngineContext, 'operations'>, { operationId, continuedBy }: Dump): boolean {
  return [operationId, continuedBy].some((id) => {
    const operation = id === null ? null : context.operations.find(id);
    return operation !== null && !isFinished(operation.state);
  });
}

/** Why no backup can come of it, as a sentence; null where one can. */
export function whyHopeless(context: Pick<EngineContext, 'systems'>, { databaseId, about }: Dump): string | null {
  if (about.rewritten === null) return `The backup of ${about.targetLabel} ended before pg_dump had its locks on ${about.siteLabel}, so nobody can tell what it has seen.`;
  return context.systems.findDatabase(databaseId) === null ? `The database ${about.targetLabel} was removed here since its backup was begun, so that no backup of it can be made any more.` : null;
}

/** Remembers something more of it, at once and durably. */
export function remember(context: Pick<EngineContext, 'store'>, dump: Dump, more: Partial<Pick<AboutDump, 'rewritten' | 'contents' | 'globals'>>): void {
  Object.assign(dump.about, more);
  dumpsOf(context).update(dump.operationId, { about: dump.about });
}
