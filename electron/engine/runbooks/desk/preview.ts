/** The steps of a runbook as they will be sent or asked, with what is known by then. Executes nothing. */
import type { PreviewStep } from '#shared/contract/runbooks.ts';
import { durationWords } from '#shared/domain/runbook/params.ts';
import type { ActionKind, Runbook, Step } from '#shared/domain/runbook/definition.ts';
import { slotsOf, titleOf } from '#shared/domain/runbook/slots.ts';
import { unknownText, valueText } from '#shared/domain/runbook/template.ts';
import type { Binding, Slot } from '#shared/domain/runbook/walkthrough.ts';
import { describeAction } from '../resolve/index.ts';
import type { Scope } from '../sent.ts';
import type { Binder } from './binding.ts';
import { byHand, madeBy, type Reached } from './by-hand.ts';
import { procedureWords, type CalledAction } from './called.ts';
import { isDetached } from './detached.ts';
import { expectationsOf } from './expectations.ts';
import { setterOf } from './scope.ts';
import { doingOf, stepOf, type Doing } from './steps-of.ts';

export interface PreviewContext {
  scope: Omit<Scope, 'item'>;
  binder: Pick<Binder, 'words'>;
  /** Titles of other runbooks, by id; null where there is none. */
  titleOfRunbook: (id: string) => string | null;
  /** For paper: how a database is connected to, as far as that is known. With it, what a person does for a procedure stands under what the console would do. */
  reachedBy?: (databaseId: string) => Reached | null;
}

type Described = { text: string; language: PreviewStep['language']; missing: string[] };

function linesByHand(action: CalledAction, doing: Doing, scope: Scope, reachedBy: NonNullable<PreviewContext['reachedBy']>, runbook: Runbook, setBy: (name: string) => string | null): string[] {
  const { values, secretNames, bindings, item } = scope;
  const made = madeBy(runbook, action);
  const target = doing.target ?? made?.target ?? null;
  const binding = target === null ? undefined : bindings[target];
  const database = binding?.kind === 'postgres' ? binding : null;
  const into = made === null ? undefined : values[`${made.id}.database`];
  const of = (name: string): string => {
    const value = name === 'item' ? (item ?? undefined) : Object.hasOwn(values, name) ? values[name] : undefined;
    return secretNames.has(name) ? '[redacted]' : valueText(value ?? unknownText(name, setBy(name)));
  };
  return byHand({ action, made: made?.action ?? null, database: database?.database ?? null, into: typeof into === 'string' ? into : null, reached: database === null ? null : reachedBy(database.databaseId), of });
}

function describe(doing: Doing, scope: Scope, { titleOfRunbook, binder, reachedBy }: PreviewContext, runbook: Runbook): Described {
  const setBy = setterOf(runbook);
  const { action } = doing;
  switch (action.kind) {
    case 'procedure': {
      const bound = doing.target === null ? undefined : scope.bindings[doing.target];
      // Its first line is the name that the file calls it by.
      const { text, missing } = describeAction(doing, scope, { setBy });
      const words = procedureWords(action, bound === undefined ? null : binder.words(bound), text.split('\n').slice(1));
      return { text: reachedBy === undefined ? words : `${words}\nPilothouse does it. By hand:\n${linesByHand(action, doing, scope, reachedBy, runbook, setBy).join('\n')}`, language: 'text', missing };
    }
    case 'runbook': {
      const title = titleOfRunbook(action.runbook);
      return { text: `The runbook "${title ?? action.runbook}"${action.require === 'succeeded' ? ', which has to succeed' : ''}${action.withinMs === null ? '' : `; one that ended so within ${durationWords(action.withinMs)} will do`}`, language: 'text', missing: title === null ? [`the runbook ${action.runbook}, which is not in the library`] : [] };
    }
    case 'undo-completed':
      return { text: 'What was done, newest first', language: 'text', missing: [] };
    default:
      return describeAction(doing, scope, { setBy });
  }
}

function choicesOf(step: Step): PreviewStep['choices'] {
  if (step.action.kind === 'decide') return step.action.choices.map(({ label, to }) => ({ label, to }));
  return step.choices.map((label) => ({ label, to: null }));
}

const languages: Partial<Record<ActionKind, PreviewStep['language']>> = { sh: 'sh', sql: 'sql', http: 'http' };

/** @param sent what was sent already: that stands, whatever is known by now */
export function previewOf(runbook: Runbook, slot: Slot, context: PreviewContext, sent: string | null = null): PreviewStep {
  const step = stepOf(runbook, slot.stepId);
  const doing = doingOf(step, slot);
  const scope: Scope = { ...context.scope, item: slot.item };
  const setBy = setterOf(runbook);
  const described: Described = sent === null || doing.action.kind === 'procedure' ? describe(doing, scope, context, runbook) : { text: sent, language: languages[doing.action.kind] ?? 'text', missing: [] };
  const binding: Binding | undefined = doing.target === null ? undefined : scope.bindings[doing.target];
  const probe = slot.undo === null && step.probe !== null ? describeAction({ ...step.probe, target: step.probe.target ?? slot.target ?? step.target, risk: 'read' }, scope, { setBy }) : null;
  const undo = slot.undo !== null || step.undo === null ? null : step.undo.map((each) => describe({ ...each, target: each.target ?? slot.target ?? step.target }, scope, context, runbook).text);
  return {
    key: slot.key,
    stepId: slot.stepId,
    title: titleOf(runbook, slot),
    why: step.why,
    section: slot.section,
    kind: doing.action.kind,
    line: step.line,
    item: slot.item,
    target: binding === undefined ? null : context.binder.words(binding),
    targetRole: doing.target,
    risk: doing.risk,
    text: described.text,
    language: described.language,
    missing: described.missing,
    skip: step.skip,
    pause: step.pause,
    detached: isDetached(step, slot),
    idempotent: step.idempotent,
    hasProbe: probe !== null,
    probeText: probe?.text ?? null,
    undo,
    expectations: expectationsOf(step, slot).map(({ say }) => say),
    captures: slot.undo === null ? step.capture.map(({ name }) => name) : [],
    confirm: slot.undo === null ? step.confirm : null,
    choices: choicesOf(step),
    by: doing.action.kind === 'approve' ? [...doing.action.by] : [],
    timeoutMs: doing.timeoutMs,
  };
}

/** All steps, with those of the rollback as the file has them. */
export function previewAll(runbook: Runbook, context: PreviewContext): PreviewStep[] {
  const slots = slotsOf(runbook, context.scope.values, context.scope.bindings);
  const rollback = (runbook.rollback?.steps ?? []).map((step): Slot => ({ key: step.id, stepId: step.id, section: 'rollback', item: null, target: step.target, undo: null }));
  return [...slots, ...rollback].map((slot) => previewOf(runbook, slot, context));
}
