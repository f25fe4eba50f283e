import { useLocation } from 'wouter';
import type { System } from '#shared/contract/systems.ts';
import { Segments } from '../../components/field.tsx';
import { Loaded } from '../../components/loaded.tsx';
import { paths } from '../../components/paths.ts';
import { PageHead, useScreen } from '../../components/screen.tsx';
import { useMethod } from '../../transport/use-method.ts';
import { DatabasesImport } from './databases-import.tsx';
import { HostsImport } from './hosts-import.tsx';
import { useTarget } from './target.tsx';
import './import.css';

export type ImportKind = 'hosts' | 'databases';

interface Props {
  /** Null: which system it is for is chosen here. */
  systemId: string | null;
  kind: ImportKind;
}

const ledes: Record<ImportKind, string> = {
  hosts: 'From the files that ssh uses. Nothing is added before you say so, and nothing is connected to.',
  databases: 'From the files that psql and pgAdmin use. Nothing is added before you say so, and passwords are not shown.',
};

function Inside({ systemId, kind, systems }: Props & { systems: readonly System[] }) {
  const target = useTarget(systems, systemId);
  return kind === 'hosts' ? <HostsImport target={target} fixed={systemId !== null} /> : <DatabasesImport target={target} fixed={systemId !== null} />;
}

/** What a person has already, of hosts or of databases: what is new, what is here, what cannot be imported and why. */
export function ImportScreen({ systemId, kind }: Props) {
  const [, navigate] = useLocation();
  const query = useMethod('system.list', {});
  const system = query.data?.systems.find(({ id }) => id === systemId) ?? null;
  useScreen({ screen: 'Import', system: system === null ? null : { id: system.id, name: system.name, environment: system.environment, readOnly: system.readOnly } });
  return (
    <div className="page dense import">
      <PageHead title={kind === 'hosts' ? 'Import hosts' : 'Import databases'} lede={ledes[kind]}>
        <Segments label="What is imported" value={kind} onChange={(next) => navigate(paths.import(systemId, next))} options={[{ value: 'hosts', label: 'Hosts' }, { value: 'databases', label: 'Databases' }]} />
      </PageHead>
      <Loaded query={query} what="the systems">{({ systems }) => <Inside key={kind} systemId={systemId} kind={kind} systems={systems} />}</Loaded>
    </div>
  );
}
