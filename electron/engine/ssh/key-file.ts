/** Private keys of the person, read when they are needed and kept nowhere. */
import { constants } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { PilothouseError } from '#shared/domain/errors.ts';
import { Secret } from '#shared/domain/secret.ts';
import { hopFailure } from './place.ts';

/** Bytes; a key of RSA with 16384 bits has about 12,000. */
const largestKeyFile = 100_000;

const codeOf = (error: unknown): string => (error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '');

/** A path as the person wrote it, with their home folder in place of "~". */
export const expandHome = (path: string): string => (path.startsWith('~/') ? join(homedir(), path.slice(2)) : path);

/**
 * Reads a key file as OpenSSH does: never one that others can read, which they may have copied by now.
 * @param label of the machine that it is for
 * @throws ssh.key-file
 */
export async function readKeyFile(path: string, label: string): Promise<Secret> {
  const refuse = (what: string, hint: string, cause?: unknown): PilothouseError => hopFailure('ssh.key-file', label, `the key file ${path} ${what}.`, { hint, details: { path }, cause });
  let file: FileHandle;
  try {
    // What is no plain file must not keep us waiting for its writer.
    file = await open(expandHome(path), constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  } catch (error) {
    if (codeOf(error) === 'ENOENT') throw refuse('is not there', 'Name another one in the settings of this host, or put it back.', error);
    throw refuse(`cannot be read (${codeOf(error) || String(error)})`, 'It has to be a file that you may read.', error);
  }
  try {
    const { mode, size } = await file.stat().then((stat) => {
      if (!stat.isFile()) throw refuse('is no file', 'Name the file that holds the private key.');
      return stat;
    });
    // On Windows these bits mean nothing.
    if (process.platform !== 'win32' && (mode & 0o077) !== 0) throw refuse(`can be read by others (mode ${(mode & 0o777).toString(8).padStart(4, '0')})`, `Make it yours alone: chmod 600 ${path}. If others use this computer, take another key.`);
    if (size > largestKeyFile) throw refuse(`is larger than a key (${size} bytes)`, 'Name the file that holds the private key, and nothing else.');
    return new Secret(await file.readFile('utf8'));
  } finally {
    await file.close();
  }
}
