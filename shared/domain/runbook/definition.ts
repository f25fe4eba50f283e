/** A runbook as it was read from its file: every field settled, every duration in milliseconds, every step with its line. Pure. */

export const risks = ['read', 'change', 'destructive'] as const;
export type Risk = (typeof risks)[number];

export const targetKinds = ['ssh', 'postgres', 'http'] as const;
export type TargetKind = (typeof targetKinds)[number];

/** A role that is given to a real host, database or address when a walkthrough starts. */
export interface TargetRole {
  name: string;
  kind: TargetKind;
  label: string;
  /** For http: the address unless another is given. Else the label of a host or database that is proposed. */
  default: string | null;
  line: number;
}

export const paramTypes = ['string', 'text', 'int', 'number', 'bool', 'enum', 'list', 'date', 'time', 'datetime', 'duration', 'timezone', 'host', 'database', 'identifier', 'file', 'path', 'url', 'email', 'secret'] as const;
export type ParamType = (typeof paramTypes)[number];

/** What a value is once it was read: lists hold texts. Secrets are never one of these. */
export type Value = string | number | boolean | readonly string[];

export interface Param {
  name: string;
  type: ParamType;
  label: string;
  help: string | null;
  required: boolean;
  default: Value | null;
  /** The choices of an `enum`; else empty. */
  choices: readonly string[];
  /** A regular expression that the whole text has to match. */
  pattern: string | null;
  min: number | null;
  max: number | null;
  /** An expression (`expression.ts`): asked only where it is true. */
  when: string | null;
  /** For `database`: the target on whose server it is. */
  of: string | null;
  /** What lists live choices when somebody asks for them: one a line, or the first column. Only ever reading. */
  optionsFrom: { target: string; kind: 'sh' | 'sql'; text: string } | null;
  line: number;
}

/** What is compared with a figure or a text that was found. */
export type Matcher =
  | { kind: 'matches' | 'not-matches'; pattern: string }
  | { kind: 'equals'; value: string | number | boolean }
  /** As an expression about `value`: "value < 80". */
  | { kind: 'number'; expression: string }
  /** A path into JSON; `all`: every one of what it finds is this; else it has to find `equals`, or anything. */
  | { kind: 'json'; path: string; all: string | number | boolean | null; equals: string | number | boolean | null }
  /** The first cell of the first row of a statement, or of the column that is named. */
  | { kind: 'cell'; column: string | null; equals: string | number | boolean | null; expression: string | null }
  | { kind: 'rows'; expression: string }
  | { kind: 'exit'; codes: readonly number[] }
  | { kind: 'status'; codes: readonly number[] }
  /** An expression over parameters, captured values and `answer`. */
  | { kind: 'expr'; expression: string };

export interface Expectation {
  matcher: Matcher;
  /** The sentence that is shown with it. */
  say: string;
  line: number;
}

export interface Capture {
  name: string;
  /** The first group of the pattern (or all of it), by line; a path into JSON; a column of the first row (null: the first). */
  from: { kind: 'regex'; pattern: string } | { kind: 'json'; path: string } | { kind: 'cell'; column: string | null };
  type: Exclude<ParamType, 'secret'>;
  line: number;
}

export const procedures = ['health.check', 'backup.run', 'restore.beside', 'restore.swap', 'restore.undo'] as const;
export type CalledProcedure = (typeof procedures)[number];

export type Action =
  | { kind: 'manual'; text: string }
  | { kind: 'note'; text: string }
  | { kind: 'sh'; script: string }
  | { kind: 'sql'; statement: string }
  /** `url` whole, or `path` below the address of the target; `through`: a target of kind ssh whose host makes the connection. */
  | { kind: 'http'; method: string; path: string | null; url: string | null; through: string | null; headers: Readonly<Record<string, string>>; body: string | null }
  /** `here` is on this computer, `there` on the target. */
  | { kind: 'transfer'; direction: 'upload' | 'download'; here: string; there: string }
  | { kind: 'wait'; forMs: number }
  | { kind: 'decide'; ask: string; choices: readonly { label: string; to: string }[] }
  | { kind: 'approve'; by: readonly string[]; show: readonly string[] }
  | { kind: 'runbook'; runbook: string; with: Readonly<Record<string, string>>; /** How it has to end. */ require: 'succeeded' | 'any'; /** One that ended so within this time will do. */ withinMs: number | null }
  | { kind: 'procedure'; procedure: CalledProcedure; with: Readonly<Record<string, string>>; /** "ok" of a health check, "L0" to "L3" of a backup, "equal" of a restore. */ require: string | null }
  /** Undoes what was completed or started, newest first. Only in a rollback. */
  | { kind: 'undo-completed' };
export type ActionKind = Action['kind'];

export const confirmKinds = ['checkbox', 'text', 'number', 'choice', 'photo'] as const;
export type ConfirmKind = (typeof confirmKinds)[number];

/** How one runs on a target, for a step, its undo and its probe. */
export interface Surroundings {
  target: string | null;
  /** For sql: another database of the same server. */
  database: string | null;
  cwd: string | null;
  /** Null: the account that signs in. Else the account by sudo. */
  sudo: string | null;
  shell: 'sh' | 'bash';
  env: Readonly<Record<string, string>>;
  stdin: string | null;
}

export interface UndoStep extends Surroundings {
  action: Action;
  risk: Risk;
  timeoutMs: number | null;
  expect: readonly Expectation[];
  line: number;
}

export interface Step extends Surroundings {
  id: string;
  title: string;
  why: string | null;
  action: Action;
  risk: Risk;
  pause: boolean;
  when: string | null;
  timeoutMs: number | null;
  /** Without a word for so long it is said that it is silent; nothing is ended by it. */
  stallWarnMs: number | null;
  retry: { attempts: number; delayMs: number; backoff: number } | null;
  waitUntil: { everyMs: number; upToMs: number } | null;
  expect: readonly Expectation[];
  capture: readonly Capture[];
  onFail: 'stop' | 'ask' | 'continue' | 'rollback';
  /** Null: nothing was said of a way back. Empty: there is none, and the file says so. */
  undo: readonly UndoStep[] | null;
  idempotent: boolean;
  probe: ({ action: Extract<Action, { kind: 'sh' | 'sql' }>; doneIf: Matcher } & Surroundings) | null;
  /** Whether it runs as a job of the host, which outlives the connection. Null: where it changes something, or may take longer than a minute. */
  detach: boolean | null;
  confirm: ConfirmKind | null;
  /** For `confirm: choice`. */
  choices: readonly string[];
  forEach: { over: 'targets'; names: readonly string[] } | { over: 'items'; param: string } | null;
  maxFailures: number;
  evidence: 'auto' | 'keep' | 'none';
  /** Regular expressions whose matches are taken out of what is kept. */
  redact: readonly string[];
  skip: 'never' | 'with-reason' | 'free';
  next: string | null;
  end: boolean;
  line: number;
}

export interface Contact {
  role: string;
  name: string | null;
  email: string | null;
  phone: string | null;
  afterMs: number | null;
}

export interface Runbook {
  id: string;
  title: string;
  version: string;
  summary: string | null;
  owner: string | null;
  /** "2026-01-31". */
  reviewedOn: string | null;
  reviewEveryMs: number | null;
  tags: readonly string[];
  estimateMs: number | null;
  source: { file: string; lines: string | null; sha256: string | null } | null;
  targets: readonly TargetRole[];
  params: readonly Param[];
  prerequisites: readonly Step[];
  steps: readonly Step[];
  rollback: { trigger: string | null; steps: readonly Step[] } | null;
  contacts: readonly Contact[];
  /** Kept as it stands for the calendar. */
  schedule: { rrule: string; tz: string | null; durationMs: number | null; cutoffMs: number | null; noticeMs: number | null; missed: 'ask' | 'run-once' | 'skip' } | null;
}

/** Something that is wrong, or looks wrong, in a runbook. Lines and columns count from 1. */
export interface Problem {
  line: number;
  column: number;
  /** Where it ends, where that is known. */
  endLine: number;
  endColumn: number;
  severity: 'error' | 'warning';
  /** "unknown-key", "risk-too-low", … */
  rule: string;
  message: string;
  /** What to write instead, in words; null where that is in the message. */
  fix: string | null;
  /** What one click writes: a replacement of `line:column` to `endLine:endColumn`. Null where that takes a person. */
  edit: { title: string; text: string } | null;
}

/** Whether the action is sent somewhere, so that a live walkthrough runs it as an operation. */
export function isSent(kind: ActionKind): boolean {
  return kind === 'sh' || kind === 'sql' || kind === 'http' || kind === 'transfer' || kind === 'procedure';
}

/** The highest risk of a runbook's steps. */
export function riskOf(runbook: Pick<Runbook, 'prerequisites' | 'steps' | 'rollback'>): Risk {
  const found = [...runbook.prerequisites, ...runbook.steps, ...(runbook.rollback?.steps ?? [])].map(({ risk }) => risks.indexOf(risk));
  return risks[Math.max(0, ...found)] ?? 'read';
}
