import { z } from 'zod';
import { overlap, whyNotExclusion, whyNotPath } from '#shared/domain/file-set.ts';
import { proofRecord } from './backups.ts';
import { environment, id, instant, nothing, proofLevel } from './common.ts';
import { command, query } from './method.ts';
import { plan } from './operations.ts';

const path = z.string().min(1).max(4096).superRefine((value, context) => {
  const why = whyNotPath(value);
  if (why !== null) context.addIssue({ code: 'custom', message: why });
});
const exclusion = z.string().min(1).max(4096).superRefine((value, context) => {
  const why = whyNotExclusion(value);
  if (why !== null) context.addIssue({ code: 'custom', message: why });
});

/** As whom the files are read: the account that signs in, or another by sudo, with its password where sudo wants one. */
export const filesAccess = z.discriminatedUnion('kind', [z.strictObject({ kind: z.literal('plain') }), z.strictObject({ kind: z.literal('sudo'), user: z.string().regex(/^[A-Za-z_][A-Za-z0-9_.-]*\$?$/).max(64) })]);
export type FilesAccess = z.infer<typeof filesAccess>;

const definition = {
  name: z.string().trim().min(1).max(80),
  paths: z.array(path).min(1).max(100).superRefine((paths, context) => {
    const found = overlap(paths);
    if (found !== null) context.addIssue({ code: 'custom', message: `${found.path} is in ${found.above} already` });
  }),
  /** Whole paths, with all below them, or names such as *.log, wherever they are. */
  exclude: z.array(exclusion).max(100),
  access: filesAccess,
  /** Whether other file systems that are mounted below a path are left out. */
  oneFileSystem: z.boolean(),
};

/** Files and configuration of a host that belong together, by name. */
export const fileSet = z.object({ id, systemId: id, hostId: id, ...definition, createdAt: instant, lastRunAt: instant.nullable() });
export type FileSet = z.infer<typeof fileSet>;

/** A copy of a file set: one self-describing folder. */
export const fileBackup = z.object({
  id,
  path: z.string(),
  /** The set it was made of, also where that was removed since. */
  setId: id,
  setName: z.string(),
  /** Null where the system it was made of is not one of those here. */
  systemId: id.nullable(),
  systemName: z.string(),
  environment: environment.nullable(),
  hostLabel: z.string(),
  paths: z.array(z.string()),
  exclude: z.array(z.string()),
  /** When tar began to read. */
  takenAt: instant,
  durationMs: z.number(),
  sizeBytes: z.number(),
  /** Regular files, folders, and links of either kind. */
  files: z.number().int(),
  folders: z.number().int(),
  links: z.number().int(),
  /** Bytes of the files, before compression. */
  contentBytes: z.number(),
  /** What could not be read, or is of a kind that no copy brings back. */
  leftOut: z.number().int(),
  /** Files that changed while they were read. */
  changed: z.number().int(),
  /** The highest level that was reached and not contradicted later; null when even the hash fails. */
  proof: proofLevel.nullable(),
  provenAt: instant.nullable(),
  /** Set when a later look found it damaged, missing or unreadable. */
  damaged: z.string().nullable(),
});
export type FileBackup = z.infer<typeof fileBackup>;

export const fileEntryType = z.enum(['file', 'folder', 'link', 'hard-link', 'pipe', 'device']);
export const fileEntry = z.object({
  /** Without the slash in front; what is no text is written as \xHH. */
  path: z.string(),
  type: fileEntryType,
  size: z.number(),
  mode: z.number().int(),
  /** Null where tar wrote a time that no date can be. */
  modifiedAt: instant.nullable(),
  /** "root:root (0:0)" */
  owner: z.string(),
  sha256: z.string().nullable(),
  target: z.string().nullable(),
});
export type FileEntry = z.infer<typeof fileEntry>;

export const filesOptions = z.strictObject({
  /** How far it is proved right after it was made. */
  proof: proofLevel.default('L3'),
});

export const filesMethods = {
  'files.list': query('The file sets of a system, or of all.', z.strictObject({ systemId: id.optional() }), z.object({ sets: z.array(fileSet.extend({ newest: fileBackup.nullable(), newestProven: fileBackup.nullable() })) })),
  'files.add': command('Adds files of a host that are backed up together.', z.strictObject({ hostId: id, ...definition, exclude: definition.exclude.default([]), access: filesAccess.default({ kind: 'plain' }), oneFileSystem: z.boolean().default(true) }), z.object({ set: fileSet })),
  'files.update': command('Changes a file set. Copies that exist stay as they are.', z.strictObject({ setId: id, name: definition.name.optional(), paths: definition.paths.optional(), exclude: definition.exclude.optional(), access: filesAccess.optional(), oneFileSystem: z.boolean().optional() }), z.object({ set: fileSet })),
  'files.remove': command('Removes a file set; what it made stays.', z.strictObject({ setId: id }), nothing),
  'files.plan': query('What backing up a file set will do: looks on the host first, and says what cannot be read.', z.strictObject({ setId: id, options: filesOptions.optional() }), z.object({ plan })),
  'files.backups': query(
    'The copies of file sets, newest first.',
    z.strictObject({ setId: id.optional(), /** Null: those that belong to no system here. */ systemId: id.nullable().optional(), limit: z.number().int().min(1).max(1000).default(200) }),
    z.object({ backups: z.array(fileBackup), total: z.number().int() }),
  ),
  'files.get': query(
    'One copy with its proofs and a part of its list of files.',
    z.strictObject({ backupId: id, /** Only what is at or below this path, as it is in the list. */ below: z.string().max(4096).optional(), offset: z.number().int().min(0).default(0), limit: z.number().int().min(1).max(5000).default(500) }),
    z.object({
      backup: fileBackup,
      proofs: z.array(proofRecord),
      /** By its manifest; null where that cannot be read any more, and `backup.damaged` says why. */
      contents: z.object({ entries: z.array(fileEntry), total: z.number().int(), leftOut: z.array(z.object({ path: z.string(), why: z.string() })), changed: z.array(z.string()), tar: z.string(), hostKey: z.string() }).nullable(),
    }),
  ),
  'files.planVerify': query('What verifying a copy of files will do.', z.strictObject({ backupId: id, level: proofLevel }), z.object({ plan })),
  'files.planRestore': query(
    'What bringing files back will do: into a new folder, never over what is there.',
    z.strictObject({
      backupId: id,
      /** What is brought back, each with all below it. Left out: all of it. */
      paths: z.array(path).min(1).max(100).optional(),
      /** `here`: a new folder on this computer. `host`: beside each path, on the host that it is of. */
      to: z.enum(['here', 'host']),
    }),
    z.object({ plan, /** Where it will be. */ into: z.array(z.string()) }),
  ),
  'files.planDelete': query('What deleting a copy of files will do; the last proven one of a set is refused.', z.strictObject({ backupId: id }), z.object({ plan })),
  'files.scan': command('Reads the folders of file backups again and rebuilds their list from the manifests.', nothing, z.object({ found: z.number().int(), added: z.number().int(), missing: z.number().int(), unreadable: z.array(z.object({ path: z.string(), reason: z.string() })) })),
};
