import { FolderSearch } from 'lucide-react';
import { useState } from 'react';
import type { FileSet } from '#shared/contract/files.ts';
import type { HostFindings } from '#shared/contract/detection.ts';
import type { Host } from '#shared/contract/hosts.ts';
import type { System } from '#shared/contract/systems.ts';
import { overlap, whyNotExclusion, whyNotPath } from '#shared/domain/file-set.ts';
import { failingOn, wayTo } from '#shared/domain/host-way.ts';
import { Button } from '../../components/button.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { ErrorPanel } from '../../components/error-panel.tsx';
import { AreaField, SelectField, TextField } from '../../components/field.tsx';
import { plainText } from '../../components/format.ts';
import { InSight } from '../../components/in-sight.tsx';
import { useCommand, useMethod } from '../../transport/use-method.ts';

const linesOf = (text: string): string[] => [...new Set(text.split('\n').map((line) => line.trim()).filter((line) => line !== ''))];

/** What is wrong with the paths as they are typed, in words; nothing while none is. */
function pathTrouble(paths: readonly string[]): string | undefined {
  for (const path of paths) {
    const why = whyNotPath(path);
    if (why !== null) return `${path}: ${why}.`;
  }
  const found = overlap(paths);
  return found === null ? undefined : `${found.path} is in ${found.above} already.`;
}

function exclusionTrouble(patterns: readonly string[]): string | undefined {
  for (const pattern of patterns) {
    const why = whyNotExclusion(pattern);
    if (why !== null) return `${pattern}: ${why}.`;
  }
  return undefined;
}

/** Folders that were found on the host, each with one button that adds it. */
function FoundPaths({ host, findings, taken, onTake }: { host: Host; findings: HostFindings; taken: readonly string[]; onTake: (path: string) => void }) {
  const found = findings.paths.filter(({ what }) => what === 'configuration').map(({ path, readable }) => ({ path: path.slice(0, path.lastIndexOf('/')) || path, readable }));
  const offered = found.filter(({ path }, index) => found.findIndex((each) => each.path === path) === index && !taken.includes(path));
  if (offered.length === 0) return <p className="t2">No more configuration was found on {plainText(host.label)}. Type the paths.</p>;
  return (
    <ul className="files-found" aria-label={`Found on ${plainText(host.label)}`}>
      {offered.map(({ path, readable }) => (
        <li key={path}>
          <span className="mono xs break">{plainText(path)}</span>
          {readable ? null : <span className="t3 xs">not readable for {plainText(host.connection.user)}</span>}
          <Button size="sm" onClick={() => onTake(path)} aria-label={`Add ${plainText(path)}`}>Add</Button>
        </li>
      ))}
    </ul>
  );
}

/** One that was reached, where there is one: nothing is found on another. */
const likelyOf = (hosts: readonly Host[], all: readonly Host[]): Host | undefined => hosts.find((host) => host.lastSeenAt !== null && failingOn(wayTo(all, host.id)) === null) ?? hosts[0];

/** Adds a set, or changes one. Copies that exist stay as they are. @param all those of other systems as well, which may be on the way */
export function EditFiles({ system, set, hosts, all, onClose }: { system: Pick<System, 'name' | 'environment'>; set: FileSet | null; hosts: readonly Host[]; all: readonly Host[]; onClose: () => void }) {
  const [name, setName] = useState(set?.name ?? '');
  const [hostId, setHostId] = useState(set?.hostId ?? likelyOf(hosts, all)?.id ?? '');
  const [paths, setPaths] = useState(set?.paths.join('\n') ?? '');
  const [exclude, setExclude] = useState(set?.exclude.join('\n') ?? '');
  const [as, setAs] = useState<'plain' | 'sudo'>(set?.access.kind ?? 'plain');
  const [user, setUser] = useState(set?.access.kind === 'sudo' ? set.access.user : 'root');
  const [others, setOthers] = useState(set === null ? false : !set.oneFileSystem);
  const [looked, setLooked] = useState(false);
  const host = hosts.find(({ id }) => id === hostId);
  const findings = useMethod('host.detect', { hostId }, { enabled: looked && host !== undefined, freshMs: Number.POSITIVE_INFINITY });
  const add = useCommand('files.add');
  const update = useCommand('files.update');
  const remove = useCommand('files.remove');
  const pathList = linesOf(paths);
  const excludeList = linesOf(exclude);
  const wrongPaths = pathTrouble(pathList);
  const wrongExclusions = exclusionTrouble(excludeList);
  const sound = name.trim() !== '' && host !== undefined && pathList.length > 0 && wrongPaths === undefined && wrongExclusions === undefined && (as === 'plain' || user.trim() !== '');
  const busy = add.isPending || update.isPending;
  const save = () => {
    const given = { name: name.trim(), paths: pathList, exclude: excludeList, access: as === 'plain' ? { kind: 'plain' as const } : { kind: 'sudo' as const, user: user.trim() }, oneFileSystem: !others };
    if (set === null) add.mutate({ hostId, ...given }, { onSuccess: onClose });
    else update.mutate({ setId: set.id, ...given }, { onSuccess: onClose });
  };
  const error = add.error ?? update.error;
  return (
    <Dialog title={set === null ? 'Add files' : `Change ${plainText(set.name)}`} environment={system.environment} target={system.name} onClose={onClose} size={600}>
      <form className="stack wide" onSubmit={(event) => { event.preventDefault(); if (sound && !busy) save(); }}>
        <div className="choices-grid">
          <TextField label="Name" value={name} maxLength={80} onChange={(event) => setName(event.target.value)} placeholder="configuration" data-autofocus />
          {set === null ? <SelectField label="Host" value={hostId} onChange={setHostId} options={hosts.map(({ id, label }) => ({ value: id, label: plainText(label) }))} /> : <div className="field"><span className="t2">Host</span><p>{plainText(host?.label ?? 'a host that is gone')}</p></div>}
        </div>
        <AreaField label="Paths" rows={4} value={paths} onChange={(event) => setPaths(event.target.value)} placeholder="/etc/nginx" hint="One whole path on each line, with all below it." error={wrongPaths === undefined ? undefined : plainText(wrongPaths)} />
        {host === undefined ? null : looked ? (
          findings.data === undefined ? (findings.error === null ? <p className="t2" role="status">Looking on {plainText(host.label)}.</p> : <ErrorPanel error={findings.error} title="Nothing could be looked for." onRetry={() => void findings.refetch()} />) : <FoundPaths host={host} findings={findings.data} taken={pathList} onTake={(path) => setPaths((before) => [...linesOf(before), path].join('\n'))} />
        ) : (
          <div className="btns start"><Button needsEngine icon={FolderSearch} onClick={() => setLooked(true)}>Look for configuration on {plainText(host.label)}</Button></div>
        )}
        <AreaField label="Leave out" rows={3} value={exclude} onChange={(event) => setExclude(event.target.value)} placeholder="*.log" hint="On each line a whole path, with all below it, or a name such as *.log, wherever it is." error={wrongExclusions === undefined ? undefined : plainText(wrongExclusions)} />
        <div className="choices-grid">
          <SelectField label="Read as" value={as} onChange={setAs} options={[{ value: 'plain', label: host === undefined ? 'the account that signs in' : plainText(host.connection.user) }, { value: 'sudo', label: 'another account, by sudo' }]} />
          {as === 'sudo' ? <TextField label="Account" mono value={user} maxLength={64} onChange={(event) => setUser(event.target.value)} /> : null}
        </div>
        <label className="check"><input type="checkbox" checked={others} onChange={(event) => setOthers(event.target.checked)} /> Also look into other file systems that are mounted below the paths</label>
        {error === null ? null : <InSight><ErrorPanel error={error} title="The set was not saved." /></InSight>}
        {remove.error === null ? null : <InSight><ErrorPanel error={remove.error} title="The set was not removed." /></InSight>}
        <div className="btns">
          {set === null ? null : <><Button needsEngine size="lg" disabled={remove.isPending} onClick={() => remove.mutate({ setId: set.id }, { onSuccess: onClose })}>Remove set, keep its copies</Button><span className="grow" /></>}
          <Button size="lg" onClick={onClose}>Cancel</Button>
          <Button size="lg" look="primary" type="submit" disabled={!sound || busy}>{set === null ? 'Add files' : 'Save set'}</Button>
        </div>
      </form>
    </Dialog>
  );
}
