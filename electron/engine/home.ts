/** The data folder: where everything of one installation lives. */
import { createHash } from 'node:crypto';
import { accessSync, constants, mkdirSync, readdirSync, realpathSync, statSync } from 'node:fs';
import { homedir, userInfo } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { isPilothouseError, PilothouseError } from '#shared/domain/errors.ts';
import { lookAtAccessList } from './platform/access-list.ts';
import { dataFolder } from './platform/folders.ts';
import type { Platform } from './platform/here.ts';
import { closeFolder, isOpenToOthers, keepFolderToOurselves, modesCount, type Protection } from './platform/private-files.ts';

export interface Home {
  root: string;
  backups: string;
  logs: string;
  /** Copies of the local file: before each migration, and on request. */
  copies: string;
  exports: string;
  /** Runbooks of one's own, as plain files. */
  runbooks: string;
  /** Packs of one's own: those that were made of guides. */
  packs: string;
  /** Short and stable; names sockets and folders outside that belong to this data folder. */
  key: string;
  /** Whether others can look into it, as far as the system says. */
  protection: Protection;
}

/** `--home`, else PILOTHOUSE_HOME, else the platform's folder for application data. */
export function defaultHome(explicit: string | undefined, environment: Record<string, string | undefined> = process.env): string {
  const chosen = explicit ?? environment['PILOTHOUSE_HOME'];
  if (chosen !== undefined && chosen !== '') return resolve(chosen);
  return dataFolder({ homeFolder: homedir(), environment });
}

/**
 * Makes a folder and those above it that are missing, for their owner alone. Each is made once and no more: `recursive`
 * never ends where a file system says of an existing folder that it is not there, as /proc does.
 */
function makeFolder(folder: string): void {
  const missing: string[] = [];
  for (let above = folder; statSync(above, { throwIfNoEntry: false }) === undefined && above !== dirname(above); above = dirname(above)) missing.unshift(above);
  for (const each of missing) {
    try {
      mkdirSync(each, { mode: 0o700 });
    } catch (error) {
      // Another process of ours may have made it meanwhile.
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
}

/** What an engine leaves in each of its data folders. */
const marks = ['engine.lock', 'pilothouse.db'];

/**
 * Makes an existing folder its owner's alone, where that takes nothing away from anybody: it is ours, and if it is the
 * data folder itself (`--home /tmp`, `--home ~`) it is empty, private already, or was a data folder before.
 */
function makePrivate(folder: string, root: string, platform: Platform | undefined): void {
  const facts = statSync(folder);
  if (!facts.isDirectory()) throw notForUs(folder, 'it is a file', 'Choose a folder with --home DIR or PILOTHOUSE_HOME.');
  if (!modesCount(platform)) return;
  const { uid, mode } = facts;
  if (uid !== userInfo().uid) throw notForUs(folder, 'it belongs to another account', 'Choose a folder of your own with --home DIR or PILOTHOUSE_HOME, or start Pilothouse as the account that owns it.');
  if ((mode & 0o777) === 0o700) return;
  const names = folder === root && isOpenToOthers(mode) ? readdirSync(folder) : [];
  if (names.length > 0 && !marks.some((name) => names.includes(name))) {
    throw notForUs(folder, 'it holds other things already, and others may look into it', `Choose an empty or a new folder with --home DIR or PILOTHOUSE_HOME. If it is to be this one, close it to others first: chmod 700 ${folder}`);
  }
  keepFolderToOurselves(folder);
}

/** Data folders whose access list was seen to be right; asking again takes a program each time. */
const seenPrivate = new Set<string>();

/** What we make in a data folder before there is a mark. */
const early = ['backups', 'logs', 'copies', 'exports', 'runbooks', 'packs', 'run'];

/** Whether closing it takes nothing away from anybody: it is the usual one, or was a data folder before, or holds nothing else. */
function isOursToClose(root: string): boolean {
  const names = readdirSync(root);
  return root === defaultHome(undefined, { ...process.env, PILOTHOUSE_HOME: undefined }) || marks.some((name) => names.includes(name)) || names.every((name) => early.includes(name));
}

/**
 * Where modes do not count: closes the data folder by its access list, with what is and will be in it. One that cannot
 * be closed is used all the same, and says so: a disk without access lists may be all that somebody has.
 */
function protect(root: string, platform: Platform | undefined): Protection {
  if (modesCount(platform) || seenPrivate.has(root)) return { isPrivate: true };
  const isOurs = isOursToClose(root);
  const seen = isOurs ? closeFolder(root, platform) : lookAtAccessList(root, 'folder');
  if (seen.isPrivate) seenPrivate.add(root);
  return seen.isPrivate || isOurs ? seen : { isPrivate: false, why: `it holds other things already, so that it was left as it is, and ${seen.why}` };
}

function notForUs(folder: string, why: string, hint: string): PilothouseError {
  return new PilothouseError('store.unwritable', `The folder ${folder} cannot hold Pilothouse's data: ${why}.`, { hint, details: { root: folder } });
}

/**
 * Makes the folders, for their owner alone.
 * @throws store.unwritable; where the system cannot close them to others, `protection` says so
 */
export function openHome(root: string, platform?: Platform): Home {
  const folders = { backups: join(root, 'backups'), logs: join(root, 'logs'), copies: join(root, 'copies'), exports: join(root, 'exports'), runbooks: join(root, 'runbooks'), packs: join(root, 'packs') };
  try {
    for (const folder of [root, ...Object.values(folders)]) {
      makeFolder(folder);
      makePrivate(folder, root, platform);
      accessSync(folder, constants.W_OK | constants.R_OK);
    }
    // One folder has one key, whatever links lead to it.
    return { root, ...folders, protection: protect(root, platform), key: createHash('sha256').update(realpathSync(root)).digest('hex').slice(0, 12) };
  } catch (error) {
    if (isPilothouseError(error)) throw error;
    throw new PilothouseError('store.unwritable', `The data folder ${root} cannot be used: ${error instanceof Error ? error.message : String(error)}.`, {
      hint: 'Choose another with --home DIR or PILOTHOUSE_HOME, or put its permissions right.',
      details: { root },
      cause: error,
    });
  }
}
