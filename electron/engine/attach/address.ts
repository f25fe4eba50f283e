/** Where the running engine of a data folder is attached to: a socket that only its owner can reach. */
import { lstatSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { PilothouseError } from '#shared/domain/errors.ts';
import type { Home } from '../home.ts';
import { isOpenToOthers } from '../platform/private-files.ts';
import { longestSocketPath, pipeName, socketsAreFiles } from '../platform/sockets.ts';

/** Says where the socket is when it is not in the data folder itself: callers may have other folders in their environment. */
const addressFile = (home: Home): string => join(home.root, 'engine.address');

/** Null: the path of a socket in this data folder is longer than the kernel takes, or sockets are no files here. */
function addressInHome(home: Home, inFiles: boolean): string | null {
  const path = join(home.root, 'engine.sock');
  return inFiles && Buffer.byteLength(path) <= longestSocketPath ? path : null;
}

function isOursAlone(folder: string): boolean {
  const found = lstatSync(folder, { throwIfNoEntry: false });
  return found !== undefined && found.isDirectory() && found.uid === userInfo().uid && !isOpenToOthers(found.mode);
}

/**
 * Where to knock. Null: nothing can be there, or it is not ours to trust (what is said there may be a passphrase).
 */
export function findAddress(home: Home, inFiles = socketsAreFiles()): string | null {
  const inHome = addressInHome(home, inFiles);
  if (inHome !== null) return inHome;
  let written: string;
  try {
    written = readFileSync(addressFile(home), 'utf8');
  } catch {
    return null; // No engine has written an address there.
  }
  return !inFiles || isOursAlone(dirname(written)) ? written : null;
}

function claimShortFolder(environment: Record<string, string | undefined>): string {
  const folder = join(environment['XDG_RUNTIME_DIR'] || tmpdir(), `pilothouse-${userInfo().uid}`);
  try {
    mkdirSync(folder, { mode: 0o700, recursive: true });
  } catch (error) {
    throw notOurs(folder, error);
  }
  if (!isOursAlone(folder)) throw notOurs(folder, undefined);
  return folder;
}

function notOurs(folder: string, cause: unknown): PilothouseError {
  return new PilothouseError('store.unwritable', `The folder ${folder}, which would hold this data folder's socket, cannot be used by you alone${cause instanceof Error ? `: ${cause.message}` : ''}.`, {
    hint: 'Choose a data folder with a shorter path, or put right who owns that folder (mode 0700).',
    details: { folder },
    cause,
  });
}

/**
 * Makes the address free to listen on. Only the holder of the data folder's lock may call it: whatever socket is found
 * there belongs to an engine that was killed.
 * @param random for the name of a pipe, where sockets are no files
 * @throws store.unwritable when something else lies there, or the folder for long paths is not ours
 */
export function claimAddress(home: Home, random: string, environment: Record<string, string | undefined> = process.env, inFiles = socketsAreFiles()): string {
  const inHome = addressInHome(home, inFiles);
  const path = inHome ?? (inFiles ? join(claimShortFolder(environment), `${home.key}.sock`) : pipeName(home.key, random));
  if (inFiles) {
    const found = lstatSync(path, { throwIfNoEntry: false });
    if (found !== undefined && !found.isSocket()) {
      throw new PilothouseError('store.unwritable', `${path} is in the way of this data folder's socket, and it is not a socket.`, { hint: 'Move it elsewhere.', details: { path } });
    }
    rmSync(path, { force: true });
  }
  if (inHome === null) writeFileSync(addressFile(home), path, { mode: 0o600 });
  return path;
}

/** Takes the address away when the engine ends. */
export function releaseAddress(home: Home, path: string, inFiles = socketsAreFiles()): void {
  rmSync(addressFile(home), { force: true });
  if (inFiles) rmSync(path, { force: true });
}
