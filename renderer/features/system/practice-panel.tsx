import { Button } from '../../components/button.tsx';
import { bytes, plural } from '../../components/format.ts';
import { Loaded } from '../../components/loaded.tsx';
import { usePracticeAct } from '../../components/practice.tsx';
import { State } from '../../components/state.tsx';
import { useMethod } from '../../transport/use-method.ts';

/** The practice system's own switchboard: start, stop, begin anew, and what was planted in it. */
export function PracticePanel({ systemId }: { systemId: string }) {
  const query = useMethod('practice.status', {});
  const act = usePracticeAct();
  if (query.data !== undefined && query.data.systemId !== null && query.data.systemId !== systemId) return null;
  return (
    <section className="panel" aria-labelledby="practice">
      <header>
        <h2 id="practice" className="grow">The practice server</h2>
        {query.data?.state === 'running' ? <Button onClick={() => act('down', 'Stop the practice system')}>Stop…</Button> : <Button onClick={() => act('up', 'Start the practice system')}>Start…</Button>}
        <Button onClick={() => act('reset', 'Reset the practice system')}>Begin anew…</Button>
        <Button onClick={() => act('remove', 'Remove the practice system')}>Remove…</Button>
      </header>
      <div className="body stack wide">
        <Loaded query={query} what="the practice server">
          {(status) => (
            <>
              <dl className="kv">
                <dt>State</dt><dd>{status.state === 'running' ? <State kind="ok">Running</State> : status.state === 'unsupported' ? <State kind="unknown">Cannot run here: {status.reason}</State> : <State kind="skipped">Stopped</State>}</dd>
                <dt>Folder</dt><dd className="mono">{status.folder}</dd>
                {status.port === null ? null : <><dt>Port</dt><dd>{status.port}, on this computer only</dd></>}
                {status.serverVersion === null ? null : <><dt>Server</dt><dd>Postgres {status.serverVersion}{status.sizeBytes === null ? '' : `, ${bytes(status.sizeBytes)}`}</dd></>}
                {status.state === 'running' ? <><dt>SSH host</dt><dd>{status.hostPort === null ? 'does not answer; stop the practice system and start it again' : `port ${status.hostPort}, on this computer only and for one key, as long as Pilothouse runs`}</dd></> : null}
                <dt>Traffic</dt><dd>{status.traffic ? `orders arrive by themselves, about one or two a second${status.trafficInside ? ', as long as Pilothouse runs' : ''}` : 'none'}</dd>
              </dl>
              {status.planted.length === 0 ? null : (
                <details>
                  <summary className="t2">{plural(status.planted.length, 'fault was', 'faults were')} planted for health to find (this spoils them)</summary>
                  <ul className="bul t2" style={{ marginTop: 8 }}>{status.planted.map((fault) => <li key={`${fault.check}-${fault.what}`}><span className="mono">{fault.check}</span>: {fault.what}</li>)}</ul>
                </details>
              )}
            </>
          )}
        </Loaded>
      </div>
    </section>
  );
}
