/** Dumps that a host makes by itself, with faults put on the line, on the host and on the engine; and what none of them may leave behind. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import type { BackupOptions } from '#shared/contract/backups.ts';
import type { Operation } from '#shared/contract/operations.ts';
import type { DatabaseConnection } from '#shared/contract/systems.ts';
import type { Ports } from '#engine/ports.ts';
import { addFarDatabase, openFarEngine, type FarEngine, type FarPlace } from './far-shop.ts';
import { processesMatching, type ProcessEntry } from './processes.ts';
import { startProxy, type TcpProxy } from './proxy.ts';
import { begin, endOf } from './run-to-end.ts';
import { temporaryFolder } from './temporary-folder.ts';
import { waitFor } from './wait-for.ts';

export const ofHost: DatabaseConnection['tools'] = { where: 'host', access: { kind: 'plain' }, connect: null };

/** Work to be done when an engine comes to a named point, before it goes on. */
export interface Points {
  checkpoint: NonNullable<Ports['checkpoint']>;
  /** Once. */
  at(name: string, work: () => unknown): void;
}

export function createPoints(): Points {
  const works = new Map<string, () => unknown>();
  return {
    at: (name, work) => void works.set(name, work),
    async checkpoint(name) {
      const work = works.get(name);
      works.delete(name);
      await work?.();
    },
  };
}

export interface FarDump {
  place: FarPlace;
  far: FarEngine;
  root: string;
  /** Between this computer and the bastion. */
  line: TcpProxy;
  points: Points;
  databaseId: string;
}

/** An engine whose line to the bastion can be cut. A second one, on the folder of the first, knows what that one knew. */
export async function openFarDump(place: FarPlace, options: { root?: string; line?: TcpProxy; database?: string; connection?: Partial<DatabaseConnection> } = {}): Promise<FarDump> {
  const root = options.root ?? (await temporaryFolder('far-engine'));
  const line = options.line ?? (await startProxy(place.bastion.port));
  if (options.line === undefined) onTestFinished(() => line.close());
  const points = createPoints();
  const far = await openFarEngine({ ...place, bastion: { ...place.bastion, port: line.port } }, root, { checkpoint: points.checkpoint });
  onTestFinished(() => far.engine.close());
  const known = (await far.client.call('system.list', {})).systems.flatMap(({ databases }) => databases)[0]?.id;
  const databaseId = known ?? (await addFarDatabase(far, place, options.database ?? 'shop', { host: place.sockets, password: { source: 'none' }, tools: ofHost, ...options.connection }));
  return { place, far, root, line, points, databaseId };
}

/** Jobs that were begun: others run at the same time on this machine. */
const begun = new Set<string>();

/** Begins a backup that the host makes. */
export async function beginDump({ far, databaseId }: Pick<FarDump, 'far' | 'databaseId'>, options: Partial<BackupOptions> = {}): Promise<string> {
  const { plan } = await far.client.call('backup.plan', { databaseId, options: { format: 'directory', jobs: 2, compressLevel: 0, proof: 'L1', ...options } });
  const operationId = await begin(far.client, plan);
  begun.add(operationId);
  return operationId;
}

export const runDump = async (dump: Pick<FarDump, 'far' | 'databaseId'>, options: Partial<BackupOptions> = {}): Promise<Operation> => endOf(dump.far.client, await beginDump(dump, options));

export async function continueDump({ far }: Pick<FarDump, 'far'>, operationId: string): Promise<Operation> {
  const { plan } = await far.client.call('backup.planContinue', { operationId });
  return endOf(far.client, await begin(far.client, plan));
}

/** What pg_dump runs on the host, for the job folders of this place alone. */
export const dumpsThere = (place: FarPlace): ProcessEntry[] => processesMatching(`${place.host.folder}/home/.pilothouse/jobs`).filter(({ commandLine }) => commandLine.includes('pg_dump --format'));

/** The folders of jobs that lie on the host. */
export function jobsThere(place: FarPlace): string[] {
  const jobs = join(place.host.folder, 'home', '.pilothouse', 'jobs');
  return existsSync(jobs) ? readdirSync(jobs).map((name) => join(jobs, name)) : [];
}

/** How many sessions of pg_dump have its snapshot: one until its workers have begun, three of a dump with two, none when it is over. */
export async function dumpingThere(place: FarPlace, database = 'shop'): Promise<number> {
  const [row] = await place.postgres.query<{ count: number }>("SELECT count(*)::int AS count FROM pg_stat_activity WHERE application_name = 'pilothouse dump' AND backend_xmin IS NOT NULL AND datname = $1", [database]);
  return row?.count ?? 0;
}

/** Stops pg_dump and its workers when all of them have the snapshot, until they are let go or ended. */
export async function holdDump(place: FarPlace, database = 'shop'): Promise<{ letGo(): void }> {
  await waitFor('the workers to have the snapshot', async () => (await dumpingThere(place, database)) >= 3, { every: 5 });
  const held = dumpsThere(place);
  const signal = (name: NodeJS.Signals): void => {
    for (const { pid } of held) {
      try {
        process.kill(pid, name);
      } catch (error) {
        // It has ended meanwhile.
        if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
      }
    }
  };
  signal('SIGSTOP');
  return { letGo: () => signal('SIGCONT') };
}

/** Waits until the engine has seen that pg_dump holds its locks: from then on the dump can do without us. */
export async function seenLocked({ far }: Pick<FarDump, 'far'>, operationId: string): Promise<void> {
  await waitFor('its locks to be seen', async () => (await far.client.call('operation.events', { operationId, limit: 5000 })).events.some((event) => event.kind === 'log' && event.text.includes('pg_relation_filenode(c.oid), 0)')));
}

/** What is left of unfinished work, here and there: empty when all is well. */
export async function leftOver({ place, root }: Pick<FarDump, 'place' | 'root'>): Promise<string[]> {
  const backups = join(root, 'backups');
  const here = existsSync(backups) ? readdirSync(backups, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.partial')) : [];
  const inMemory = readdirSync('/dev/shm').filter((name) => begun.has(name.replace(/^\.pilothouse-job-/, '')));
  const sessions = await place.postgres.query<{ name: string }>("SELECT application_name AS name FROM pg_stat_activity WHERE application_name ~ '^pilothouse (dump|backup$|globals|watch)'");
  const scratch = await place.postgres.query<{ name: string }>("SELECT datname AS name FROM pg_database WHERE datname LIKE 'pilothouse\\_proof\\_%'");
  return [...here, ...jobsThere(place), ...inMemory, ...dumpsThere(place).map(({ commandLine }) => commandLine), ...[...sessions, ...scratch].map(({ name }) => name)];
}

/** Waits until nothing is left. @returns what is left after ten seconds */
export async function leftAfterAWhile(dump: Pick<FarDump, 'place' | 'root'>): Promise<string[]> {
  await waitFor('nothing to be left', async () => (await leftOver(dump)).length === 0, { within: 10_000, every: 100 }).catch(() => {});
  return leftOver(dump);
}

/** No backup of the catalogue may have other rows than the source, whatever level it is proved to. @returns the levels */
export async function expectTrue({ far, place }: Pick<FarDump, 'far' | 'place'>, database = 'shop'): Promise<(string | null)[]> {
  const { backups } = await far.client.call('backup.list', {});
  for (const { id } of backups) {
    const { contents } = await far.client.call('backup.get', { backupId: id });
    for (const table of contents?.tables ?? []) {
      if (table.kind === 'materialized-view') continue;
      const [row] = await place.postgres.query<{ count: number }>(`SELECT count(*)::int AS count FROM ONLY "${table.schema.replaceAll('"', '""')}"."${table.name.replaceAll('"', '""')}"`, [], { database });
      expect([table.name, table.rows]).toEqual([table.name, row?.count]);
    }
    expect(contents?.tables.length).toBeGreaterThan(0);
  }
  return backups.map(({ proof }) => proof);
}
