/** The state of a walkthrough, folded from its events. Pure; never throws on events that may be appended (`append-rules.ts`). */
import type { Runbook } from './definition.ts';
import { afterFailure, failedStates, phaseOf, slotAfter } from './flow.ts';
import { titleOf } from './slots.ts';
import type { RunState, Slot, StepProgress, StoredEvent, Walkthrough, WalkthroughEvent } from './walkthrough.ts';

/** What is folded: an event, of which walkthrough it is, and when and by whom it was written. */
export type Folded = Pick<StoredEvent, 'seq' | 'at' | 'actor' | 'event'> & { id: string };

type Draft = { -readonly [Name in keyof Walkthrough]: Walkthrough[Name] } & { steps: Record<string, StepProgress> };
type Started = Extract<WalkthroughEvent, { kind: 'started' }>;
type Ended = Extract<WalkthroughEvent, { kind: 'ended' }>;

function untouched(slot: Slot): StepProgress {
  return {
    slot,
    state: 'pending',
    attempt: 1,
    operationId: null,
    jobId: null,
    hostId: null,
    childId: null,
    resolved: null,
    risk: null,
    startedAt: null,
    endedAt: null,
    doneAt: null,
    by: null,
    exitStatus: null,
    durationMs: null,
    verdicts: [],
    output: null,
    answer: null,
    summary: null,
    reason: null,
    passed: false,
    approvals: [],
    timer: null,
    looks: [],
    unknownSince: null,
    withSkips: false,
    begun: [],
  };
}

/** As it is before the next attempt. What was found out, and that something may have happened, stays known. */
const again = (progress: StepProgress, attempt: number): StepProgress => ({ ...untouched(progress.slot), attempt, looks: progress.looks, begun: progress.begun });

function beginning({ id, seq, at }: Folded, event: Started): Draft {
  return {
    id,
    seq,
    runbookId: event.runbookId,
    version: event.version,
    title: event.title,
    definitionHash: event.definitionHash,
    mode: event.mode,
    systemId: event.systemId,
    operator: event.operator,
    state: 'running',
    stateReason: null,
    order: event.slots.map(({ key }) => key),
    steps: Object.fromEntries(event.slots.map((slot) => [slot.key, untouched(slot)])),
    current: null,
    values: event.values,
    secrets: event.secrets,
    bindings: event.bindings,
    parent: event.parent,
    continues: event.continues,
    rollback: null,
    comments: [],
    evidence: [],
    signatures: [],
    startedAt: at,
    endedAt: null,
    summary: null,
  };
}

function change(draft: Draft, key: string, changes: Partial<StepProgress>): void {
  const progress = draft.steps[key];
  if (progress !== undefined) draft.steps[key] = { ...progress, ...changes };
}

/** A slot becomes the current one. One that was walked before, and all from there on, are walked again. */
function moveTo(draft: Draft, target: string | null, from: string | null): void {
  draft.current = target;
  if (target === null) return;
  const phase = phaseOf(draft);
  const start = phase.indexOf(target);
  for (const key of phase.slice(start, from === null ? start : phase.indexOf(from) + 1)) {
    const progress = draft.steps[key];
    if (progress === undefined || progress.state === 'pending') continue;
    draft.steps[key] = again(progress, progress.state === 'not-applicable' ? progress.attempt : progress.attempt + 1);
  }
  change(draft, target, { state: 'eligible' });
}

function moveOn(draft: Draft, runbook: Runbook, key: string): void {
  if (draft.current === key) moveTo(draft, slotAfter(draft, runbook, key), key);
}

function end(draft: Draft, runbook: Runbook, { at, seq }: Folded, event: Ended): void {
  const progress = draft.steps[event.key];
  if (progress === undefined) return;
  // What the file could not decide was never begun; all else that ends was, whether we sent it or a person did it.
  const neverBegun = event.by === 'runbook';
  const begun = progress.state === 'dispatched' || progress.state === 'unknown' || neverBegun ? progress.begun : [...progress.begun, seq];
  change(draft, event.key, {
    state: event.as,
    endedAt: at,
    startedAt: progress.startedAt ?? event.doneAt ?? at,
    doneAt: event.doneAt,
    by: event.by,
    exitStatus: event.exitStatus,
    durationMs: event.durationMs,
    verdicts: event.verdicts,
    output: event.output,
    answer: event.answer,
    summary: event.summary,
    unknownSince: null,
    withSkips: event.withSkips === true,
    begun,
  });
  draft.values = { ...draft.values, ...event.captured };
  const ended = draft.steps[event.key];
  if (ended === undefined) return;
  if (!failedStates.has(event.as) || afterFailure(draft, runbook, ended) === 'goes-on') moveOn(draft, runbook, event.key);
}

/** Of an unknown one it is known that nothing happened; one that the runbook lets us repeat, or that failed, may have done something. */
function reopen(draft: Draft, event: Extract<WalkthroughEvent, { kind: 'reopened' }>): void {
  const progress = draft.steps[event.key];
  if (progress === undefined) return;
  const nothingHappened = event.by !== 'runbook' && (progress.state === 'unknown' || progress.state === 'dispatched');
  draft.steps[event.key] = { ...again(progress, event.attempt), state: 'eligible', begun: nothingHappened ? progress.begun.slice(0, -1) : progress.begun };
}

function rollBack(draft: Draft, { at }: Folded, event: Extract<WalkthroughEvent, { kind: 'rollback-started' }>): void {
  const left = draft.current === null ? undefined : draft.steps[draft.current];
  // What nobody began any more is not waited for any more.
  if (left !== undefined && (left.state === 'eligible' || left.state === 'awaiting-input' || left.state === 'waiting')) change(draft, left.slot.key, { state: 'pending' });
  draft.rollback = { reason: event.reason, startedAt: at };
  draft.order = [...draft.order, ...event.slots.map(({ key }) => key)];
  for (const slot of event.slots) draft.steps[slot.key] = untouched(slot);
  moveTo(draft, event.slots[0]?.key ?? null, null);
}

function apply(draft: Draft, stored: Folded, runbook: Runbook): void {
  const { at, seq, event } = stored;
  const progress = 'key' in event && event.key !== null ? draft.steps[event.key] : undefined;
  switch (event.kind) {
    case 'started':
      moveTo(draft, draft.order[0] ?? null, null);
      break;
    case 'met':
      draft.bindings = { ...draft.bindings, [event.role]: event.binding };
      break;
    case 'not-applicable':
      change(draft, event.key, { state: 'not-applicable', summary: event.why, reason: event.why, endedAt: at });
      moveOn(draft, runbook, event.key);
      break;
    case 'awaiting':
      change(draft, event.key, { state: 'awaiting-input', startedAt: at });
      break;
    case 'dispatched':
      change(draft, event.key, { state: 'dispatched', attempt: event.attempt, operationId: event.operationId, jobId: event.jobId, hostId: event.hostId, resolved: event.resolved, risk: event.risk, startedAt: at, begun: [...(progress?.begun ?? []), seq] });
      break;
    case 'called':
      change(draft, event.key, { state: 'waiting', childId: event.walkthroughId, startedAt: at, begun: [...(progress?.begun ?? []), seq] });
      break;
    case 'lost':
      change(draft, event.key, { state: 'unknown', summary: event.why, unknownSince: at });
      break;
    case 'looked':
      change(draft, event.key, { summary: event.found, looks: [...(progress?.looks ?? []), { at, found: event.found }] });
      break;
    case 'ended':
      end(draft, runbook, stored, event);
      break;
    case 'reopened':
      reopen(draft, event);
      break;
    case 'decided':
      change(draft, event.key, { state: 'succeeded', by: 'person', answer: event.choice, summary: event.choice, endedAt: at, startedAt: progress?.startedAt ?? at });
      moveOn(draft, runbook, event.key);
      break;
    case 'approved':
      change(draft, event.key, { approvals: [...(progress?.approvals ?? []), { role: event.role, who: event.who, decision: event.decision, note: event.note, seenSeq: event.seenSeq, at }] });
      break;
    case 'skipped':
      change(draft, event.key, { state: 'skipped', by: 'person', summary: event.reason, reason: event.reason, endedAt: at });
      moveOn(draft, runbook, event.key);
      break;
    case 'passed':
      change(draft, event.key, { passed: true, reason: event.reason });
      moveOn(draft, runbook, event.key);
      break;
    case 'timer-armed':
      change(draft, event.key, { state: 'waiting', startedAt: at, timer: { timerId: event.timerId, dueAt: event.dueAt, state: 'armed' } });
      break;
    case 'timer-ended':
      if (progress !== undefined && progress.timer !== null) change(draft, event.key, { timer: { ...progress.timer, state: event.as }, state: event.as === 'stale' ? 'awaiting-input' : progress.state, summary: event.why });
      break;
    case 'paused':
      draft.state = 'paused';
      draft.stateReason = event.why;
      break;
    case 'resumed':
      draft.state = 'running';
      break;
    case 'mode-changed':
      draft.mode = event.to;
      break;
    case 'rollback-started':
      rollBack(draft, stored, event);
      break;
    case 'commented':
      draft.comments = [...draft.comments, { key: event.key, commentId: event.commentId, text: event.text, at, actor: stored.actor }];
      break;
    case 'evidence':
      draft.evidence = [...draft.evidence, { key: event.key, evidenceId: event.evidenceId, name: event.name, media: event.media, sha256: event.sha256, bytes: event.bytes, at }];
      break;
    case 'signed':
      draft.signatures = [...draft.signatures, { key: event.key, role: event.role, who: event.who, decision: event.decision, note: event.note, seenSeq: event.seenSeq, at }];
      break;
    case 'ended-run':
      draft.state = event.state;
      draft.stateReason = null;
      draft.summary = event.summary;
      draft.endedAt = at;
      draft.current = null;
      break;
  }
  draft.seq = seq;
  if (draft.endedAt === null && draft.state !== 'paused') Object.assign(draft, standing(draft, runbook));
}

/**
 * `running` says that something is under way, never that somebody is meant to do something: that is `waiting`. A rollback
 * says that it is one whatever it waits for.
 */
function standing(draft: Draft, runbook: Runbook): { state: RunState; stateReason: string | null } {
  const progress = draft.current === null ? undefined : draft.steps[draft.current];
  const said = progress === undefined ? null : `${titleOf(runbook, progress.slot)}: ${progress.summary ?? ''}`;
  if (progress?.state === 'unknown') return { state: 'unknown', stateReason: said };
  if (progress !== undefined && failedStates.has(progress.state)) return { state: 'blocked', stateReason: said };
  if (draft.rollback !== null) return { state: 'rolling-back', stateReason: draft.rollback.reason };
  if (progress === undefined || progress.state === 'dispatched') return { state: 'running', stateReason: null };
  return { state: 'waiting', stateReason: progress.timer?.state === 'stale' ? said : null };
}

const copyOf = (state: Walkthrough): Draft => ({ ...state, steps: { ...state.steps } });

/** The state after one more event. The first of a walkthrough is `started`; no other comes without a state. */
export function evolve(state: Walkthrough | null, stored: Folded, runbook: Runbook): Walkthrough {
  return fold([stored], runbook, state);
}

/**
 * The state after all these events, beginning with `state` or with nothing.
 * @throws where there is neither a state nor a first event to begin with
 */
export function fold(events: readonly Folded[], runbook: Runbook, state: Walkthrough | null = null): Walkthrough {
  let draft = state === null ? null : copyOf(state);
  for (const stored of events) {
    if (draft === null && stored.event.kind === 'started') draft = beginning(stored, stored.event);
    if (draft === null) throw new Error(`A walkthrough begins with the event "started", not with "${stored.event.kind}".`);
    apply(draft, stored, runbook);
  }
  if (draft === null) throw new Error('A walkthrough without events has no state.');
  return draft;
}
