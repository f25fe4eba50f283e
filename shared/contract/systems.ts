import { z } from 'zod';
import { tlsModes } from '#shared/domain/tls-mode.ts';
import { command, query } from './method.ts';
import { environment, errorShape, healthState, id, instant, nothing, proofLevel, secret } from './common.ts';
import { hostTest } from './hosts.ts';
import { operation } from './operations.ts';

export const tlsMode = z.enum(tlsModes);
export type TlsMode = z.infer<typeof tlsMode>;

/** A word that is passed on to a program of the server: no option, and nothing that ends a line. */
const word = z.string().trim().min(1).max(255).regex(/^[^-\s\0][^\n\r\0]*$/, 'A name, which does not begin with a dash');

/** How the programs of a host are reached: from the account that is signed in to, as another one, in a container, in a pod. */
export const toolsAccess = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('plain') }),
  z.strictObject({ kind: z.literal('sudo'), user: word }),
  z.strictObject({ kind: z.literal('docker'), container: word }),
  z.strictObject({ kind: z.literal('kubectl'), namespace: word.nullable(), pod: word, container: word.nullable() }),
]);
export type ToolsAccess = z.infer<typeof toolsAccess>;

/** Whose pg_dump and pg_restore work for a database: those of this computer, or those of the host that it is reached through. */
export const databaseTools = z.discriminatedUnion('where', [
  z.strictObject({ where: z.literal('here') }),
  z.strictObject({
    where: z.literal('host'),
    access: toolsAccess,
    /**
     * How they connect from there, without a password: by peer authentication or trust, to the folder of a socket or a
     * port. Null: as this database is reached, with its password.
     */
    connect: z.strictObject({ host: word, port: z.number().int().min(1).max(65535), user: z.string().min(1).max(63) }).nullable(),
  }),
]);
export type DatabaseTools = z.infer<typeof databaseTools>;

const connectionShape = z.strictObject({
  /** A name, an address, or the folder of a socket; as the host sees it where it is reached through one. */
  host: z.string().trim().min(1).max(255),
  port: z.number().int().min(1).max(65535),
  database: z.string().min(1).max(63),
  user: z.string().min(1).max(63),
  tls: z.strictObject({
    mode: tlsMode,
    /** PEM text of the authority to trust instead of the system's. */
    ca: z.string().max(200_000).nullable().default(null),
  }),
  /**
   * Where the password comes from. `vault`: kept there. `passfile`: a 0600 file in libpq's format on this computer.
   * `ask`: typed at each start, kept in memory. `none`: none is sent (trust, peer, certificate).
   */
  password: z.discriminatedUnion('source', [
    z.strictObject({ source: z.literal('vault') }),
    z.strictObject({ source: z.literal('passfile'), path: z.string().min(1).max(4096) }),
    z.strictObject({ source: z.literal('ask') }),
    z.strictObject({ source: z.literal('none') }),
  ]),
  /** The host that it is reached through, by its id; null where this computer reaches it. */
  viaId: id.nullable().default(null),
  tools: databaseTools.default({ where: 'here' }),
});
export const databaseConnection = connectionShape.refine(({ viaId, tools }) => viaId !== null || tools.where === 'here', 'Programs of a host need a host that the database is reached through');
export type DatabaseConnection = z.infer<typeof databaseConnection>;

/** What a connection says that needs no host: this computer reaches the database, with its own programs. */
export const fromHere: Pick<DatabaseConnection, 'viaId' | 'tools'> = { viaId: null, tools: { where: 'here' } };

export const database = z.object({
  id,
  systemId: id,
  /** What people call it: the database's name unless they chose another. */
  label: z.string(),
  connection: databaseConnection,
  /** The cluster it was first seen on; another one later is refused until the person says so. */
  systemIdentifier: z.string().nullable(),
  serverVersion: z.string().nullable(),
  serverVersionNum: z.number().int().nullable(),
  sizeBytes: z.number().nullable(),
  lastSeenAt: instant.nullable(),
  lastError: errorShape.nullable(),
});
export type Database = z.infer<typeof database>;

export const thresholdOverride = z.object({ warn: z.number().nullable(), critical: z.number().nullable() });
export const systemPolicy = z.object({
  /** By check id, in the unit of the check. */
  thresholds: z.record(z.string(), thresholdOverride).default({}),
  /** Hours until the newest proven backup is too old. */
  backupAgeHours: z.object({ warn: z.number().positive(), critical: z.number().positive() }).default({ warn: 26, critical: 50 }),
});
export type SystemPolicy = z.infer<typeof systemPolicy>;

export const system = z.object({
  id,
  name: z.string(),
  environment,
  readOnly: z.boolean(),
  policy: systemPolicy,
  createdAt: instant,
  databases: z.array(database),
});
export type System = z.infer<typeof system>;

/** One layer of a connection, in the order they are passed. */
export const connectionLayer = z.enum(['name', 'network', 'tls', 'authentication', 'database', 'privilege']);
export const connectionTest = z.object({
  ok: z.boolean(),
  /** The machines on the way to a database behind a host, as a test of that host finds them; null where there are none. */
  machines: hostTest.shape.machines.nullable(),
  layers: z.array(
    z.object({
      layer: connectionLayer,
      state: z.enum(['ok', 'failed', 'warn', 'not-reached']),
      durationMs: z.number().nullable(),
      /** What was seen ("127.0.0.1", "TLS 1.3, not verified", "scram-sha-256") or why it failed. */
      detail: z.string(),
    }),
  ),
  error: errorShape.nullable(),
  /** The programs of the host, where those are to work for it: what was found, or why they cannot be used. Left out where they are this computer's, or it did not come that far. */
  tools: z.object({ where: z.string(), found: z.array(z.object({ name: z.string(), version: z.string(), path: z.string() })), error: errorShape.nullable() }).optional(),
  server: z
    .object({
      version: z.string(),
      versionNum: z.number().int(),
      systemIdentifier: z.string(),
      sizeBytes: z.number().nullable(),
      superuser: z.boolean(),
      monitor: z.boolean(),
      createDatabase: z.boolean(),
      standby: z.boolean(),
    })
    .nullable(),
});
export type ConnectionTest = z.infer<typeof connectionTest>;

/** Something that waits for a person, most urgent first. */
export const need = z.object({
  state: healthState,
  text: z.string(),
  systemId: id.nullable(),
  systemName: z.string().nullable(),
  environment: environment.nullable(),
  since: instant.nullable(),
  /** How many further findings of the same state it speaks for; each of the others is a need of its own. */
  more: z.number().int(),
  /** What the button does, and where it leads. */
  action: z.object({ label: z.string(), kind: z.enum(['open-health', 'open-operation', 'open-walkthrough', 'open-incident', 'open-calendar', 'open-backups', 'open-restore', 'open-settings', 'open-system', 'test-connection', 'prove-backup', 'back-up']), id: z.string().nullable() }),
});
export type Need = z.infer<typeof need>;

export const systemCard = z.object({
  system: system.omit({ databases: true, policy: true }),
  databases: z.number().int(),
  state: healthState,
  /** "1 critical, 4 warn, 2 unknown", "never checked". */
  stateText: z.string(),
  /** The worst finding, in words. */
  worst: z.string().nullable(),
  counts: z.record(healthState, z.number().int()),
  /** When health was last looked at. */
  checkedAt: instant.nullable(),
  newestBackup: z.object({ id, database: z.string(), takenAt: instant, proof: proofLevel.nullable() }).nullable(),
  newestProven: z.object({ id, database: z.string(), takenAt: instant, proof: proofLevel.nullable() }).nullable(),
});
export type SystemCard = z.infer<typeof systemCard>;

const connectionInput = z.strictObject({ connection: databaseConnection, password: secret.optional() });

export const systemMethods = {
  'overview.get': query(
    'Every system, worst first, and what needs a person.',
    nothing,
    z.object({
      at: instant,
      /** One sentence: "One system is critical." */
      headline: z.string(),
      needs: z.array(need),
      systems: z.array(systemCard),
      running: z.array(operation),
      doneToday: z.array(operation),
    }),
  ),
  'system.list': query('All systems with their databases.', nothing, z.object({ systems: z.array(system) })),
  'system.get': query('One system.', z.strictObject({ systemId: id }), z.object({ system, card: systemCard })),
  'system.add': command('Adds a system.', z.strictObject({ name: z.string().trim().min(1).max(80), environment }), z.object({ system })),
  'system.update': command(
    'Changes name, environment, read-only switch or policy of a system. Away from production it asks for the typed name.',
    z.strictObject({ systemId: id, name: z.string().trim().min(1).max(80).optional(), environment: environment.optional(), readOnly: z.boolean().optional(), policy: systemPolicy.optional(), confirmName: z.string().max(80).optional() }),
    z.object({ system }),
  ),
  'system.remove': command('Forgets a system. Its backups and its history stay.', z.strictObject({ systemId: id, confirmName: z.string().max(80) }), nothing),
  'database.add': command(
    'Adds a database to a system.',
    z.strictObject({ systemId: id, label: z.string().trim().max(80).optional(), connection: databaseConnection, password: secret.optional() }),
    z.object({ database }),
  ),
  'database.update': command(
    'Changes how a database is reached.',
    z.strictObject({
      databaseId: id,
      label: z.string().trim().max(80).optional(),
      connection: databaseConnection.optional(),
      password: secret.optional(),
      /** The system identifier of another cluster that it is from now on. It is named, so that what was seen is what is accepted; it wants `confirmName`. */
      acceptCluster: z.string().regex(/^\d{1,20}$/).optional(),
      confirmName: z.string().max(80).optional(),
    }),
    z.object({ database }),
  ),
  'database.remove': command('Forgets a database. Its backups and its history stay.', z.strictObject({ databaseId: id, confirmName: z.string().max(80) }), nothing),
  'database.test': query('Tries a connection layer by layer.', z.union([z.strictObject({ databaseId: id, password: secret.optional() }), connectionInput]), connectionTest),
  'database.unlock': command('Gives the password of a database that asks for it at each start.', z.strictObject({ databaseId: id, password: secret }), connectionTest),
  'database.parseUrl': query(
    'Reads a pasted postgres:// URL or key=value string.',
    z.strictObject({ text: secret }),
    z.object({
      connection: connectionShape.omit({ password: true, viaId: true, tools: true }),
      /** The password that stood in it comes back only as a fact; the caller already has the text. */
      hasPassword: z.boolean(),
      /** Parameters that were understood otherwise or not at all, in words. */
      notes: z.array(z.string()),
    }),
  ),
};
