/** A backup as the catalogue shows it, from its manifest and what is known of its proofs. */
import type { Backup } from '#shared/contract/backups.ts';
import { figuresOf } from '#shared/domain/table-counts.ts';
import type { SystemRepository } from '../store/system-repository.ts';
import type { Manifest } from './manifest.ts';
import type { ProofState } from './proof-state.ts';

/**
 * Where a backup belongs among what is managed here now: the database it was made of, as long as that still is the same
 * one of the same cluster, or one that was added anew for it. One whose identity is not known is nobody's.
 */
function placeOf(manifest: Manifest, systems: SystemRepository): Pick<Backup, 'systemId' | 'systemName' | 'environment' | 'databaseId'> {
  const { systemIdentifier } = manifest.server;
  const isSame = (database: { systemIdentifier: string | null; connection: { database: string } }) => database.systemIdentifier === systemIdentifier && database.connection.database === manifest.database.name;
  const own = systems.findDatabase(manifest.database.id);
  const database = own !== null && isSame(own) ? own : (systems.list().flatMap((system) => system.databases).find(isSame) ?? null);
  const system = systems.find(database?.systemId ?? manifest.system.id);
  return {
    systemId: system?.id ?? null,
    systemName: system?.name ?? manifest.system.name,
    environment: system?.environment ?? manifest.system.environment,
    databaseId: database?.id ?? null,
  };
}

export function catalogueEntry(manifest: Manifest, known: { folder: string; manifestBytes: number; pinned: boolean; state: ProofState }, systems: SystemRepository): Backup {
  const { contents } = manifest;
  return {
    id: manifest.id,
    path: known.folder,
    ...placeOf(manifest, systems),
    database: manifest.database.name,
    systemIdentifier: manifest.server.systemIdentifier,
    serverVersion: manifest.server.version,
    format: manifest.dump.format,
    takenAt: manifest.snapshotAt,
    durationMs: Math.max(0, Date.parse(manifest.endedAt) - Date.parse(manifest.startedAt)),
    sizeBytes: manifest.files.reduce((sum, file) => sum + file.sizeBytes, 0) + known.manifestBytes,
    ...figuresOf(contents.tables),
    largeObjects: contents.largeObjects,
    ...known.state,
    pinned: known.pinned,
  };
}
