import type { ReactNode } from 'react';
import { isOver } from '#shared/domain/runbook/walkthrough.ts';
import { Button } from '../../components/button.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { ErrorPanel } from '../../components/error-panel.tsx';
import { AreaField } from '../../components/field.tsx';
import { plainText, plural } from '../../components/format.ts';
import { ReportDialog } from '../../components/report-dialog.tsx';
import { useAct, useWalked, type WalkDialog } from './context.ts';
import { useDraft } from './drafts.ts';
import { SignOff } from './sign-off.tsx';

/** Asks why the walkthrough as a whole is to be stopped, paused or taken back. */
function WhyDialog({ title, children, label, hint, verb, danger = false, optional = false, field, send, onClose }: { title: string; children?: ReactNode; label: string; hint?: string; verb: string; danger?: boolean; optional?: boolean; field: string; send: (why: string) => Parameters<ReturnType<typeof useAct>['mutate']>[0]; onClose: () => void }) {
  const { id, view } = useWalked();
  const why = useDraft(id, null, field);
  const act = useAct(onClose);
  const text = why.text.trim();
  const ready = (optional || text !== '') && !act.isPending;
  return (
    <Dialog title={title} environment={view.environment} onClose={onClose}>
      {children}
      <form className="stack wide" onSubmit={(event) => { event.preventDefault(); if (ready) act.mutate(send(text)); }}>
        <AreaField label={label} {...(hint === undefined ? {} : { hint })} rows={3} value={why.text} onChange={(event) => why.set(event.target.value)} data-autofocus />
        {act.error === null ? null : <ErrorPanel error={act.error} />}
        <div className="btns">
          <Button size="lg" onClick={onClose}>Cancel</Button>
          <Button look={danger ? 'danger' : 'primary'} type="submit" size="lg" disabled={!ready}>{verb}</Button>
        </div>
      </form>
    </Dialog>
  );
}

function Rollback({ onClose }: { onClose: () => void }) {
  const { view } = useWalked();
  const { undoes, afterwards } = view.rollback;
  return (
    <WhyDialog title="Roll back what was done?" label="Why" hint="It is told in every report of this walkthrough" verb="Begin the rollback" danger field="rollback" send={(reason) => ({ kind: 'rollback', reason })} onClose={onClose}>
      <p className="t2">{undoes.length === 0 ? 'Nothing was done that has a way back.' : undoes.length === 1 ? 'One thing is taken back. It shows its command and asks before it runs.' : `${undoes.length} things are taken back, newest first. Each of them shows its command and asks before it runs.`} What is still to be done is not done any more.</p>
      {undoes.length === 0 ? null : <ol className="numbered">{undoes.map((each, index) => <li key={index} className="break">{plainText(each)}</li>)}</ol>}
      {afterwards.length === 0 ? null : <><h3>Afterwards</h3><ol className="numbered">{afterwards.map((each, index) => <li key={index} className="break">{plainText(each)}</li>)}</ol></>}
    </WhyDialog>
  );
}

function Row({ title, says, children }: { title: string; says: string; children: ReactNode }) {
  return <li className="row wrap"><span className="grow"><span className="medium">{title}</span><br /><span className="t2 xs">{says}</span></span>{children}</li>;
}

function More({ onClose }: { onClose: () => void }) {
  const { view, ask } = useWalked();
  const act = useAct(onClose);
  const { run } = view;
  const over = isOver(run.state);
  const leads = (to: WalkDialog, verb: string): ReactNode => <Button onClick={() => ask(to)}>{verb}</Button>;
  return (
    <Dialog title={over ? 'This walkthrough' : 'Stop, hand over or go on otherwise'} environment={view.environment} onClose={onClose}>
      <ul className="walk-more">
        <Row title="Export" says="A report in Markdown, HTML or JSON, as far as it has come">{leads('export', 'Export…')}</Row>
        <Row title="Sign off" says="Somebody puts their name under what was seen">{leads('sign', 'Sign off…')}</Row>
        {view.canPause ? <Row title="Pause" says="Come back later, on this computer, where it stands now">{leads('pause', 'Pause…')}</Row> : null}
        {over || run.mode !== 'live' ? null : <Row title="Go on on paper" says="Nothing is sent from here any more, until it goes live again"><Button needsEngine disabled={act.isPending} onClick={() => act.mutate({ kind: 'go-paper' })}>Go on on paper</Button></Row>}
        {view.canGoLive ? <Row title="Go live" says="Steps are sent from here again. Nothing that was done by hand is done once more"><Button needsEngine disabled={act.isPending} onClick={() => act.mutate({ kind: 'go-live' })}>Go live</Button></Row> : null}
        {view.rollback.possible ? <Row title="Roll back" says={`Take back ${plural(view.rollback.undoes.length, 'thing', 'things')}, newest first`}>{leads('rollback', 'Roll back…')}</Row> : null}
        {view.canAbort ? <Row title="Abort" says="It ends here for good. Nothing is undone">{leads('abort', 'Abort…')}</Row> : null}
      </ul>
      {act.error === null ? null : <ErrorPanel error={act.error} />}
      <div className="btns"><Button size="lg" onClick={onClose} data-autofocus>Close</Button></div>
    </Dialog>
  );
}

/** The dialogs about a walkthrough as a whole, one at a time. */
export function WalkDialogs({ dialog, onClose }: { dialog: WalkDialog; onClose: () => void }) {
  const { id, view } = useWalked();
  switch (dialog) {
    case 'more': return <More onClose={onClose} />;
    case 'export': return <ReportDialog of={{ walkthroughId: id }} title={plainText(view.run.title)} onClose={onClose} />;
    case 'rollback': return <Rollback onClose={onClose} />;
    case 'sign': return <SignOff onClose={onClose} />;
    case 'pause':
      return (
        <WhyDialog title="Pause here?" label="Why, or what to think of when it goes on" verb="Pause" optional field="pause" send={(why) => ({ kind: 'pause', why })} onClose={onClose}>
          <p className="t2">What runs now runs to its end. Nothing else begins until it is resumed, and nothing of it is lost.</p>
        </WhyDialog>
      );
    case 'abort':
      return (
        <WhyDialog title="Abort this walkthrough?" label="Why" hint="It is told in every report of this walkthrough" verb="Abort the walkthrough" danger field="abort" send={(reason) => ({ kind: 'abort', reason })} onClose={onClose}>
          <p className="t2">It ends here for good. What was done stays as it is: nothing is undone, and no rollback begins.</p>
        </WhyDialog>
      );
  }
}
