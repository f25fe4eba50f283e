import { FileInput } from 'lucide-react';
import type { Database, System } from '#shared/contract/systems.ts';
import { Age } from '../../components/age.tsx';
import { Button, LinkButton } from '../../components/button.tsx';
import { bytes, prose } from '../../components/format.ts';
import { PackRole } from '../../components/pack-role.tsx';
import { paths } from '../../components/paths.ts';
import { Empty } from '../../components/screen.tsx';
import { State } from '../../components/state.tsx';
import { useMethod } from '../../transport/use-method.ts';

const passwordWords = { vault: 'password in the vault', passfile: 'password from a file', ask: 'password asked at each start', none: 'no password' } as const;

function Reached({ database }: { database: Database }) {
  if (database.lastError !== null) return <><State kind="unknown">Not reached</State><span className="critical"><span className="break">{prose(database.lastError.message)} <span className="mono">{database.lastError.code}</span></span></span></>;
  if (database.lastSeenAt === null) return <><State kind="unknown">Never reached</State><span>test it</span></>;
  return <><State kind="ok">Reached</State><span><Age at={database.lastSeenAt} /></span></>;
}

/** The databases of a system: how each is reached, and whether it was. */
export function Databases({ system, onEdit, onTest }: { system: System; onEdit: (database: Database) => void; onTest: (database: Database) => void }) {
  const hosts = useMethod('host.list', {}).data?.hosts ?? [];
  const through = (viaId: string | null) => (viaId === null ? '' : `through ${hosts.find(({ id }) => id === viaId)?.label ?? 'a host'}, `);
  if (system.databases.length === 0) return <Empty action={<LinkButton icon={FileInput} to={paths.import(system.id, 'databases')}>Import databases…</LinkButton>}>No database is known here yet. What psql or pgAdmin knows can be imported.</Empty>;
  return (
    <section className="panel" aria-labelledby="databases">
      <header><h2 id="databases" className="grow">Databases <span className="count">{system.databases.length}</span></h2>{system.environment === 'practice' ? null : <LinkButton look="quiet" icon={FileInput} to={paths.import(system.id, 'databases')}>Import…</LinkButton>}</header>
      <div className="scroll">
        <table aria-labelledby="databases">
          <thead><tr><th scope="col">Database</th><th scope="col">Connection</th><th scope="col">Reached at</th><th scope="col" className="opt">Server</th><th scope="col" className="num">Size</th><th scope="col"><span className="vh">Actions</span></th></tr></thead>
          <tbody>
            {system.databases.map((database) => (
              <tr key={database.id}>
                <th scope="row" className="break">{database.label}<PackRole systemId={system.id} of={{ databaseId: database.id }} /></th>
                <td className="two"><Reached database={database} /></td>
                <td className="two"><span className="break">{database.connection.host}:{database.connection.port}</span><span>{through(database.connection.viaId)}as {database.connection.user}, {passwordWords[database.connection.password.source]}, {database.connection.tls.mode === 'disable' ? 'without TLS' : `TLS ${database.connection.tls.mode}`}</span></td>
                <td className="opt two"><span>{database.serverVersion === null ? 'not seen yet' : `Postgres ${database.serverVersion}`}</span><span>{database.systemIdentifier === null ? '' : <span className="mono">{database.systemIdentifier}</span>}</span></td>
                <td className="num nowrap">{database.sizeBytes === null ? '–' : bytes(database.sizeBytes)}</td>
                <td><div className="actions"><Button look="quiet" size="sm" onClick={() => onTest(database)} aria-label={`Test the connection to ${database.label}`}>Test</Button><Button look="quiet" size="sm" onClick={() => onEdit(database)} aria-label={`Edit the connection to ${database.label}`}>Edit</Button></div></td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
