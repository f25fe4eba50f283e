import { useId, useState } from 'react';
import type { WalkedStep } from '#shared/contract/walkthroughs.ts';
import { Button } from '../../components/button.tsx';
import { ErrorPanel } from '../../components/error-panel.tsx';
import { AreaField, TextField } from '../../components/field.tsx';
import { plainText } from '../../components/format.ts';
import { InSight } from '../../components/in-sight.tsx';
import { useAct, useWalked } from './context.ts';
import { pendingNote, useDraft } from './drafts.ts';
import { ReasonDialog, SkipButton } from './skip.tsx';
import { Expected } from './step-command.tsx';
import { fullTitle } from './words.ts';

type Answer = { ready: true; value: string | number | boolean | null } | { ready: false; fault?: string };

/** What was typed as the kind of answer that is asked for. */
function answerOf(confirm: WalkedStep['confirm'], text: string): Answer {
  const typed = text.trim();
  switch (confirm) {
    case null:
    case 'photo': return { ready: true, value: null };
    case 'checkbox': return typed === 'yes' ? { ready: true, value: true } : { ready: false };
    case 'number': {
      if (typed === '') return { ready: false };
      const value = Number(typed.replace(',', '.'));
      return Number.isFinite(value) ? { ready: true, value } : { ready: false, fault: 'A number, such as 0 or 12.5' };
    }
    case 'text':
    case 'choice': return typed === '' ? { ready: false } : { ready: true, value: typed };
  }
}

function AnswerField({ step, text, onChange, fault }: { step: WalkedStep; text: string; onChange: (text: string) => void; fault: string | undefined }) {
  const id = useId();
  switch (step.confirm) {
    case null: return null;
    case 'photo': return <p className="t2">Attach the picture beside, under Evidence, then go on.</p>;
    case 'checkbox':
      return (
        <div className="row big-check">
          <input id={id} type="checkbox" checked={text === 'yes'} onChange={(event) => onChange(event.target.checked ? 'yes' : '')} />
          <label htmlFor={id}>It is so</label>
        </div>
      );
    case 'number': return <TextField label="What you counted" inputMode="decimal" value={text} onChange={(event) => onChange(event.target.value)} {...(fault === undefined ? {} : { error: fault })} />;
    case 'text': return <AreaField label="Your answer" hint="Kept as evidence" rows={3} value={text} onChange={(event) => onChange(event.target.value)} />;
    case 'choice':
      return (
        <div className="walk-choices" role="group" aria-label="Your answer">
          {step.choices.map(({ label }) => <button key={label} type="button" className="btn lg" aria-pressed={text === label} onClick={() => onChange(label)}>{plainText(label)}</button>)}
        </div>
      );
  }
}

/** Something that a person does, and says that it is done. */
export function AskManual({ step }: { step: WalkedStep }) {
  const { id } = useWalked();
  const typed = useDraft(id, step.key, 'answer');
  const act = useAct();
  const [wrong, setWrong] = useState(false);
  const answer = answerOf(step.confirm, typed.text);
  const ready = answer.ready && !act.isPending;
  const note = step.kind === 'note';
  const send = (): void => {
    if (answer.ready && !act.isPending) act.mutate({ kind: 'answer', key: step.key, value: answer.value, note: pendingNote(id, step.key) });
  };
  return (
    <form className="stack wide" onSubmit={(event) => { event.preventDefault(); send(); }}>
      <Expected step={step} />
      <AnswerField step={step} text={typed.text} onChange={typed.set} fault={answer.ready ? undefined : answer.fault} />
      {act.error === null ? null : <InSight><ErrorPanel error={act.error} title="It was not kept." /></InSight>}
      <div className="acts">
        <Button look="primary" size="lg" type="submit" disabled={!ready}>{note ? 'Read, go on' : step.confirm === null || step.confirm === 'checkbox' || step.confirm === 'photo' ? 'Done, go on' : 'Record answer'}</Button>
        {step.can.includes('went-wrong') ? <Button size="lg" needsEngine onClick={() => setWrong(true)}>It went wrong…</Button> : null}
        <SkipButton step={step} />
        <span className="grow" />
        {step.confirm === 'checkbox' && !answer.ready ? <span className="hint">Tick it first</span> : null}
      </div>
      {wrong ? (
        <ReasonDialog
          step={step} title={`What went wrong in "${fullTitle(step)}"?`} label="In your words" hint="The step counts as failed; what follows is chosen next" verb="It went wrong" field="wrong"
          send={(reason) => ({ kind: 'went-wrong', key: step.key, note: reason })} onClose={() => setWrong(false)}
        />
      ) : null}
    </form>
  );
}
