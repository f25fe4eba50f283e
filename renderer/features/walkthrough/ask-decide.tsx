import { useState } from 'react';
import type { WalkedStep } from '#shared/contract/walkthroughs.ts';
import { Button } from '../../components/button.tsx';
import { ErrorPanel } from '../../components/error-panel.tsx';
import { SelectField, TextField } from '../../components/field.tsx';
import { plainText } from '../../components/format.ts';
import { InSight } from '../../components/in-sight.tsx';
import { useAct, useWalked } from './context.ts';
import { useDraft } from './drafts.ts';
import { SkipButton } from './skip.tsx';
import { fullTitle } from './words.ts';

/** A question with a few answers: they are equal ways, each a press. */
export function AskDecide({ step }: { step: WalkedStep }) {
  const { view } = useWalked();
  const act = useAct();
  const titleOf = (to: string | null): string | null => {
    const next = view.steps.find(({ stepId }) => stepId === to);
    return next === undefined ? null : fullTitle(next);
  };
  return (
    <>
      {act.error === null ? null : <InSight><ErrorPanel error={act.error} title="It was not kept." /></InSight>}
      <div className="acts">
        <div className="walk-choices" role="group" aria-label="Your decision">
          {step.choices.map(({ label, to }) => {
            const next = titleOf(to);
            return (
              <button key={label} type="button" className="btn lg decide" disabled={act.isPending} onClick={() => act.mutate({ kind: 'decide', key: step.key, choice: label })}>
                <span>{plainText(label)}</span>
                {next === null ? null : <span className="t3 xs">goes on with {next}</span>}
              </button>
            );
          })}
        </div>
        <SkipButton step={step} />
      </div>
    </>
  );
}

/** Somebody in a role says yes or no, having seen what happened so far. Both are kept with who it was. */
export function AskApprove({ step }: { step: WalkedStep }) {
  const { id, view } = useWalked();
  const act = useAct();
  const given = new Set(step.approvals.map(({ role }) => role));
  const missing = step.roles.filter((each) => !given.has(each));
  const [role, setRole] = useState(missing[0] ?? step.roles[0] ?? '');
  const who = useDraft(id, step.key, 'who');
  const note = useDraft(id, step.key, 'approval');
  const ready = who.text.trim() !== '' && role !== '' && !act.isPending;
  const send = (decision: 'approved' | 'rejected'): void => act.mutate({ kind: 'approve', key: step.key, role, who: who.text.trim(), decision, note: note.text.trim(), seenSeq: view.run.seq });
  return (
    <form className="stack wide" onSubmit={(event) => event.preventDefault()}>
      {missing.length < step.roles.length || step.roles.length > 1 ? <p className="t2">{missing.length === 0 ? 'Everybody has answered.' : `Still to be asked: ${missing.map(plainText).join(', ')}.`}</p> : null}
      <div className="row wrap at-top two-fields">
        {step.roles.length > 1 ? <SelectField label="Role" value={role} onChange={setRole} options={step.roles.map((each) => ({ value: each, label: given.has(each) ? `${each}, answered` : each }))} /> : <TextField label="Role" value={role} onChange={(event) => setRole(event.target.value)} />}
        <TextField label="Who" hint="The person who decides, by name" value={who.text} onChange={(event) => who.set(event.target.value)} />
      </div>
      <TextField label="Note" value={note.text} onChange={(event) => note.set(event.target.value)} />
      {act.error === null ? null : <InSight><ErrorPanel error={act.error} title="It was not kept." /></InSight>}
      <div className="acts">
        <Button size="lg" needsEngine disabled={!ready} onClick={() => send('approved')}>Approve</Button>
        <Button size="lg" needsEngine disabled={!ready} onClick={() => send('rejected')}>Reject</Button>
        <SkipButton step={step} />
        <span className="grow" />
        {who.text.trim() === '' ? <span className="hint">Say who decides</span> : null}
      </div>
    </form>
  );
}
