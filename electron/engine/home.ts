/** The data folder: where everything of one installation lives. */
import { createHash } from 'node:crypto';
import { accessSync, chmodSync, constants, mkdirSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { PilothouseError } from '#shared/domain/errors.ts';

export interface Home {
  root: string;
  backups: string;
  logs: string;
  /** Copies of the local file: before each migration, and on request. */
  copies: string;
  exports: string;
  /** Short and stable; names sockets and folders outside that belong to this data folder. */
  key: string;
}

/** `--home`, else PILOTHOUSE_HOME, else the platform's folder for application data. */
export function defaultHome(explicit: string | undefined, environment: Record<string, string | undefined> = process.env): string {
  const chosen = explicit ?? environment['PILOTHOUSE_HOME'];
  if (chosen !== undefined && chosen !== '') return resolve(chosen);
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Application Support', 'Pilothouse');
  if (process.platform === 'win32') return join(environment['APPDATA'] ?? join(homedir(), 'AppData', 'Roaming'), 'Pilothouse');
  return join(environment['XDG_DATA_HOME'] || join(homedir(), '.local', 'share'), 'pilothouse');
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

/** Makes the folders, for their owner alone. @throws store.unwritable */
export function openHome(root: string): Home {
  const home: Home = {
    root,
    backups: join(root, 'backups'),
    logs: join(root, 'logs'),
    copies: join(root, 'copies'),
    exports: join(root, 'exports'),
    key: createHash('sha256').update(root).digest('hex').slice(0, 12),
  };
  try {
    for (const folder of [root, home.backups, home.logs, home.copies, home.exports]) {
      makeFolder(folder);
      if (process.platform !== 'win32') chmodSync(folder, 0o700);
      accessSync(folder, constants.W_OK | constants.R_OK);
    }
  } catch (error) {
    throw new PilothouseError('store.unwritable', `The data folder ${root} cannot be used: ${error instanceof Error ? error.message : String(error)}.`, {
      hint: 'Choose another with --home DIR or PILOTHOUSE_HOME, or put its permissions right.',
      details: { root },
      cause: error,
    });
  }
  return home;
}
