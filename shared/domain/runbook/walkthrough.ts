/** What a walkthrough is made of: its slots, its events, its states. Pure; how they follow from each other is in `evolve.ts` and `decide.ts`. */
import type { ActionKind, Risk, Value } from './definition.ts';

export const modes = ['live', 'paper', 'rehearsal'] as const;
export type Mode = (typeof modes)[number];

export const runStates = ['running', 'waiting', 'paused', 'blocked', 'unknown', 'rolling-back', 'succeeded', 'succeeded-with-skips', 'failed', 'rolled-back', 'aborted'] as const;
export type RunState = (typeof runStates)[number];
const endStates: ReadonlySet<RunState> = new Set(['succeeded', 'succeeded-with-skips', 'failed', 'rolled-back', 'aborted']);
export const isOver = (state: RunState): boolean => endStates.has(state);

export const stepStates = ['pending', 'eligible', 'awaiting-input', 'waiting', 'dispatched', 'unknown', 'succeeded', 'failed', 'timed-out', 'cancelled', 'skipped', 'not-applicable', 'undone', 'undo-failed'] as const;
export type StepState = (typeof stepStates)[number];

export type Section = 'prerequisites' | 'steps' | 'rollback';

/**
 * One place to be walked: a step, a step for one item or target, or the undo of one. They are fixed when a walkthrough
 * starts (those of a rollback when that starts), and refer to each other by `key`.
 */
export interface Slot {
  /** "stop", "stop[backend]", "undo:stop[backend]:1". */
  key: string;
  stepId: string;
  section: Section;
  /** What `for_each` is at; null without one. */
  item: string | null;
  /** The target role; null where there is none. */
  target: string | null;
  /** Which of the step's undos, from 0, and of which slot; null: the step itself. */
  undo: { of: string; index: number } | null;
}

export interface Verdict {
  say: string;
  ok: boolean;
  /** What was found: "82", "exit status 1". */
  seen: string;
}

/** How it is known what came of a step. */
export const sources = ['live', 'job', 'probe', 'person', 'paper', 'operation', 'runbook'] as const;
export type Source = (typeof sources)[number];

/** What was kept of an output; the text itself is evidence. */
export interface OutputFacts {
  sha256: string;
  bytes: number;
  truncated: boolean;
  evidenceId: string | null;
}

export type EndedAs = 'succeeded' | 'failed' | 'timed-out' | 'cancelled' | 'undone' | 'undo-failed';

/** A real host, database or address that a role was given to, and who it is: checked again before each step. */
export type Binding =
  | { kind: 'ssh'; hostId: string; label: string; /** SHA-256 of its host key; null where it was never connected to. */ fingerprint: string | null }
  | { kind: 'postgres'; databaseId: string; label: string; database: string; /** Null where it was never connected to. */ systemIdentifier: string | null }
  | { kind: 'http'; url: string };

/** The truth of a walkthrough, in this order. `key` names a slot, `attempt` counts from 1. */
export type WalkthroughEvent =
  | {
      kind: 'started';
      runbookId: string;
      version: string;
      title: string;
      definitionHash: string;
      mode: Mode;
      systemId: string | null;
      operator: string;
      slots: readonly Slot[];
      values: Readonly<Record<string, Value>>;
      /** Names of parameters whose values are secret: typed for this process, and asked again after it. */
      secrets: readonly string[];
      bindings: Readonly<Record<string, Binding>>;
      /** The walkthrough and slot that called it, or the earlier one that it goes on from in a newer version. */
      parent: { walkthroughId: string; key: string } | null;
      continues: string | null;
      appVersion: string;
    }
  /** Who a target is that nobody had connected to at the start: from here on it has to be that one. */
  | { kind: 'met'; role: string; binding: Binding }
  | { kind: 'not-applicable'; key: string; why: string }
  | { kind: 'awaiting'; key: string }
  /** Committed before the first byte is sent. */
  | { kind: 'dispatched'; key: string; attempt: number; operationId: string; /** The job of the host that runs it; null where none does. */ jobId: string | null; hostId: string | null; resolved: string; resolvedSha256: string; risk: Risk }
  | { kind: 'called'; key: string; attempt: number; walkthroughId: string }
  | { kind: 'lost'; key: string; attempt: number; why: string }
  | { kind: 'looked'; key: string; attempt: number; found: string }
  | {
      kind: 'ended';
      key: string;
      attempt: number;
      as: EndedAs;
      by: Source;
      verdicts: readonly Verdict[];
      captured: Readonly<Record<string, Value>>;
      exitStatus: number | null;
      durationMs: number | null;
      output: OutputFacts | null;
      /** What a person answered or recorded; null where nobody did. */
      answer: Value | null;
      /** One sentence: what came of it. */
      summary: string;
      /** When it was done, where that is not when it was written down: on paper. */
      doneAt: string | null;
      /** Of a runbook that was called: steps of it were skipped. */
      withSkips?: true;
    }
  /** Of an unknown step it is known now that it did not happen: it can be begun again, as the next attempt. */
  | { kind: 'reopened'; key: string; attempt: number; by: Source; why: string }
  | { kind: 'decided'; key: string; choice: string; to: string }
  | { kind: 'approved'; key: string; role: string; who: string; decision: 'approved' | 'rejected'; note: string; seenSeq: number }
  | { kind: 'skipped'; key: string; reason: string }
  /** A failed step that is left behind. */
  | { kind: 'passed'; key: string; reason: string }
  | { kind: 'timer-armed'; key: string; timerId: string; dueAt: string }
  | { kind: 'timer-ended'; key: string; timerId: string; as: 'due' | 'stale' | 'cut-short'; why: string }
  | { kind: 'paused'; why: string }
  | { kind: 'resumed' }
  | { kind: 'mode-changed'; to: Mode }
  | { kind: 'rollback-started'; reason: string; slots: readonly Slot[] }
  | { kind: 'commented'; key: string | null; commentId: string; text: string }
  | { kind: 'evidence'; key: string | null; evidenceId: string; name: string; media: string; sha256: string; bytes: number }
  | { kind: 'signed'; key: string | null; role: string; who: string; decision: 'approved' | 'rejected'; note: string; seenSeq: number }
  | { kind: 'ended-run'; state: Extract<RunState, 'succeeded' | 'succeeded-with-skips' | 'failed' | 'rolled-back' | 'aborted'>; summary: string };
export type WalkthroughEventKind = WalkthroughEvent['kind'];

/** An event as it is kept: numbered from 1 without gaps, and chained by its hash to the one before. */
export interface StoredEvent {
  seq: number;
  at: string;
  /** Milliseconds of a clock that only goes forward, within one process. */
  monoMs: number;
  /** "console", "cli", "engine". */
  actor: string;
  commandId: string;
  event: WalkthroughEvent;
  prevHash: string;
  hash: string;
}

export interface StepProgress {
  slot: Slot;
  state: StepState;
  attempt: number;
  operationId: string | null;
  jobId: string | null;
  hostId: string | null;
  childId: string | null;
  resolved: string | null;
  risk: Risk | null;
  startedAt: string | null;
  endedAt: string | null;
  doneAt: string | null;
  by: Source | null;
  exitStatus: number | null;
  durationMs: number | null;
  verdicts: readonly Verdict[];
  output: OutputFacts | null;
  answer: Value | null;
  /** What came of it, why it was skipped or passed over, or what was found of it. */
  summary: string | null;
  reason: string | null;
  /** A failed step that a person left behind. */
  passed: boolean;
  approvals: readonly { role: string; who: string; decision: 'approved' | 'rejected'; note: string; seenSeq: number; at: string }[];
  timer: { timerId: string; dueAt: string; state: 'armed' | 'due' | 'stale' | 'cut-short' } | null;
  /** Every look at one that is unknown. */
  looks: readonly { at: string; found: string }[];
  /** When it became unknown. */
  unknownSince: string | null;
  /** It called a runbook of which steps were skipped. */
  withSkips: boolean;
  /** Numbers of the events by which it was begun, oldest first, without those of which it is known that nothing happened. Where there is one, it may have to be undone. */
  begun: readonly number[];
}

/** All that the events of a walkthrough say, and nothing else. */
export interface Walkthrough {
  id: string;
  seq: number;
  runbookId: string;
  version: string;
  title: string;
  definitionHash: string;
  mode: Mode;
  systemId: string | null;
  operator: string;
  state: RunState;
  /** Why it is paused, blocked, … in words; null where it goes on. */
  stateReason: string | null;
  /** In the order in which they are walked; those of a rollback come last. */
  order: readonly string[];
  steps: Readonly<Record<string, StepProgress>>;
  /** The slot that is to be done now; null where it is over. */
  current: string | null;
  /** Parameters, then what was captured, newest wins. */
  values: Readonly<Record<string, Value>>;
  secrets: readonly string[];
  bindings: Readonly<Record<string, Binding>>;
  parent: { walkthroughId: string; key: string } | null;
  continues: string | null;
  rollback: { reason: string; startedAt: string } | null;
  comments: readonly { key: string | null; commentId: string; text: string; at: string; actor: string }[];
  evidence: readonly { key: string | null; evidenceId: string; name: string; media: string; sha256: string; bytes: number; at: string }[];
  signatures: readonly { key: string | null; role: string; who: string; decision: 'approved' | 'rejected'; note: string; seenSeq: number; at: string }[];
  startedAt: string;
  endedAt: string | null;
  summary: string | null;
}

/** What a person does in a walkthrough. */
export type Act =
  /** A manual step that was done: with what `confirm` asks for. */
  | { kind: 'answer'; key: string; value: Value | null; note: string }
  /** A manual step that went wrong. */
  | { kind: 'went-wrong'; key: string; note: string }
  | { kind: 'decide'; key: string; choice: string }
  | { kind: 'approve'; key: string; role: string; who: string; decision: 'approved' | 'rejected'; note: string; seenSeq: number }
  | { kind: 'skip'; key: string; reason: string }
  /** A command that was carried out by hand. `expectations`: which of them were seen, in order. */
  | { kind: 'record'; key: string; worked: boolean; exitStatus: number | null; output: string; expectations: readonly boolean[]; captured: Readonly<Record<string, string>>; doneAt: string | null; note: string }
  /** What a person knows of an unknown step. */
  | { kind: 'settle'; key: string; happened: boolean; evidence: string }
  /** A failed step, once more. */
  | { kind: 'retry'; key: string }
  /** A failed step is left behind. */
  | { kind: 'pass'; key: string; reason: string }
  | { kind: 'start-wait'; key: string }
  | { kind: 'end-wait'; key: string; reason: string }
  /** Begins the runbook that this step calls, or takes one that ended lately. */
  | { kind: 'call'; key: string; use: 'new' | { walkthroughId: string } }
  | { kind: 'rollback'; reason: string }
  | { kind: 'pause'; why: string }
  | { kind: 'resume' }
  | { kind: 'go-live' }
  | { kind: 'go-paper' }
  | { kind: 'abort'; reason: string }
  | { kind: 'comment'; key: string | null; text: string }
  | { kind: 'attach'; key: string | null; name: string; media: string; data: string }
  | { kind: 'sign'; key: string | null; role: string; who: string; decision: 'approved' | 'rejected'; note: string; seenSeq: number };
export type ActKind = Act['kind'];

/** The kind of action of a slot, for its buttons. */
export type SlotKind = ActionKind;
