import { useState } from 'react';
import type { ErrorShape } from '#shared/domain/errors.ts';
import { Button } from '../../../components/button.tsx';
import { Dialog } from '../../../components/dialog.tsx';
import { ErrorPanel } from '../../../components/error-panel.tsx';
import { TextField } from '../../../components/field.tsx';
import { plural } from '../../../components/format.ts';
import { differences, idOf, type Difference } from './text-edits.ts';

function Side({ title, lines }: { title: string; lines: readonly Difference[] }) {
  return (
    <section className="side-text" aria-label={title}>
      <h3>{title} <span className="count">{plural(lines.filter(({ only }) => only).length, 'line')} that the other has not</span></h3>
      <pre tabIndex={0} aria-label={`Text: ${title}`}>{lines.map((line, index) => (line.only ? <mark key={index}>{line.text === '' ? ' ' : line.text}</mark> : <span key={index}>{line.text === '' ? ' ' : line.text}</span>))}</pre>
    </section>
  );
}

interface Props {
  mine: string;
  theirs: string;
  error: ErrorShape | null;
  pending: boolean;
  onCopy: (id: string) => void;
  onTake: () => void;
  onOverwrite: () => void;
  onClose: () => void;
}

/** Somebody else has written the file meanwhile. Both texts stand there, and nothing is lost before somebody chooses. */
export function Conflict({ mine, theirs, error, pending, onCopy, onTake, onOverwrite, onClose }: Props) {
  const [id, setId] = useState(`${idOf(mine)}-mine`);
  const lines = differences(mine, theirs);
  const named = /^[a-z0-9][a-z0-9-]{0,80}$/.test(id);
  return (
    <Dialog title="The file was changed meanwhile. Which text stays?" onClose={onClose} size={1040}>
      <div className="two-texts"><Side title="Yours" lines={lines.mine} /><Side title="In the file now" lines={lines.theirs} /></div>
      {error === null ? null : <ErrorPanel error={error} />}
      <div className="ways-out">
        <div className="row at-top"><div className="grow"><TextField label="Keep yours as a runbook of its own, with the id" mono value={id} error={named ? undefined : 'Small letters, digits and dashes'} onChange={(event) => setId(event.target.value)} /></div><Button size="lg" needsEngine disabled={pending || !named} onClick={() => onCopy(id)}>Keep mine as a copy</Button></div>
        <div className="row"><p className="grow t2">Go on with what is in the file. Undo in the editor brings yours back.</p><Button size="lg" disabled={pending} onClick={onTake}>Take theirs</Button></div>
        <div className="row"><p className="grow t2">Write yours over it. What somebody else wrote is gone from the file.</p><Button size="lg" look="danger" disabled={pending} onClick={onOverwrite}>Overwrite theirs</Button></div>
      </div>
      <div className="btns"><Button size="lg" data-autofocus onClick={onClose}>Decide later</Button></div>
    </Dialog>
  );
}
