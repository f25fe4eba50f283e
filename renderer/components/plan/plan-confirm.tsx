import { Modal } from '@mantine/core';
import { Check } from 'lucide-react';
import { useEffect, useId, useRef, useState, type ReactNode } from 'react';
import type { Plan } from '#shared/contract/operations.ts';
import { useEngine } from '../../transport/engine-context.ts';
import { useSubmission } from '../../transport/use-submission.ts';
import { useNow } from '../age.tsx';
import { Button } from '../button.tsx';
import { EnvironmentTag } from '../environment-tag.tsx';
import { ErrorPanel } from '../error-panel.tsx';
import { prose } from '../format.ts';
import { Icon } from '../icons.tsx';
import { InSight } from '../in-sight.tsx';
import { Tint } from '../state.tsx';
import { Findings, PlanSteps } from './plan-body.tsx';

interface Props {
  plan: Plan;
  onCancel: () => void;
  onStarted: (operationId: string) => void;
  /** Makes the plan anew, where it has expired or the world has changed. */
  onReplan: () => void;
  cancelLabel?: string;
  /** In a dialog Cancel takes the focus at once; beside evidence it waits. */
  focusCancel?: boolean;
  /** Where the findings stand elsewhere on the screen. */
  hideFindings?: boolean;
  /** Whether the question names the dialog around it. */
  namesDialog?: boolean;
  /** A newer plan is on its way; this one cannot run any more. */
  replanning?: boolean;
  /** What can be chosen about it; stands below the question. */
  choices?: ReactNode;
}

const destructive: ReadonlySet<Plan['kind']> = new Set(['restore.swap', 'restore.undo', 'restore.drop', 'backup.delete', 'files.delete', 'practice.reset', 'practice.remove', 'store.compact']);

/** The last question before something runs: consequences, way back, the typed name, and Cancel first. What cannot run has none of these: only what is in the way, and what to do. */
export function PlanConfirm({ plan, onCancel, onStarted, onReplan, cancelLabel = 'Cancel', focusCancel, hideFindings, namesDialog, replanning, choices }: Props) {
  const engine = useEngine();
  const ownId = useId();
  const nameId = useId();
  const cancel = useRef<HTMLButtonElement>(null);
  const [typed, setTyped] = useState('');
  const expired = useNow() >= Date.parse(plan.expiresAt);
  const run = useSubmission<{ operationId: string }>({
    mutationFn: () => engine.call('operation.run', { planId: plan.id, token: plan.token, ...(plan.confirmName === null ? {} : { confirmName: typed }) }),
    onSuccess: ({ operationId }) => onStarted(operationId),
  });
  useEffect(() => {
    if (focusCancel) cancel.current?.focus();
  }, [focusCancel]);

  const { reset } = run;
  useEffect(() => reset(), [plan.id, reset]);

  const matches = plan.confirmName === null || typed === plan.confirmName;
  const blocked = plan.findings.filter((finding) => finding.state === 'critical');
  const mayRun = plan.runnable && matches && !expired && !replanning && !run.isPending;
  const danger = plan.irreversible || destructive.has(plan.kind);
  return (
    <form
      className="stack wide"
      {...(namesDialog ? {} : { 'aria-labelledby': ownId })}
      onSubmit={(event) => {
        event.preventDefault();
        if (mayRun) run.mutate();
      }}
    >
      <div className="stack">
        <div className="row wrap">
          {plan.environment === null ? null : <EnvironmentTag environment={plan.environment} />}
          <span className="t2 break">{plan.targets.map((target) => target.label).join(', ')}</span>
        </div>
        {namesDialog ? <Modal.Title className="break">{prose(plan.question)}</Modal.Title> : <h2 id={ownId} className="break">{prose(plan.question)}</h2>}
        {choices}
        {plan.runnable ? <ul className="bul t2">{plan.consequences.map((line) => <li key={line}>{prose(line)}</li>)}</ul> : null}
      </div>
      {hideFindings || !plan.runnable || plan.findings.length === 0 ? null : <Findings findings={plan.findings} />}
      {plan.runnable && (plan.changes || plan.irreversible) ? (
        <p className="t2">
          <b className="strong t1">Way back:</b> {plan.wayBack === null ? 'there is none.' : prose(plan.wayBack)}
        </p>
      ) : null}
      {plan.runnable ? <PlanSteps plan={plan} /> : null}
      {plan.confirmName === null || !plan.runnable ? null : (
        <div className="field">
          <label htmlFor={nameId}>
            Type its name: <b className="mono">{plan.confirmName}</b>
          </label>
          <input id={nameId} className="input mono" value={typed} onChange={(event) => setTyped(event.target.value)} autoComplete="off" spellCheck={false} aria-describedby={`${nameId}-b`} />
          <p id={`${nameId}-b`} className={`xs row ${matches ? 'ok' : 't3'}`} style={{ gap: 5 }} aria-live="polite">
            {matches ? <><Icon of={Check} small />Name matches</> : 'Not the same yet'}
          </p>
        </div>
      )}
      {plan.runnable ? null : (
        <Tint kind="critical" role="alert">
          <p>
            <b className="strong">This cannot run as it stands.</b> {blocked.length === 0 ? 'The plan says so.' : null}
          </p>
          {blocked.map(({ title, detail, fix }) => <p key={title}>{prose([title.endsWith('.') ? title : `${title}.`, hideFindings ? undefined : detail, fix].filter((part) => part !== undefined).join(' '))}</p>)}
        </Tint>
      )}
      {expired ? (
        <Tint kind="warn" role="status">
          <p>This plan is too old to run. Make it anew, so that it shows what is true now.</p>
        </Tint>
      ) : null}
      {run.error === null ? null : <InSight><ErrorPanel error={run.error} onRetry={onReplan} retryLabel="Plan again" /></InSight>}
      <div className="btns row end wrap">
        <button ref={cancel} type="button" className="btn lg" onClick={onCancel}>{cancelLabel}</button>
        {expired || !plan.runnable ? (
          <Button look="primary" size="lg" onClick={onReplan}>Plan again</Button>
        ) : (
          <Button look={danger ? 'danger' : 'primary'} size="lg" type="submit" disabled={!mayRun}>{prose(plan.title)}</Button>
        )}
      </div>
    </form>
  );
}
