import { Copy, Printer, Save } from 'lucide-react';
import { useState } from 'react';
import type { RunbookCard } from '#shared/contract/runbooks.ts';
import { Button, LinkButton } from '../../../components/button.tsx';
import { paths } from '../../../components/paths.ts';
import { PageHead } from '../../../components/screen.tsx';
import { State } from '../../../components/state.tsx';
import { ReviewDue, RiskLabel } from '../cells.tsx';
import { today } from '../words.ts';
import { RemoveRunbook } from './remove-runbook.tsx';
import { withReview } from './text-edits.ts';

interface Props {
  systemId: string | null;
  refName: string | null;
  card: RunbookCard | null;
  title: string | null;
  text: string;
  unsaved: boolean;
  saving: boolean;
  copying: boolean;
  /** Puts another text into the editor. */
  onPut: (text: string) => void;
  onSave: () => void;
  onDiscard: () => void;
  onCopy: () => void;
}

/** What it is, where its file is, how it stands, and what can be done with it. */
export function EditorHead({ systemId, refName, card, title, text, unsaved, saving, copying, onPut, onSave, onDiscard, onCopy }: Props) {
  const [removing, setRemoving] = useState(false);
  const own = card === null || card.origin === 'own';
  const reviewed = withReview(text, today()) === text;
  return (
    <div className="edit-head">
      <PageHead
        title={title ?? 'New runbook'}
        lede={card === null ? <span className="t3">A new file, named by its id when you save it</span> : <><span className="t3 mono xs break">{card.file}</span>{own ? null : <span className="badge skipped">{card.origin === 'pack' ? 'Comes with Pilothouse' : 'Of an imported pack'}</span>}<RiskLabel risk={card.risk} /><span className="row review"><span className="t3">review</span><ReviewDue card={card} /></span></>}
      >
        {unsaved ? <State kind="warn">Not saved</State> : null}
        {own && unsaved && refName !== null ? <Button look="quiet" onClick={onDiscard}>Discard changes</Button> : null}
        {own && card !== null ? <Button disabled={reviewed} onClick={() => onPut(withReview(text, today()))} title="Writes today into reviewed_on; save it then">I have read it, and it is right today</Button> : null}
        {refName === null ? null : <LinkButton icon={Printer} to={paths.runbookPrint(systemId, refName)}>Print…</LinkButton>}
        {own && card !== null ? <Button onClick={() => setRemoving(true)}>Remove…</Button> : null}
        {refName === null ? null : <LinkButton to={paths.runbookStart(systemId, refName)}>Start…</LinkButton>}
        {own ? <Button look="primary" icon={Save} disabled={saving || (!unsaved && refName !== null)} onClick={onSave} aria-keyshortcuts="Control+S Meta+S">{saving ? 'Saving' : 'Save runbook'}</Button> : <Button look="primary" icon={Copy} disabled={copying} onClick={onCopy}>Copy to change it</Button>}
      </PageHead>
      {removing && card !== null ? <RemoveRunbook card={card} systemId={systemId} onClose={() => setRemoving(false)} /> : null}
    </div>
  );
}
