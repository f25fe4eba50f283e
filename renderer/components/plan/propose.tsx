/** Nothing runs without its plan: whoever wants something done proposes it, and the person decides. */
import { Modal } from '@mantine/core';
import { createContext, use, useCallback, useEffect, useMemo, useRef, useState, type ReactNode } from 'react';
import { useLocation } from 'wouter';
import type { EngineClient } from '#shared/contract/index.ts';
import type { Plan } from '#shared/contract/operations.ts';
import { toErrorShape, type ErrorShape } from '#shared/domain/errors.ts';
import { useEngine } from '../../transport/engine-context.ts';
import { CloseButton } from '../button.tsx';
import { ErrorPanel } from '../error-panel.tsx';
import { OpenModal } from '../open-modal.tsx';
import { askingFor, PasswordAsked } from './password-asked.tsx';
import { PlanConfirm } from './plan-confirm.tsx';

export interface Proposal<Choices = unknown> {
  /** What is being worked out, in words: "Back up shop". */
  title: string;
  choices: Choices;
  plan: (engine: EngineClient, choices: Choices) => Promise<Plan>;
  /** Choices that change the plan; shown above it. */
  renderChoices?: (choices: Choices, change: (choices: Choices) => void) => ReactNode;
  onStarted: (operationId: string) => void;
}

type Propose = <Choices>(proposal: Proposal<Choices>) => void;

const ProposeContext = createContext<Propose>(() => {});

export function usePropose(): Propose {
  return use(ProposeContext);
}

type Look = { state: 'planning' } | { state: 'planned'; plan: Plan } | { state: 'failed'; error: ErrorShape };

interface Shown {
  proposal: Proposal;
  look: Look;
  /** While a changed choice is worked out the old plan is still shown, but cannot run. */
  replanning: boolean;
  /** The first plan of a proposal gives Cancel the focus; later ones leave it where the choices are. */
  first: boolean;
  /** Grows with every attempt, so that a slow answer to an older one is dropped. */
  attempt: number;
}

/** Reading checks nothing but the eyes: a plan that changes nothing and asks for nothing runs at once. */
function runsAtOnce(plan: Plan, proposal: Proposal): boolean {
  return plan.kind === 'health.check' && !plan.changes && plan.runnable && plan.confirmName === null && proposal.renderChoices === undefined;
}

export function ProposeProvider({ children }: { children: ReactNode }) {
  const engine = useEngine();
  const [shown, setShown] = useState<Shown | null>(null);
  const attempts = useRef(0);
  /** The address at which the latest was proposed. */
  const proposedAt = useRef('');
  const [location] = useLocation();
  const close = useCallback(() => {
    attempts.current += 1;
    setShown(null);
  }, []);
  // A question about one screen does not stay open over another. One that a screen asks as it opens is its own.
  useEffect(() => {
    if (proposedAt.current !== window.location.hash) close();
  }, [location, close]);

  const work = useCallback(
    async (proposal: Proposal) => {
      const attempt = ++attempts.current;
      setShown((before) => {
        const keep = before?.look.state === 'planned';
        return { proposal, attempt, look: keep ? before.look : { state: 'planning' }, replanning: keep, first: !keep };
      });
      const settle = (look: Look) => setShown((before) => (before?.attempt === attempt ? { ...before, look, replanning: false } : before));
      try {
        const plan = await proposal.plan(engine, proposal.choices);
        // Closed meanwhile, or asked anew: nobody waits for this one, and nothing of it may run.
        if (attempts.current !== attempt) return;
        if (runsAtOnce(plan, proposal)) {
          const { operationId } = await engine.call('operation.run', { planId: plan.id, token: plan.token });
          if (attempts.current !== attempt) return;
          close();
          proposal.onStarted(operationId);
          return;
        }
        settle({ state: 'planned', plan });
      } catch (error) {
        settle({ state: 'failed', error: toErrorShape(error, '') });
      }
    },
    [engine, close],
  );
  // A proposal knows its own choices; here they only pass through.
  const propose = useMemo<Propose>(() => (proposal) => {
    proposedAt.current = window.location.hash;
    void work(proposal as Proposal);
  }, [work]);

  const look = shown?.look;
  const choices = shown?.proposal.renderChoices?.(shown.proposal.choices, (changed) => void work({ ...shown.proposal, choices: changed }));
  const asking = look?.state === 'failed' ? askingFor(look.error) : null;
  const environment = look?.state === 'planned' ? look.plan.environment : null;
  return (
    <ProposeContext value={propose}>
      {children}
      {shown === null || look === undefined ? null : (
        <OpenModal onClose={close} size={560} centered>
          <div className="dlg" {...(environment === null ? {} : { 'data-env': environment })}>
            {look.state === 'planned' ? null : (
              <div className="dlg-head">
                <Modal.Title>{shown.proposal.title}</Modal.Title>
                <CloseButton onClick={close} />
              </div>
            )}
            {look.state === 'failed' ? <ErrorPanel error={asking === null ? look.error : { ...look.error, hint: 'Type it below.' }} title="The plan could not be made." onRetry={() => void work(shown.proposal)} /> : null}
            {look.state === 'failed' && asking !== null ? <PasswordAsked asking={asking} error={look.error} onTyped={() => void work(shown.proposal)} /> : null}
            {look.state === 'planning' ? (
              <div className="stack" aria-busy="true">
                <p className="t2" role="status">Working out what it would do.</p>
                {[320, 260, 290].map((width) => <span key={width} className="sk" style={{ width }} />)}
              </div>
            ) : null}
            {look.state === 'planned' ? null : choices}
            {look.state === 'planned' ? (
              <PlanConfirm
                plan={look.plan}
                choices={choices}
                namesDialog
                focusCancel={shown.first}
                replanning={shown.replanning}
                onCancel={close}
                onReplan={() => void work(shown.proposal)}
                onStarted={(operationId) => {
                  // Who closed it while it started goes on with what they turned to.
                  if (attempts.current !== shown.attempt) return;
                  close();
                  shown.proposal.onStarted(operationId);
                }}
              />
            ) : null}
          </div>
        </OpenModal>
      )}
    </ProposeContext>
  );
}
