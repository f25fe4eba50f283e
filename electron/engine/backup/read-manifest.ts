/** Reads `manifest.json` from a folder that anybody may have changed. */
import { createHash } from 'node:crypto';
import { lstat, open } from 'node:fs/promises';
import { join } from 'node:path';
import { PilothouseError } from '#shared/domain/errors.ts';
import { readWarily } from './files.ts';
import { manifest as manifestSchema, manifestFileName, type Manifest } from './manifest.ts';

/** About 250,000 tables. */
const largestManifestBytes = 64 * 1024 * 1024;

export interface ManifestFile {
  manifest: Manifest;
  /** Of the file's bytes: proofs are bound to it. */
  sha256: string;
}

function invalid(folder: string, reason: string, cause?: unknown): PilothouseError {
  return new PilothouseError('backup.manifest-invalid', `${manifestFileName} in ${folder} cannot be trusted: ${reason}.`, {
    hint: 'The dump beside it may still be good: RESTORE.md in the folder has the stock commands. Pilothouse does not use it like this.',
    details: { folder, reason },
    cause,
  });
}

/** Why a path in a manifest is refused; null where it is a plain path inside the folder. */
export function whyNotInside(path: string): string | null {
  if (path === '') return 'a path in it is empty';
  if (path.includes('\0') || path.includes('\\')) return `the path ${JSON.stringify(path)} has a character that paths in it never have`;
  if (path.startsWith('/') || /^[A-Za-z]:/.test(path)) return `the path ${JSON.stringify(path)} is absolute`;
  if (path.split('/').some((part) => part === '' || part === '.' || part === '..')) return `the path ${JSON.stringify(path)} leads out of the folder or is not in its plain form`;
  return null;
}

/** @throws backup.manifest-invalid */
export function parseManifest(text: string, folder: string): Manifest {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw invalid(folder, 'it is not JSON, or it was cut', error);
  }
  const parsed = manifestSchema.safeParse(value);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw invalid(folder, `${issue?.path.join('.') || 'it'}: ${issue?.message ?? 'not as it should be'}`, parsed.error);
  }
  const { files, dump } = parsed.data;
  const paths = new Set(files.map((file) => file.path));
  if (paths.size !== files.length) throw invalid(folder, 'it names a file twice');
  for (const path of [...paths, dump.path]) {
    const reason = whyNotInside(path);
    if (reason !== null) throw invalid(folder, reason);
  }
  const hasDump = dump.format === 'custom' ? paths.has(dump.path) : [...paths].some((path) => path.startsWith(`${dump.path}/`));
  if (!hasDump) throw invalid(folder, `it names no file of its dump ${dump.path}`);
  return parsed.data;
}

/**
 * The bytes of the manifest in a folder, of whatever it is one.
 * @param about.hint for one that is not there
 * @param about.invalid makes the error of one that cannot be trusted
 * @throws what `invalid` makes; backup.incomplete (there is none: the folder was never finished, or is gone)
 */
export async function readManifestBytes(folder: string, about: { largestBytes: number; hint: string; invalid: (folder: string, reason: string, cause?: unknown) => PilothouseError }): Promise<Buffer> {
  const { invalid: refuse } = about;
  try {
    const file = await open(join(folder, manifestFileName), readWarily);
    try {
      const facts = await file.stat();
      if (!facts.isFile()) throw refuse(folder, 'it is not a plain file');
      if (facts.size > about.largestBytes) throw refuse(folder, `it has ${facts.size} bytes, more than any manifest`);
      return await file.readFile();
    } finally {
      await file.close();
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const isGone = code === 'ENOENT' && (await lstat(folder).then(() => false, () => true));
    if (code === 'ENOENT') throw new PilothouseError('backup.incomplete', isGone ? `Its folder ${folder} is missing.` : `There is no ${manifestFileName} in ${folder}.`, { hint: about.hint, details: { folder }, cause: error });
    if (code === 'ELOOP') throw refuse(folder, 'it is a link', error);
    if (code === 'EACCES' || code === 'EPERM' || code === 'EIO' || code === 'ENOTDIR' || code === 'ENXIO') throw refuse(folder, `it cannot be read (${code})`, error);
    throw error;
  }
}

/**
 * Reads and checks the manifest of a backup folder: format, size, and that every path in it stays inside.
 * @throws backup.manifest-invalid, backup.incomplete (there is none: the folder was never finished, or is gone)
 */
export async function readManifestFile(folder: string): Promise<ManifestFile> {
  const bytes = await readManifestBytes(folder, { largestBytes: largestManifestBytes, invalid, hint: 'It is written last: without it the backup was never finished, or the folder is gone. Scan the backup folder again, and use another backup.' });
  return { manifest: parseManifest(bytes.toString('utf8'), folder), sha256: createHash('sha256').update(bytes).digest('hex') };
}
