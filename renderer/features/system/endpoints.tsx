import { Plus } from 'lucide-react';
import { useState } from 'react';
import { endpointItem } from '#shared/contract/items.ts';
import type { System } from '#shared/contract/systems.ts';
import { Button } from '../../components/button.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { ErrorPanel } from '../../components/error-panel.tsx';
import { Loaded } from '../../components/loaded.tsx';
import { useEngine } from '../../transport/engine-context.ts';
import { useCommand, useMethod } from '../../transport/use-method.ts';
import { useSubmission } from '../../transport/use-submission.ts';
import { EndpointDialog, FoundList, type EndpointValue } from './endpoint-dialog.tsx';

interface Row {
  key: string;
  value: EndpointValue;
  isOfPack: boolean;
}
type Open = { kind: 'add' } | { kind: 'edit' | 'remove'; row: Row } | null;

const limits = ({ warnMs, criticalMs }: EndpointValue): string => (warnMs === null && criticalMs === null ? 'by the thresholds of the system' : [warnMs === null ? null : `warn ${warnMs} ms`, criticalMs === null ? null : `critical ${criticalMs} ms`].filter((part) => part !== null).join(', '));

function EndpointRow({ system, row, from, onOpen }: { system: System; row: Row; from: string; onOpen: (open: Open) => void }) {
  const engine = useEngine();
  const test = useSubmission({ mutationFn: () => engine.call('endpoint.test', { systemId: system.id, endpoint: { key: row.key } }) });
  const { value } = row;
  const isShown = test.isPending || test.data !== undefined || test.error !== null;
  return (
    <>
      <tr>
        <th scope="row" className="break">{value.title}<span className="t3 xs under">{row.isOfPack ? 'of the pack' : ''}</span></th>
        <td className="two"><span className="mono break">{value.method} {value.url}</span><span className="t3 xs break">from {from}; status {value.status.join(' or ')}; {limits(value)}</span></td>
        <td>
          <div className="actions">
            <Button needsEngine look="quiet" size="sm" disabled={test.isPending} onClick={() => test.mutate()} aria-label={`Test ${value.title}`}>Test</Button>
            <Button look="quiet" size="sm" onClick={() => onOpen({ kind: 'edit', row })} aria-label={`Edit ${value.title}`}>Edit</Button>
            <Button look="quiet" size="sm" onClick={() => onOpen({ kind: 'remove', row })} aria-label={`Remove ${value.title}`}>Remove</Button>
          </div>
        </td>
      </tr>
      {isShown ? (
        <tr>
          <td colSpan={3}>
            {test.isPending ? <p className="t2" role="status">Asking {value.title}, for 30 seconds at most.</p> : test.data === undefined ? null : <FoundList found={test.data.found} />}
            {test.error === null ? null : <ErrorPanel error={test.error} title="It was not tested." />}
          </td>
        </tr>
      ) : null}
    </>
  );
}

function Removing({ system, row, onClose }: { system: System; row: Row; onClose: () => void }) {
  const remove = useCommand('item.remove');
  return (
    <Dialog title={`Remove ${row.value.title}?`} environment={system.environment} target={system.name} onClose={onClose} size={520}>
      <p>Health looks at {row.value.url} no more. What was seen of it stays in the runs that are kept{row.isOfPack ? ', and updates of the pack do not bring it back' : ''}.</p>
      {remove.error === null ? null : <ErrorPanel error={remove.error} title="The endpoint was not removed." />}
      <div className="btns foot">
        <Button look="primary" size="lg" disabled={remove.isPending} onClick={() => remove.mutate({ systemId: system.id, kind: 'endpoint', key: row.key }, { onSuccess: onClose })}>Remove endpoint</Button>
        <Button size="lg" onClick={onClose}>Keep it</Button>
      </div>
    </Dialog>
  );
}

/** The addresses of a system that health looks at: what each has to answer, from where it is asked, and what it answers now. */
export function Endpoints({ system }: { system: System }) {
  const [open, setOpen] = useState<Open>(null);
  const query = useMethod('item.list', { systemId: system.id, kind: 'endpoint' });
  const bindings = Object.entries(useMethod('pack.standing', { systemId: system.id }).data?.adoption?.bindings ?? {});
  const hosts = useMethod('host.list', {}).data?.hosts ?? [];
  const labelOf = (role: string): string => {
    const bound = bindings.find(([name]) => name === role)?.[1];
    const host = bound !== undefined && 'hostId' in bound ? hosts.find(({ id }) => id === bound.hostId) : undefined;
    return host === undefined ? `${role} (no host has this role)` : `${host.label} (${role})`;
  };
  const roles = bindings.flatMap(([role, bound]) => ('hostId' in bound ? [{ value: role, label: labelOf(role) }] : []));
  const close = () => setOpen(null);
  return (
    <section className="panel" aria-labelledby="endpoints">
      <header><h2 id="endpoints" className="grow">Endpoints <span className="count">{query.data?.items.length ?? 0}</span></h2><Button needsEngine icon={Plus} onClick={() => setOpen({ kind: 'add' })}>Add endpoint</Button></header>
      <Loaded query={query} what="the endpoints">
        {({ items }) => {
          const rows = items.map(({ key, value, packValue }): Row => ({ key, value: endpointItem.parse(value), isOfPack: packValue !== null }));
          if (rows.length === 0) return <p className="body t2">It has none. An endpoint is an address that people use; health asks it, and says whether it answers as it should, and in time.</p>;
          return (
            <div className="scroll">
              <table aria-labelledby="endpoints">
                <thead><tr><th scope="col">Endpoint</th><th scope="col">What it has to answer</th><th scope="col"><span className="vh">Actions</span></th></tr></thead>
                <tbody>{rows.map((row) => <EndpointRow key={row.key} system={system} row={row} from={row.value.through === null ? 'this computer' : labelOf(row.value.through)} onOpen={setOpen} />)}</tbody>
              </table>
            </div>
          );
        }}
      </Loaded>
      {open?.kind === 'add' ? <EndpointDialog system={system} itemKey={null} value={null} roles={roles} onClose={close} /> : null}
      {open?.kind === 'edit' ? <EndpointDialog system={system} itemKey={open.row.key} value={open.row.value} roles={roles} onClose={close} /> : null}
      {open?.kind === 'remove' ? <Removing system={system} row={open.row} onClose={close} /> : null}
    </section>
  );
}
