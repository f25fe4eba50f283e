import { useState } from 'react';
import { useLocation } from 'wouter';
import type { UnfinishedDump } from '#shared/contract/backups.ts';
import type { Host } from '#shared/contract/hosts.ts';
import type { Database, System } from '#shared/contract/systems.ts';
import { Button } from '../../components/button.tsx';
import { ErrorPanel } from '../../components/error-panel.tsx';
import { paths } from '../../components/paths.ts';
import { useCommand, useMethod } from '../../transport/use-method.ts';
import { TypedConfirm } from './typed-confirm.tsx';

type Asked = { kind: 'system' } | { kind: 'database'; database: Database } | { kind: 'host'; host: Host } | null;

/** What is forgotten along with a host. */
function alongWith(sets: readonly { name: string }[]): string[] {
  if (sets.length === 0) return [];
  return [`Its ${sets.length === 1 ? 'file set' : `${sets.length} file sets`} ${sets.map(({ name }) => `"${name}"`).join(', ')} ${sets.length === 1 ? 'is' : 'are'} removed with it; the copies stay on this computer`];
}

/** What becomes of interrupted backups whose dumps wait on hosts. @param waiting null: that could not be read */
function ofWaiting(waiting: readonly UnfinishedDump[] | null): string[] {
  if (waiting === null) return ['Whether an interrupted backup waits on a host could not be read: it could only be given up afterwards'];
  return waiting.map(({ database, host }) => `The interrupted backup of ${database}, whose dump waits on ${host}, cannot be continued any more: it can only be given up`);
}

/** The ways to forget a system, or a part of it. */
export function Removal({ system, hosts }: { system: System; hosts: readonly Host[] }) {
  const [, navigate] = useLocation();
  const [asked, setAsked] = useState<Asked>(null);
  const removeSystem = useCommand('system.remove');
  const removeDatabase = useCommand('database.remove');
  const removeHost = useCommand('host.remove');
  const sets = useMethod('files.list', { systemId: system.id });
  const unfinished = useMethod('backup.unfinished', {});
  const waiting = (isMeant: (dump: UnfinishedDump) => boolean): string[] => ofWaiting(unfinished.error !== null && unfinished.data === undefined ? null : (unfinished.data?.dumps.filter((dump) => dump.hopeless === null && isMeant(dump)) ?? []));
  const close = () => setAsked(null);
  const about = { environment: system.environment, onClose: close };
  return (
    <section className="panel" aria-labelledby="forget">
      <header><h2 id="forget">Forget</h2></header>
      <div className="body stack">
        <p className="t2">Nothing is changed on any server. Backups and history stay.</p>
        <div className="row wrap">
          {system.databases.map((database) => <Button needsEngine key={database.id} onClick={() => setAsked({ kind: 'database', database })}>Forget {database.label}…</Button>)}
          {hosts.map((host) => <Button needsEngine key={host.id} onClick={() => setAsked({ kind: 'host', host })}>Forget the host {host.label}…</Button>)}
          <Button needsEngine onClick={() => setAsked({ kind: 'system' })}>Forget this system…</Button>
        </div>
      </div>
      {asked?.kind === 'system' ? (
        <TypedConfirm {...about} title={`Forget ${system.name}?`} name={system.name} target={system.name} button={`Forget ${system.name}`} consequences={['Its databases, hosts, file sets, limits and passwords are removed from here', 'Its backups, the copies of its files and its history stay', ...waiting(({ systemId }) => systemId === system.id), 'Nothing is changed on its servers']} error={removeSystem.error} pending={removeSystem.isPending}
          onConfirm={(confirmName) => removeSystem.mutate({ systemId: system.id, confirmName }, { onSuccess: () => navigate(paths.overview) })} />
      ) : null}
      {asked?.kind === 'database' ? (
        <TypedConfirm {...about} title={`Forget ${asked.database.label}?`} name={asked.database.label} target={asked.database.label} button={`Forget ${asked.database.label}`} consequences={['Its connection and its password are removed from here', 'Its backups and its history stay', ...waiting(({ databaseId }) => databaseId === asked.database.id), 'Nothing is changed in it']} error={removeDatabase.error} pending={removeDatabase.isPending}
          onConfirm={(confirmName) => removeDatabase.mutate({ databaseId: asked.database.id, confirmName }, { onSuccess: close })} />
      ) : null}
      {asked?.kind === 'host' && sets.error !== null && sets.data === undefined ? <ErrorPanel error={sets.error} title={`Which file sets would go with ${asked.host.label} is not known.`} onRetry={() => void sets.refetch()} /> : null}
      {asked?.kind === 'host' && sets.data !== undefined ? (
        <TypedConfirm {...about} title={`Forget the host ${asked.host.label}?`} name={asked.host.label} target={asked.host.label} button={`Forget ${asked.host.label}`} consequences={['How it is reached and what signs in to it are removed from here', ...alongWith(sets.data.sets.filter(({ hostId }) => hostId === asked.host.id)), 'What is known of its key stays, so that a swap is still noticed later', 'Nothing is changed on it']} error={removeHost.error} pending={removeHost.isPending}
          onConfirm={(confirmName) => removeHost.mutate({ hostId: asked.host.id, confirmName }, { onSuccess: close })} />
      ) : null}
    </section>
  );
}
