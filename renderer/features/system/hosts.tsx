import { FileInput, Plus } from 'lucide-react';
import { useState } from 'react';
import type { Host } from '#shared/contract/hosts.ts';
import type { System } from '#shared/contract/systems.ts';
import { Age } from '../../components/age.tsx';
import { Button, LinkButton } from '../../components/button.tsx';
import { addressOf, wayTo } from '../../components/connect/host-draft.ts';
import { HostDialog } from '../../components/connect/host-dialog.tsx';
import { lastTrouble, Seen, signInWords } from '../../components/connect/ssh-page.tsx';
import { useIntent } from '../../components/intent.ts';
import { Loaded } from '../../components/loaded.tsx';
import { paths } from '../../components/paths.ts';
import type { MethodQuery } from '../../transport/use-method.ts';
import { HostKeysDialog } from './host-keys.tsx';
import { HostLookDialog } from './host-look.tsx';
import { HostTestDialog } from './host-test.tsx';

type Open = { kind: 'add' } | { kind: 'edit' | 'test' | 'keys' | 'look'; hostId: string } | null;

function HostRow({ host, hosts, onOpen }: { host: Host; hosts: readonly Host[]; onOpen: (open: Open) => void }) {
  const through = wayTo(hosts, host.connection.viaId).map(({ label }) => label);
  const open = (kind: 'edit' | 'test' | 'keys' | 'look') => () => onOpen({ kind, hostId: host.id });
  return (
    <tr>
      <th scope="row" className="break">{host.label}<span className="t3 xs under">{host.platform ?? ''}</span></th>
      <td className="two">
        <Seen host={host} />
        {host.lastError !== null ? <span className="critical"><span className="break">{lastTrouble(host, hosts)} <span className="mono">{host.lastError.code}</span></span></span> : host.lastSeenAt === null ? <span>test it</span> : <span><Age at={host.lastSeenAt} /></span>}
      </td>
      <td className="two"><span className="mono break">{addressOf(host.connection)}</span><span className="t3 xs break">{through.length === 0 ? 'directly' : `through ${through.join(', then ')}`}; {signInWords(host)}</span></td>
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
  const [open, setOpen] = useState<Open>(null);
  const all = query.data?.hosts ?? [];
  const close = () => setOpen(null);
  const ready = query.data !== undefined;
  useIntent('add-host', ready, () => setOpen({ kind: 'add' }));
  useIntent('test-host', ready, (about) => setOpen(about === null ? null : { kind: 'test', hostId: about }));
  useIntent('host-keys', ready, (about) => setOpen(about === null ? null : { kind: 'keys', hostId: about }));
  const host = open === null || open.kind === 'add' ? undefined : all.find(({ id }) => id === open.hostId);
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
      {open?.kind === 'add' ? <HostDialog system={system} host={null} onClose={close} onSaved={({ id }) => setOpen({ kind: 'test', hostId: id })} /> : null}
      {open?.kind === 'edit' && host !== undefined ? <HostDialog system={system} host={host} onClose={close} /> : null}
      {open?.kind === 'test' && host !== undefined ? <HostTestDialog key={host.id} system={system} host={host} hosts={all} onClose={close} onEdit={({ id }) => setOpen({ kind: 'edit', hostId: id })} /> : null}
      {open?.kind === 'keys' && host !== undefined ? <HostKeysDialog system={system} host={host} hosts={all} onClose={close} /> : null}
      {open?.kind === 'look' && host !== undefined ? <HostLookDialog system={system} host={host} onClose={close} /> : null}
    </section>
  );
}
