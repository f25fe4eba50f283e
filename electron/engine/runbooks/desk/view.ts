/** A walkthrough as a person sees it: what was done, what is to be done now, and what can be done about it. */
import type { RunSummary } from '#shared/contract/runbooks.ts';
import type { WalkedStep, WalkthroughView } from '#shared/contract/walkthroughs.ts';
import type { Value } from '#shared/domain/runbook/definition.ts';
import { mayRepeat, possibleAt, possibleOfRun } from '#shared/domain/runbook/possible.ts';
import { rollbackSlots, titleOf } from '#shared/domain/runbook/slots.ts';
import { valueText } from '#shared/domain/runbook/template.ts';
import { isOver, type StepProgress, type Walkthrough } from '#shared/domain/runbook/walkthrough.ts';
import type { LibraryFile } from '../library/index.ts';
import { changesBetween } from '../library/index.ts';
import type { EngineContext } from '../../engine-context.ts';
import type { WalkthroughRepository } from '../../store/walkthrough-repository.ts';
import { namesOf } from '../resolve/index.ts';
import type { Adopted } from './adopted.ts';
import { secretsNeeded } from './beginning.ts';
import type { Binder } from './binding.ts';
import { reachedIn } from './by-hand.ts';
import { waysToKnow } from './look.ts';
import { previewOf, type PreviewContext } from './preview.ts';
import { scopeOf, setterOf } from './scope.ts';
import type { WalkSecrets } from './secrets.ts';
import { doingOf, stepOf } from './steps-of.ts';
import { summaryOfRun } from './summary.ts';
import type { Walk } from './walks.ts';

/** Steps whose output is shown at once; that of others is read when it is opened. */
const outputsShown = 12;
const tailCharacters = 6000;

export interface ViewContext {
  context: Pick<EngineContext, 'systems' | 'operations' | 'ports'>;
  repository: WalkthroughRepository;
  binder: Binder;
  adopted: Pick<Adopted, 'contacts'>;
  secrets: WalkSecrets;
  /** The file as it is now; null where it is gone. */
  fileOf: (runbookId: string, ref: string | null) => LibraryFile | null;
  titleOfRunbook: (id: string) => string | null;
  /** The operation that a step's own has begun, whose log says what is done. */
  innerOf: (operationId: string) => string | null;
}

function outcomeOf(progress: StepProgress): string | null {
  switch (progress.state) {
    case 'skipped':
      return progress.reason === null || progress.reason === '' ? 'Skipped' : `Skipped: ${progress.reason}`;
    case 'not-applicable':
      return progress.reason ?? progress.summary;
    case 'unknown':
      return 'Nobody knows whether it happened';
    default:
      return progress.passed ? `Left behind: ${progress.reason ?? ''}` : progress.summary;
  }
}

function valuesOf(walk: Walk): WalkthroughView['values'] {
  const setBy = setterOf(walk.runbook);
  const labels = new Map(walk.runbook.params.map(({ name, label }) => [name, label]));
  const shown = Object.entries(walk.walkthrough.values).filter(([name]) => !name.includes('.'));
  return [
    ...shown.map(([name, value]: [string, Value]) => ({ name, label: labels.get(name) ?? name, text: valueText(value), secret: false, setBy: labels.has(name) ? null : setBy(name) })),
    ...walk.walkthrough.secrets.map((name) => ({ name, label: labels.get(name) ?? name, text: 'kept in memory alone', secret: true, setBy: null })),
  ];
}

function tailOf(repository: WalkthroughRepository, walkthrough: Walkthrough, evidenceId: string | null, isShown: boolean): string {
  if (evidenceId === null || !isShown) return '';
  return repository.evidence(walkthrough.id, evidenceId)?.data.toString('utf8').slice(-tailCharacters) ?? '';
}

/** Secrets that the step takes that is to be done now. */
function secretsNow({ walkthrough, runbook }: Walk, secrets: WalkSecrets): ReadonlySet<string> {
  const slot = walkthrough.current === null ? undefined : walkthrough.steps[walkthrough.current]?.slot;
  return slot === undefined ? new Set() : namesOf(doingOf(stepOf(runbook, slot.stepId), slot), scopeOf(walkthrough, slot, secrets)).hidden;
}

/** @param onPaper for a page to print, whatever the mode is: what is left is done by hand, procedures of the console too */
export function viewOf(walk: Walk, dependencies: ViewContext, onPaper = walk.walkthrough.mode === 'paper'): WalkthroughView {
  const { context, repository, binder, adopted, secrets, fileOf, titleOfRunbook } = dependencies;
  const { walkthrough, runbook } = walk;
  const row = repository.row(walkthrough.id);
  const preview: PreviewContext = { scope: { values: walkthrough.values, secrets: secrets.of(walkthrough.id), secretNames: new Set(walkthrough.secrets), bindings: walkthrough.bindings }, binder, titleOfRunbook, ...(onPaper ? { reachedBy: reachedIn(context.systems) } : {}) };
  const system = walkthrough.systemId === null ? null : context.systems.find(walkthrough.systemId);
  const summaries = (ids: readonly string[]): RunSummary[] => ids.map((id) => repository.row(id)).map((found) => summaryOfRun(found, context));
  const withOutput = new Set(Object.values(walkthrough.steps).filter(({ output }) => output !== null).toSorted((a, b) => ((a.endedAt ?? '') < (b.endedAt ?? '') ? 1 : -1)).slice(0, outputsShown).map(({ slot }) => slot.key));
  const comments = new Map<string, number>();
  for (const { key } of walkthrough.comments) if (key !== null) comments.set(key, (comments.get(key) ?? 0) + 1);

  const steps = walkthrough.order.map((key, index): WalkedStep => {
    const progress = walkthrough.steps[key] as StepProgress;
    const step = stepOf(runbook, progress.slot.stepId);
    const shown = previewOf(runbook, progress.slot, preview, progress.resolved);
    const { action } = doingOf(step, progress.slot);
    const { operationId, output } = progress;
    return {
      ...shown,
      number: index + 1,
      state: progress.state,
      outcome: outcomeOf(progress),
      attempt: progress.attempt,
      operationId: operationId === null || action.kind !== 'procedure' ? operationId : (dependencies.innerOf(operationId) ?? operationId),
      childId: progress.childId,
      startedAt: progress.startedAt,
      endedAt: progress.endedAt,
      doneAt: progress.doneAt,
      by: progress.by,
      roles: shown.by,
      exitStatus: progress.exitStatus,
      durationMs: progress.durationMs,
      verdicts: [...progress.verdicts],
      output: output === null ? null : { ...output, tail: tailOf(repository, walkthrough, output.evidenceId, withOutput.has(key)) },
      answer: progress.answer === null ? null : Array.isArray(progress.answer) ? [...progress.answer] : (progress.answer as string | number | boolean),
      reason: progress.reason,
      passed: progress.passed,
      approvals: progress.approvals.map(({ role, who, decision, note, at }) => ({ role, who, decision, note, at })),
      timer: progress.timer === null ? null : { dueAt: progress.timer.dueAt, state: progress.timer.state },
      unknown: progress.state !== 'unknown' ? null : { since: progress.unknownSince ?? walkthrough.startedAt, looks: [...progress.looks], ways: waysToKnow(step, progress.slot, progress), mayRepeat: mayRepeat(runbook, progress) },
      usable: action.kind === 'runbook' && action.withinMs !== null && key === walkthrough.current ? summaries(repository.endedWell(action.runbook, walkthrough.systemId, context.ports.clock.now() - action.withinMs)) : [],
      can: [...possibleAt(walkthrough, runbook, key)],
      comments: comments.get(key) ?? 0,
    };
  });

  const file = fileOf(walkthrough.runbookId, row.ref);
  const isNewer = file !== null && file.hash !== walkthrough.definitionHash && file.runbook !== null;
  const over = isOver(walkthrough.state);
  const possible = possibleOfRun(walkthrough, runbook);
  const undoes = walkthrough.rollback === null ? rollbackSlots(runbook, walkthrough) : [];
  return {
    run: summaryOfRun(row, context),
    stateReason: walkthrough.stateReason,
    environment: system?.environment ?? null,
    readOnly: system?.readOnly ?? false,
    targets: runbook.targets.flatMap((role) => {
      const binding = walkthrough.bindings[role.name];
      if (binding === undefined) return [];
      return [{
        role: role.name,
        label: role.label,
        kind: role.kind,
        to: binder.words(binding),
        identity: binding.kind === 'ssh' ? binding.fingerprint : binding.kind === 'postgres' ? binding.systemIdentifier : null,
        hostId: binding.kind === 'ssh' ? binding.hostId : null,
        databaseId: binding.kind === 'postgres' ? binding.databaseId : null,
        lostSince: binder.lostSince(binding),
        trouble: binder.trouble(binding),
      }];
    }),
    values: valuesOf(walk),
    secretsNeeded: over || walkthrough.mode !== 'live' ? [] : secretsNeeded(walkthrough.secrets, secrets.of(walkthrough.id), runbook, secretsNow(walk, secrets)),
    steps,
    current: walkthrough.current,
    rollback: {
      possible: possible.includes('rollback'),
      undoes: undoes.filter(({ undo }) => undo !== null).map((slot) => titleOf(runbook, slot)),
      afterwards: undoes.filter(({ undo }) => undo === null).map((slot) => titleOf(runbook, slot)),
      started: walkthrough.rollback?.startedAt ?? null,
    },
    usualMs: repository.medianMs(walkthrough.runbookId),
    estimateMs: runbook.estimateMs,
    newer: isNewer && file.runbook !== null ? { version: file.runbook.version, hash: file.hash, changes: changesBetween(runbook, file.runbook) } : null,
    contacts: adopted.contacts(runbook.contacts, walkthrough.systemId),
    comments: walkthrough.comments.map(({ key, text, at, actor }) => ({ key, text, at, actor })),
    evidence: walkthrough.evidence.map(({ evidenceId, key, name, media, bytes, at }) => ({ id: evidenceId, key, name, media, bytes, at })),
    signatures: walkthrough.signatures.map((signature) => ({ ...signature })),
    children: summaries(repository.childrenOf(walkthrough.id)),
    canPause: possible.includes('pause'),
    canResume: possible.includes('resume'),
    canAbort: possible.includes('abort'),
    canGoLive: possible.includes('go-live'),
  };
}
