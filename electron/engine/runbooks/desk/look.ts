/** Finding out what became of a step of which nobody knows: by its job, by the operation that it began, by its probe. */
import { hasCode, PilothouseError, toErrorShape } from '#shared/domain/errors.ts';
import { titleOf } from '#shared/domain/runbook/slots.ts';
import type { Binding, Slot, Walkthrough, WalkthroughEvent } from '#shared/domain/runbook/walkthrough.ts';
import type { Matcher, Step } from '#shared/domain/runbook/definition.ts';
import { fill, valueText } from '#shared/domain/runbook/template.ts';
import type { PlanDraft, ProcedureOutcome, RunningOperation } from '../../operations/procedure.ts';
import { describeSent, resolveAction } from '../resolve/index.ts';
import type { Outcome, Sent } from '../sent.ts';
import { noPlaceStatus, type FoundJob } from '../steps/index.ts';
import { keepOutput } from './evidence.ts';
import { requireSameTarget } from './identity.ts';
import { targetsOf } from './plan-step.ts';
import { quietly } from './quiet.ts';
import { reachedBy, systemOf } from './reached.ts';
import { judgeOutcome, judgeSeen, notJudged, tellOfEnd, type StepDesk } from './run-step.ts';
import { scopeOf, valuesIn } from './scope.ts';
import { doingOf, stepOf } from './steps-of.ts';
import type { Walk } from './walks.ts';

/** Milliseconds that a probe may take. */
const probeMs = 60_000;

const noAnswer = 'No answer: ';
const stillRuns = 'Its job still runs there; it is waited for.';
/** Looks that were answered, and told nobody how it ended: more of them tell no more. */
export const answersInVain = ({ looks }: Pick<Walkthrough['steps'][string], 'looks'>): number => looks.filter(({ found }) => !found.startsWith(noAnswer) && found !== stillRuns).length;

export interface LookDetails {
  walkthroughId: string;
  key: string;
  attempt: number;
}

export type WayToKnow = 'job' | 'operation' | 'probe' | 'person';

/** How one can find out, surest first. A person always can. */
export function waysToKnow(step: Step, slot: Slot, progress: Pick<Walkthrough['steps'][string], 'jobId' | 'operationId'>): WayToKnow[] {
  const ways: WayToKnow[] = [];
  if (progress.jobId !== null) ways.push('job');
  if (doingOf(step, slot).action.kind === 'procedure') ways.push('operation');
  if (slot.undo === null && step.probe !== null) ways.push('probe');
  return [...ways, 'person'];
}

function unknownSlot(walk: Walk, key: string, attempt: number | null): { slot: Slot; step: Step; progress: Walkthrough['steps'][string] } {
  const progress = walk.walkthrough.steps[key];
  if (progress === undefined || progress.state !== 'unknown' || (attempt !== null && progress.attempt !== attempt)) {
    throw new PilothouseError('runbook.not-now', `It is known by now what became of ${key}.`, { hint: 'Read the walkthrough again.' });
  }
  return { slot: progress.slot, step: stepOf(walk.runbook, progress.slot.stepId), progress };
}

/** Its probe as it would be sent; null where it has none, or where something keeps it from being sent, in words. */
function probeOf(desk: StepDesk, walk: Walk, slot: Slot, step: Step): { sent: Sent; reached: Binding[] } | { why: string } | null {
  if (step.probe === null || slot.undo !== null) return null;
  const asked = { ...step.probe, target: step.probe.target ?? slot.target ?? step.target, risk: 'read' as const };
  try {
    return { sent: resolveAction(asked, scopeOf(walk.walkthrough, slot, desk.secrets), { jobId: null }), reached: reachedBy(asked, walk.walkthrough) };
  } catch (error) {
    if (!hasCode(error, 'runbook.not-sent') && !hasCode(error, 'runbook.secret-needed')) throw error;
    return { why: toErrorShape(error, '').message };
  }
}

/** The account that its job runs as: by the values that it was begun with, or by those of now, which are the same unless the step itself is walked again. */
function accountOf(walk: Walk, slot: Slot, sudo: string | null, secrets: StepDesk['secrets']): string | null {
  if (sudo === null) return null;
  const values = valuesIn(scopeOf(walk.walkthrough, slot, secrets));
  return fill(sudo, (name) => valueText(values[name] ?? ''));
}

/** @throws runbook.not-now where it is not unknown, or only a person can tell; runbook.secret-needed, runbook.not-sent where a probe alone could tell, and cannot be asked */
export function planLook(desk: StepDesk, { walkthroughId, key }: { walkthroughId: string; key: string }): PlanDraft<LookDetails> {
  const walk = desk.walks.open(walkthroughId);
  const { slot, step, progress } = unknownSlot(walk, key, null);
  const ways = waysToKnow(step, slot, progress).filter((way) => way !== 'person');
  if (ways.length === 0) throw new PilothouseError('runbook.not-now', `Only a person can tell whether "${titleOf(walk.runbook, slot)}" happened: it has no job, no probe.`, { hint: 'See at the server, then record what you saw.' });
  const doing = doingOf(step, slot);
  const binding = doing.target === null ? null : (walk.walkthrough.bindings[doing.target] ?? null);
  const probe = probeOf(desk, walk, slot, step);
  const isAsked = probe !== null && 'sent' in probe;
  // What is missing for the probe is asked for before, where nothing else can tell.
  if (!isAsked && ways.every((way) => way === 'probe') && step.probe !== null) resolveAction({ ...step.probe, target: step.probe.target ?? slot.target ?? step.target, risk: 'read' }, scopeOf(walk.walkthrough, slot, desk.secrets), { jobId: null });
  const reached = [...reachedBy(doing, walk.walkthrough), ...(isAsked ? probe.reached : [])];
  const where = binding === null ? '' : ` on ${desk.binder.words(binding)}`;
  return {
    title: `Find out about "${titleOf(walk.runbook, slot)}"${where}`,
    question: `Find out whether "${titleOf(walk.runbook, slot)}" happened${where}?`,
    system: systemOf(desk.context, walk.walkthrough, reached),
    target: binding === null ? walk.walkthrough.title : desk.binder.words(binding),
    targets: targetsOf(desk, [...new Set(reached)]),
    steps: [
      ...(ways.includes('job') ? [{ id: 'job', title: `Read how its job ended${where}`, detail: progress.jobId ?? '' }] : []),
      ...(ways.includes('operation') ? [{ id: 'operation', title: 'Read how the operation ended that it began' }] : []),
      ...(isAsked ? [{ id: 'probe', title: `Ask by its probe${where}`, detail: describeSent(probe.sent) }] : []),
    ],
    consequences: ['It only reads. The step itself is not sent again.', ...(ways.includes('job') ? ['Where its job still runs it is waited for, and cancelling ends it there.'] : [])],
    findings: [],
    wayBack: null,
    changes: false,
    irreversible: false,
    nameToConfirm: null,
    estimatedMs: null,
    exclusive: [`walkthrough:${walkthroughId}`],
    details: { walkthroughId, key, attempt: progress.attempt },
  };
}

/** Statuses by which a shell says that it could not do what it was told, or was ended: nothing was looked at then. */
const saysNothing = (status: number): boolean => status === noPlaceStatus || status === 126 || status === 127 || status >= 128;

/** Whether the probe has looked: one that ran out of time, was ended, or could not begin has not. */
function hasLooked(doneIf: Matcher, kind: 'sh' | 'sql', { exitStatus, timedOut }: Outcome): boolean {
  if (timedOut || (kind === 'sh' && exitStatus === null)) return false;
  if (doneIf.kind !== 'exit') return exitStatus === null || exitStatus === 0;
  return exitStatus !== null && (doneIf.codes.includes(exitStatus) || !saysNothing(exitStatus));
}

/** @throws runbook.step-failed where nobody knows afterwards either; what looking threw */
export async function runLook(desk: StepDesk, { walkthroughId, key, attempt }: LookDetails, operation: RunningOperation): Promise<ProcedureOutcome> {
  const { walks, context } = desk;
  const walk = walks.open(walkthroughId);
  const { slot, step, progress } = unknownSlot(walk, key, attempt);
  const doing = doingOf(step, slot);
  const known = (summary: string): ProcedureOutcome => ({ summary, result: { walkthroughId } });
  /** Somebody may have said meanwhile what became of it: that stands. */
  const tell = (event: WalkthroughEvent): void => {
    unknownSlot(walks.open(walkthroughId), key, attempt);
    walks.tell(walkthroughId, [event]);
  };
  const seen = (found: string): void => tell({ kind: 'looked', key, attempt, found });
  const found: string[] = [];
  try {
    if (progress.jobId !== null) for (const each of reachedBy(doing, walk.walkthrough)) await requireSameTarget(context, desk.binder, each, operation.signal);
    if (progress.jobId !== null && progress.hostId !== null) {
      const told = await operation.phase('job', () => lookAtStepJob(desk, walk, { slot, step, progress: { ...progress, jobId: progress.jobId ?? '', hostId: progress.hostId ?? '' } }, operation, seen));
      if (told.known !== null) return known(told.known);
      found.push(told.found);
    }
    if (doing.action.kind === 'procedure' && progress.operationId !== null) {
      const told = await operation.phase('operation', async () => desk.called.settle(walk, key, progress.operationId ?? '', operation));
      if (told !== null) return known(told);
      const inner = desk.called.innerOf(progress.operationId);
      if (inner === null) {
        // Its end was not heard of because it never began: the operation is written down before it does anything.
        tell({ kind: 'reopened', key, attempt: attempt + 1, by: 'operation', why: 'It was never begun: there is no operation of it.' });
        return known('It was never begun');
      }
      found.push(`The operation "${inner.title}" is ${inner.state}${inner.advice === null ? '' : `: ${inner.advice}`}`);
    }
    const probe = probeOf(desk, walk, slot, step);
    if (probe !== null && 'why' in probe) found.push(`Its probe could not be asked: ${probe.why}`);
    if (probe !== null && 'sent' in probe && step.probe !== null) {
      const { doneIf, action } = step.probe;
      for (const each of probe.reached) await requireSameTarget(context, desk.binder, each, operation.signal, probe.sent.kind === 'sql' ? probe.sent.database : null);
      const outcome = await operation.phase('probe', () => desk.runner.send(probe.sent, quietly(operation, step), { timeoutMs: probeMs, stallWarnMs: null }));
      const verdicts = judgeSeen([{ matcher: doneIf, say: 'Its probe says that it is done', line: step.line }], outcome, action.kind, step, scopeOf(walk.walkthrough, slot, desk.secrets));
      const wrong = verdicts.find(({ ok }) => !ok);
      const asked = hasLooked(doneIf, action.kind, outcome) && wrong?.say !== notJudged;
      if (asked && wrong === undefined) {
        unknownSlot(walks.open(walkthroughId), key, attempt);
        const output = keepOutput(context, walks, walkthroughId, step, outcome);
        tell({ kind: 'ended', key, attempt, as: 'succeeded', by: 'probe', verdicts, captured: {}, exitStatus: null, durationMs: null, output, answer: null, summary: 'It happened, as its probe says', doneAt: null });
        return known('It happened, as its probe says');
      }
      if (asked) {
        tell({ kind: 'reopened', key, attempt: attempt + 1, by: 'probe', why: `It did not happen, as its probe says: ${wrong?.seen ?? 'not done'}` });
        return known('It did not happen, as its probe says');
      }
      found.push(outcome.timedOut ? 'Its probe did not answer in time' : `The probe itself failed: ${wrong?.seen ?? `exit status ${outcome.exitStatus ?? 'unknown'}`}`);
    }
  } catch (error) {
    if (operation.signal.aborted || hasCode(error, 'runbook.not-now')) throw error;
    seen(`${noAnswer}${toErrorShape(error, '').message}`);
    throw error;
  }
  seen(found.join('. '));
  throw new PilothouseError('runbook.step-failed', `Nobody knows yet what became of "${titleOf(walk.runbook, slot)}": ${found.join('. ')}.`, { hint: 'See at the server by other means, then record what you saw.', details: { walkthroughId, key, unknown: true } });
}

/** How its job ended; one that still runs is waited for. */
async function lookAtStepJob(desk: StepDesk, walk: Walk, at: { slot: Slot; step: Step; progress: { jobId: string; hostId: string; attempt: number } }, operation: RunningOperation, seen: (found: string) => void): Promise<{ known: string } | { known: null; found: string }> {
  const { slot, step, progress } = at;
  const doing = doingOf(step, slot);
  const job = { hostId: progress.hostId, jobId: progress.jobId, sudo: accountOf(walk, slot, doing.sudo, desk.secrets) };
  const limits = { timeoutMs: doing.timeoutMs, stallWarnMs: slot.undo === null ? step.stallWarnMs : null };
  const quiet = quietly(operation, step);
  let look: FoundJob = await desk.runner.look(job, quiet, limits);
  if (look.state === 'running') {
    seen(stillRuns);
    look = { state: 'ended', outcome: await desk.runner.followJob(job, quiet, limits) };
  }
  if (look.state === 'ended') {
    unknownSlot(desk.walks.open(walk.walkthrough.id), slot.key, progress.attempt);
    const judged = judgeOutcome(walk, slot, look.outcome, scopeOf(walk.walkthrough, slot, desk.secrets), desk.context.scrubber);
    const output = keepOutput(desk.context, desk.walks, walk.walkthrough.id, step, look.outcome);
    const summary = await tellOfEnd(desk, { walkthroughId: walk.walkthrough.id, key: slot.key, attempt: progress.attempt, by: 'job', outcome: look.outcome, judged, output }, operation);
    await desk.runner.forgetJob(job).catch((error: unknown) => operation.log('warn', `The job ${job.jobId} could not be taken off: ${toErrorShape(error, '').message}`));
    return { known: summary };
  }
  const words = {
    gone: 'There is no job of it there: it was never begun, or somebody has removed it',
    lost: 'Its job is there, and its processes are gone without saying how they ended',
    restarted: 'The machine was started anew while its job ran',
  } as const;
  return { known: null, found: words[look.state] };
}
