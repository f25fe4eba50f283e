import { useId, type ReactNode } from 'react';
import type { WalkedStep } from '#shared/contract/walkthroughs.ts';
import { Button } from '../../components/button.tsx';
import { ErrorPanel } from '../../components/error-panel.tsx';
import { AreaField, TextField } from '../../components/field.tsx';
import { plainText } from '../../components/format.ts';
import { InSight } from '../../components/in-sight.tsx';
import { useAct, useWalked } from './context.ts';
import { pendingNote, useDraft, type Draft } from './drafts.ts';

const maximumOutput = 1_000_000;

/** What was ticked, one "1" or "0" for each expectation. */
function ticks(draft: Draft, count: number): boolean[] {
  return Array.from({ length: count }, (_, index) => draft.text[index] === '1');
}

function Ticks({ step, seen, onChange }: { step: WalkedStep; seen: readonly boolean[]; onChange: (seen: readonly boolean[]) => void }) {
  const id = useId();
  if (step.expectations.length === 0) return null;
  return (
    <section className="sec" aria-labelledby={`${id}-h`}>
      <h2 id={`${id}-h`}>What you should see</h2>
      <ul className="exp">
        {step.expectations.map((say, index) => (
          <li key={index}>
            <input id={`${id}-${index}`} type="checkbox" checked={seen[index] ?? false} onChange={(event) => onChange(seen.map((each, at) => (at === index ? event.target.checked : each)))} />
            <label htmlFor={`${id}-${index}`}>{plainText(say)}</label>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** The fault of a typed exit status; null where it is one, or none. */
function statusFault(text: string): string | undefined {
  return text.trim() === '' || /^\d{1,3}$/.test(text.trim()) ? undefined : 'A number from 0 to 255, or nothing';
}

function doneAtOf(text: string): string | null {
  const at = new Date(text);
  return text === '' || Number.isNaN(at.getTime()) ? null : at.toISOString();
}

/** What a command did that somebody ran by hand: whether it worked, what was seen, what it answered, when. */
export function RecordForm({ step, beside }: { step: WalkedStep; beside?: ReactNode }) {
  const { id, view } = useWalked();
  const output = useDraft(id, step.key, 'output');
  const status = useDraft(id, step.key, 'status');
  const done = useDraft(id, step.key, 'done-at');
  const ticked = useDraft(id, step.key, 'ticks');
  const captured = useDraft(id, step.key, 'captured', '{}');
  const act = useAct();
  const values = JSON.parse(captured.text) as Record<string, string>; // Only this form writes it.
  const seen = ticks(ticked, step.expectations.length);
  const seenCount = seen.filter(Boolean).length;
  const fault = statusFault(status.text);
  const tooLong = output.text.length > maximumOutput;
  const ready = fault === undefined && !tooLong && !act.isPending;
  const record = (worked: boolean): void => {
    act.mutate({ kind: 'record', key: step.key, worked, exitStatus: status.text.trim() === '' ? null : Number(status.text), output: output.text, expectations: seen, captured: Object.fromEntries(Object.entries(values).filter(([, value]) => value.trim() !== '')), doneAt: doneAtOf(done.text), note: pendingNote(id, step.key) });
  };
  return (
    <form className="stack wide" onSubmit={(event) => { event.preventDefault(); if (ready) record(true); }}>
      <Ticks step={step} seen={seen} onChange={(next) => ticked.set(next.map((each) => (each ? '1' : '0')).join(''))} />
      <AreaField label="What it answered" rows={5} value={output.text} onChange={(event) => output.set(event.target.value)} {...(tooLong ? { error: 'More than a million characters. Keep the part that matters, or attach it as a file' } : output.tooLong ? { hint: 'Too much to be kept over a reload of this window' } : {})} />
      <div className="row wrap at-top two-fields">
        {step.kind === 'sh' ? <TextField label="Exit status" inputMode="numeric" hint="echo $? tells it" value={status.text} onChange={(event) => status.set(event.target.value)} {...(fault === undefined ? {} : { error: fault })} /> : null}
        <TextField label="When it was done" type="datetime-local" hint="Nothing: now" value={done.text} onChange={(event) => done.set(event.target.value)} />
      </div>
      {step.captures.length === 0 ? null : (
        <section className="sec" aria-labelledby="captures">
          <h2 id="captures">What later steps need of it</h2>
          <div className="row wrap at-top two-fields">{step.captures.map((name) => <TextField key={name} label={name} mono value={values[name] ?? ''} onChange={(event) => captured.set(JSON.stringify({ ...values, [name]: event.target.value }))} />)}</div>
        </section>
      )}
      {act.error === null ? null : <InSight><ErrorPanel error={act.error} title="It was not recorded." /></InSight>}
      <div className="acts">
        <Button look="primary" size="lg" type="submit" disabled={!ready}>Record result</Button>
        <Button size="lg" needsEngine disabled={!ready} onClick={() => record(false)}>It went wrong</Button>
        {beside}
        <span className="grow" />
        {step.expectations.length === 0 ? null : <span className="hint" role="status">{seenCount} of {step.expectations.length} {step.expectations.length === 1 ? 'expectation' : 'expectations'} seen{seenCount === step.expectations.length ? '' : '. What is not ticked counts as not seen'}</span>}
        {view.run.mode === 'rehearsal' ? <span className="hint">Rehearsal: no report counts it</span> : null}
      </div>
    </form>
  );
}
