/** What may be said of files of a host that are backed up: paths, and what is left out of them. */
import type { ProofLevel } from './proof.ts';

/** Why a path cannot be one of a set; null where it can. Each file has one name only: no `..`, no doubled slash. */
export function whyNotPath(path: string): string | null {
  if (!path.startsWith('/')) return 'A path is whole: it begins with /';
  if (path.includes('\0')) return 'A path holds no NUL character';
  if (path !== '/' && path.slice(1).split('/').some((part) => part === '' || part === '.' || part === '..')) return 'A path is written plainly: without //, . and .., and without / at its end';
  return null;
}

const isBelow = (path: string, above: string): boolean => path === above || above === '/' || path.startsWith(`${above}/`);

/** Two of these paths of which one holds the other, or is it; null where there are none. */
export function overlap(paths: readonly string[]): { above: string; path: string } | null {
  for (const [index, path] of paths.entries()) {
    const above = paths.find((other, at) => at !== index && isBelow(path, other));
    if (above !== undefined) return { above, path };
  }
  return null;
}

/**
 * Why something cannot be left out in this way; null where it can. A whole path leaves out what is there and all below
 * it. A name without a slash leaves out everything of that name, wherever it is; `*` and `?` stand for any characters.
 */
export function whyNotExclusion(pattern: string): string | null {
  if (pattern.startsWith('/')) return pattern === '/' ? 'Leaving out / leaves nothing' : whyNotPath(pattern);
  if (pattern.includes('\0')) return 'A name holds no NUL character';
  if (pattern.includes('/')) return 'Either a whole path that begins with /, or a name without any /';
  if (/[[\]\\]/.test(pattern)) return 'In a name only * and ? stand for others; [, ] and \\ cannot be used';
  return null;
}

/** An exclusion by name; others are whole paths. */
export const isNamePattern = (pattern: string): boolean => !pattern.startsWith('/');

/** What a level means for files, in the words shown beside it. Proven means L3 and nothing less. */
export const fileProofWords: Record<ProofLevel, string> = {
  L0: 'Hashes match',
  L1: 'Contents listed only',
  L2: 'Every file read',
  L3: 'Extracted and compared',
};
