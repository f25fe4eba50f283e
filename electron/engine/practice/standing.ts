/** What stands in the practice folder, and how what was left half-made is taken back. */
import { existsSync, lstatSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { folderStands, removeInside } from './folder.ts';
import { endJobs } from './host/jobs.ts';
import type { ClusterPlace, PracticePlace } from './place.ts';
import { findServer, readIdentifier, removeCluster, stopServer, type RunningServer } from './server.ts';
import { findTraffic } from './traffic/daemon.ts';
import type { ProcessIdentity } from '../platform/process-identity.ts';

/** Written when a cluster has all of its data and faults. */
export interface BuiltRecord {
  /** The server's version: "15.18". */
  version: string;
  /** Of the cluster, as text. */
  systemIdentifier: string;
  builtAt: string;
}

export interface Standing {
  state: 'absent' | 'stopped' | 'running';
  built: BuiltRecord | null;
  server: RunningServer | null;
  traffic: ProcessIdentity | null;
}

const exists = (path: string): boolean => lstatSync(path, { throwIfNoEntry: false }) !== undefined;

function readBuilt(cluster: ClusterPlace): BuiltRecord | null {
  if (!existsSync(cluster.built)) return null;
  // A file that cannot be read now throws: a cluster is taken for half-made, and removed, only where that is sure.
  const text = readFileSync(cluster.built, 'utf8');
  let record: unknown;
  try {
    record = JSON.parse(text);
  } catch {
    // Cut by a full disk or a power cut: the cluster never came to its end.
    return null;
  }
  if (typeof record !== 'object' || record === null || !('version' in record) || !('builtAt' in record)) return null;
  const systemIdentifier = readIdentifier(cluster);
  return systemIdentifier === null ? null : { version: String(record.version), builtAt: String(record.builtAt), systemIdentifier };
}

/** Says that a cluster is whole. */
export function markBuilt(cluster: ClusterPlace, record: Omit<BuiltRecord, 'systemIdentifier'>): void {
  const unfinished = `${cluster.built}.partial`;
  writeFileSync(unfinished, `${JSON.stringify(record, null, 2)}\n`, { mode: 0o600 });
  renameSync(unfinished, cluster.built);
}

/**
 * A cheap look: a few small files. What is half-made counts as what it will be once it was taken back.
 * @throws practice.unsafe-folder when something is there that is not ours
 */
export async function look(place: PracticePlace): Promise<Standing> {
  if (!folderStands(place)) return { state: 'absent', built: null, server: null, traffic: null };
  const built = readBuilt(place.cluster);
  const traffic = await findTraffic(place);
  if (built === null) {
    const previous = readBuilt(place.previous);
    return { state: previous === null ? 'absent' : 'stopped', built: previous, server: null, traffic };
  }
  const server = await findServer(place.cluster);
  return { state: server === null ? 'stopped' : 'running', built, server, traffic };
}

/**
 * Brings the folder back to one of two states: gone, or with one whole cluster. A cluster that was not finished is
 * stopped and removed; the one before it, kept during a reset, comes back.
 * @returns what was done, in words; nothing where all was well
 * @throws practice.unsafe-folder, practice.start-failed (a server or a job on its host that does not end)
 */
export async function tidy(place: PracticePlace): Promise<string[]> {
  if (!folderStands(place)) return [];
  const done: string[] = [];
  for (const name of readdirSync(place.folder)) if (name.endsWith('.partial')) removeInside(place, join(place.folder, name));
  if (exists(place.cluster.folder) && readBuilt(place.cluster) === null) {
    if ((await stopServer(place.cluster)) !== null) done.push('stopped the server of a half-made cluster');
    removeCluster(place, place.cluster);
    done.push('removed a half-made cluster');
  }
  if (exists(place.previous.folder)) {
    if (exists(place.cluster.folder)) {
      removeCluster(place, place.previous);
      done.push('removed the cluster that a reset had replaced');
    } else {
      renameSync(place.previous.folder, place.cluster.folder);
      done.push('put back the cluster that a reset was to replace');
    }
  }
  if (readBuilt(place.cluster) === null) {
    await endJobs(place);
    removeInside(place, place.folder);
    rmSync(place.record, { force: true });
  }
  return done;
}

/** Notes for people and scripts where the practice system is. Nothing here relies on it but for the port to prefer. */
export function writeRecord(place: PracticePlace, version: string, server: RunningServer): void {
  const unfinished = `${place.record}.partial`;
  const record = { folder: place.folder, port: server.port, pid: server.pid, startedAt: server.startedAt, version, account: place.account?.name ?? null };
  writeFileSync(unfinished, `${JSON.stringify(record, null, 2)}\n`, { mode: 0o600 });
  renameSync(unfinished, place.record);
}

/** The port of the last start, or null. */
export function readLastPort(place: PracticePlace): number | null {
  if (!existsSync(place.record)) return null;
  try {
    const record: unknown = JSON.parse(readFileSync(place.record, 'utf8'));
    if (typeof record !== 'object' || record === null || !('port' in record)) return null;
    return Number.isInteger(record.port) && Number(record.port) > 0 && Number(record.port) < 65_536 ? Number(record.port) : null;
  } catch {
    // A preference that cannot be read is none.
    return null;
  }
}
