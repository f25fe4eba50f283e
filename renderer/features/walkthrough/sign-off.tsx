import type { WalkthroughView } from '#shared/contract/walkthroughs.ts';
import { Instant } from '../../components/age.tsx';
import { Button } from '../../components/button.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { ErrorPanel } from '../../components/error-panel.tsx';
import { AreaField, TextField } from '../../components/field.tsx';
import { plainText } from '../../components/format.ts';
import { Glyph } from '../../components/icons.tsx';
import { useAct, useWalked } from './context.ts';
import { useDraft } from './drafts.ts';

/** Somebody puts their name under what they have seen so far. */
export function SignOff({ onClose }: { onClose: () => void }) {
  const { id, view } = useWalked();
  const role = useDraft(id, null, 'sign-role');
  const who = useDraft(id, null, 'sign-who');
  const note = useDraft(id, null, 'sign-note');
  const act = useAct(onClose);
  const ready = role.text.trim() !== '' && who.text.trim() !== '' && !act.isPending;
  const send = (decision: 'approved' | 'rejected'): void => act.mutate({ kind: 'sign', key: null, role: role.text.trim(), who: who.text.trim(), decision, note: note.text.trim(), seenSeq: view.run.seq });
  return (
    <Dialog title="Sign off this walkthrough" environment={view.environment} onClose={onClose}>
      <form className="stack wide" onSubmit={(event) => event.preventDefault()}>
        <p className="t2">It is kept with what had happened by now: {plainText(view.run.stateText)}.</p>
        <div className="row wrap at-top two-fields">
          <TextField label="Role" value={role.text} onChange={(event) => role.set(event.target.value)} data-autofocus />
          <TextField label="Who" value={who.text} onChange={(event) => who.set(event.target.value)} />
        </div>
        <AreaField label="Note" rows={3} value={note.text} onChange={(event) => note.set(event.target.value)} />
        {act.error === null ? null : <ErrorPanel error={act.error} title="It was not signed." />}
        <div className="btns">
          <Button size="lg" onClick={onClose}>Cancel</Button>
          <Button size="lg" needsEngine disabled={!ready} onClick={() => send('rejected')}>Sign as not approved</Button>
          <Button size="lg" needsEngine disabled={!ready} onClick={() => send('approved')}>Sign as approved</Button>
        </div>
      </form>
    </Dialog>
  );
}

export function Signatures({ signatures }: { signatures: WalkthroughView['signatures'] }) {
  if (signatures.length === 0) return null;
  return (
    <section className="sec" aria-labelledby="signed">
      <h2 id="signed">Signed off</h2>
      <ul className="stack tight">
        {signatures.map((each, index) => (
          <li key={index} className="row at-top">
            <span className={each.decision === 'approved' ? 'ok' : 'critical'} style={{ paddingTop: 3 }}><Glyph kind={each.decision === 'approved' ? 'ok' : 'critical'} small /></span>
            <span className="break">{plainText(each.who)}, {plainText(each.role)}: {each.decision === 'approved' ? 'approved' : 'not approved'} <Instant at={each.at} />{each.note === '' ? '' : `. ${plainText(each.note)}`}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
