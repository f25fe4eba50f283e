import { Plus } from 'lucide-react';
import { useState } from 'react';
import { useLocation } from 'wouter';
import type { FileBackup, FileSet } from '#shared/contract/files.ts';
import type { MethodOutput } from '#shared/contract/index.ts';
import type { Host } from '#shared/contract/hosts.ts';
import type { System } from '#shared/contract/systems.ts';
import { fileProofWords } from '#shared/domain/file-set.ts';
import { proofLevels, type ProofLevel } from '#shared/domain/proof.ts';
import { Age } from '../../components/age.tsx';
import { Button } from '../../components/button.tsx';
import { SelectField } from '../../components/field.tsx';
import { count, plainText } from '../../components/format.ts';
import { Loaded, SkeletonRows } from '../../components/loaded.tsx';
import { paths } from '../../components/paths.ts';
import { usePropose } from '../../components/plan/propose.tsx';
import { State } from '../../components/state.tsx';
import { useMethod } from '../../transport/use-method.ts';
import { FileCopies } from './files-copies.tsx';
import { EditFiles } from './files-edit.tsx';
import { FileProof } from './files-proof.tsx';
import './files.css';

type Listed = MethodOutput<'files.list'>['sets'][number];

function newestWords({ newest, newestProven }: Pick<Listed, 'newest' | 'newestProven'>) {
  if (newest === null) return <span className="t3 xs">no copy so far</span>;
  // However good an older one is: whoever looks here has to learn that the last one is none.
  if (newest.damaged !== null) return <><State kind="critical">Damaged</State>{newestProven === null ? null : <p className="t3 xs files-sub"><Age at={newestProven.takenAt} before="an older one, proven " /></p>}</>;
  return newestProven === null ? <FileProof level={newest.proof} /> : <Age at={newestProven.takenAt} before="proven " />;
}

const accessWords = (host: Host | undefined, { access }: Pick<FileSet, 'access'>): string => `${host?.label ?? 'a host that is gone'}${access.kind === 'sudo' ? `, as ${access.user}` : ''}`;

function SetRow({ set, host, onBackUp, onCopies, onEdit }: { set: Listed; host: Host | undefined; onBackUp: () => void; onCopies: () => void; onEdit: () => void }) {
  const named = plainText(set.name);
  return (
    <tr>
      <th scope="row" className="break">{named}<p className="t3 xs files-sub">{plainText(accessWords(host, set))}</p></th>
      <td className="files-paths opt">{set.paths.map((path) => <span key={path} className="mono xs clip" title={plainText(path)}>{plainText(path)}</span>)}{set.exclude.length === 0 ? null : <span className="t3 xs clip" title={plainText(set.exclude.join(', '))}>without {plainText(set.exclude.join(', '))}</span>}</td>
      <td className="nowrap">{newestWords(set)}</td>
      <td>
        <div className="actions">
          <Button look="quiet" size="sm" onClick={onEdit} aria-label={`Change ${named}`}>Change</Button>
          {set.newest === null ? null : <Button size="sm" onClick={onCopies} aria-label={`Show the copies of ${named}`}>Copies</Button>}
          <Button needsEngine size="sm" onClick={onBackUp} aria-label={`Back up ${named}`}>Back up…</Button>
        </div>
      </td>
    </tr>
  );
}

interface Orphan {
  setId: string;
  name: string;
  newest: FileBackup;
}

/** What was made of sets that are gone: it stays, and can still be brought back. */
function orphansOf(copies: readonly FileBackup[], sets: readonly FileSet[]): Orphan[] {
  const found = new Map<string, Orphan>();
  for (const copy of copies) if (!found.has(copy.setId) && !sets.some(({ id }) => id === copy.setId)) found.set(copy.setId, { setId: copy.setId, name: copy.setName, newest: copy });
  return [...found.values()];
}

/** Files and configuration of hosts: what is backed up together, and how old the newest proven copy of each is. */
export function FilesPanel({ system }: { system: System }) {
  const systemId = system.id;
  const query = useMethod('files.list', { systemId });
  const copies = useMethod('files.backups', { systemId, limit: 1000 });
  const hosts = useMethod('host.list', {});
  const propose = usePropose();
  const [, navigate] = useLocation();
  const [editing, setEditing] = useState<FileSet | 'new' | null>(null);
  const [shown, setShown] = useState<{ setId: string; name: string } | null>(null);
  const all = hosts.data?.hosts ?? [];
  const here = all.filter((host) => host.systemId === systemId);
  const orphans = query.data === undefined ? [] : orphansOf(copies.data?.backups ?? [], query.data.sets);

  const backUp = (set: FileSet) =>
    propose<{ proof: ProofLevel }>({
      title: `Back up ${set.name}`,
      choices: { proof: 'L3' },
      plan: async (engine, { proof }) => (await engine.call('files.plan', { setId: set.id, options: { proof } })).plan,
      renderChoices: ({ proof }, change) => <SelectField label="Prove at once" value={proof} onChange={(level) => change({ proof: level })} options={[...proofLevels].reverse().map((value) => ({ value, label: `${value}, ${fileProofWords[value].toLowerCase()}` }))} />,
      onStarted: (operationId) => navigate(paths.operation(operationId)),
    });

  return (
    <section className="panel" aria-labelledby="files">
      <header>
        <h2 id="files">Files {query.data === undefined ? null : <span className="count">{count(query.data.sets.length)}</span>}</h2>
        <span className="t3 xs">configuration and other files of hosts</span>
        <span className="grow" />
        <Button icon={Plus} disabled={here.length === 0} onClick={() => setEditing('new')}>Add files</Button>
      </header>
      <Loaded query={query} what="the files" skeleton={<SkeletonRows what="the files" rows={2} columns={[120, 180, 90]} />}>
        {({ sets }) =>
          sets.length === 0 && orphans.length === 0 ? (
            <p className="body t2">{here.length === 0 ? 'Files are read on a host, over SSH. Add a host in the settings of this system first.' : 'A set is files of a host that are backed up together, such as /etc/nginx. There is none so far.'}</p>
          ) : (
            <div className="scroll">
              <table aria-labelledby="files">
                <thead><tr><th scope="col">Set</th><th scope="col" className="opt">Paths</th><th scope="col">Newest copy</th><th scope="col"><span className="vh">Actions</span></th></tr></thead>
                <tbody>
                  {sets.map((set) => <SetRow key={set.id} set={set} host={here.find(({ id }) => id === set.hostId)} onBackUp={() => backUp(set)} onCopies={() => setShown({ setId: set.id, name: set.name })} onEdit={() => setEditing(set)} />)}
                  {orphans.map(({ setId, name, newest }) => (
                    <tr key={setId}>
                      <th scope="row" className="break">{plainText(name)}<p className="t3 xs files-sub">{plainText(newest.hostLabel)}; the set was removed</p></th>
                      <td className="files-paths opt">{newest.paths.map((path) => <span key={path} className="mono xs clip">{plainText(path)}</span>)}</td>
                      <td className="nowrap"><Age at={newest.takenAt} before="taken " /></td>
                      <td><div className="actions"><Button size="sm" onClick={() => setShown({ setId, name })} aria-label={`Show the copies of ${plainText(name)}`}>Copies</Button></div></td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
          )
        }
      </Loaded>
      {editing === null ? null : <EditFiles system={system} set={editing === 'new' ? null : editing} hosts={here} all={all} onClose={() => setEditing(null)} />}
      {shown === null ? null : <FileCopies system={system} setId={shown.setId} name={shown.name} onClose={() => setShown(null)} />}
    </section>
  );
}
