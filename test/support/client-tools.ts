import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

export type ClientToolName = 'pg_dump' | 'pg_restore' | 'pg_dumpall' | 'psql';

export interface FoundTool {
  path: string;
  major: number;
}

const versionedFolders = ['/usr/lib/postgresql', '/usr/local/opt', '/opt/homebrew/opt'];

/** Every version of one of Postgres's client programs on this machine, newest first. */
export function findClientTools(name: ClientToolName): FoundTool[] {
  const versioned = versionedFolders.filter((folder) => existsSync(folder)).flatMap((folder) => readdirSync(folder).map((version) => join(folder, version, 'bin', name)));
  const onPath = (process.env.PATH ?? '').split(':').map((folder) => join(folder, name));
  const found = new Map<number, FoundTool>();
  for (const path of [...versioned, ...onPath].filter((candidate) => existsSync(candidate))) {
    const major = Number(/\(PostgreSQL\) (\d+)/.exec(execFileSync(path, ['--version'], { encoding: 'utf8' }))?.[1]);
    if (!found.has(major)) found.set(major, { path, major });
  }
  return [...found.values()].sort((a, b) => b.major - a.major);
}

/**
 * The newest version of a client program on this machine.
 *
 * @throws Error naming how to get it, where there is none.
 */
export function requireClientTool(name: ClientToolName): FoundTool {
  const [newest] = findClientTools(name);
  if (!newest) throw new Error(`${name} is not on this machine; install the package postgresql-client (Debian) or libpq (Homebrew).`);
  return newest;
}
