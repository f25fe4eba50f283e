import { FileInput, Plus } from 'lucide-react';
import { useState } from 'react';
import type { Host } from '#shared/contract/hosts.ts';
import type { System } from '#shared/contract/systems.ts';
import { wayTo } from '#shared/domain/host-way.ts';
import { Button, LinkButton } from '../../components/button.tsx';
import { addressOf } from '../../components/connect/host-draft.ts';
import { signInWords } from '../../components/connect/ssh-page.tsx';
import { Standing } from '../../components/connect/standing.tsx';
import { useIntent } from '../../components/intent.ts';
import { Loaded } from '../../components/loaded.tsx';
import { PackRole } from '../../components/pack-role.tsx';
import { paths } from '../../components/paths.ts';
import type { MethodQuery } from '../../transport/use-method.ts';
import { HostDialogs, type OpenHost } from './host-dialogs.tsx';

function HostRow({ host, hosts, onOpen }: { host: Host; hosts: readonly Host[]; onOpen: (open: OpenHost) => void }) {
  const through = wayTo(hosts, host.connection.viaId).map(({ label }) => label);
  const open = (kind: 'edit' | 'test' | 'keys' | 'look') => () => onOpen({ kind, hostId: host.id });
  return (
    <tr>
      <th scope="row" className="break">{host.label}<span className="t3 xs under">{host.platform ?? ''}</span><PackRole systemId={host.systemId} of={{ hostId: host.id }} /></th>
      <td className="two"><Standing host={host} hosts={hosts} /></td>
      <td className="two"><span className="mono break">{addressOf(host.connection)}</span><span className="t3 xs break" title={signInWords(host)}>{through.length === 0 ? 'directly' : `through ${through.join(', then ')}`}; {signInWords(host, { briefly: true })}</span></td>
      <td>
        <div className="actions">
          <Button look="quiet" size="sm" onClick={open('test')} aria-label={`Test ${host.label}`}>Test</Button>
          <Button look="quiet" size="sm" onClick={open('look')} aria-label={`Look what runs on ${host.label}`}>Look</Button>
          <Button look="quiet" size="sm" onClick={open('keys')} aria-label={`Keys of ${host.label}`}>Keys</Button>
          <Button look="quiet" size="sm" onClick={open('edit')} aria-label={`Edit ${host.label}`}>Edit</Button>
        </div>
      </td>
    </tr>
  );
}

/** The machines of a system: how each is reached, whether it was, and what can be done about it. */
export function Hosts({ system, query }: { system: System; query: MethodQuery<'host.list'> }) {
  const [open, setOpen] = useState<OpenHost>(null);
  const all = query.data?.hosts ?? [];
  const ready = query.data !== undefined;
  useIntent('add-host', ready, () => setOpen({ kind: 'add' }));
  useIntent('test-host', ready, (about) => setOpen(about === null ? null : { kind: 'test', hostId: about }));
  useIntent('host-keys', ready, (about) => setOpen(about === null ? null : { kind: 'keys', hostId: about }));
  return (
    <section className="panel" aria-labelledby="hosts">
      <header><h2 id="hosts" className="grow">Hosts <span className="count">{all.filter(({ systemId }) => systemId === system.id).length}</span></h2><LinkButton icon={FileInput} to={paths.import(system.id, 'hosts')}>Import hosts…</LinkButton><Button needsEngine icon={Plus} onClick={() => setOpen({ kind: 'add' })}>Add host</Button></header>
      <Loaded query={query} what="the hosts">
        {({ hosts }) => {
          const own = hosts.filter(({ systemId }) => systemId === system.id);
          if (own.length === 0) return <p className="body t2">It has none. A database that only a machine of its own can reach is reached through that machine, over SSH.</p>;
          return (
            <div className="scroll">
              <table aria-labelledby="hosts" className="hosts">
                <thead><tr><th scope="col">Host</th><th scope="col">Seen</th><th scope="col">Reached at</th><th scope="col"><span className="vh">Actions</span></th></tr></thead>
                <tbody>{own.map((each) => <HostRow key={each.id} host={each} hosts={hosts} onOpen={setOpen} />)}</tbody>
              </table>
            </div>
          );
        }}
      </Loaded>
      <HostDialogs system={system} hosts={all} open={open} onOpen={setOpen} />
    </section>
  );
}
