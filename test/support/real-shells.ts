/** Shells as hosts have them, to which scripts are given as a file. */
import { spawnSync } from 'node:child_process';
import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export const realShells: readonly [string, readonly [string, ...string[]]][] = [['dash', ['dash']], ['bash', ['bash', '--norc']], ['bash as sh', ['bash', '--posix']], ['BusyBox', ['busybox', 'sh']]];

export const whyNoShell = ([program]: readonly [string, ...string[]]): string | null => (spawnSync('sh', ['-c', `command -v ${program}`]).status === 0 ? null : `there is no ${program}: apt-get install ${program}`);

export interface Ran {
  status: number | null;
  stdout: string;
  stderr: string;
  /** Files that it left in the folder that it ran in. */
  left: string[];
}

/** Runs a script in an empty folder, which is emptied again. */
export function runIn(folder: string, [program, ...first]: readonly [string, ...string[]], script: string, input = ''): Ran {
  const file = join(folder, 'script');
  const place = join(folder, 'place');
  writeFileSync(file, script);
  const { status, stdout, stderr } = spawnSync(program, [...first, file], { cwd: place, encoding: 'utf8', input, timeout: 10_000, env: { PATH: '/usr/bin:/bin', HOME: place } });
  const left = readdirSync(place);
  for (const name of left) rmSync(join(place, name), { recursive: true, force: true });
  return { status, stdout, stderr, left };
}
