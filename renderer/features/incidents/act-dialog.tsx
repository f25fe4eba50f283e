import type { ReactNode } from 'react';
import type { IncidentActInput } from '#shared/contract/incidents.ts';
import { Button } from '../../components/button.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { ErrorPanel } from '../../components/error-panel.tsx';
import { useIncident, useIncidentAct } from './context.ts';

/** A dialog that does one act with what was filled in. */
export function ActDialog({ title, verb, act: made, ready = true, children, onClose, size }: { onClose: () => void; title: string; verb: string; act: () => IncidentActInput; ready?: boolean; children: ReactNode; size?: number }) {
  const { view } = useIncident();
  const act = useIncidentAct(onClose);
  const isReady = ready && !act.isPending;
  return (
    <Dialog title={title} environment={view.incident.environment} target={`INC-${view.incident.number}`} onClose={onClose} {...(size === undefined ? {} : { size })}>
      <form className="stack wide" onSubmit={(event) => { event.preventDefault(); if (isReady) act.mutate(made()); }}>
        {children}
        {act.error === null ? null : <ErrorPanel error={act.error} />}
        <div className="btns">
          <Button size="lg" onClick={onClose}>Cancel</Button>
          <Button look="primary" type="submit" size="lg" disabled={!isReady}>{verb}</Button>
        </div>
      </form>
    </Dialog>
  );
}
