/** What a room implements to have something planned and run. */
import type { CommandRecord, Operation, OperationEvent, Plan, PlanFinding, PlanStep, PlanTarget, ProcedureKind } from '#shared/contract/operations.ts';
import type { Environment } from '#shared/domain/environment.ts';

/** A plan as its procedure proposes it; the plan desk adds identity, hash and token. */
export interface PlanDraft<Details> {
  /** Verb and object: "Back up shop". */
  title: string;
  /** "Swap shop for the restored copy?" */
  question: string;
  system: { id: string; name: string; environment: Environment; readOnly: boolean } | null;
  /** What it works on, in words: "shop on 127.0.0.1:5432". */
  target: string;
  targets: PlanTarget[];
  /** In order; `id` is the phase that the run will report. */
  steps: PlanStep[];
  consequences: string[];
  /** A critical one makes the plan impossible to run. */
  findings: PlanFinding[];
  wayBack: string | null;
  /** Whether anything on a target changes: read-only systems refuse it. */
  changes: boolean;
  irreversible: boolean;
  /** The name to type where one is asked: always for irreversible plans, for `changes` on production, by setting elsewhere. Null: never asked (reading, and work that the person asked for by that very name). */
  nameToConfirm: string | null;
  /** The name is asked wherever this runs: what is put in place is not what it replaces. */
  alwaysAskName?: boolean;
  estimatedMs: number | null;
  /** Two operations never hold the same key at once: "database:ID", "practice". */
  exclusive: string[];
  /** What `run` needs, as JSON. Bound by the plan's hash. Never a secret. */
  details: Details;
}

/** What is told of one step. */
export type StepLog = Pick<RunningOperation, 'log' | 'command'>;

export type Progress = Omit<Extract<OperationEvent, { kind: 'progress' }>, 'operationId' | 'seq' | 'at' | 'kind' | 'phase'>;

/** An operation as the procedure that carries it out sees it. */
export interface RunningOperation {
  readonly id: string;
  readonly plan: Omit<Plan, 'token'>;
  /** Aborts when the operation is cancelled or the engine stops. Pass it to everything that waits. */
  readonly signal: AbortSignal;
  /** Aborts when this computer wakes from its next sleep: what was asked of a server before that is asked anew, over a new connection. */
  nextWake(): AbortSignal;
  /** Whether the signal aborts because Pilothouse is being closed. What can go on without it may be left as it is: see `operation.interrupted`. */
  readonly isLeaving: boolean;
  /** Runs one of the plan's steps, reporting its start, its end and its failure. Throws `operation.cancelled` before it starts when the operation was cancelled. */
  phase<T>(stepId: string, work: () => Promise<T>): Promise<T>;
  /** The same for a step that goes on beside others: what it tells by `step` stands with it, and what they tell meanwhile stays with them. */
  beside<T>(stepId: string, work: (step: StepLog) => Promise<T>): Promise<T>;
  /** Reports that a step is left out, and why. */
  skip(stepId: string, why: string): void;
  log(level: 'info' | 'ok' | 'warn' | 'error', text: string): void;
  /** A command or statement that was sent. Part of history, searchable. */
  command(record: CommandRecord, text?: string): void;
  /** Replaces the last progress; thinned to about ten a second. */
  progress(progress: Partial<Progress> & { text: string }): void;
  /** A log line of level warn that also turns success into `succeeded-with-warnings`. */
  warn(text: string): void;
  /** Registers work that takes back what was begun. Runs, newest first, when the operation fails or is cancelled; `disarm` when what was begun is whole. */
  onFailure(what: string, work: () => Promise<void>): { disarm(): void };
  /** Waits for a person. Rejects when cancelled. */
  ask(question: string, choices: string[]): Promise<string>;
  /** @throws operation.cancelled when it was cancelled */
  throwIfCancelled(): void;
}

export interface ProcedureOutcome {
  /** One sentence with the figures: "Backed up shop: 102,334 rows in 14 tables, 8.1 MiB, restored and counted". */
  summary: string;
  /** Ids to go on with; kept with the operation. */
  result: Record<string, unknown>;
}

export interface Procedure<Input, Details> {
  kind: ProcedureKind;
  plan(input: Input): Promise<PlanDraft<Details>>;
  /**
   * Throws to fail; `operation.interrupted` where Pilothouse is being closed and something is left that the next start
   * goes on with. Must check the identity of what it writes to at the moment of writing.
   */
  run(details: Details, operation: RunningOperation): Promise<ProcedureOutcome>;
  /**
   * Called at the next start for each operation of this kind that a crash interrupted: cleans up what it left here and,
   * as far as it can be reached, there. Returns what a person should know and do. Must not throw for targets that
   * cannot be reached: it says so in the advice. Where nothing can be said or done before they are, it throws with
   * `details.notYet`, and is called again later.
   */
  recover?(details: Details, operation: Operation): Promise<string>;
  /** Where a notification of its end leads, an address within the console. Left out: to the operation itself. */
  place?(details: Details): string;
}
