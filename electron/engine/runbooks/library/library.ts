/**
 * The runbooks that there are: those of packs, and plain files of one's own, which anybody may edit and keep in Git
 * meanwhile. Nothing is watched: it is looked again whenever somebody asks.
 */
import { join } from 'node:path';
import type { Problem, Runbook } from '#shared/domain/runbook/definition.ts';
import { PilothouseError } from '#shared/domain/errors.ts';
import type { Clock } from '../../ports.ts';
import { stampOf } from '../../store/whole-file.ts';
import { findFile, isThere, largestRunbook, putAside, replaceFile, runbookNames, sweepUnfinishedRunbooks } from './files.ts';
import { freeName, nameOf, ownPack, properFileName, slugOf } from './names.ts';
import { listPacks, type Pack } from './packs.ts';
import { createSearch, type Found } from './search.ts';

export interface LibraryFile {
  /** "own/wal-fills-the-disk", "ecommerce-cod/morning-check". */
  ref: string;
  /** Its path. */
  file: string;
  /** `imported`: of a pack in the data folder, which was made of a guide. */
  origin: 'pack' | 'imported' | 'own';
  /** Null for one's own. */
  packTitle: string | null;
  text: string;
  /** Of the text, SHA-256 in hex. */
  hash: string;
  /** Null where the text is no runbook yet; `problems` say why. */
  runbook: Runbook | null;
  problems: readonly Problem[];
}

/** A file that there is no text of, or that nothing could refer to. */
export interface BrokenFile {
  /** "own/My file.yaml": its pack, and its name as it is. */
  ref: string;
  file: string;
  /** Why, and what to do. */
  message: string;
}

/** What reads a text: `electron/engine/runbooks/format/`. */
export interface RunbookReader {
  readRunbook(text: string): { runbook: Runbook | null; problems: Problem[] };
  textHash(text: string): string;
}

export interface Library {
  /** Of one's own, where new ones are written. */
  readonly folder: string;
  /** All that is there now, by ref. */
  look(): { files: LibraryFile[]; broken: BrokenFile[] };
  /** Reads what was not read yet, file by file, with room for other work in between: a thousand take seconds. Never throws for a file. */
  readAhead(signal: AbortSignal): Promise<void>;
  /** The files of `look`. */
  list(): LibraryFile[];
  /** One file as it is now; null where there is none, or it is broken. */
  find(ref: string): LibraryFile | null;
  /** @throws runbook.not-found; runbook.invalid where the file cannot be read */
  read(ref: string): LibraryFile;
  /** Those in which all words are found, the best first. Without a word, all by ref. */
  search(text: string): Found[];
  /**
   * Writes a runbook of one's own. A text with errors is kept as well: it can be read here, and not be started.
   * @param ref null: a new one, named by its id
   * @param expectedHash of the text that was opened; null: there was none
   * @throws runbook.changed, store.conflict, store.unwritable, store.disk-full, runbook.invalid
   */
  save(ref: string | null, text: string, expectedHash: string | null): LibraryFile;
  /**
   * Copies one to one's own, under a name that is free.
   * @param requireAllowed looks at what was read, which is what is written; what it throws is thrown on
   * @throws runbook.not-found, runbook.invalid, store.unwritable, store.disk-full
   */
  copy(ref: string, requireAllowed?: (file: LibraryFile) => void): LibraryFile;
  /** Moves one's own file aside. @returns where it is now. @throws runbook.not-found, store.unwritable */
  remove(ref: string): { movedTo: string };
}

interface Options {
  /** Where those of one's own are. */
  folder: string;
  /** Null: without any. */
  packsFolder: string | null;
  /** Where packs that were imported are; null: nowhere. */
  importedFolder?: string | null;
  clock: Clock;
  reader: RunbookReader;
}

/** A place where files are: one's own folder, or a pack. */
interface Place {
  name: string;
  origin: LibraryFile['origin'];
  title: string | null;
  folder: string;
}

const split = (ref: string): { place: string; name: string } => ({ place: ref.slice(0, ref.indexOf('/')), name: ref.slice(ref.indexOf('/') + 1) });

export function createLibrary({ folder, packsFolder, importedFolder = null, clock, reader }: Options): Library {
  const own: Place = { name: ownPack, origin: 'own', title: null, folder };
  /** By path. */
  const known = new Map<string, { stamp: string; file: LibraryFile }>();
  const search = createSearch();
  sweepUnfinishedRunbooks(folder);

  const placeOf = (origin: LibraryFile['origin']) => ({ name, title, folder: runbooks }: Pack): Place => ({ name, origin, title, folder: runbooks });

  /** `hidden`: packs that were imported under the name of one that ships, which is never covered by another. */
  function packs(): { places: Place[]; hidden: Pack[] } {
    const shipped = listPacks(packsFolder);
    const names = new Set(shipped.map(({ name }) => name));
    const imported = listPacks(importedFolder);
    return { places: [own, ...shipped.map(placeOf('pack')), ...imported.filter(({ name }) => !names.has(name)).map(placeOf('imported'))], hidden: imported.filter(({ name }) => names.has(name)) };
  }
  const places = (): Place[] => packs().places;

  /**
   * @param trustStamp whether a file is taken for unchanged by its size and times. They cannot tell two writes of the
   *   same moment apart, so that what is begun or written over is read again.
   */
  function lookAt(place: Place, fileName: string, name: string, trustStamp: boolean): LibraryFile | BrokenFile | null {
    const path = join(place.folder, fileName);
    const before = known.get(path);
    const found = findFile(path, trustStamp ? (before?.stamp ?? null) : null);
    if (found === 'same' && before !== undefined) return before.file;
    if (found === null || found === 'same') return null;
    if ('why' in found) return { ref: `${place.name}/${fileName}`, file: path, message: `${path} is not read: ${found.why}.` };
    const hash = reader.textHash(found.text);
    const file: LibraryFile = before?.file.hash === hash ? before.file : { ref: `${place.name}/${name}`, file: path, origin: place.origin, packTitle: place.title, text: found.text, hash, ...reader.readRunbook(found.text) };
    known.set(path, { stamp: found.stamp, file });
    return file;
  }

  const isBroken = (seen: LibraryFile | BrokenFile): seen is BrokenFile => 'message' in seen;

  function lookIn(place: Place): { files: LibraryFile[]; broken: BrokenFile[] } {
    const files = new Map<string, LibraryFile>();
    const broken: BrokenFile[] = [];
    const { names, why } = runbookNames(place.folder);
    if (why !== null) broken.push({ ref: `${place.name}/`, file: place.folder, message: `The folder ${place.folder} is not read: ${why}. Check who owns it, and its permissions.` });
    for (const fileName of names) {
      const name = nameOf(fileName);
      const path = join(place.folder, fileName);
      const unread = (message: string): void => void broken.push({ ref: `${place.name}/${fileName}`, file: path, message });
      if (name === null) {
        unread(`${path} is not read: nothing can refer to it by that name. Rename it to ${properFileName(fileName)}: small letters, digits and dashes, at most 81.`);
        continue;
      }
      if (files.has(name)) {
        unread(`${path} is not read: ${files.get(name)?.file} has the same name. Rename one of them.`);
        continue;
      }
      const seen = lookAt(place, fileName, name, true);
      if (seen === null) continue;
      if (isBroken(seen)) broken.push(seen);
      else files.set(name, seen);
    }
    return { files: [...files.values()], broken };
  }

  function look(): { files: LibraryFile[]; broken: BrokenFile[] } {
    const { places: all, hidden } = packs();
    const seen = all.map(lookIn);
    const files = seen.flatMap((place) => place.files).toSorted((a, b) => (a.ref < b.ref ? -1 : 1));
    const there = new Set(files.map(({ file }) => file));
    for (const path of known.keys()) if (!there.has(path)) known.delete(path);
    const covered = hidden.map(({ name, folder: path }): BrokenFile => ({ ref: `${name}/`, file: path, message: `${path} is not read: a pack ${name} comes with Pilothouse. Rename the folder of this one.` }));
    return { files, broken: [...seen.flatMap((place) => place.broken), ...covered] };
  }

  /** One file as it is now, whichever of the two endings it has. */
  function lookFor(ref: string): LibraryFile | BrokenFile | null {
    const { place: placeName, name } = split(ref);
    const place = places().find((each) => each.name === placeName);
    if (place === undefined || nameOf(`${name}.yaml`) === null) return null;
    return lookAt(place, `${name}.yaml`, name, false) ?? lookAt(place, `${name}.yml`, name, false);
  }

  function read(ref: string): LibraryFile {
    const seen = lookFor(ref);
    if (seen === null) throw new PilothouseError('runbook.not-found', `There is no runbook ${ref}.`, { hint: 'It may have been renamed or removed. Look for it in the library.', details: { ref } });
    if (isBroken(seen)) throw new PilothouseError('runbook.invalid', seen.message, { hint: 'Put the file right, then open it again.', details: { ref, file: seen.file } });
    return seen;
  }

  function ofOnesOwn(ref: string, what: string): string {
    const { place, name } = split(ref);
    if (place !== ownPack) throw new PilothouseError('store.unwritable', `The runbook ${ref} belongs to a pack and cannot be ${what}.`, { hint: 'Copy it to your own runbooks, and change the copy.', details: { ref } });
    return name;
  }

  const isTaken = (name: string): boolean => ['yaml', 'yml'].some((ending) => isThere(join(folder, `${name}.${ending}`)));

  /** Makes a new file. @throws store.conflict where the name is taken by the time */
  function make(name: string, text: string): LibraryFile {
    const ref = `${ownPack}/${name}`;
    const refuseTaken = (): void => {
      if (isTaken(name)) throw new PilothouseError('store.conflict', `There is a runbook ${ref} already, and it is left as it is.`, { hint: 'Give this one another id, or open that one and change it.', details: { ref } });
    };
    refuseTaken();
    replaceFile(join(folder, `${name}.yaml`), text, refuseTaken);
    return read(ref);
  }

  function refuseUnstorable(text: string): void {
    const bytes = Buffer.byteLength(text);
    if (bytes > largestRunbook) throw new PilothouseError('runbook.invalid', `The runbook has ${bytes} bytes, and can have at most ${largestRunbook}: it was not saved.`, { hint: 'Split it, and call one part from the other.' });
    if (!text.isWellFormed()) throw new PilothouseError('runbook.invalid', 'The runbook holds half a character, which cannot be written in UTF-8: it was not saved.', { hint: 'Remove what was pasted last, and save again.' });
  }

  /** What a new one is called: by its id, also where the rest is no runbook yet. */
  const nameFor = (text: string): string => reader.readRunbook(text).runbook?.id ?? /^id:[ \t]*["']?([a-z0-9][a-z0-9-]{0,80})["']?[ \t]*(?:#.*)?$/m.exec(text)?.[1] ?? freeName('draft', isTaken);

  return {
    folder,
    look,
    async readAhead(signal) {
      for (const place of places()) {
        for (const fileName of runbookNames(place.folder).names) {
          const name = nameOf(fileName);
          if (name !== null) lookAt(place, fileName, name, true);
          await new Promise((resolve) => setImmediate(resolve));
          if (signal.aborted) return;
        }
      }
    },
    list: () => look().files,
    find(ref) {
      const seen = lookFor(ref);
      return seen === null || isBroken(seen) ? null : seen;
    },
    read,
    search: (text) => search.find(look().files, text),
    save(ref, text, expectedHash) {
      refuseUnstorable(text);
      if (ref === null) return make(slugOf(nameFor(text)), text);
      const name = ofOnesOwn(ref, 'changed');
      const current = lookFor(ref);
      if (current === null && expectedHash === null) return make(name, text);
      const refuseChanged = (): void => {
        const now = lookFor(ref);
        if (now !== null && !isBroken(now) && now.hash === expectedHash) return;
        const found = now === null || isBroken(now) ? null : now.hash;
        throw new PilothouseError('runbook.changed', `The file of the runbook ${ref} was ${now === null ? 'removed' : 'changed'} by somebody else meanwhile: nothing was written.`, {
          hint: now === null ? 'Save this text as a new runbook, or give it up.' : 'Look at what it says now, then save yours over it, or as a new runbook.',
          details: { ref, expected: expectedHash, found },
        });
      };
      refuseChanged();
      replaceFile(current?.file ?? join(folder, `${name}.yaml`), text, refuseChanged);
      return read(ref);
    },
    copy(ref, requireAllowed = () => {}) {
      const file = read(ref);
      requireAllowed(file);
      return make(freeName(split(ref).name, isTaken), file.text);
    },
    remove(ref) {
      ofOnesOwn(ref, 'removed');
      // One that cannot be read can be removed all the same.
      const { file } = lookFor(ref) ?? read(ref);
      return { movedTo: putAside(file, stampOf(clock.now())) };
    },
  };
}
