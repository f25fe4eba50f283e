import { FileInput } from 'lucide-react';
import type { FoundPostgres } from '#shared/contract/detection.ts';
import type { Host } from '#shared/contract/hosts.ts';
import { wayTo } from '#shared/domain/host-way.ts';
import { Age } from '../age.tsx';
import { Button, LinkButton } from '../button.tsx';
import { SelectField, type Option } from '../field.tsx';
import { paths } from '../paths.ts';
import { FoundServers } from './found.tsx';
import { addressOf } from './host-draft.ts';
import { Seen, stopOf, troubleWords } from './standing.tsx';
import type { Detection } from './use-detection.ts';

/** "the agent, ~/.ssh/id_ed25519, a password". @param briefly key files by their names alone */
export function signInWords({ connection: { signIn } }: Host, { briefly = false }: { briefly?: boolean } = {}): string {
  const ways = [...signIn.keys.map(({ path }) => (briefly ? (path.split(/[\\/]/).at(-1) ?? path) : path)), ...(signIn.agent ? ['the agent'] : []), ...(signIn.password.source === 'none' ? [] : ['a password']), ...(signIn.questions === true ? ['what it asks'] : [])];
  return ways.length === 0 ? 'nothing' : ways.join(', ');
}

interface Props {
  systemId: string;
  viaId: string | null;
  hosts: readonly Host[];
  options: readonly Option<string>[];
  detection: Detection;
  onWay: (value: string) => void;
  onEdit: (host: Host) => void;
  onTestWay: () => void;
  onFill: (found: FoundPostgres, way: FoundPostgres['ways'][number]) => void;
}

/** Directly or through a host; each machine on the way, and what was found on the last one. */
export function SshPage({ systemId, viaId, hosts, options, detection, onWay, onEdit, onTestWay, onFill }: Props) {
  const way = wayTo(hosts, viaId);
  const last = way.at(-1);
  return (
    <>
      <div className="row"><span className="t2 grow">{viaId === null ? 'The way to the database' : 'The way, machine by machine'}</span><LinkButton look="quiet" icon={FileInput} to={paths.import(systemId, 'hosts')}>Import from ~/.ssh/config…</LinkButton></div>
      <SelectField label="How the database is reached" value={viaId ?? ''} options={options} onChange={onWay} hint={viaId === null ? 'Through a host, nothing of the database has to be open to the network' : undefined} />
      {way.length === 0 ? null : (
        <ol className="hops" aria-label="The way, machine by machine">
          {way.map((host, index) => (
            <li key={host.id} className={`hop${stopOf(host, hosts) === null ? '' : ' bad'}`}>
              <div className="row"><h3 className="grow break">{way.length === 1 ? host.label : `Hop ${index + 1}, ${host.label}`}</h3><Seen host={host} hosts={hosts} /><Button look="quiet" size="sm" onClick={() => onEdit(host)} aria-label={`Edit ${host.label}`}>Edit</Button></div>
              <p className="mono break">{addressOf(host.connection)}</p>
              <p className="t3 xs break">Signs in with {signInWords(host)}{host.platform === null ? '' : ` · ${host.platform}`}</p>
              {stopOf(host, hosts) === null ? host.lastSeenAt === null ? null : <p><Age at={host.lastSeenAt} /></p> : <p className="critical xs break">When it was last tried: {troubleWords(host, hosts)} <span className="mono">{stopOf(host, hosts)?.error.code}</span></p>}
            </li>
          ))}
        </ol>
      )}
      {last === undefined ? null : <FoundServers host={last} detection={detection} onTestWay={onTestWay} onFill={onFill} />}
    </>
  );
}
