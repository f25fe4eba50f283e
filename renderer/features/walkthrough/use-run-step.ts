/** Running a step, or looking at one that is unknown: what only reads is one press, all else shows its plan and asks. */
import { createElement, useEffect, useRef, useState } from 'react';
import type { EngineClient } from '#shared/contract/index.ts';
import type { Plan } from '#shared/contract/operations.ts';
import type { WalkedStep } from '#shared/contract/walkthroughs.ts';
import { isPilothouseError, type ErrorShape } from '#shared/domain/errors.ts';
import { askingFor } from '../../components/plan/password-asked.tsx';
import { usePropose } from '../../components/plan/propose.tsx';
import { useEngine } from '../../transport/engine-context.ts';
import { useSubmission } from '../../transport/use-submission.ts';
import { useWalked } from './context.ts';
import { useDraft } from './drafts.ts';
import { WhatGoesOut } from './step-command.tsx';

export interface StepRun {
  /** @param seq the walkthrough as it was seen; left out: as it stands on screen */
  start(seq?: number): void;
  isPending: boolean;
  error: ErrorShape | null;
  /** The operation that was started here and has not become part of the step yet; null where none was. */
  operationId: string | null;
  /** Forgets it: it came to nothing, and somebody has read why. */
  clear(): void;
}

/** Changes nothing, asks for nothing: the command stands on the screen, and a dialog would only repeat it. */
const asksNothing = (plan: Plan): boolean => !plan.changes && !plan.irreversible && plan.runnable && plan.confirmName === null;

/** The secrets that an error asks for. */
function lackingIn(error: unknown): string[] {
  const names = isPilothouseError(error) && error.code === 'runbook.secret-needed' ? error.details['names'] : null;
  return Array.isArray(names) ? names.filter((name) => typeof name === 'string') : [];
}

export function useRunStep(step: WalkedStep, action: 'run' | 'look'): StepRun {
  const { view, id, reread, onLacking, watch } = useWalked();
  const engine = useEngine();
  const propose = usePropose();
  // Of an earlier attempt nothing is shown: its field is another one.
  const started = useDraft(id, step.key, `operation-${action}-${step.attempt}`);
  const latest = useRef(view.run.seq);
  useEffect(() => {
    latest.current = view.run.seq;
  });
  const [seen, setSeen] = useState<number | null>(null);
  const planned = async (client: EngineClient, seq: number): Promise<Plan> => {
    try {
      return (await client.call('walkthrough.planStep', { walkthroughId: id, key: step.key, expectedSeq: seq, action })).plan;
    } catch (error) {
      onLacking(lackingIn(error));
      throw error;
    }
  };
  const onStarted = (operationId: string): void => {
    watch(operationId);
    started.set(operationId);
    void reread();
  };
  /** @param first what was planned already, shown before it is planned anew */
  const ask = (seq: number, first: Plan | null = null): void => {
    let ready = first;
    let asked = first !== null;
    propose({
      title: action === 'look' ? 'Look what became of it' : step.title,
      choices: null,
      ...(action === 'run' && step.text !== '' ? { renderChoices: () => createElement(WhatGoesOut, { step }) } : {}),
      plan: async (client) => {
        // What is planned once more is planned as it stands by then.
        const plan = ready ?? (await planned(client, asked ? latest.current : seq));
        ready = null;
        asked = true;
        return plan;
      },
      onStarted,
    });
  };
  const direct = useSubmission<{ plan: Plan; operationId: string | null }, { seq: number }>({
    mutationFn: async ({ seq }) => {
      const plan = await planned(engine, seq);
      if (!asksNothing(plan)) return { plan, operationId: null };
      const { operationId } = await engine.call('operation.run', { planId: plan.id, token: plan.token });
      return { plan, operationId };
    },
    onSuccess: ({ plan, operationId }, { seq }) => (operationId === null ? ask(seq, plan) : onStarted(operationId)),
    onError: (error, { seq }) => {
      // What is missing can be typed where the plan is made.
      if (askingFor(error) !== null) ask(seq);
    },
  });
  return {
    start: (seq = view.run.seq) => {
      setSeen(seq);
      started.set('');
      if (action === 'look' || step.risk === 'read') direct.mutate({ seq });
      else ask(seq);
    },
    isPending: direct.isPending,
    error: direct.error !== null && seen !== null && askingFor(direct.error) === null ? direct.error : null,
    operationId: started.text === '' ? null : started.text,
    clear: () => started.set(''),
  };
}
