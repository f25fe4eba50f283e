import { existsSync, lstatSync, mkdirSync, readdirSync, rmdirSync, rmSync } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import path from 'node:path';
import { PilothouseError } from '#shared/domain/errors.ts';
import type { Platform } from '../platform/here.ts';
import { memoryFolders, otherMemoryFolders } from '../platform/memory-folders.ts';
import { closeFile, closeFolder, isOpenToOthers, keepFolderToOurselves, modesCount, type Protection } from '../platform/private-files.ts';
import { longestSocketPath } from '../platform/sockets.ts';
import { systemRandom, type Random } from '../ports.ts';

/** A private folder for files that must not outlive what they are for. */
export interface RunFolder {
  /** Where it is; made when it is first asked for. */
  path(): string;
  /** Writes a file of a fresh name, for its owner alone. One that cannot be written whole does not stay. @throws store.unwritable, also where others cannot be kept from it */
  write(ending: string, text: string): Promise<string>;
  /** A path in the folder at which there is no file. */
  absent(): string;
  /**
   * A place for a socket that libpq connects to by the folder and the port; it is taken off by `remove`.
   * @throws store.unwritable where the name of the folder is too long for one
   */
  socket(): { folder: string; port: number; file: string };
  remove(file: string): Promise<void>;
  /** Removes what engines that died have left behind. Never throws: returns the files that could not be removed. */
  sweep(): string[];
  /** Removes the folder itself, for the end of the engine; one that is still in use stays. Never throws. */
  leave(): void;
}

/** In memory where the system has such a place, so that nothing of it reaches a disk. */
function bases(home: { root: string }, platform?: Platform): string[] {
  return [...memoryFolders(process.env, platform), home.root];
}

/** Where an engine may have written that was started in another way. */
export function everyBase(home: { root: string }, platform?: Platform): string[] {
  return [...new Set([...bases(home, platform), ...otherMemoryFolders(process.getuid?.(), platform)])];
}

/** Whether a folder is really ours alone: `/dev/shm` is open to everybody, who might have made it first. */
function isPrivate(folder: string, platform?: Platform): boolean {
  const facts = lstatSync(folder);
  if (!facts.isDirectory()) return false;
  return !modesCount(platform) || (facts.uid === process.getuid?.() && !isOpenToOthers(facts.mode));
}

function folderName(base: string, home: { root: string; key: string }): string {
  return base === home.root ? path.join(base, 'run') : path.join(base, `pilothouse-${process.getuid?.() ?? 'user'}-${home.key}`);
}

function makePrivate(folder: string, platform?: Platform): boolean {
  try {
    mkdirSync(folder, { mode: 0o700 });
    keepFolderToOurselves(folder, platform);
    return true;
  } catch (error) {
    // There already, or not possible here: the next place is tried.
    return (error as NodeJS.ErrnoException).code === 'EEXIST' && isPrivate(folder, platform);
  }
}

/** Where modes do not keep others away, nothing is written before the system has said that they are. */
function requireClosed(seen: Protection, place: string): void {
  if (seen.isPrivate) return;
  throw new PilothouseError('store.unwritable', `${place} cannot be closed to others on this computer: ${seen.why}. Nothing was written there.`, {
    hint: 'Postgres\'s own programs are given passwords in files for you alone. Keep the data folder inside your profile, on a disk that keeps access lists (NTFS), by --home DIR; or choose the programs of the host, in the connection under Advanced.',
    details: { path: place },
  });
}

/** The folder of one data folder. Only one engine at a time uses a data folder, so what is in it at the start is left over. */
export function createRunFolder(home: { root: string; key: string }, random: Pick<Random, 'bytes'> = systemRandom, platform?: Platform): RunFolder {
  let chosen: string | null = null;
  /** Whether the folder was seen to be closed to others. */
  let isClosed = false;
  const active = new Set<string>();

  const folder = (): string => {
    chosen ??= bases(home, platform).map((base) => folderName(base, home)).find((each) => makePrivate(each, platform)) ?? null;
    if (chosen === null) throw new PilothouseError('store.unwritable', `There is no private folder for short-lived files: ${folderName(home.root, home)} cannot be made, or others may look into it.`, { hint: 'Check who owns it and its permissions (0700).' });
    return chosen;
  };
  const freshName = (ending: string): string => path.join(folder(), `${process.pid}-${random.bytes(8).toString('hex')}.${ending}`);

  return {
    path: folder,
    absent: () => freshName('absent'),
    socket() {
      const place = folder();
      for (;;) {
        const port = 1024 + (random.bytes(2).readUInt16BE(0) % 60_000);
        const file = path.join(place, `.s.PGSQL.${port}`);
        if (Buffer.byteLength(file) > longestSocketPath) throw new PilothouseError('store.unwritable', `${file} is too long for the name of a socket.`, { hint: `Choose a data folder with a shorter path: a socket has room for ${longestSocketPath} bytes.` });
        if (active.has(file) || existsSync(file)) continue;
        active.add(file);
        return { folder: place, port, file };
      }
    },
    async write(ending, text) {
      if (!isClosed) requireClosed(closeFolder(folder(), platform), folder());
      isClosed = true;
      const file = freshName(ending);
      active.add(file);
      try {
        const handle = await open(file, 'wx', 0o600);
        try {
          requireClosed(closeFile(file, platform), file);
          await handle.writeFile(text);
        } finally {
          await handle.close();
        }
        return file;
      } catch (error) {
        await rm(file, { force: true });
        active.delete(file);
        throw error;
      }
    },
    async remove(file) {
      await rm(file, { force: true });
      active.delete(file);
    },
    sweep() {
      const failed: string[] = [];
      for (const place of everyBase(home, platform).map((base) => folderName(base, home))) {
        let names: string[];
        try {
          if (!isPrivate(place, platform)) continue;
          names = readdirSync(place);
        } catch {
          // Nothing was ever written there.
          continue;
        }
        for (const file of names.map((name) => path.join(place, name)).filter((name) => !active.has(name))) {
          try {
            rmSync(file, { force: true });
          } catch {
            failed.push(file);
          }
        }
      }
      return failed;
    },
    leave() {
      if (chosen === null) return;
      try {
        rmdirSync(chosen);
      } catch {
        // Something in it is still there, which the next start sweeps; or somebody else was quicker.
      }
      chosen = null;
      isClosed = false;
    },
  };
}
