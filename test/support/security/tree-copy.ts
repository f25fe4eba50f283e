/** Copies of the project's tree, to take protections out of: the tree itself is never touched. */
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { timesIn, type Mutation } from './statement.ts';

export interface TreeCopy {
  readonly folder: string;
  /** Changes the file. What it returns puts it back. @throws Error where the piece does not stand in it just once */
  apply(mutation: Mutation): () => void;
  remove(): void;
}

/** Everything that git knows or would take, and what was built. The packages are linked. */
export function copyTree(project: string): TreeCopy {
  const folder = mkdtempSync(join(tmpdir(), 'pilothouse-mutations-'));
  const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '-z'], { cwd: project, encoding: 'utf8', maxBuffer: 64 * 1024 ** 2 }).split('\0');
  for (const file of files.filter((name) => name !== '' && existsSync(join(project, name)))) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    cpSync(join(project, file), join(folder, file));
  }
  if (existsSync(join(project, 'dist'))) cpSync(join(project, 'dist'), join(folder, 'dist'), { recursive: true });
  symlinkSync(join(project, 'node_modules'), join(folder, 'node_modules'));
  return {
    folder,
    apply({ file, find, replace }) {
      const path = join(folder, file);
      const before = readFileSync(path, 'utf8');
      if (timesIn(before, find) !== 1) throw new Error(`What is to be taken from ${file} stands in it ${timesIn(before, find)} times: ${find}`);
      writeFileSync(path, before.replace(find, () => replace));
      return () => writeFileSync(path, before);
    },
    remove: () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }),
  };
}
