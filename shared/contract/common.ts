import { z } from 'zod';
import { environments } from '#shared/domain/environment.ts';
import { errorCodes } from '#shared/domain/errors.ts';
import { healthStates } from '#shared/domain/health-state.ts';
import { operationStates } from '#shared/domain/operation-state.ts';
import { proofLevels } from '#shared/domain/proof.ts';
import { Secret, shortestPassphrase } from '#shared/domain/secret.ts';

/** Instants cross the contract as ISO 8601 in UTC, with milliseconds. */
export const instant = z.iso.datetime();
export const id = z.string().min(1).max(64);
export const environment = z.enum(environments);
export const healthState = z.enum(healthStates);
export const proofLevel = z.enum(proofLevels);
export const operationState = z.enum(operationStates);
export const nothing = z.strictObject({});

/** A secret as the person typed it. It becomes a `Secret` at the door and is never a plain string again. */
export const secret = z
  .string()
  .min(1)
  .max(4096)
  .transform((value) => new Secret(value));

/** A passphrase that something is to be protected by from now on. */
export const newPassphrase = z
  .string()
  .min(shortestPassphrase, `A passphrase has at least ${shortestPassphrase} characters`)
  .max(4096)
  .transform((value) => new Secret(value));

export const errorShape = z.object({
  code: z.enum(errorCodes),
  message: z.string(),
  hint: z.string().optional(),
  retryable: z.boolean(),
  details: z.record(z.string(), z.unknown()),
  correlationId: z.string(),
});

/** What binds a plan or a backup to one database on one cluster. */
export const databaseIdentity = z.object({
  /** `pg_control_system().system_identifier`, as text: it does not fit a double. */
  systemIdentifier: z.string(),
  database: z.string(),
});
export type DatabaseIdentity = z.infer<typeof databaseIdentity>;

/** A fix that is a procedure of our own, to be planned: for `console` only. */
export const fixAct = z.discriminatedUnion('kind', [
  /** Back up the database of the result. */
  z.object({ kind: z.literal('back-up') }),
  z.object({ kind: z.literal('prove'), backupId: id }),
  z.object({ kind: z.literal('start-practice') }),
]);
export type FixAct = z.infer<typeof fixAct>;

/** A copyable fix: what to do, how to undo it, and where. */
export const fix = z.object({
  do: z.string(),
  undo: z.string().nullable(),
  /** Why there is no undo, or what to know before doing it. */
  note: z.string().optional(),
  /** Where it runs: `sql` on the server of the result, `shell` on its host, `setting` in postgresql.conf. */
  where: z.enum(['sql', 'shell', 'setting', 'console']),
  /** For SQL that belongs to one database: its name. Left out, any database of the server will do. */
  database: z.string().optional(),
  /** Nothing is lost, blocked or set by it that one would want back: its note informs and does not warn. */
  harmless: z.literal(true).optional(),
  act: fixAct.optional(),
});
export type Fix = z.infer<typeof fix>;
