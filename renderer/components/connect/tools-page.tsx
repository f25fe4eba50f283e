import type { Host } from '#shared/contract/hosts.ts';
import type { DatabaseTools, ToolsAccess } from '#shared/contract/systems.ts';
import { useMethod } from '../../transport/use-method.ts';
import { Button } from '../button.tsx';
import { ErrorPanel } from '../error-panel.tsx';
import { SelectField, TextField, type Option } from '../field.tsx';
import type { Draft, Problems } from './draft.ts';
import { FoundTools } from './found.tsx';
import type { Detection } from './use-detection.ts';

interface Props {
  draft: Draft;
  problems: Problems;
  change: (part: Partial<Draft>) => void;
  /** The host that it is reached through; undefined where this computer reaches it. */
  host: Host | undefined;
  detection: Detection;
}

/** The programs of this computer, as far as they were found. */
function OwnTools() {
  const about = useMethod('app.about', {});
  const dump = about.data?.tools.find(({ name }) => name === 'pg_dump');
  if (dump === undefined) return null;
  return <p className="t2">{dump.version === null ? `This computer has none${dump.hint === null ? '' : `: ${dump.hint}`}.` : `This computer has pg_dump ${dump.version}. It has to be at least as new as the server.`}</p>;
}

function accessOptions(host: Host): readonly Option<ToolsAccess['kind']>[] {
  return [
    { value: 'plain', label: `As ${host.connection.user}, the account that is signed in` },
    { value: 'sudo', label: 'As another account, by sudo' },
    { value: 'docker', label: 'In a container, by docker exec' },
    { value: 'kubectl', label: 'In a pod, by kubectl exec' },
  ];
}

/** Whose pg_dump and pg_restore do the work, and how they are reached. */
export function ToolsPage({ draft, problems, change, host, detection }: Props) {
  if (host === undefined) {
    return (
      <>
        <h3>Whose pg_dump and pg_restore do the work</h3>
        <p className="t2">Those of this computer: it reaches the database itself. Where it is reached through a host (on the page SSH), those of the host can do it.</p>
        <OwnTools />
      </>
    );
  }
  const wheres: readonly Option<DatabaseTools['where']>[] = [{ value: 'here', label: 'Those of this computer' }, { value: 'host', label: `Those of ${host.label}` }];
  const { findings, error, busy, look } = detection;
  return (
    <>
      <SelectField label="Whose pg_dump and pg_restore do the work" value={draft.toolsWhere} options={wheres} onChange={(toolsWhere) => change({ toolsWhere })} hint={draft.toolsWhere === 'here' ? 'Through the line of the host' : 'They fit the server, and what they read is packed before it travels'} />
      {draft.toolsWhere === 'here' ? <OwnTools /> : (
        <>
          <SelectField label="How they are reached" value={draft.access} options={accessOptions(host)} onChange={(access) => change({ access })} />
          {draft.access === 'sudo' ? <TextField label="Account" hint={`Without a password, or with the one for sudo that is kept with ${host.label}`} value={draft.sudoUser} error={problems.sudoUser} onChange={(event) => change({ sudoUser: event.target.value })} /> : null}
          {draft.access === 'docker' ? <TextField label="Container" value={draft.container} error={problems.container} onChange={(event) => change({ container: event.target.value })} /> : null}
          {draft.access === 'kubectl' ? (
            <>
              <div className="g2">
                <TextField label="Namespace" hint="Left empty: that of its context" value={draft.namespace} error={problems.namespace} onChange={(event) => change({ namespace: event.target.value })} />
                <TextField label="Pod" value={draft.pod} error={problems.pod} onChange={(event) => change({ pod: event.target.value })} />
              </div>
              <TextField label="Container of the pod" hint="Left empty: its first" value={draft.podContainer} error={problems.podContainer} onChange={(event) => change({ podContainer: event.target.value })} />
            </>
          ) : null}
          <label className="check"><input type="checkbox" checked={draft.ownWay} onChange={(event) => change({ ownWay: event.target.checked })} /> They are let in there without a password</label>
          {draft.ownWay ? (
            <>
              <div className="g">
                <TextField label="Socket folder or address, as they see it" mono value={draft.ownHost} error={problems.ownHost} onChange={(event) => change({ ownHost: event.target.value })} />
                <TextField label="Its port" inputMode="numeric" value={draft.ownPort} error={problems.ownPort} onChange={(event) => change({ ownPort: event.target.value })} />
              </div>
              <TextField label="Role that is let in" value={draft.ownUser} error={problems.ownUser} onChange={(event) => change({ ownUser: event.target.value })} />
            </>
          ) : <p className="t3 xs">They connect as this database is reached, with its password.</p>}
        </>
      )}
      <section className="stack" aria-label={`Programs of ${host.label}`}>
        <div className="row"><h3 className="grow">Found on {host.label}</h3><Button needsEngine size="sm" disabled={busy} onClick={look}>{findings === null ? 'Look for programs' : 'Look again'}</Button></div>
        {busy ? <p className="t2" role="status">Looking at what runs there.</p> : null}
        {error === null ? null : <ErrorPanel error={error} title={`${host.label} could not be looked at.`} />}
        {findings === null || busy ? null : <FoundTools host={host} findings={findings} draft={draft} change={change} />}
      </section>
    </>
  );
}
