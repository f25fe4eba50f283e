/** The packs that there are: those that come with Pilothouse, and those that were imported into the data folder. It is looked again whenever somebody asks. */
import { createHash } from 'node:crypto';
import { lstatSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Pack, PackProblem } from '#shared/domain/pack/definition.ts';
import { PilothouseError } from '#shared/domain/errors.ts';
import { readRunbookOnce } from '../runbooks/format/index.ts';
import { readPack, readPackFolder, type KnownChecks } from './format/index.ts';

export interface ShelvedPack {
  pack: Pack;
  origin: 'shipped' | 'imported';
  folder: string;
  /** Of all its files: what was shown is what is adopted. */
  hash: string;
  warnings: PackProblem[];
}

export interface RefusedPack {
  name: string;
  origin: 'shipped' | 'imported';
  folder: string;
  /** Why, in a sentence. */
  message: string;
  problems: PackProblem[];
}

export interface Shelf {
  /** Reads what was not read yet, file by file, with room for other work in between. */
  readAhead(signal: AbortSignal): Promise<void>;
  look(): { packs: ShelvedPack[]; refused: RefusedPack[] };
  find(name: string): ShelvedPack | null;
  /** @throws pack.not-found; pack.invalid where it is there and cannot be read, with its problems */
  get(name: string): ShelvedPack;
}

type Read = { shelved: ShelvedPack } | { refused: RefusedPack };

const packFolders = (folder: string): string[] =>
  statSync(folder, { throwIfNoEntry: false }) === undefined ? [] : readdirSync(folder, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() && /^[a-z0-9][a-z0-9-]{0,80}$/.test(entry.name) && entry.name !== 'own' ? [entry.name] : [])).toSorted();

/** Folders of a pack that files are read from; the first is the pack's own. What else lies there, however much, is not looked through. */
const readFrom = ['', 'templates', 'cards', 'runbooks'];

/** Changes with any file of it, and is far quicker than reading them. @throws where the folder, or what lies in it, cannot be looked at */
function stampOf(folder: string): string {
  const folders = readFrom.map((name) => join(folder, name)).filter((path) => lstatSync(path, { throwIfNoEntry: false })?.isDirectory() === true);
  const parts = folders.flatMap((parent) => readdirSync(parent).map((name) => {
    const path = join(parent, name);
    const facts = statSync(path, { throwIfNoEntry: false });
    return `${path} ${facts?.ino} ${facts?.size} ${facts?.mtimeMs} ${facts?.ctimeMs}`;
  }));
  return parts.toSorted().join('\n');
}

/** What is wrong first, in a sentence: "pack.yaml, line 3: … 4 more are listed by pack lint." */
function firstOf(problems: readonly PackProblem[]): string {
  const errors = problems.filter(({ severity }) => severity === 'error');
  const [first] = errors;
  return first === undefined ? '' : `${first.file}, line ${first.line}: ${first.message}${errors.length > 1 ? ` There ${errors.length === 2 ? 'is one more' : `are ${errors.length - 1} more`}.` : ''}`;
}

/** @param checks the health checks that there are */
export function createShelf({ shippedFolder, importedFolder, checks }: { shippedFolder: string; importedFolder: string; checks: KnownChecks }): Shelf {
  /** By folder. */
  const known = new Map<string, { stamp: string; read: Read }>();

  function read(folder: string, name: string, origin: ShelvedPack['origin']): Read {
    let stamp: string;
    try {
      stamp = stampOf(folder);
    } catch (error) {
      return { refused: { name, origin, folder, message: `${folder} cannot be read: ${error instanceof Error ? error.message : String(error)}.`, problems: [] } };
    }
    const before = known.get(folder);
    if (before?.stamp === stamp) return before.read;
    const texts = readPackFolder(folder, name);
    const { pack, problems } = readPack(texts, checks);
    const hash = createHash('sha256').update(JSON.stringify([...texts.texts].toSorted(([a], [b]) => (a < b ? -1 : 1)))).digest('hex');
    const made: Read = pack === null ? { refused: { name, origin, folder, message: firstOf(problems), problems } } : { shelved: { pack, origin, folder, hash, warnings: problems } };
    known.set(folder, { stamp, read: made });
    return made;
  }

  function* all(): Generator<Read> {
    const shipped = new Set(packFolders(shippedFolder));
    for (const name of shipped) yield read(join(shippedFolder, name), name, 'shipped');
    for (const name of packFolders(importedFolder)) {
      const folder = join(importedFolder, name);
      if (shipped.has(name)) yield { refused: { name, origin: 'imported', folder, message: `A pack ${name} comes with Pilothouse. Rename the folder of this one, and its id.`, problems: [] } };
      else yield read(folder, name, 'imported');
    }
  }

  function one(name: string): Read | null {
    if (packFolders(shippedFolder).includes(name)) return read(join(shippedFolder, name), name, 'shipped');
    return packFolders(importedFolder).includes(name) ? read(join(importedFolder, name), name, 'imported') : null;
  }

  return {
    async readAhead(signal) {
      for (const [folder, name] of [shippedFolder, importedFolder].flatMap((above) => packFolders(above).map((each) => [join(above, each), each] as const))) {
        if (known.has(folder)) continue;
        // The runbooks are nearly all of the work, and are known by their text from then on.
        for (const [file, text] of readPackFolder(folder, name).texts) {
          if (!file.startsWith('runbooks/')) continue;
          readRunbookOnce(text);
          await new Promise((resolve) => setImmediate(resolve));
          if (signal.aborted) return;
        }
      }
    },
    look() {
      const seen = [...all()];
      return { packs: seen.flatMap((each) => ('shelved' in each ? [each.shelved] : [])), refused: seen.flatMap((each) => ('refused' in each ? [each.refused] : [])) };
    },
    find(name) {
      const found = one(name);
      return found !== null && 'shelved' in found ? found.shelved : null;
    },
    get(name) {
      const found = one(name);
      if (found === null) throw new PilothouseError('pack.not-found', `There is no pack ${name}.`, { hint: 'It may have been renamed or removed. The list of packs has those that there are.', details: { pack: name } });
      if ('refused' in found) throw new PilothouseError('pack.invalid', `The pack ${name} cannot be used. ${found.refused.message}`, { hint: 'Put it right; pack lint lists all of it with its lines.', details: { pack: name, folder: found.refused.folder, problems: found.refused.problems.slice(0, 50) } });
      return found.shelved;
    },
  };
}
