/** The files of the library as they lie in their folders: read whole or not at all, and replaced in one step. */
import { lstatSync, mkdirSync, readdirSync, readFileSync, realpathSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { isPilothouseError, PilothouseError } from '#shared/domain/errors.ts';
import { syncFileNow, syncFolderNow } from '../../platform/durable.ts';
import { isRunbookFile } from './names.ts';

/** Bytes. */
export const largestRunbook = 1_048_576;

/** What was found under a name: a text, or why there is none, in words that go on after "it". */
export type FoundFile = { text: string; stamp: string } | { why: string };

const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException).code;
const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** The names of what may be runbooks, and why the folder cannot be read where it cannot. One that is not there holds none. */
export function runbookNames(folder: string): { names: string[]; why: string | null } {
  try {
    return { names: readdirSync(folder).filter(isRunbookFile).toSorted(), why: null };
  } catch (error) {
    return { names: [], why: codeOf(error) === 'ENOENT' ? null : wordsOf(error) };
  }
}

/** The file that is meant: of a link the one that it leads to, as long as that lies beside it. */
function meantBy(file: string): { path: string } | { why: string } {
  if (!lstatSync(file).isSymbolicLink()) return { path: file };
  const path = realpathSync(file);
  return dirname(path) === realpathSync(dirname(file)) ? { path } : { why: `it is a symbolic link to ${path}, which is not in this folder. Put the file itself here` };
}

/** The byte order mark stays part of the text: what is written back is what was read. */
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** @returns null where it is no UTF-8 */
function decoded(bytes: Buffer): string | null {
  try {
    return decoder.decode(bytes);
  } catch {
    return null;
  }
}

const tooLarge = (size: number): { why: string } => ({ why: `it has ${size} bytes, and a runbook at most ${largestRunbook}` });

/**
 * @param knownStamp of what is known of it: where that has not changed, it is not read again
 * @returns null where there is no such file, "same" where it has the stamp that is known
 */
export function findFile(file: string, knownStamp: string | null): FoundFile | 'same' | null {
  try {
    const meant = meantBy(file);
    if ('why' in meant) return meant;
    const facts = lstatSync(meant.path);
    if (facts.isDirectory()) return { why: 'it is a folder' };
    if (!facts.isFile()) return { why: 'it is no plain file' };
    if (facts.size > largestRunbook) return tooLarge(facts.size);
    const stamp = [facts.ino, facts.size, facts.mtimeMs, facts.ctimeMs].join(' ');
    if (stamp === knownStamp) return 'same';
    const bytes = readFileSync(meant.path);
    if (bytes.length > largestRunbook) return tooLarge(bytes.length);
    const text = decoded(bytes);
    return text === null ? { why: 'it is not written in UTF-8. Save it in that encoding' } : { text, stamp };
  } catch (error) {
    // A link that leads nowhere is one all the same: whoever made it looks for it.
    if (codeOf(error) === 'ENOENT') return isThere(file) ? { why: 'it is a symbolic link to a file that is not there' } : null;
    return { why: `it cannot be read: ${wordsOf(error)}` };
  }
}

/** Whether anything lies there, be it broken. Where that cannot be told, writing it will say why. */
export function isThere(file: string): boolean {
  try {
    return lstatSync(file, { throwIfNoEntry: false }) !== undefined;
  } catch {
    return false;
  }
}

function unwritable(file: string, error: unknown): PilothouseError {
  const code = codeOf(error);
  if (code === 'ENOSPC' || code === 'EDQUOT') return new PilothouseError('store.disk-full', `The disk is full: ${file} could not be written, and is as it was before.`, { hint: 'Free some space and save again.', retryable: true, details: { path: file }, cause: error });
  return new PilothouseError('store.unwritable', `The file ${file} could not be written: ${wordsOf(error)}. It is as it was before.`, { hint: 'Check who owns the folder, and its permissions, and save again.', details: { path: file }, cause: error });
}

const unfinished = /^\..*\.partial$/;

/** Removes what a process left that was killed while it wrote. */
export function sweepUnfinishedRunbooks(folder: string): void {
  let names: string[];
  try {
    names = readdirSync(folder);
  } catch {
    // No folder, nothing left in it; why it cannot be read is said where it is listed.
    return;
  }
  for (const name of names) if (unfinished.test(name)) rmSync(join(folder, name), { force: true });
}

/**
 * Replaces a file, or makes it, in one step: whatever happens meanwhile, the old one or the new one is there, whole.
 * @param justBefore looks once more whether it may be, when the new one is ready; what it throws is thrown on
 * @throws store.disk-full, store.unwritable
 */
export function replaceFile(file: string, text: string, justBefore: () => void): void {
  const folder = dirname(file);
  const partial = join(folder, `.${basename(file)}.partial`);
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    // Through a link the file is written that it leads to; the link stays.
    const meant = statSync(file, { throwIfNoEntry: false }) === undefined ? file : realpathSync(file);
    rmSync(partial, { force: true });
    writeFileSync(partial, text, { flag: 'wx', mode: 0o600 });
    syncFileNow(partial);
    justBefore();
    renameSync(partial, meant);
    syncFolderNow(folder);
  } catch (error) {
    if (isThere(partial)) rmSync(partial);
    throw isPilothouseError(error) ? error : unwritable(file, error);
  }
}

/**
 * Puts a file aside under a name that tells when, below the folder that it was in. A link is moved, not what it leads to.
 * @param stamp "20261120T120000"
 * @returns where it is now
 * @throws store.unwritable
 */
export function putAside(file: string, stamp: string): string {
  const folder = join(dirname(file), '.removed');
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    for (let number = 1; ; number++) {
      const to = join(folder, `${stamp}${number === 1 ? '' : `-${number}`}-${basename(file)}`);
      if (isThere(to)) continue;
      renameSync(file, to);
      syncFolderNow(folder);
      syncFolderNow(dirname(file));
      return to;
    }
  } catch (error) {
    throw unwritable(file, error);
  }
}
