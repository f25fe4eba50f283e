/** `manifest.json` of a copy of files: what makes its folder describe itself. */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { environment, instant } from '#shared/contract/common.ts';
import { fileEntryType, filesAccess } from '#shared/contract/files.ts';
import { PilothouseError } from '#shared/domain/errors.ts';
import { manifestFileName } from '../backup/manifest.ts';
import { readManifestBytes, whyNotInside } from '../backup/read-manifest.ts';
import { keyOf, nameOf, whyUnsafe, written } from './tar-names.ts';
import type { TarEntry } from './tar-reader.ts';

export const filesFormat = 'pilothouse-files/1';
export const archiveName = 'files.tar.gz';

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

/** One entry of the archive, in its order. */
export const entryInManifest = z.object({
  /** Without the slash in front; what is no text is written as \xHH, and its bytes stand in `raw`. */
  path: z.string(),
  raw: z.base64().optional(),
  type: fileEntryType,
  size: z.number().int().nonnegative(),
  mode: z.number().int().min(0).max(0o7777),
  /** Seconds since the epoch. */
  mtime: z.number().int(),
  uid: z.number().int(),
  gid: z.number().int(),
  user: z.string(),
  group: z.string(),
  /** Of a regular file, of the very bytes in the archive. */
  sha256: sha256.optional(),
  target: z.string().optional(),
  rawTarget: z.base64().optional(),
});
export type EntryInManifest = z.infer<typeof entryInManifest>;

export const filesManifest = z.object({
  format: z.literal(filesFormat),
  id: z.string().min(1).max(64),
  madeBy: z.object({ pilothouse: z.string(), tar: z.string(), /** Where it was compressed. */ gzip: z.enum(['host', 'here']) }),
  system: z.object({ id: z.string(), name: z.string(), environment }),
  host: z.object({ id: z.string(), label: z.string(), host: z.string(), port: z.number().int(), /** "ssh-ed25519 SHA256:…" */ hostKey: z.string(), account: z.string() }),
  set: z.object({ id: z.string().min(1).max(64), name: z.string().min(1), paths: z.array(z.string()).min(1), exclude: z.array(z.string()), access: filesAccess, oneFileSystem: z.boolean() }),
  /** When tar began to read, by the clock of this computer. */
  takenAt: instant,
  endedAt: instant,
  archive: z.object({ path: z.literal(archiveName), /** Before compression. */ tarBytes: z.number().int() }),
  leftOut: z.array(z.object({ path: z.string(), why: z.string() })),
  changed: z.array(z.string()),
  /** Every file of the folder but this one. */
  files: z.array(z.object({ path: z.string(), sizeBytes: z.number().int(), sha256 })),
  entries: z.array(entryInManifest),
});
export type FilesManifest = z.infer<typeof filesManifest>;

export function describeEntry(entry: TarEntry, hash: string | null): EntryInManifest {
  const { text: path, raw } = written(entry.name);
  const target = entry.target === null ? null : written(entry.target);
  const { type, size, mode, mtime, uid, gid, user, group } = entry;
  return {
    path, ...(raw === null ? {} : { raw }), type, size, mode, mtime, uid, gid, user, group,
    ...(hash === null ? {} : { sha256: hash }),
    ...(target === null ? {} : { target: target.text, ...(target.raw === null ? {} : { rawTarget: target.raw }) }),
  };
}

const bytesOf = (text: string, raw: string | undefined): Buffer => (raw === undefined ? Buffer.from(text, 'utf8') : Buffer.from(raw, 'base64'));
/** The name that an entry is looked up by: a character for each byte. */
export const entryKey = ({ path, raw }: Pick<EntryInManifest, 'path' | 'raw'>): string => keyOf(bytesOf(path, raw));
export const entryTarget = ({ target, rawTarget }: Pick<EntryInManifest, 'target' | 'rawTarget'>): Buffer | null => (target === undefined ? null : bytesOf(target, rawTarget));

/** One line for each entry: a hundred thousand of them can still be read and searched. */
export function manifestText({ entries, ...rest }: FilesManifest): string {
  const head = JSON.stringify(rest, null, 1);
  return `${head.slice(0, -2)},\n "entries": [\n${entries.map((entry) => JSON.stringify(entry)).join(',\n')}\n ]\n}\n`;
}

/** About a million files. */
const largestManifestBytes = 512 * 1024 * 1024;

function invalid(folder: string, reason: string, cause?: unknown): PilothouseError {
  return new PilothouseError('backup.manifest-invalid', `${manifestFileName} in ${folder} cannot be trusted: ${reason}.`, {
    hint: 'The archive beside it may still be good: RESTORE.md in the folder has the stock commands. Pilothouse does not use it like this.',
    details: { folder, reason },
    cause,
  });
}

/** @throws backup.manifest-invalid */
export function parseFilesManifest(text: string, folder: string): FilesManifest {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw invalid(folder, 'it is not JSON, or it was cut', error);
  }
  const parsed = filesManifest.safeParse(value);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw invalid(folder, `${issue?.path.join('.') || 'it'}: ${issue?.message ?? 'not as it should be'}`, parsed.error);
  }
  const { files, entries } = parsed.data;
  const paths = new Set(files.map((file) => file.path));
  if (paths.size !== files.length) throw invalid(folder, 'it names a file twice');
  for (const path of paths) {
    const reason = whyNotInside(path);
    if (reason !== null) throw invalid(folder, reason);
  }
  if (!paths.has(archiveName)) throw invalid(folder, `it names no ${archiveName}`);
  for (const entry of entries) {
    const reason = whyUnsafe(nameOf(entryKey(entry)));
    if (reason !== null) throw invalid(folder, `the entry ${JSON.stringify(entry.path)}: ${reason}`);
    if ((entry.type === 'file') !== (entry.sha256 !== undefined)) throw invalid(folder, `the entry ${JSON.stringify(entry.path)} has no hash, or one that it cannot have`);
  }
  return parsed.data;
}

export interface FilesManifestFile {
  manifest: FilesManifest;
  sha256: string;
  bytes: number;
}

/** @throws backup.manifest-invalid, backup.incomplete (there is none: the folder was never finished, or is gone) */
export async function readFilesManifest(folder: string): Promise<FilesManifestFile> {
  const bytes = await readManifestBytes(folder, { largestBytes: largestManifestBytes, invalid, hint: 'It is written last: without it the copy was never finished, or the folder is gone. Read the folders again, and use another copy.' });
  return { manifest: parseFilesManifest(bytes.toString('utf8'), folder), sha256: createHash('sha256').update(bytes).digest('hex'), bytes: bytes.length };
}
