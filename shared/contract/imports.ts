import { z } from 'zod';
import { Secret } from '#shared/domain/secret.ts';
import { tlsModes } from '#shared/domain/tls-mode.ts';
import { command, query } from './method.ts';
import { id } from './common.ts';
import { host } from './hosts.ts';
import { database } from './systems.ts';

/** Characters of what is pasted, and bytes of a file: more than any configuration that a person wrote. */
export const largestImport = 1_048_576;

/** A file on this computer, by its whole path. */
const filePath = z.string().max(4096).regex(/^(?:~?\/|[A-Za-z]:[\\/]|\\\\)/, 'A file is named by its whole path');
const mostItems = 1000;

/**
 * `new`: it is not here yet. `known`: it is, as it stands there. `changed`: it is here, and importing it would change it.
 * `unsupported`: it cannot be imported, and why.
 */
export const importState = z.enum(['new', 'known', 'changed', 'unsupported']);
export type ImportState = z.infer<typeof importState>;

/** Something in a file that is not about one item, or that could not be read. What stands in the line is never repeated: it may be anything. */
export const importProblem = z.object({ file: z.string(), /** Null where it is about the whole file. */ line: z.number().int().nullable(), reason: z.string() });
export type ImportProblem = z.infer<typeof importProblem>;

/** A file that was looked at. `text`: what was pasted. */
const importFile = z.object({ path: z.string(), kind: z.enum(['ssh-config', 'known-hosts', 'passfile', 'service-file', 'pgadmin', 'text']), state: z.enum(['read', 'absent', 'unusable']) });
export type ImportFile = z.infer<typeof importFile>;

const shared = {
  /** What importing is bound to: it changes with each of the files, and with what is here. */
  previewHash: z.string(),
  files: z.array(importFile),
  problems: z.array(importProblem),
};

/** A key file, or a key that an agent holds. Only `ready`, `encrypted` and `in-agent` are signed in with. */
export const importKeyState = z.enum(['ready', 'encrypted', 'in-agent', 'missing', 'open-to-others', 'unusable']);
export type ImportKeyState = z.infer<typeof importKeyState>;

export const importedHostKey = z.object({
  type: z.string(),
  fingerprint: z.string(),
  file: z.string(),
  line: z.number().int(),
  /**
   * `new`: it would be trusted. `known`: it is trusted here. `revoked`: it would be refused from now on. `known-revoked`:
   * it is refused here. `conflict`: another key is trusted here, so it is left out. `unsupported`: it cannot be checked.
   */
  state: z.enum(['new', 'known', 'revoked', 'known-revoked', 'conflict', 'unsupported']),
  reason: z.string().nullable(),
});
export type ImportedHostKey = z.infer<typeof importedHostKey>;

export const importedHost = z.object({
  /** By which it is chosen. */
  id: z.string(),
  label: z.string(),
  /** Every alias that leads to it. Empty for one that stands only in the way to others. */
  aliases: z.array(z.string()),
  file: z.string(),
  line: z.number().int().nullable(),
  host: z.string(),
  port: z.number().int(),
  user: z.string(),
  state: importState,
  /** Why it cannot be imported, what would change, or that it is here. */
  reasons: z.array(z.string()),
  /** What will be otherwise than OpenSSH does it, and does not stand in the way. */
  cautions: z.array(z.string()),
  /** The machines on the way, in the order of connecting, by their ids in this list. Importing takes along those that are not here. */
  through: z.array(z.string()),
  keys: z.array(z.object({ path: z.string(), state: importKeyState })),
  /** Whether the agent of this computer is asked. */
  agent: z.boolean(),
  /** Whether a password has to be typed: there is no key and no agent. */
  password: z.boolean(),
  hostKeys: z.array(importedHostKey),
  /** The host here that it is. */
  hostId: id.nullable(),
});
export type ImportedHost = z.infer<typeof importedHost>;

/** Where hosts are read from. Nothing: ~/.ssh/config and ~/.ssh/known_hosts. A text: a configuration, or `ssh …` lines. */
const sshSource = {
  configPath: filePath.optional(),
  knownHostsPath: filePath.optional(),
  text: z.string().min(1).max(largestImport).optional(),
};

export const importedDatabase = z.object({
  id: z.string(),
  from: z.enum(['passfile', 'service-file', 'pgadmin', 'text']),
  file: z.string(),
  line: z.number().int().nullable(),
  label: z.string(),
  /** Null where it cannot be told. */
  host: z.string().nullable(),
  port: z.number().int().nullable(),
  database: z.string().nullable(),
  user: z.string().nullable(),
  tls: z.enum(tlsModes).nullable(),
  /** Where its password comes from. `given`: it stands in what is read, and goes where the person says. */
  password: z.enum(['passfile', 'given', 'ask']),
  state: importState,
  reasons: z.array(z.string()),
  cautions: z.array(z.string()),
  databaseId: id.nullable(),
});
export type ImportedDatabase = z.infer<typeof importedDatabase>;

/** Where databases are read from. Nothing: ~/.pgpass and ~/.pg_service.conf. A text may hold passwords. */
const databaseSource = {
  passfilePath: filePath.optional(),
  serviceFilePath: filePath.optional(),
  /** pgAdmin's exported servers.json. */
  pgadminPath: filePath.optional(),
  text: z.string().min(1).max(largestImport).transform((value) => new Secret(value)).optional(),
};

/** The host through which databases are reached; null where this computer reaches them. */
const viaId = id.nullable().default(null);

const chosen = z.array(z.string().min(1).max(1024)).min(1).max(mostItems);
const previewHash = z.string().regex(/^[0-9a-f]{64}$/);

export const importMethods = {
  'import.previewSsh': query(
    'Shows the hosts of an OpenSSH configuration or of pasted ssh lines: what is new, known, unsupported and why.',
    z.strictObject({ /** Where they would be added; left out for a system that is not there yet. */ systemId: id.optional(), ...sshSource }),
    z.object({ ...shared, hosts: z.array(importedHost) }),
  ),
  'import.applySsh': command(
    'Adds the chosen hosts, the machines on the way to them and the keys that are known of them, as they were shown: all of them or none.',
    z.strictObject({ systemId: id, ...sshSource, items: chosen, previewHash }),
    z.object({
      added: z.array(host),
      updated: z.array(host),
      keys: z.object({ trusted: z.number().int(), revoked: z.number().int() }),
      /** Keys that were left out, and why. */
      skipped: z.array(z.object({ label: z.string(), type: z.string(), fingerprint: z.string(), reason: z.string() })),
    }),
  ),
  'import.previewDatabases': query(
    'Shows the databases of password and service files, of pgAdmin\'s list of servers, or of pasted URLs: what is new, known, unsupported and why. Passwords stay where they are.',
    z.strictObject({ systemId: id.optional(), ...databaseSource, viaId }),
    z.object({ ...shared, databases: z.array(importedDatabase) }),
  ),
  'import.applyDatabases': command(
    'Adds the chosen databases as they were shown: all of them or none.',
    z.strictObject({
      systemId: id,
      ...databaseSource,
      items: chosen,
      previewHash,
      viaId,
      /** Where passwords go that stand in what is read: into the vault, or into memory until the engine ends. */
      passwordsTo: z.enum(['vault', 'ask']).default('ask'),
    }),
    z.object({ added: z.array(database) }),
  ),
};
