import { useState, type ReactNode } from 'react';
import type { Environment } from '#shared/domain/environment.ts';
import type { ErrorShape } from '#shared/domain/errors.ts';
import { Button } from '../../components/button.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { ErrorPanel } from '../../components/error-panel.tsx';
import { TextField } from '../../components/field.tsx';

interface Props {
  /** A question. */
  title: string;
  environment: Environment;
  target: string;
  /** What has to be typed. */
  name: string;
  consequences: readonly string[];
  /** Verb and object. */
  button: string;
  error: ErrorShape | null;
  pending: boolean;
  size?: number;
  onClose: () => void;
  onConfirm: (typed: string) => void;
  /** Above the consequences: what is decided about. */
  children?: ReactNode;
}

/** Asks for a name before something is done that no second thought brings back. */
export function TypedConfirm({ title, environment, target, name, consequences, button, error, pending, size = 480, onClose, onConfirm, children }: Props) {
  const [typed, setTyped] = useState('');
  return (
    <Dialog title={title} environment={environment} target={target} onClose={onClose} size={size}>
      <form className="stack wide" onSubmit={(event) => { event.preventDefault(); if (typed === name) onConfirm(typed); }}>
        {children}
        <ul className="bul t2">{consequences.map((line) => <li key={line}>{line}</li>)}</ul>
        <TextField label={<>Type its name: <b className="mono">{name}</b></>} mono value={typed} onChange={(event) => setTyped(event.target.value)} />
        {error === null ? null : <ErrorPanel error={error} />}
        <div className="btns">
          <button type="button" className="btn lg" data-autofocus onClick={onClose}>Cancel</button>
          <Button size="lg" look="danger" type="submit" disabled={typed !== name || pending}>{button}</Button>
        </div>
      </form>
    </Dialog>
  );
}
