import { chmodSync, existsSync, lstatSync, mkdirSync, readdirSync, rmdirSync, rmSync } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import path from 'node:path';
import { PilothouseError } from '#shared/domain/errors.ts';
import { systemRandom, type Random } from '../ports.ts';

/** A private folder for files that must not outlive what they are for. */
export interface RunFolder {
  /** Where it is; made when it is first asked for. */
  path(): string;
  /** Writes a 0600 file of a fresh name. One that cannot be written whole does not stay. @throws store.unwritable */
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

/** Bytes that every system has room for (sockaddr_un: 104 on macOS, 108 on Linux, with a zero at the end). */
const longestSocketPath = 103;

/** In memory where the system has such a place, so that nothing of it reaches a disk. */
function bases(home: { root: string }): string[] {
  const runtime = process.env['XDG_RUNTIME_DIR'];
  const inMemory = process.platform === 'linux' ? [...(runtime !== undefined && path.isAbsolute(runtime) ? [runtime] : []), '/dev/shm'] : [];
  return [...inMemory, home.root];
}

/** Where an engine may have written that was started in another way: the session's folder is there whatever the environment says of it now. */
export function everyBase(home: { root: string }): string[] {
  const uid = process.getuid?.();
  return [...new Set([...bases(home), ...(process.platform === 'linux' && uid !== undefined ? [`/run/user/${uid}`] : [])])];
}

/** Whether a folder is really ours alone: `/dev/shm` is open to everybody, who might have made it first. */
function isPrivate(folder: string): boolean {
  const facts = lstatSync(folder);
  if (!facts.isDirectory()) return false;
  return process.platform === 'win32' || (facts.uid === process.getuid?.() && (facts.mode & 0o077) === 0);
}

function folderName(base: string, home: { root: string; key: string }): string {
  return base === home.root ? path.join(base, 'run') : path.join(base, `pilothouse-${process.getuid?.() ?? 'user'}-${home.key}`);
}

function makePrivate(folder: string): boolean {
  try {
    mkdirSync(folder, { mode: 0o700 });
    if (process.platform !== 'win32') chmodSync(folder, 0o700);
    return true;
  } catch (error) {
    // There already, or not possible here: the next place is tried.
    return (error as NodeJS.ErrnoException).code === 'EEXIST' && isPrivate(folder);
  }
}

/** The folder of one data folder. Only one engine at a time uses a data folder, so what is in it at the start is left over. */
export function createRunFolder(home: { root: string; key: string }, random: Pick<Random, 'bytes'> = systemRandom): RunFolder {
  let chosen: string | null = null;
  const active = new Set<string>();

  const folder = (): string => {
    chosen ??= bases(home).map((base) => folderName(base, home)).find(makePrivate) ?? null;
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
      const file = freshName(ending);
      active.add(file);
      try {
        const handle = await open(file, 'wx', 0o600);
        try {
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
      for (const place of everyBase(home).map((base) => folderName(base, home))) {
        let names: string[];
        try {
          if (!isPrivate(place)) continue;
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
    },
  };
}
