import { z } from 'zod';
import { command, query, stream } from './method.ts';
import { databaseIdentity, environment, errorShape, id, instant, nothing, operationState } from './common.ts';

/** Every kind of work that is planned and then run. */
export const procedureKinds = [
  'health.check',
  'backup.run',
  'backup.continue',
  'backup.abandon',
  'backup.verify',
  'backup.delete',
  'restore.beside',
  'restore.swap',
  'restore.undo',
  'restore.drop',
  'files.run',
  'files.verify',
  'files.restore',
  'files.delete',
  'runbook.step',
  'runbook.look',
  'practice.up',
  'practice.down',
  'practice.reset',
  'practice.remove',
  'store.compact',
] as const;
export const procedureKind = z.enum(procedureKinds);
export type ProcedureKind = z.infer<typeof procedureKind>;

export const planTarget = z.object({
  label: z.string(),
  databaseId: id.nullable(),
  /** The host that it is on, where it is none of a database: what is planned for one machine is done on that one. */
  hostId: id.optional(),
  /** Checked again at the moment of writing. Null where nothing is written to a database. */
  identity: databaseIdentity.nullable(),
});

export const planStep = z.object({
  /** The phase of the operation that carries it out. */
  id: z.string(),
  title: z.string(),
  /** The resolved command or SQL, exactly as it will be sent, or a sentence. */
  detail: z.string().optional(),
});

export const planFinding = z.object({
  state: z.enum(['ok', 'warn', 'critical']),
  title: z.string(),
  detail: z.string().optional(),
  fix: z.string().optional(),
});

/** What a procedure is about to do, exactly, before it does it. */
export const plan = z.object({
  id,
  kind: procedureKind,
  /** Verb and object: "Back up shop". */
  title: z.string(),
  /** The question of the confirmation: "Swap shop for the restored copy?" */
  question: z.string(),
  systemId: id.nullable(),
  environment: environment.nullable(),
  targets: z.array(planTarget),
  steps: z.array(planStep),
  /** What will be different afterwards, with numbers. */
  consequences: z.array(z.string()),
  /** What was looked at before; a critical finding means that the plan cannot be run. */
  findings: z.array(planFinding),
  /** How to take it back, for how long; null says that there is no way back. */
  wayBack: z.string().nullable(),
  /** The name that has to be typed before it runs; null where none is asked. */
  confirmName: z.string().nullable(),
  /** Whether anything on a target changes. Read-only systems refuse plans that change. */
  changes: z.boolean(),
  irreversible: z.boolean(),
  runnable: z.boolean(),
  estimatedMs: z.number().nullable(),
  createdAt: instant,
  expiresAt: instant,
  hash: z.string(),
  /** Needed by `operation.run`, once. */
  token: z.string(),
});
export type Plan = z.infer<typeof plan>;
export type PlanFinding = z.infer<typeof planFinding>;
export type PlanStep = z.infer<typeof planStep>;
export type PlanTarget = z.infer<typeof planTarget>;

export const logLevel = z.enum(['info', 'ok', 'warn', 'error']);

const eventBase = { operationId: id, seq: z.number().int().positive(), at: instant };
/** One line of an operation's story. Stored before it is published. */
export const operationEvent = z.discriminatedUnion('kind', [
  z.object({ ...eventBase, kind: z.literal('phase'), phase: z.string(), title: z.string(), state: z.enum(['started', 'done', 'failed', 'cancelled', 'skipped']), detail: z.string().optional() }),
  z.object({
    ...eventBase,
    kind: z.literal('progress'),
    phase: z.string().nullable(),
    /** Share of the whole operation, 0 to 1; null where nobody knows. */
    fraction: z.number().min(0).max(1).nullable(),
    done: z.number().nullable(),
    total: z.number().nullable(),
    unit: z.enum(['bytes', 'rows', 'tables', 'checks', 'files']).nullable(),
    /** Milliseconds left, estimated. */
    leftMs: z.number().nullable(),
    text: z.string(),
  }),
  z.object({
    ...eventBase,
    kind: z.literal('log'),
    phase: z.string().nullable(),
    level: logLevel,
    text: z.string(),
    /** A command or statement as it was sent, its target, how it ended. */
    command: z
      .object({
        text: z.string(),
        target: z.string(),
        exitStatus: z.number().nullable(),
        signal: z.string().nullable().optional(),
        durationMs: z.number().nullable(),
        output: z.string().optional(),
        rows: z.number().nullable().optional(),
      })
      .optional(),
  }),
  z.object({ ...eventBase, kind: z.literal('prompt'), promptId: z.string(), question: z.string(), choices: z.array(z.string()) }),
  z.object({ ...eventBase, kind: z.literal('result'), state: operationState, summary: z.string(), error: errorShape.nullable() }),
]);
export type OperationEvent = z.infer<typeof operationEvent>;
export type CommandRecord = NonNullable<Extract<OperationEvent, { kind: 'log' }>['command']>;

export const operation = z.object({
  id,
  kind: procedureKind,
  title: z.string(),
  systemId: id.nullable(),
  systemName: z.string().nullable(),
  environment: environment.nullable(),
  /** What it works on, in words: "shop on 127.0.0.1:55432". */
  target: z.string(),
  state: operationState,
  createdAt: instant,
  startedAt: instant.nullable(),
  endedAt: instant.nullable(),
  /** The last known progress, 0 to 1. */
  fraction: z.number().nullable(),
  phase: z.string().nullable(),
  progressText: z.string().nullable(),
  leftMs: z.number().nullable(),
  lastSeq: z.number().int(),
  warnings: z.number().int(),
  /** One sentence: what came of it. */
  summary: z.string().nullable(),
  error: errorShape.nullable(),
  /** What the procedure returned: ids to go on with (`backupId`, `restoreId`, `runId`). */
  result: z.record(z.string(), z.unknown()).nullable(),
  /** Who asked: `console`, `cli`, another operation's id. */
  requestedBy: z.string(),
  /** For interrupted and failed ones: whether a person has seen it. */
  acknowledged: z.boolean(),
  /** For interrupted ones: what to do about it. */
  advice: z.string().nullable(),
});
export type Operation = z.infer<typeof operation>;

export const operationMethods = {
  'operation.run': command('Runs a plan that was just shown.', z.strictObject({ planId: id, token: z.string().max(200), confirmName: z.string().max(200).optional() }), z.object({ operationId: id })),
  'operation.cancel': command('Asks a running operation to stop and clean up.', z.strictObject({ operationId: id }), z.object({ state: operationState })),
  'operation.acknowledge': command('Marks a failed or interrupted operation as seen.', z.strictObject({ operationId: id }), nothing),
  'operation.answer': command('Answers a question that an operation waits for.', z.strictObject({ operationId: id, promptId: z.string().max(64), choice: z.string().max(1000) }), nothing),
  'operation.get': query('One operation with the plan it carried out.', z.strictObject({ operationId: id }), z.object({ operation, plan: plan.omit({ token: true }).nullable() })),
  'operation.list': query(
    'Operations, newest first.',
    z.strictObject({ systemId: id.optional(), active: z.boolean().optional(), kinds: z.array(procedureKind).optional(), before: instant.optional(), limit: z.number().int().min(1).max(500).default(50) }),
    z.object({ operations: z.array(operation) }),
  ),
  'operation.events': query(
    'Stored events of one operation, from a sequence number on.',
    z.strictObject({ operationId: id, afterSeq: z.number().int().min(0).default(0), limit: z.number().int().min(1).max(5000).default(1000) }),
    z.object({ events: z.array(operationEvent), lastSeq: z.number().int() }),
  ),
};

export const operationStreams = {
  'operation.follow': stream(
    'Replays the events of an operation from a sequence number and follows it until it is finished.',
    z.strictObject({ operationId: id, afterSeq: z.number().int().min(0).default(0) }),
    z.object({ events: z.array(operationEvent) }),
  ),
  'changes.follow': stream(
    'Says which areas changed, so that a screen reads them again.',
    nothing,
    z.object({ topics: z.array(z.enum(['systems', 'operations', 'health', 'backups', 'restores', 'practice', 'runbooks', 'items', 'calendar', 'incidents', 'guides', 'vault', 'settings', 'questions'])), operationId: id.optional() }),
  ),
};
