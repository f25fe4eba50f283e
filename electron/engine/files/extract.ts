/**
 * Writes entries of an archive into a new folder of ours, and nowhere else: every name is looked at before anything is
 * made by it, nothing is ever written through a link, and links are made last, when nothing more is written.
 */
import { constants } from 'node:fs';
import { chmod, link, lstat, lutimes, mkdir, open, readlink, symlink, utimes, type FileHandle } from 'node:fs/promises';
import { PilothouseError } from '#shared/domain/errors.ts';
import { hashFile } from '../backup/files.ts';
import { isSpecial } from './kinds.ts';
import { entryKey, entryTarget, type EntryInManifest } from './manifest.ts';
import { above, keyOf, nameOf, whyUnsafe, written } from './tar-names.ts';
import type { TarEntry, TarSink } from './tar-reader.ts';

export function unsafe(name: Buffer, why: string): PilothouseError {
  return new PilothouseError('files.unsafe-archive', `The archive holds ${JSON.stringify(written(name).text)}, and nothing is written by it: ${why}.`, { hint: 'No tar of a host makes such an entry. Find out who changed the archive, and use another copy.', details: { path: written(name).text, why } });
}

export interface Extraction {
  /** Makes what an entry needs; a file gets its bytes by the sink. @throws files.unsafe-archive, and what the disk says */
  take(entry: TarEntry): Promise<TarSink | null>;
  /** Makes the links, then gives everything its rights and times, the deepest first. @param look at each, as long as one may */
  finish(look?: (entry: TarEntry) => Promise<void>): Promise<void>;
  /** Closes what is still open. */
  close(): Promise<void>;
  /** What was made, in the order of the archive. */
  readonly made: readonly TarEntry[];
  /** Pipes and devices, which are not made. */
  readonly skipped: readonly TarEntry[];
}

const newFile = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | (constants.O_NOFOLLOW ?? 0);

/** Where an entry lies: a path as bytes, so that every name stays what it is. */
export const placeOf = (folder: string | Buffer, name: Buffer): Buffer => (name.length === 0 ? Buffer.from(folder) : Buffer.concat([Buffer.from(folder), Buffer.from('/'), name]));

/**
 * @param folder is there, empty, and nobody else's
 * @param wanted which entries; left out: all of them
 */
export function createExtraction(folder: string, wanted: (key: string) => boolean = () => true): Extraction {
  /** What stands by which name, as far as it was made here. */
  const kinds = new Map<string, TarEntry['type']>();
  const made: TarEntry[] = [];
  const skipped: TarEntry[] = [];
  /** The file that is being written. */
  let file: FileHandle | null = null;

  /** Folders that the archive has no entry of, or not yet, are made for the owner alone. */
  const makeAbove = async (key: string, name: Buffer): Promise<void> => {
    for (const each of above(key)) {
      const kind = kinds.get(each);
      if (kind === 'folder') continue;
      if (kind !== undefined) throw unsafe(name, 'something that is no folder stands above it');
      await mkdir(placeOf(folder, nameOf(each)), { mode: 0o700 });
      kinds.set(each, 'folder');
    }
  };

  return {
    made,
    skipped,
    async take(entry) {
      const { name, type, target } = entry;
      const key = keyOf(name);
      const why = whyUnsafe(name);
      if (why !== null) throw unsafe(name, why);
      if (!wanted(key)) return null;
      if (isSpecial(entry)) {
        skipped.push(entry);
        return null;
      }
      await makeAbove(key, name);
      const before = key === '' ? 'folder' : kinds.get(key);
      if (before !== undefined && !(before === 'folder' && type === 'folder')) throw unsafe(name, 'it is in the archive twice');
      made.push(entry);
      if (type === 'folder') {
        if (before === undefined) await mkdir(placeOf(folder, name), { mode: 0o700 });
        kinds.set(key, type);
        return null;
      }
      if (key === '') throw unsafe(name, 'it would take the place of the folder itself');
      kinds.set(key, type);
      if (type === 'link') return null;
      if (type === 'hard-link') {
        const to = target ?? Buffer.alloc(0);
        const whyNot = whyUnsafe(to);
        if (whyNot !== null) throw unsafe(name, `it is a second name of a file elsewhere (${whyNot})`);
        if (kinds.get(keyOf(to)) !== 'file' && kinds.get(keyOf(to)) !== 'hard-link') throw unsafe(name, 'it is a second name of a file that was not brought out before it');
        await link(placeOf(folder, to), placeOf(folder, name));
        return null;
      }
      const opened = await open(placeOf(folder, name), newFile, 0o600);
      file = opened;
      return {
        async write(chunk) {
          // A disk that is nearly full takes a part of it.
          for (let rest = chunk; rest.length > 0; ) rest = rest.subarray((await opened.write(rest)).bytesWritten);
        },
        async end() {
          file = null;
          await opened.close();
        },
      };
    },
    async close() {
      await file?.close();
    },
    async finish(look) {
      for (const entry of made) if (entry.type === 'link') await symlink(entry.target ?? Buffer.alloc(0), placeOf(folder, entry.name));
      const folders = made.filter(({ type }) => type === 'folder').sort((a, b) => b.name.length - a.name.length);
      for (const entry of [...made.filter(({ type }) => type !== 'folder'), ...folders]) {
        const place = placeOf(folder, entry.name);
        // The folder itself stays its owner's alone.
        if (entry.name.length === 0) continue;
        if (entry.type === 'link') await lutimes(place, entry.mtime, entry.mtime);
        // A second name shares both with the first.
        else if (entry.type !== 'hard-link') {
          // Times first: afterwards a folder may not let anybody in.
          await utimes(place, entry.mtime, entry.mtime);
          await chmod(place, entry.mode);
        }
        await look?.(entry);
      }
    },
  };
}

/** What is not as the manifest says, of what was brought out; before rights are given, so that everything can be read. */
export async function compareContents(folder: string, entries: readonly EntryInManifest[], options: { signal: AbortSignal; onBytes: (bytes: number) => void }): Promise<string[]> {
  const differences: string[] = [];
  for (const entry of entries) {
    options.signal.throwIfAborted();
    if (entry.type !== 'file') continue;
    const { sha256, sizeBytes } = await hashFile(placeOf(folder, nameOf(entryKey(entry))), options);
    if (sizeBytes !== entry.size) differences.push(`${entry.path} has ${sizeBytes} bytes, and had ${entry.size}`);
    else if (sha256 !== entry.sha256) differences.push(`${entry.path} has another content`);
  }
  return differences;
}

const typeOf = (facts: { isFile(): boolean; isDirectory(): boolean; isSymbolicLink(): boolean }): string => (facts.isSymbolicLink() ? 'link' : facts.isDirectory() ? 'folder' : facts.isFile() ? 'file' : 'something else');

/** How one of them differs in kind, rights, time or where it leads; null where it does not. */
export async function differenceOf(folder: string, entry: EntryInManifest): Promise<string | null> {
  const place = placeOf(folder, nameOf(entryKey(entry)));
  const facts = await lstat(place);
  const type = entry.type === 'hard-link' ? 'file' : entry.type;
  if (typeOf(facts) !== type) return `${entry.path} came out as ${typeOf(facts)}, and was a ${entry.type}`;
  const target = entryTarget(entry) ?? Buffer.alloc(0);
  if (entry.type === 'link') return (await readlink(place, 'buffer')).equals(target) ? null : `${entry.path} leads elsewhere`;
  if (entry.type === 'hard-link') return (await lstat(placeOf(folder, target))).ino === facts.ino ? null : `${entry.path} is no second name of ${entry.target ?? ''}`;
  const mode = facts.mode & 0o7777;
  if (mode !== entry.mode) return `${entry.path} has the rights ${mode.toString(8)}, and had ${entry.mode.toString(8)}`;
  return Math.floor(facts.mtimeMs / 1000) === entry.mtime ? null : `${entry.path} has another time`;
}
