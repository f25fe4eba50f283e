import { useState } from 'react';
import { useLocation } from 'wouter';
import type { RunbookCard } from '#shared/contract/runbooks.ts';
import { Button } from '../../../components/button.tsx';
import { Dialog } from '../../../components/dialog.tsx';
import { ErrorPanel } from '../../../components/error-panel.tsx';
import { TextField } from '../../../components/field.tsx';
import { paths } from '../../../components/paths.ts';
import { useCommand } from '../../../transport/use-method.ts';
import { forgetText } from './kept-text.ts';

/** Asks for the runbook's title before its file goes. */
export function RemoveRunbook({ card, systemId, onClose }: { card: RunbookCard; systemId: string | null; onClose: () => void }) {
  const [typed, setTyped] = useState('');
  const [, navigate] = useLocation();
  const remove = useCommand('runbook.remove');
  const confirm = () =>
    remove.mutate({ ref: card.ref, confirmName: typed }, {
      onSuccess: () => {
        forgetText(card.ref);
        navigate(paths.runbooks(systemId));
      },
    });
  return (
    <Dialog title={`Remove ${card.title}?`} target={card.ref} onClose={onClose} size={480}>
      <form className="stack wide" onSubmit={(event) => { event.preventDefault(); if (typed === card.title) confirm(); }}>
        <ul className="bul t2">
          <li>Its file goes from the library, and is put aside in the folder .removed beside it</li>
          <li>What was walked stays, with the text that was walked</li>
          <li>Other runbooks that call it say so as an error</li>
        </ul>
        <TextField label={<>Type its title: <b className="mono">{card.title}</b></>} mono value={typed} onChange={(event) => setTyped(event.target.value)} />
        {remove.error === null ? null : <ErrorPanel error={remove.error} />}
        <div className="btns">
          <Button size="lg" data-autofocus onClick={onClose}>Cancel</Button>
          <Button size="lg" look="danger" type="submit" disabled={typed !== card.title || remove.isPending}>Remove {card.title}</Button>
        </div>
      </form>
    </Dialog>
  );
}
