import { useState } from 'react';
import { isOver } from '#shared/domain/runbook/walkthrough.ts';
import { Button, LinkButton } from '../../components/button.tsx';
import { ErrorPanel } from '../../components/error-panel.tsx';
import { TextField } from '../../components/field.tsx';
import { plainText, prose } from '../../components/format.ts';
import { paths } from '../../components/paths.ts';
import { Tint } from '../../components/state.tsx';
import { useEngine } from '../../transport/engine-context.ts';
import { useSubmission } from '../../transport/use-submission.ts';
import { useAct, useWalked } from './context.ts';

/** What kind of walkthrough it is, where that is not the usual one, and why it does not go on. */
export function ModeBanner() {
  const { view } = useWalked();
  const act = useAct();
  const { run } = view;
  const over = isOver(run.state);
  const goLive = view.canGoLive ? <Button needsEngine disabled={act.isPending} onClick={() => act.mutate({ kind: 'go-live' })}>Go live</Button> : null;
  return (
    <>
      {run.mode === 'live' ? null : (
        <Tint kind={run.mode === 'rehearsal' ? 'warn' : 'skipped'} role="status">
          <div className="row wrap">
            <p className="grow">{run.mode === 'rehearsal' ? <><b className="strong">Rehearsal.</b> Nothing is sent. No report counts it.</> : <><b className="strong">On paper.</b> Nothing is sent: run each command yourself, and record what came of it.</>}</p>
            {goLive}
          </div>
          {act.error === null ? null : <ErrorPanel error={act.error} title="It did not go live." />}
        </Tint>
      )}
      {run.state === 'paused' ? <Tint kind="skipped" role="status"><p><b className="strong">Paused.</b> {view.stateReason === null ? 'Nothing goes on until it is resumed.' : prose(view.stateReason)}</p></Tint> : null}
      {view.stateReason === null || over || run.state === 'paused' || run.state === 'unknown' || run.state === 'rolling-back' ? null : <Tint kind={run.state === 'blocked' ? 'critical' : 'skipped'} role="status"><p>{prose(view.stateReason)}</p></Tint>}
      {view.rollback.started === null || over ? null : <Tint kind="warn" role="status"><p><b className="strong">Rolling back.</b> {view.stateReason === null ? '' : `Why: ${prose(view.stateReason)}. `}What was done is taken back, newest first; each of it is confirmed by itself.</p></Tint>}
    </>
  );
}

/** The file says something else by now; this walkthrough keeps the text that it began with. */
export function NewerBanner() {
  const { view, id } = useWalked();
  const { newer, run } = view;
  if (newer === null || run.ref === null) return null;
  return (
    <Tint kind="warn" role="status">
      <div className="stack">
        <p><b className="strong">A newer version exists: {plainText(newer.version)}.</b> This walkthrough keeps the text of version {plainText(run.version)}, with which it began.</p>
        {newer.changes.length === 0 ? null : <details><summary>What is different</summary><ul className="bul" style={{ marginTop: 4 }}>{newer.changes.map((change) => <li key={change}>{plainText(change)}</li>)}</ul></details>}
        <div><LinkButton to={paths.runbookContinue(run.systemId, run.ref, id)}>Start again with the new version</LinkButton></div>
      </div>
    </Tint>
  );
}

/** Secrets that an earlier process knew. They are kept in memory alone, so that they are asked again. */
export function SecretsNeeded() {
  const { view, id, reread, lacking, onLacking } = useWalked();
  const engine = useEngine();
  const [typed, setTyped] = useState<Readonly<Record<string, string>>>({});
  const give = useSubmission<unknown, Record<string, string>>({
    mutationFn: async (secrets) => {
      await engine.call('walkthrough.giveSecrets', { walkthroughId: id, secrets });
      onLacking([]);
      await reread();
    },
    onSettled: () => setTyped({}),
  });
  const asked = new Set(view.secretsNeeded.map(({ name }) => name));
  const needed = [...view.secretsNeeded, ...view.values.filter(({ name, secret }) => secret && lacking.includes(name) && !asked.has(name))];
  if (needed.length === 0 || isOver(view.run.state)) return null;
  const given = Object.fromEntries(needed.flatMap(({ name }) => (typed[name] === undefined || typed[name] === '' ? [] : [[name, typed[name]]])));
  const ready = Object.keys(given).length > 0 && !give.isPending;
  return (
    <form className="tint warn stack" aria-label="Secrets that are needed again" onSubmit={(event) => { event.preventDefault(); if (ready) give.mutate(given); }}>
      <p><b className="strong">What is secret has to be typed again.</b> It was never written down: the engine that knew it has ended. Steps that need it wait.</p>
      <div className="row wrap at-top two-fields">{needed.map(({ name, label }) => <TextField key={name} label={plainText(label)} type="password" autoComplete="off" value={typed[name] ?? ''} onChange={(event) => setTyped({ ...typed, [name]: event.target.value })} />)}</div>
      {give.error === null ? null : <ErrorPanel error={give.error} title="They were not taken." />}
      <div><Button type="submit" disabled={!ready}>Use these</Button></div>
    </form>
  );
}

/** Somebody else was faster. Nothing was done, and what was typed is still there. */
export function StaleNotice({ onClose }: { onClose: () => void }) {
  return (
    <Tint kind="warn" role="alert">
      <div className="row wrap"><p className="grow"><b className="strong">Somebody else was faster: this is how it stands now.</b> Nothing was done twice. What you typed is kept.</p><Button onClick={onClose}>Close</Button></div>
    </Tint>
  );
}

/** One reads another step than the one that is to be done now. */
export function ReadingNotice() {
  const { view, open } = useWalked();
  const current = view.run.current;
  if (current === null) return <div className="row wrap reading" role="status"><span className="t2 grow">You are reading one step of it.</span><Button onClick={() => open(null)}>Back to how it ended</Button></div>;
  return <div className="row wrap reading" role="status"><span className="t2 grow">You are reading another step. Now it is step {current.number}, {plainText(current.title)}.</span><Button look="primary" onClick={() => open(null)}>Back to the current step</Button></div>;
}
