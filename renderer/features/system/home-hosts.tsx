import { FileInput, Plus, Settings } from 'lucide-react';
import { useState } from 'react';
import type { Host } from '#shared/contract/hosts.ts';
import type { System } from '#shared/contract/systems.ts';
import { wayTo } from '#shared/domain/host-way.ts';
import { Button, LinkButton } from '../../components/button.tsx';
import { Standing, stopOf } from '../../components/connect/standing.tsx';
import { plural } from '../../components/format.ts';
import { Loaded } from '../../components/loaded.tsx';
import { PackRole } from '../../components/pack-role.tsx';
import { paths } from '../../components/paths.ts';
import type { MethodQuery } from '../../transport/use-method.ts';
import { HostDialogs, type OpenHost } from './host-dialogs.tsx';
import { byTrouble } from './host-trouble.ts';

/** Rows that stand there before all are asked for: what is below them stays near. */
const fewRows = 8;

function Row({ host, hosts, onOpen }: { host: Host; hosts: readonly Host[]; onOpen: (open: OpenHost) => void }) {
  const stop = stopOf(host, hosts);
  const through = wayTo(hosts, host.connection.viaId).map(({ label }) => label);
  const isToldElsewhere = stop !== null && stop.machine.id !== host.id && stop.machine.systemId === host.systemId;
  const open = (kind: 'edit' | 'test' | 'keys' | 'look') => () => onOpen({ kind, hostId: host.id });
  return (
    <tr>
      <th scope="row" className="break">{host.label}{through.length === 0 ? null : <span className="t3 xs"> through {through.join(', then ')}</span>}<PackRole systemId={host.systemId} of={{ hostId: host.id }} /></th>
      <td className="standing"><Standing host={host} hosts={hosts} whole={!isToldElsewhere} /></td>
      <td className="opt t3 xs nowrap">{host.platform ?? 'not seen yet'}</td>
      <td>
        <div className="actions">
          {stop !== null && stop.machine.id === host.id && stop.error.code.startsWith('ssh.host-key-') ? <Button look="quiet" size="sm" onClick={open('keys')} aria-label={`Keys of ${host.label}`}>Keys</Button> : null}
          <Button look="quiet" size="sm" onClick={open('test')} aria-label={`Test ${host.label}`}>Test</Button>
          <Button look="quiet" size="sm" onClick={open('look')} aria-label={`Look what runs on ${host.label}`}>Look</Button>
          <Button look="quiet" size="sm" onClick={open('edit')} aria-label={`Edit ${host.label}`}>Edit</Button>
        </div>
      </td>
    </tr>
  );
}

/** The machines of a system on its own screen: how one stands with each, what needs a person first. */
export function HomeHosts({ system, query }: { system: System; query: MethodQuery<'host.list'> }) {
  const [open, setOpen] = useState<OpenHost>(null);
  const [everyOne, setEveryOne] = useState(false);
  const all = query.data?.hosts ?? [];
  const own = byTrouble(all.filter(({ systemId }) => systemId === system.id), all);
  const isPractice = system.environment === 'practice';
  // The practice system makes its host by itself.
  if (isPractice && own.length === 0) return null;
  return (
    <section className="panel" aria-labelledby="hosts">
      <header>
        <h2 id="hosts" className="grow">Hosts {query.data === undefined ? null : <span className="count">{own.length}</span>}</h2>
        {isPractice ? null : <><LinkButton look="quiet" icon={FileInput} to={paths.import(system.id, 'hosts')}>Import hosts…</LinkButton><Button needsEngine look="quiet" icon={Plus} onClick={() => setOpen({ kind: 'add' })}>Add host</Button></>}
        {own.length === 0 ? null : <LinkButton look="quiet" icon={Settings} to={paths.systemScreen(system.id, 'settings')} aria-label="Settings of the hosts">Settings</LinkButton>}
      </header>
      <Loaded query={query} what="the hosts">
        {({ hosts }) =>
          own.length === 0 ? <p className="body t2">None is known yet: add one to look after the machine itself, or to reach databases through it.</p> : (
            <>
              <div className="scroll">
                <table aria-labelledby="hosts" className="home-hosts">
                  <thead><tr><th scope="col">Host</th><th scope="col">Seen</th><th scope="col" className="opt">It is</th><th scope="col"><span className="vh">Actions</span></th></tr></thead>
                  <tbody>{own.slice(0, everyOne ? own.length : fewRows).map((each) => <Row key={each.id} host={each} hosts={hosts} onOpen={setOpen} />)}</tbody>
                </table>
              </div>
              {own.length <= fewRows ? null : <p className="note"><Button look="quiet" size="sm" aria-expanded={everyOne} onClick={() => setEveryOne(!everyOne)}>{everyOne ? `Show only the first ${fewRows}` : `Show all ${plural(own.length, 'host')}`}</Button></p>}
            </>
          )
        }
      </Loaded>
      <HostDialogs system={system} hosts={all} open={open} onOpen={setOpen} />
    </section>
  );
}
