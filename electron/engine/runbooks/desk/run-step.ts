/** A step that is sent: written down first, then sent, then judged by what came back. */
import { createHash } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { hasCode, isPilothouseError, PilothouseError, toErrorShape, type ErrorCode } from '#shared/domain/errors.ts';
import { titleOf } from '#shared/domain/runbook/slots.ts';
import type { ActionKind, Expectation, Step, Value } from '#shared/domain/runbook/definition.ts';
import { capture, judge, type Seen } from '#shared/domain/runbook/judge.ts';
import type { EndedAs, OutputFacts, Slot, Source, Verdict, WalkthroughEvent } from '#shared/domain/runbook/walkthrough.ts';
import type { Scrubber } from '#shared/domain/scrub.ts';
import type { EngineContext } from '../../engine-context.ts';
import type { ProcedureOutcome, RunningOperation } from '../../operations/procedure.ts';
import { describeSent, resolveAction } from '../resolve/index.ts';
import type { Outcome, Scope, Sent } from '../sent.ts';
import { longestMs, type StepRunner } from '../steps/index.ts';
import type { Binder } from './binding.ts';
import type { CalledDesk } from './called-desk.ts';
import { holdsSecret } from './clean.ts';
import { keepOutput, withoutParts } from './evidence.ts';
import { inTime, tookTooLong } from './in-time.ts';
import { tellUntilKept, untilKept } from './keeping.ts';
import { requireSameTarget } from './identity.ts';
import { quietly } from './quiet.ts';
import { rolesReachedBy } from './reached.ts';
import { scopeOf, valuesIn } from './scope.ts';
import type { WalkSecrets } from './secrets.ts';
import { expectationsOf } from './expectations.ts';
import { doingOf, stepOf } from './steps-of.ts';
import type { Walk, Walks } from './walks.ts';

export interface StepDetails {
  walkthroughId: string;
  key: string;
  attempt: number;
  /** The job of the host that is to run it; null where none does. */
  jobId: string | null;
  /** Of what was shown in the plan. */
  resolvedSha256: string;
}

export interface StepDesk {
  context: EngineContext;
  walks: Walks;
  secrets: WalkSecrets;
  binder: Binder;
  runner: StepRunner;
  called: CalledDesk;
}

export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** What is held against the expectations. */
export const seenOf = (outcome: Outcome, kind: ActionKind): Seen => ({ kind, exitStatus: outcome.exitStatus, stdout: outcome.stdout, stderr: outcome.stderr, rows: outcome.rows, status: outcome.status, answer: null, truncated: outcome.truncated });

/** The last word for lists: what was found, or what was not as it should be. */
export function summaryOf(verdicts: readonly Verdict[], captured: Readonly<Record<string, Value>>): string {
  const wrong = verdicts.find(({ ok }) => !ok);
  if (wrong !== undefined) return `${wrong.say}: ${wrong.seen}`;
  const found = Object.entries(captured).filter(([name]) => !name.includes('.'));
  if (found.length > 0) return found.map(([name, value]) => `${name} = ${Array.isArray(value) ? value.join(', ') : String(value)}`).join(', ').slice(0, 200);
  const last = verdicts.at(-1);
  return last === undefined ? 'Done' : `${last.say}: ${last.seen}`.slice(0, 200);
}

export interface Judged {
  as: EndedAs;
  verdicts: Verdict[];
  captured: Record<string, Value>;
}

/** What is said where the expectations could not be held against what came back. */
export const notJudged = 'What it said could be looked at';

/** Held against all that it said, and told without what the step wants taken out of that. */
export function judgeSeen(expectations: readonly Expectation[], outcome: Outcome, kind: ActionKind, step: Pick<Step, 'redact'>, scope: Scope): Verdict[] {
  return inTime(() => verdictsOf(expectations, outcome, kind, step, scope))?.done ?? [{ say: notJudged, ok: false, seen: tookTooLong }];
}

function verdictsOf(expectations: readonly Expectation[], outcome: Outcome, kind: ActionKind, step: Pick<Step, 'redact'>, scope: Scope): Verdict[] {
  const values = valuesIn(scope);
  const verdicts = judge(expectations, seenOf(outcome, kind), values);
  if (step.redact.length === 0) return [...verdicts];
  const told = judge(expectations, seenOf(withoutParts(outcome, step, (name) => values[name] ?? null), kind), values);
  return verdicts.map((verdict, index) => ({ ...verdict, seen: told[index]?.seen ?? '' }));
}

/** What came of it, by what it expects; of an undo in the words of one. A secret that this process knows is not remembered: it would be written down. */
export function judgeOutcome(walk: Walk, slot: Slot, outcome: Outcome, scope: Scope, scrubber: Pick<Scrubber, 'scrub'>): Judged {
  const step = stepOf(walk.runbook, slot.stepId);
  const { action } = doingOf(step, slot);
  const seen = seenOf(outcome, action.kind);
  const verdicts = judgeSeen(expectationsOf(step, slot), outcome, action.kind, step, scope);
  if (outcome.timedOut) verdicts.unshift({ say: 'It ended in time', ok: false, seen: 'ended by its timeout' });
  let captured: Record<string, Value> = {};
  if (slot.undo === null && verdicts.every(({ ok }) => ok)) {
    const found = inTime(() => capture(step.capture, seen, valuesIn(scope)))?.done ?? { fault: tookTooLong };
    const secret = 'fault' in found ? undefined : Object.entries(found.captured).find(([, value]) => holdsSecret(value, scrubber))?.[0];
    const fault = 'fault' in found ? (step.redact.length === 0 ? found.fault : 'it was not found, or does not fit') : secret === undefined ? null : `"${secret}" holds a password, or another secret that Pilothouse knows, which is not written down`;
    if (fault !== null) verdicts.push({ say: 'What has to be remembered was found', ok: false, seen: fault });
    else if ('captured' in found) captured = { ...found.captured };
  }
  const ok = verdicts.every((verdict) => verdict.ok);
  if (slot.undo !== null) return { as: ok ? 'undone' : 'undo-failed', verdicts, captured };
  return { as: ok ? 'succeeded' : outcome.timedOut ? 'timed-out' : 'failed', verdicts, captured };
}

/** Whether it is known that nothing of it reached its target. */
const wasNotSent = (error: unknown): boolean => isPilothouseError(error) && (error.details['notSent'] === true || hasCode(error, 'runbook.target-changed') || hasCode(error, 'runbook.not-sent') || hasCode(error, 'runbook.secret-needed'));

/** Why a step cannot be begun now. @throws runbook.not-now, operation.plan-changed */
export function requireCurrent(walk: Walk, key: string, attempt: number): Slot {
  const progress = walk.walkthrough.steps[key];
  if (progress === undefined) throw new PilothouseError('runbook.not-now', `This walkthrough has no step ${key}.`, { hint: 'Read it again.' });
  if (walk.walkthrough.mode !== 'live') throw new PilothouseError('runbook.not-now', `This walkthrough is ${walk.walkthrough.mode === 'paper' ? 'on paper' : 'a rehearsal'}: nothing is sent.`, { hint: walk.walkthrough.mode === 'paper' ? 'Record what was done by hand, or go on live.' : 'Record what you would see.' });
  if (walk.walkthrough.current !== key || progress.state !== 'eligible' || progress.attempt !== attempt) {
    throw new PilothouseError('runbook.not-now', `The step ${key} is ${progress.state} by now (attempt ${progress.attempt}).`, { hint: 'Read the walkthrough again: somebody went on with it.' });
  }
  if (walk.walkthrough.state === 'paused') throw new PilothouseError('runbook.not-now', 'This walkthrough is paused.', { hint: 'Resume it first.' });
  return progress.slot;
}

/** What a machine says that is away, or being started. One that refuses whoever signs in is not asked again and again: it might close its doors. */
const awayCodes: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['ssh.connection-lost', 'ssh.unreachable', 'ssh.refused', 'ssh.timeout', 'postgres.connection-lost', 'postgres.unreachable', 'postgres.refused', 'postgres.timeout', 'postgres.not-accepting']);
const isAway = (error: unknown): boolean => isPilothouseError(error) && awayCodes.has(error.code);

/**
 * Sends it until it is as it should be, as often and as long as the step says. What only reads, and cannot be asked, is not
 * yet as it should be. Where a later try could not be sent, the one before it counts: that one was.
 */
async function sendUntilRight(desk: StepDesk, walk: Walk, slot: Slot, sent: Sent, operation: RunningOperation, identify: () => Promise<unknown>): Promise<{ outcome: Outcome; judged: Judged }> {
  const step = stepOf(walk.runbook, slot.stepId);
  const { timeoutMs, risk } = doingOf(step, slot);
  const waitUntil = slot.undo === null ? step.waitUntil : null;
  const retry = slot.undo === null ? step.retry : null;
  const startedAt = performance.now();
  const limits = { timeoutMs, stallWarnMs: slot.undo === null ? step.stallWarnMs : null };
  let last: { outcome: Outcome; judged: Judged } | null = null;
  for (let tries = 1, delayMs = retry?.delayMs ?? 0; ; tries += 1, delayMs *= retry?.backoff ?? 1) {
    const elapsed = (): number => performance.now() - startedAt;
    const goesOn = (): boolean => (waitUntil !== null ? elapsed() + waitUntil.everyMs <= waitUntil.upToMs : retry !== null && tries < retry.attempts);
    let why: string;
    try {
      // Before the first it was asked already.
      if (tries > 1) await identify();
      const outcome = await desk.runner.send(sent, quietly(operation, step), limits);
      const judged = judgeOutcome(walk, slot, outcome, scopeOf(walk.walkthrough, slot, desk.secrets), desk.context.scrubber);
      last = { outcome, judged };
      if (judged.verdicts.every(({ ok }) => ok) || !goesOn()) return last;
      why = summaryOf(judged.verdicts, {});
    } catch (error) {
      if (operation.signal.aborted) throw error;
      why = toErrorShape(error, '').message;
      if (!(risk === 'read' && isAway(error) && goesOn())) {
        if (last === null || !wasNotSent(error)) throw error;
        const { outcome, judged } = last;
        const verdicts = [...judged.verdicts, { say: 'It could be tried again', ok: false, seen: why }];
        return { outcome, judged: { ...judged, verdicts } };
      }
    }
    operation.progress({ text: `Not yet: ${why}`, fraction: waitUntil === null ? null : Math.min(1, elapsed() / waitUntil.upToMs) });
    await pause(Math.min(waitUntil?.everyMs ?? delayMs, longestMs), undefined, { signal: operation.signal });
  }
}

/** @throws runbook.step-failed where it did not go as it should; runbook.not-sent …; what it threw where nobody knows how it ended */
export async function runStep(desk: StepDesk, details: StepDetails, operation: RunningOperation): Promise<ProcedureOutcome> {
  const { walks, context } = desk;
  const { walkthroughId, key, attempt } = details;
  const walk = walks.open(walkthroughId);
  const slot = requireCurrent(walk, key, attempt);
  const step = stepOf(walk.runbook, slot.stepId);
  const doing = doingOf(step, slot);
  if (doing.action.kind === 'procedure') return desk.called.run(details, operation);
  const sent = resolveAction(doing, scopeOf(walk.walkthrough, slot, desk.secrets), { jobId: details.jobId });
  const resolved = describeSent(sent);
  if (sha256(resolved) !== details.resolvedSha256) throw new PilothouseError('operation.plan-changed', `What "${titleOf(walk.runbook, slot)}" would send is not what was shown.`, { hint: 'Plan it again.' });
  const binding = doing.target === null ? null : (walk.walkthrough.bindings[doing.target] ?? null);
  const identify = async (): Promise<WalkthroughEvent[]> => {
    const found: WalkthroughEvent[] = [];
    for (const { role, binding: each } of rolesReachedBy(doing, walk.walkthrough)) {
      const there = await requireSameTarget(context, desk.binder, each, operation.signal, sent.kind === 'sql' ? sent.database : null);
      if (!isDeepStrictEqual(there, each)) found.push({ kind: 'met', role, binding: there });
    }
    return found;
  };
  const met = await operation.phase('identify', identify);
  await context.ports.checkpoint?.('walkthrough:before-dispatch');
  requireCurrent(walks.open(walkthroughId), key, attempt);
  // From here on it counts as begun.
  operation.throwIfCancelled();
  walks.tell(walkthroughId, [...met, { kind: 'dispatched', key, attempt, operationId: operation.id, jobId: details.jobId, hostId: sent.kind === 'sh' ? sent.hostId : null, resolved, resolvedSha256: details.resolvedSha256, risk: doing.risk }]);
  await context.ports.checkpoint?.('walkthrough:dispatched');

  let done: { outcome: Outcome; judged: Judged };
  try {
    done = await operation.phase('send', () => sendUntilRight(desk, walk, slot, sent, operation, identify));
  } catch (error) {
    throw await tellOfTrouble(desk, { walkthroughId, key, attempt, label: titleOf(walk.runbook, slot), isUndo: slot.undo !== null, binding: binding === null ? null : desk.binder.words(binding), reads: doing.risk === 'read' }, error, operation);
  }
  await context.ports.checkpoint?.('walkthrough:sent');
  const { outcome, judged } = done;
  const output = await untilKept(() => keepOutput(desk.context, walks, walkthroughId, step, outcome), operation);
  const summary = await tellOfEnd(desk, { walkthroughId, key, attempt, by: outcome.by, outcome, judged, output }, operation);
  await context.ports.checkpoint?.('walkthrough:ended');
  if (details.jobId !== null && sent.kind === 'sh') await desk.runner.forgetJob({ hostId: sent.hostId, jobId: details.jobId, sudo: sent.sudo }).catch((error: unknown) => operation.log('warn', `The job ${details.jobId} could not be taken off ${sent.label}: ${toErrorShape(error, '').message}`));
  for (const verdict of judged.verdicts) operation.log(verdict.ok ? 'ok' : 'error', `${verdict.ok ? 'As expected' : 'Not as expected'}: ${verdict.say} (${verdict.seen})`);
  if (judged.as === 'succeeded' || judged.as === 'undone') return { summary, result: { walkthroughId } };
  throw new PilothouseError('runbook.step-failed', `"${titleOf(walk.runbook, slot)}" did not go as it should: ${summary}.`, { hint: 'The walkthrough says what can be done about it.', details: { walkthroughId, key } });
}

export async function tellOfEnd(desk: StepDesk, end: { walkthroughId: string; key: string; attempt: number; by: Source; outcome: Outcome; judged: Judged; output: OutputFacts | null }, operation: RunningOperation): Promise<string> {
  const { walkthroughId, key, attempt, by, outcome, judged, output } = end;
  const summary = summaryOf(judged.verdicts, judged.captured);
  await tellUntilKept(desk.walks, walkthroughId, [{ kind: 'ended', key, attempt, as: judged.as, by, verdicts: judged.verdicts, captured: judged.captured, exitStatus: outcome.exitStatus, durationMs: Math.round(outcome.durationMs), output, answer: null, summary, doneAt: null }], operation);
  return summary;
}

interface Troubled {
  walkthroughId: string;
  key: string;
  attempt: number;
  label: string;
  isUndo: boolean;
  binding: string | null;
  reads: boolean;
}

/** Writes down what is known of a step that did not come to an end of its own, and says it. */
async function tellOfTrouble(desk: StepDesk, step: Troubled, error: unknown, operation: RunningOperation): Promise<unknown> {
  const { walkthroughId, key, attempt, label, binding } = step;
  const tell = (events: readonly WalkthroughEvent[]): Promise<void> => tellUntilKept(desk.walks, walkthroughId, events, operation);
  const shape = toErrorShape(error, '');
  if (wasNotSent(error)) {
    await tell([{ kind: 'reopened', key, attempt: attempt + 1, by: 'live', why: `Nothing was sent: ${shape.message}` }]);
    return error;
  }
  const where = binding === null ? '' : ` on ${binding}`;
  if (operation.isLeaving) {
    await tell([{ kind: 'lost', key, attempt, why: 'Pilothouse was closed while it was under way.' }]);
    return new PilothouseError('operation.interrupted', `Pilothouse was closed while "${label}" was under way${where}.`, { hint: 'The walkthrough offers to find out how it ended.' });
  }
  if (operation.signal.aborted && shape.details['unknown'] !== true && !hasCode(error, 'ssh.connection-lost') && !hasCode(error, 'postgres.connection-lost')) {
    const summary = `Cancelled${where}`;
    await tell([{ kind: 'ended', key, attempt, as: step.isUndo ? 'undo-failed' : 'cancelled', by: 'live', verdicts: [{ say: 'It came to its end', ok: false, seen: 'it was cancelled' }], captured: {}, exitStatus: null, durationMs: null, output: null, answer: null, summary, doneAt: null }]);
    return error;
  }
  await tell([{ kind: 'lost', key, attempt, why: shape.message }]);
  return new PilothouseError('runbook.step-failed', `Nobody knows whether "${label}" happened${where}: ${shape.message}`, { hint: 'Look again when it can be reached, or see there by other means; the walkthrough goes on from what you find.', details: { walkthroughId, key, unknown: true }, cause: error });
}
