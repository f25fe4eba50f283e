/** What a person calls something, made into what the engine calls it. */
import { readFileSync, realpathSync, statSync } from 'node:fs';
import { join, relative, resolve, sep } from 'node:path';
import type { Backup, BackupPlan } from '#shared/contract/backups.ts';
import type { Host } from '#shared/contract/hosts.ts';
import type { Database, System } from '#shared/contract/systems.ts';
import { hasCode, PilothouseError } from '#shared/domain/errors.ts';
import { manifestFileName } from '#engine/backup/manifest.ts';
import { UsageError } from './failures.ts';
import type { Session } from './session.ts';
import { instantInWords } from './text.ts';

interface Named {
  id: string;
  /** Every name it goes by, the first for lists. */
  names: string[];
}

/**
 * The one that is meant: by its id or name, else by a beginning that only one has.
 * @throws store.not-found, store.conflict when several are meant, contract.invalid-input for no name at all: a variable in a script
 * may be empty, and everything begins with that
 * @param first what is done where there is none at all
 */
export function pick<T>(kind: string, wanted: string, all: readonly T[], named: (item: T) => Named, first?: string): T {
  if (wanted.trim() === '') throw new UsageError(`The name of the ${kind} is empty.`, 'In a script, look at the variable that holds it.');
  const entries = all.map((item) => ({ item, ...named(item) }));
  const lower = wanted.toLowerCase();
  const matches = [
    entries.filter((entry) => entry.id === wanted || entry.names.includes(wanted)),
    entries.filter((entry) => entry.names.some((name) => name.toLowerCase() === lower)),
    entries.filter((entry) => entry.id.startsWith(lower) || entry.names.some((name) => name.toLowerCase().startsWith(lower))),
  ].find((some) => some.length > 0);
  const list = (some: typeof entries): string => some.map(({ id, names: [name = ''] }) => (name === id ? id : `${name} (${id})`)).join(', ');
  if (matches === undefined) {
    throw new PilothouseError('store.not-found', `There is no ${kind} called ${wanted}.`, { hint: entries.length === 0 ? `There is no ${kind} at all yet.${first === undefined ? '' : ` ${first}`}` : `There ${entries.length === 1 ? 'is' : 'are'}: ${list(entries.slice(0, 10))}${entries.length > 10 ? ' …' : ''}.` });
  }
  const [only, ...others] = matches;
  if (only === undefined || others.length > 0) {
    throw new PilothouseError('store.conflict', `${wanted} may mean several: ${list(matches)}.`, { hint: 'Say more of the name, or the id.', details: { candidates: matches.map((entry) => entry.id) } });
  }
  return only.item;
}

export async function findSystem(session: Session, wanted: string): Promise<System> {
  const { systems } = await session.call('system.list', {});
  return pick('system', wanted, systems, (system) => ({ id: system.id, names: [system.name] }), 'Add one: system add NAME');
}

/** A database by its label, by "system/label", or by its id. */
export async function findDatabase(session: Session, wanted: string): Promise<Database> {
  const { systems } = await session.call('system.list', {});
  const entries = systems.flatMap((system) => system.databases.map((database) => ({ system, database })));
  return pick('database', wanted, entries, ({ system, database }) => ({ id: database.id, names: [`${system.name}/${database.label}`, database.label, database.connection.database] }), 'Add one: database add SYSTEM postgres://USER@HOST:PORT/DATABASE').database;
}

/** A host by its label, by "system/label", by its name, or by its id. */
export async function findHost(session: Session, wanted: string): Promise<Host> {
  const { systems } = await session.call('system.list', {});
  const { hosts } = await session.call('host.list', {});
  return pick('host', wanted, hosts, (host) => ({ id: host.id, names: [`${systems.find(({ id }) => id === host.systemId)?.name ?? ''}/${host.label}`, host.label, host.connection.host] }), 'Add one: host add SYSTEM USER@HOST, or import ssh --system SYSTEM');
}

export async function findBackupPlan(session: Session, wanted: string): Promise<BackupPlan> {
  const { plans } = await session.call('backup.listPlans', {});
  return pick('backup plan', wanted, plans, (plan) => ({ id: plan.id, names: [plan.name] }), 'A database is also backed up without one: backup run --database NAME');
}

/** What a list reaches back to: beyond it only full ids lead. */
export function newest(kind: string, list: readonly unknown[], limit: number): string {
  return list.length < limit ? kind : `${kind} among the newest ${limit}`;
}

const longestId = 64;

/** By a full id, however old it is. Null where nothing bears that id. */
export async function byFullId<T>(wanted: string, get: (id: string) => Promise<T>): Promise<T | null> {
  if (wanted === '' || wanted.length > longestId) return null;
  try {
    return await get(wanted);
  } catch (error) {
    if (hasCode(error, 'store.not-found') || hasCode(error, 'operation.not-found') || hasCode(error, 'backup.not-found')) return null;
    throw error;
  }
}

const looksLikePath = (text: string): boolean => text.includes('/') || text.includes(sep) || text.startsWith('.');

function realPath(path: string): string | null {
  try {
    return realpathSync(resolve(path));
  } catch {
    return null; // There is nothing there, which is what the caller says.
  }
}

/** A folder beyond what the list reaches back to, by the id in its manifest; whose folder that is says the catalogue. */
async function findByManifest(session: Session, path: string): Promise<Backup | null> {
  let named: unknown;
  try {
    const file = join(path, manifestFileName);
    if (!statSync(file).isFile()) return null; // A pipe would keep us waiting.
    named = (JSON.parse(readFileSync(file, 'utf8')) as { id?: unknown } | null)?.id;
  } catch {
    return null; // It has no manifest that can be read, which is what the caller says.
  }
  const backup = typeof named === 'string' ? await byFullId(named, async (backupId) => (await session.call('backup.get', { backupId })).backup) : null;
  return backup !== null && realPath(backup.path) === path ? backup : null;
}

const longestList = 1000;

const nameOf = (backup: Backup): string => `${backup.systemName}/${backup.database} of ${instantInWords(backup.takenAt)}`;
const pickBackup = (wanted: string, backups: readonly Backup[]): Backup => pick(newest('backup', backups, longestList), wanted, backups, (backup) => ({ id: backup.id, names: [nameOf(backup)] }));

/**
 * A backup by its id, by "system/database of time", by a beginning of either, or by its folder. A folder in the data
 * folder that the catalogue does not know yet is found by reading the backup folder again.
 */
export async function findBackup(session: Session, wanted: string): Promise<Backup> {
  const read = async (): Promise<Backup[]> => (await session.call('backup.list', { limit: longestList })).backups;
  if (!looksLikePath(wanted)) {
    const backups = await read();
    // The list first: beyond it only full ids lead.
    const known = backups.find((backup) => backup.id === wanted) ?? (await byFullId(wanted, async (backupId) => (await session.call('backup.get', { backupId })).backup));
    return known ?? pickBackup(wanted, backups);
  }

  const path = realPath(wanted);
  if (path === null) {
    // Names have a slash as well: those that candidates are listed by.
    const backups = await read();
    if (backups.some((backup) => nameOf(backup).toLowerCase().startsWith(wanted.toLowerCase()))) return pickBackup(wanted, backups);
    throw new PilothouseError('backup.not-found', `There is nothing at ${wanted}.`, { hint: 'backup list names the folder of each backup.' });
  }
  const byPath = (backups: Backup[]): Backup | undefined => backups.find((backup) => realPath(backup.path) === path);
  const known = byPath(await read());
  if (known !== undefined) return known;
  const folder = realPath(join(session.root, 'backups')) ?? join(session.root, 'backups');
  const inside = relative(folder, path);
  if (inside === '' || inside.startsWith('..') || resolve(folder, inside) !== path) {
    throw new PilothouseError('backup.not-found', `${path} is not among the backups of this data folder.`, { hint: `Copy the whole folder into ${folder} and run "backup scan"; then name it again.`, details: { path, folder } });
  }
  await session.call('backup.scan', {});
  const found = byPath(await read()) ?? (await findByManifest(session, path));
  if (found === null) throw new PilothouseError('backup.not-found', `${path} holds no backup that can be read.`, { hint: '"backup scan" says what is wrong with it.', details: { path } });
  return found;
}
