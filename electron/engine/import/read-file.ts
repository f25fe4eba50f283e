/** Files of the person that are imported from: plain ones, of a bounded size, read at once. */
import { createHash } from 'node:crypto';
import { closeSync, constants, fstatSync, openSync, readdirSync, readSync, statSync } from 'node:fs';
import { largestImport } from '#shared/contract/imports.ts';
import { splitPattern } from '../platform/folders.ts';
import { isOpenToOthers } from '../platform/private-files.ts';
import { textOf } from '../platform/text.ts';

/** What came of looking at a file. */
export type FileText = { state: 'read'; text: string; openToOthers: boolean } | { state: 'absent' } | { state: 'unusable'; reason: string };

const codeOf = (error: unknown): string => (error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '');

/** Reads a text file. Never throws for what is wrong with it, and never waits for the writer of a pipe. */
export function readText(path: string, largest = largestImport): FileText {
  let file: number;
  try {
    file = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  } catch (error) {
    const code = codeOf(error);
    return code === 'ENOENT' || code === 'ENOTDIR' ? { state: 'absent' } : { state: 'unusable', reason: `it cannot be read (${code || 'unknown'})` };
  }
  try {
    const facts = fstatSync(file);
    if (!facts.isFile()) return { state: 'unusable', reason: 'it is no plain file' };
    // One byte more, for a file that grows just now.
    const bytes = Buffer.alloc(Math.min(facts.size, largest) + 1);
    let length = 0;
    for (let got = -1; got !== 0 && length < bytes.length; length += got) got = readSync(file, bytes, length, bytes.length - length, null);
    if (facts.size > largest || length > largest) return { state: 'unusable', reason: `it is larger than ${largest} bytes` };
    return { state: 'read', text: textOf(bytes.subarray(0, length)), openToOthers: isOpenToOthers(facts.mode) };
  } catch (error) {
    return { state: 'unusable', reason: `it cannot be read (${codeOf(error) || 'unknown'})` };
  } finally {
    closeSync(file);
  }
}

export const digest = (text: string): string => createHash('sha256').update(text).digest('hex');

type Piece = { kind: 'star' } | { kind: 'one'; fits: (sign: string) => boolean };

function piecesOf(pattern: string): Piece[] {
  const pieces: Piece[] = [];
  for (let at = 0; at < pattern.length; at += 1) {
    const sign = pattern.charAt(at);
    const closing = sign === '[' ? pattern.indexOf(']', at + (pattern[at + 1] === '!' || pattern[at + 1] === '^' ? 3 : 2)) : -1;
    if (sign === '*') pieces.push({ kind: 'star' });
    else if (sign === '?') pieces.push({ kind: 'one', fits: () => true });
    else if (closing !== -1) {
      const inside = pattern.slice(at + 1, closing);
      const negated = inside.startsWith('!') || inside.startsWith('^');
      const signs = negated ? inside.slice(1) : inside;
      const isIn = (wanted: string): boolean => {
        for (let place = 0; place < signs.length; place += 1) {
          if (signs[place + 1] === '-' && signs[place + 2] !== undefined) {
            if (wanted >= signs.charAt(place) && wanted <= signs.charAt(place + 2)) return true;
            place += 2;
          } else if (signs[place] === wanted) return true;
        }
        return false;
      };
      pieces.push({ kind: 'one', fits: (wanted) => isIn(wanted) !== negated });
      at = closing;
    } else {
      const literal = sign === '\\' ? pattern.charAt((at += 1)) : sign;
      pieces.push({ kind: 'one', fits: (wanted) => wanted === literal });
    }
  }
  return pieces;
}

/** Whether a name fits `*`, `?` and `[…]`, in time that is linear in both. A dot in front has to be written. */
export function fitsGlob(pattern: string, name: string): boolean {
  if (name.startsWith('.') && !pattern.startsWith('.')) return false;
  const pieces = piecesOf(pattern);
  let at = 0;
  let place = 0;
  let star = -1;
  let resume = 0;
  while (at < name.length) {
    const piece = pieces[place];
    if (piece?.kind === 'star') {
      star = place++;
      resume = at;
    } else if (piece?.kind === 'one' && piece.fits(name.charAt(at))) {
      place += 1;
      at += 1;
    } else if (star >= 0) {
      place = star + 1;
      at = ++resume;
    } else {
      return false;
    }
  }
  while (pieces[place]?.kind === 'star') place += 1;
  return place === pieces.length;
}

/** Paths on the way to what a pattern means, at most: far more than are read. */
const mostMatches = 20_000;

function exists(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch {
    return true; // There is something that cannot be looked at: whoever reads it says so.
  }
}

/** The paths that a pattern means, sorted as the C locale does it; none where there is none. A folder that cannot be read has none. */
export function globFiles(pattern: string): string[] {
  const { root, names } = splitPattern(pattern);
  let found = [root];
  for (const segment of names) {
    found = found.flatMap((folder) => {
      if (!/[*?[\\]/.test(segment)) return [`${folder}/${segment}`];
      try {
        return readdirSync(folder === root ? `${root}/` : folder).filter((name) => fitsGlob(segment, name)).map((name) => `${folder}/${name}`);
      } catch {
        return []; // As for OpenSSH, what is not there is not meant.
      }
    });
    if (found.length > mostMatches) found = found.slice(0, mostMatches);
  }
  return found.filter(exists).sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
}
