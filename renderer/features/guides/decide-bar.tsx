import { useEffect, useRef } from 'react';
import { Button } from '../../components/button.tsx';
import { isPlain } from './stops.ts';
import type { Review } from './use-review.ts';

interface Props {
  review: Review;
  editing: boolean;
  plain: number;
  reason: string;
  onEdit: () => void;
  onSave: () => void;
  onCancel: () => void;
  onPlain: () => void;
}

function writes(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName));
}

/** What is done with a flag or an item, by press or by key. */
export function DecideBar({ review, editing, plain, reason, onEdit, onSave, onCancel, onPlain }: Props) {
  const { item, flag, act, undo, move, goOn, isPending } = review;
  const isOpen = item !== null && item.decision !== 'rejected' && flag?.state === 'open';
  const fixes = isOpen && flag.edit !== null;
  const keep = () => { if (item !== null && isOpen) act({ item, acknowledge: { flagId: flag.id, how: 'keep', reason } }); };
  const accept = () => {
    if (item === null) return;
    if (fixes) act({ item, acknowledge: { flagId: flag.id, how: 'fix', reason: '' } });
    else if (isOpen) keep();
    else if (item.decision === 'open' && item.open === 0) act({ item, decide: { decision: 'accept' } });
    else goOn();
  };
  const reject = () => { if (item !== null) act({ item, decide: { decision: item.decision === 'rejected' ? 'reopen' : 'reject' } }); };
  const note = () => { if (item !== null && item.kind !== 'note') act({ item, decide: { decision: 'note' } }); };
  const keys: Readonly<Record<string, () => void>> = { a: accept, s: keep, e: onEdit, r: reject, n: note, j: () => move(1), k: () => move(-1), u: () => undo?.(), p: onPlain };
  const latest = useRef({ keys, editing, isPending, onCancel });
  useEffect(() => {
    latest.current = { keys, editing, isPending, onCancel };
  });
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent): void => {
      const now = latest.current;
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || document.querySelector('[role="dialog"]') !== null) return;
      if (event.key === 'Escape' && now.editing) {
        event.preventDefault();
        now.onCancel();
        return;
      }
      if (now.editing || now.isPending || writes(event.target)) return;
      const press = now.keys[event.key.toLowerCase()];
      if (press === undefined || event.shiftKey) return;
      event.preventDefault();
      press();
    };
    window.addEventListener('keydown', onKeyDown);
    return () => window.removeEventListener('keydown', onKeyDown);
  }, []);
  if (editing) {
    return (
      <div className="gdecide">
        <Button look="primary" size="lg" disabled={isPending} onClick={onSave}>Keep what was changed</Button>
        <Button size="lg" onClick={onCancel}>Leave it as it was</Button>
      </div>
    );
  }
  const word = fixes ? 'Accept fix' : isOpen ? 'Keep as it is' : item !== null && item.decision === 'open' && item.open === 0 ? 'Accept' : 'Go on';
  return (
    <div className="gdecide">
      <Button look="primary" size="lg" disabled={item === null || isPending} onClick={accept}>{word}<kbd>A</kbd></Button>
      {fixes ? <Button size="lg" needsEngine disabled={isPending} onClick={keep}>Keep as it is<kbd>S</kbd></Button> : null}
      <Button size="lg" disabled={item === null} onClick={onEdit}>Edit<kbd>E</kbd></Button>
      <Button size="lg" needsEngine disabled={item === null || isPending} onClick={reject}>{item?.decision === 'rejected' ? 'Take it after all' : 'Leave out'}<kbd>R</kbd></Button>
      {item === null || item.kind === 'note' ? null : <Button size="lg" needsEngine disabled={isPending} onClick={note}>Keep as note<kbd>N</kbd></Button>}
      <span className="grow" />
      {plain > 0 && item !== null ? <Button look="quiet" needsEngine disabled={isPending} onClick={onPlain}>Accept {plain} without flags<kbd>P</kbd></Button> : null}
      <span className="hint row opt"><kbd>K</kbd><kbd>J</kbd> before, after</span>
      <Button look="quiet" disabled={undo === null || isPending} onClick={() => undo?.()}>Undo<kbd>U</kbd></Button>
      {item === null || isPlain(item) ? null : <span className="vh" role="status">{item.open === 0 ? 'All its flags are settled' : `${item.open} of its flags left`}</span>}
    </div>
  );
}
