import type { FileBackup } from '#shared/contract/files.ts';
import type { ProofState } from '../backup/proof-state.ts';
import type { SystemRepository } from '../store/system-repository.ts';
import type { FilesManifest } from './manifest.ts';

/** What the catalogue says of a folder. */
export function catalogueEntry(manifest: FilesManifest, about: { folder: string; manifestBytes: number; state: ProofState }, systems: Pick<SystemRepository, 'find'>): FileBackup {
  const { entries, files, set, system, host } = manifest;
  const many = (...types: string[]): number => entries.filter(({ type }) => types.includes(type)).length;
  return {
    id: manifest.id,
    path: about.folder,
    setId: set.id,
    setName: set.name,
    systemId: systems.find(system.id)?.id ?? null,
    systemName: system.name,
    environment: system.environment,
    hostLabel: host.label,
    paths: set.paths,
    exclude: set.exclude,
    takenAt: manifest.takenAt,
    durationMs: Math.max(0, Date.parse(manifest.endedAt) - Date.parse(manifest.takenAt)),
    sizeBytes: files.reduce((sum, file) => sum + file.sizeBytes, about.manifestBytes),
    files: many('file'),
    folders: many('folder'),
    links: many('link', 'hard-link'),
    contentBytes: entries.reduce((sum, entry) => sum + entry.size, 0),
    leftOut: manifest.leftOut.length,
    changed: manifest.changed.length,
    ...about.state,
  };
}
