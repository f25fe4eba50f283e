import { useState } from 'react';
import type { WalkedStep } from '#shared/contract/walkthroughs.ts';
import { Button } from '../../components/button.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { ErrorPanel } from '../../components/error-panel.tsx';
import { AreaField } from '../../components/field.tsx';
import { useAct, useWalked } from './context.ts';
import { useDraft } from './drafts.ts';
import { fullTitle } from './words.ts';

interface ReasonProps {
  step: WalkedStep;
  /** The question. */
  title: string;
  label: string;
  hint: string;
  verb: string;
  /** What was typed is kept under this name until it is sent. */
  field: string;
  optional?: boolean;
  send: (reason: string) => Parameters<ReturnType<typeof useAct>['mutate']>[0];
  onClose: () => void;
}

/** Asks why, and does it with that reason. */
export function ReasonDialog({ step, title, label, hint, verb, field, optional = false, send, onClose }: ReasonProps) {
  const { id, view } = useWalked();
  const reason = useDraft(id, step.key, field);
  const act = useAct(onClose);
  const text = reason.text.trim();
  const ready = (optional || text !== '') && !act.isPending;
  return (
    <Dialog title={title} environment={view.environment} target={step.target ?? undefined} onClose={onClose}>
      <form className="stack wide" onSubmit={(event) => { event.preventDefault(); if (ready) act.mutate(send(text)); }}>
        <AreaField label={label} hint={hint} rows={3} value={reason.text} onChange={(event) => reason.set(event.target.value)} data-autofocus />
        {act.error === null ? null : <ErrorPanel error={act.error} />}
        <div className="btns">
          <Button size="lg" onClick={onClose}>Cancel</Button>
          <Button look="primary" type="submit" size="lg" disabled={!ready}>{verb}</Button>
        </div>
      </form>
    </Dialog>
  );
}

/** Leaves a step out. Where it cannot be, its head says so. */
export function SkipButton({ step }: { step: WalkedStep }) {
  const [asking, setAsking] = useState(false);
  if (!step.can.includes('skip')) return null;
  return (
    <>
      <Button size="lg" needsEngine onClick={() => setAsking(true)}>Skip…</Button>
      {asking ? (
        <ReasonDialog
          step={step} title={`Skip "${fullTitle(step)}"?`} label={step.skip === 'free' ? 'Why, where there is a reason' : 'Why'} hint="It is told in every report of this walkthrough" verb="Skip this step" field="skip"
          optional={step.skip === 'free'} send={(reason) => ({ kind: 'skip', key: step.key, reason })} onClose={() => setAsking(false)}
        />
      ) : null}
    </>
  );
}
