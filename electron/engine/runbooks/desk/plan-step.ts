/** What running a step would do, exactly, before it does it. */
import { PilothouseError } from '#shared/domain/errors.ts';
import { titleOf } from '#shared/domain/runbook/slots.ts';
import type { Step } from '#shared/domain/runbook/definition.ts';
import type { Binding, Slot } from '#shared/domain/runbook/walkthrough.ts';
import type { PlanFinding, PlanTarget } from '#shared/contract/operations.ts';
import type { PlanDraft } from '../../operations/procedure.ts';
import { describeAction, describeSent, resolveAction } from '../resolve/index.ts';
import type { Sent } from '../sent.ts';
import { isDetached } from './detached.ts';
import { expectationsOf } from './expectations.ts';
import { reachedBy, systemOf } from './reached.ts';
import { requireCurrent, sha256, type StepDesk, type StepDetails } from './run-step.ts';
import { scopeOf, setterOf } from './scope.ts';
import { doingOf, stepOf } from './steps-of.ts';
import type { Walk } from './walks.ts';

export interface StepInput {
  walkthroughId: string;
  key: string;
  expectedSeq: number;
}

/** The plan is bound to the way to each of them. */
export function targetsOf(desk: Pick<StepDesk, 'binder'>, reached: readonly Binding[]): PlanTarget[] {
  return reached.map((binding) => {
    const label = desk.binder.words(binding);
    switch (binding.kind) {
      case 'ssh':
        return { label, databaseId: null, hostId: binding.hostId, identity: null };
      case 'postgres':
        return { label, databaseId: binding.databaseId, identity: binding.systemIdentifier === null ? null : { systemIdentifier: binding.systemIdentifier, database: binding.database } };
      case 'http':
        return { label, databaseId: null, identity: null };
    }
  });
}

/** How it is taken back, in words; null where the file says of no way back. */
function wayBackOf(walk: Walk, slot: Slot, step: Step, desk: Pick<StepDesk, 'secrets'>): string | null {
  if (slot.undo !== null || step.undo === null || step.undo.length === 0) return null;
  const scope = scopeOf(walk.walkthrough, slot, desk.secrets);
  const texts = step.undo.map((undo) => (undo.action.kind === 'procedure' ? undo.action.procedure : describeAction({ ...undo, target: undo.target ?? slot.target ?? step.target }, scope, { setBy: setterOf(walk.runbook) }).text));
  return `By the rollback of this walkthrough, as long as it is not over, or by hand: ${texts.join('; then ')}`;
}

/** Two that are changed at once must not be one and the same. */
function exclusiveOf(walkthroughId: string, binding: Binding | null, changes: boolean): string[] {
  const keys = [`walkthrough:${walkthroughId}`];
  if (!changes || binding === null) return keys;
  if (binding.kind === 'ssh') return [...keys, `changes:host:${binding.hostId}`];
  if (binding.kind === 'postgres') return [...keys, `database:${binding.databaseId}`];
  return keys;
}

/** Of what was removed, or is another one by now. */
export function troublesOf(binder: Pick<StepDesk['binder'], 'trouble'>, reached: readonly Binding[]): PlanFinding[] {
  return reached.flatMap((binding) => {
    const trouble = binder.trouble(binding);
    return trouble === null ? [] : [{ state: 'critical' as const, title: 'It is not the one that this was begun for', detail: trouble, fix: 'Begin the runbook anew for the one that is there now.' }];
  });
}

function findingsOf(desk: StepDesk, walk: Walk, slot: Slot, step: Step, reached: readonly Binding[]): PlanFinding[] {
  const doing = doingOf(step, slot);
  const binding = reached[0] ?? null;
  const findings = troublesOf(desk.binder, reached);
  const takenBack = slot.undo === null ? undefined : walk.walkthrough.steps[slot.undo.of];
  if (takenBack?.state === 'unknown') findings.push({ state: 'warn', title: `Nobody knows whether what it takes back has happened: ${titleOf(walk.runbook, takenBack.slot)}`, detail: takenBack.jobId === null ? 'See there first.' : 'Its job may still run there. See there first.' });
  if (doing.risk === 'read') return findings;
  if (slot.undo === null && (step.waitUntil !== null || step.retry !== null) && !step.idempotent) findings.push({ state: 'critical', title: 'It would be sent more than once', detail: 'The step changes something, waits or tries again, and does not say that doing it twice is as doing it once.', fix: 'Write idempotent: true where that is so, or take wait_until and retry out.' });
  const others = binding === null ? [] : desk.walks.othersOn(walk.walkthrough.id, binding);
  if (others.length > 0) findings.push({ state: 'warn', title: `Another walkthrough is under way there: ${others.join(', ')}`, detail: 'Both change the same target. Agree with whoever walks it before you go on.' });
  const isUnprovable = slot.undo === null && !isDetached(step, slot) && !step.idempotent && step.probe === null;
  if (isUnprovable) findings.push({ state: 'warn', title: 'If the connection is lost in the middle, only a person can tell whether it happened', detail: 'The step has no probe, and does not say that it may be repeated.' });
  return findings;
}

const words = { read: 'It only reads', change: 'It changes something', destructive: 'It takes something away' };

/** The step as it would be sent now. @throws runbook.not-now, runbook.not-sent, runbook.secret-needed, runbook.target-changed */
export async function planStep(desk: StepDesk, { walkthroughId, key, expectedSeq }: StepInput): Promise<PlanDraft<StepDetails>> {
  const walk = desk.walks.open(walkthroughId);
  const progress = walk.walkthrough.steps[key];
  if (progress === undefined) throw new PilothouseError('runbook.not-now', `This walkthrough has no step ${key}.`, { hint: 'Read it again.' });
  // Only what was said meanwhile about this very step keeps it from being planned: a comment is no news.
  if (walk.walkthrough.seq !== expectedSeq && walk.walkthrough.current !== key) throw new PilothouseError('runbook.not-now', 'Somebody else was faster: another step is to be done now.', { hint: 'Read the walkthrough again.', retryable: true });
  const slot = requireCurrent(walk, key, progress.attempt);
  const step = stepOf(walk.runbook, slot.stepId);
  const doing = doingOf(step, slot);
  const reached = reachedBy(doing, walk.walkthrough);
  const binding = doing.target === null ? null : (walk.walkthrough.bindings[doing.target] ?? null);
  if (doing.action.kind === 'procedure') return desk.called.plan(walk, slot);
  const jobId = isDetached(step, slot) ? `rb-${desk.context.ports.random.id()}` : null;
  const sent: Sent = resolveAction(doing, scopeOf(walk.walkthrough, slot, desk.secrets), { jobId });
  const title = titleOf(walk.runbook, slot);
  const where = binding === null ? '' : ` on ${desk.binder.words(binding)}`;
  const changes = doing.risk !== 'read';
  const system = systemOf(desk.context, walk.walkthrough, reached);
  const wayBack = wayBackOf(walk, slot, step, desk);
  const expects = expectationsOf(step, slot).map(({ say }) => say);
  return {
    title: `${title}${where}`,
    question: `${doing.risk === 'read' ? 'Run' : doing.risk === 'change' ? 'Change something by' : 'Go on with'} "${title}"${where}?`,
    system,
    target: binding === null ? walk.walkthrough.title : desk.binder.words(binding),
    targets: targetsOf(desk, reached),
    steps: [
      { id: 'identify', title: binding === null || binding.kind === 'http' ? 'See where it goes' : `See that ${desk.binder.words(binding)} is the one that was meant` },
      { id: 'send', title: jobId === null ? 'Send it' : `Begin it as a job of ${desk.binder.words(binding ?? { kind: 'http', url: '' })}, which goes on without this computer`, detail: describeSent(sent) },
    ],
    consequences: [
      `${words[doing.risk]}${where}.`,
      ...(expects.length === 0 ? [] : [`Afterwards it is judged by: ${expects.join('; ')}.`]),
      ...(doing.timeoutMs === null ? [] : [`It is ended after ${Math.round(doing.timeoutMs / 1000)} s.`]),
    ],
    findings: findingsOf(desk, walk, slot, step, reached),
    wayBack,
    changes,
    irreversible: doing.risk === 'destructive' && wayBack === null && slot.undo === null,
    nameToConfirm: changes ? nameOf(sent, binding, desk) : null,
    // Of a system that was removed nobody knows any more whether it was production.
    ...(changes && system === null && walk.walkthrough.systemId !== null ? { alwaysAskName: true } : {}),
    estimatedMs: null,
    exclusive: exclusiveOf(walkthroughId, binding, changes),
    details: { walkthroughId, key, attempt: progress.attempt, jobId, resolvedSha256: sha256(describeSent(sent)) },
  };
}

/** What is typed to be sure of the target: of a request the machine that it goes to, whichever target the step names. */
function nameOf(sent: Sent, binding: Binding | null, desk: Pick<StepDesk, 'binder'>): string | null {
  if (sent.kind === 'http' && (binding?.kind !== 'ssh' || sent.throughHostId === null)) return new URL(sent.url).host;
  if (binding === null) return null;
  return binding.kind === 'postgres' ? binding.database : desk.binder.words(binding);
}
