import { useCallback, useMemo, useState } from 'react';
import type { IncidentView } from '#shared/contract/incidents.ts';
import { Button } from '../../components/button.tsx';
import { Loaded } from '../../components/loaded.tsx';
import { Heading, useScreen } from '../../components/screen.tsx';
import { Tint } from '../../components/state.tsx';
import { useMethod } from '../../transport/use-method.ts';
import { Clocks } from './clocks.tsx';
import { IncidentContext, type IncidentDialog, type Shown } from './context.ts';
import { IncidentDialogs } from './dialogs.tsx';
import { Head } from './head.tsx';
import { Side } from './people.tsx';
import { Timeline } from './timeline.tsx';
import './incidents.css';

/** What happens in the system meanwhile, and what runs out, is read again this often. */
const againMs = 15_000;

function useIncidentScreen(view: IncidentView | undefined): void {
  const systems = useMethod('system.list', {});
  const system = systems.data?.systems.find(({ id }) => id === view?.incident.systemId) ?? null;
  useScreen({ screen: view === undefined ? 'Incident' : `INC-${view.incident.number}`, environment: view?.incident.environment ?? null, system: system === null ? null : { id: system.id, name: system.name, environment: system.environment, readOnly: system.readOnly } });
}

function Open({ view }: { view: IncidentView }) {
  const [dialog, setDialog] = useState<IncidentDialog | null>(null);
  const [stale, setStale] = useState(false);
  const close = useCallback(() => setDialog(null), []);
  const shown = useMemo((): Shown => ({
    view,
    ask: setDialog,
    onStale: () => {
      setStale(true);
      setDialog(null);
    },
  }), [view]);
  return (
    <IncidentContext value={shown}>
      <div className="page dense inc">
        <Head />
        {stale ? <Tint kind="warn" role="status"><p>Somebody else was faster, so that nothing was done. It is shown as it stands now. <Button look="quiet" onClick={() => setStale(false)}>Close</Button></p></Tint> : null}
        <Clocks />
        <div className="cols">
          <Timeline />
          <Side />
        </div>
      </div>
      {dialog === null ? null : <IncidentDialogs dialog={dialog} onClose={close} />}
    </IncidentContext>
  );
}

/** One incident: how it stands, what runs out, what happened, who does what. */
export function Incident({ incidentId }: { incidentId: string }) {
  const query = useMethod('incident.get', { incidentId }, { againMs });
  useIncidentScreen(query.data);
  return (
    <>
      {/* Also where it cannot be read: one is somewhere, and hears where. */}
      {query.data === undefined ? <div className="page"><Heading>Incident</Heading></div> : null}
      <Loaded query={query} what="the incident">{(view) => <Open view={view} />}</Loaded>
    </>
  );
}
