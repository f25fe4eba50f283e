/** Private keys of the person, read when they are needed and kept nowhere. */
import { constants } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { homedir } from 'node:os';
import ssh2 from 'ssh2';
import type { PilothouseError } from '#shared/domain/errors.ts';
import { Secret } from '#shared/domain/secret.ts';
import { expandHome as expandHomeOf } from '../platform/folders.ts';
import { isOpenToOthers } from '../platform/private-files.ts';
import { textOf } from '../platform/text.ts';
import { hopFailure } from './place.ts';

/** Bytes; a key of RSA with 16384 bits has about 12,000. */
const largestKeyFile = 100_000;

const codeOf = (error: unknown): string => (error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '');

/** A path as the person wrote it, with their home folder in place of "~". */
export const expandHome = (path: string): string => expandHomeOf(path, homedir());

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
    if (isOpenToOthers(mode)) throw refuse(`can be read by others (mode ${(mode & 0o777).toString(8).padStart(4, '0')})`, `Make it yours alone: chmod 600 ${path}. If others use this computer, take another key.`);
    if (size > largestKeyFile) throw refuse(`is larger than a key (${size} bytes)`, 'Name the file that holds the private key, and nothing else.');
    return new Secret(textOf(await file.readFile()));
  } finally {
    await file.close();
  }
}

/** What a key file tells without its passphrase. */
export interface KeyIdentity {
  /** The public half, in base64 of the wire format; null where it cannot be told. */
  publicKey: string | null;
  /** Whether the file that was named holds the private half; an agent may hold it instead. */
  hasPrivate: boolean;
}

async function textIn(path: string): Promise<string | null> {
  let file: FileHandle | null = null;
  try {
    file = await open(expandHome(path), constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    const stat = await file.stat();
    return stat.isFile() && stat.size <= largestKeyFile ? textOf(await file.readFile()) : null;
  } catch {
    // Whoever needs it is told why it cannot be read.
    return null;
  } finally {
    await file?.close();
  }
}

/** The public half stands in the clear in front of what is encrypted. */
function fromOpenSsh(text: string): string | null {
  const body = Buffer.from(text.replaceAll(/-----[^-]*-----|\s/g, ''), 'base64');
  const magic = 'openssh-key-v1\0';
  if (body.toString('latin1', 0, magic.length) !== magic) return null;
  let at = magic.length;
  const next = (): Buffer | null => {
    if (at + 4 > body.length) return null;
    const end = at + 4 + body.readUInt32BE(at);
    const field = body.subarray(at + 4, end);
    at = end;
    return field;
  };
  // The cipher, what makes its key, the options of that; then how many keys there are.
  for (let field = 0; field < 3; field += 1) next();
  at += 4;
  return next()?.toString('base64') ?? null;
}

/** Of one that is not encrypted. */
function fromPem(text: string): string | null {
  try {
    const parsed = ssh2.utils.parseKey(text);
    const key = Array.isArray(parsed) ? parsed[0] : parsed;
    return key === undefined || key instanceof Error ? null : key.getPublicSSH().toString('base64');
  } catch {
    // What is wrong with it is told by whoever signs in with it.
    return null;
  }
}

const publicLine = (text: string): string | null => /^(?:ssh|ecdsa|sk)-\S+ ([A-Za-z0-9+/=]+)/.exec(text)?.[1] ?? null;

/** Reads what is public of a key, from the file itself or from that beside it (.pub). */
export async function identityOf(path: string): Promise<KeyIdentity> {
  const own = await textIn(path);
  const beside = publicLine((await textIn(`${path}.pub`)) ?? '');
  if (own === null) return { publicKey: beside, hasPrivate: false };
  const itself = publicLine(own);
  if (itself !== null) return { publicKey: itself, hasPrivate: false };
  return { publicKey: beside ?? fromOpenSsh(own) ?? fromPem(own), hasPrivate: true };
}
