import { useLocation } from 'wouter';
import type { FileBackup } from '#shared/contract/files.ts';
import type { System } from '#shared/contract/systems.ts';
import { Button } from '../../components/button.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { SelectField } from '../../components/field.tsx';
import { bytes, count, exactTime, localStamp, localTime, plainText, plural, prose } from '../../components/format.ts';
import { Loaded } from '../../components/loaded.tsx';
import { paths } from '../../components/paths.ts';
import { usePropose } from '../../components/plan/propose.tsx';
import { State } from '../../components/state.tsx';
import { useMethod } from '../../transport/use-method.ts';
import { FileProof } from './files-proof.tsx';

interface RestoreChoices {
  to: 'here' | 'host';
  /** One path of the copy; "" stands for all of them. */
  path: string;
}

function Notes({ copy }: { copy: FileBackup }) {
  const notes = [plural(copy.files, 'file'), bytes(copy.sizeBytes), ...(copy.leftOut > 0 ? [`${count(copy.leftOut)} left out`] : []), ...(copy.changed > 0 ? [`${plural(copy.changed, 'file')} changed while read`] : [])];
  return <p className="t3 xs files-sub">{notes.join(', ')}</p>;
}

/** Every copy of one set, and what can be done with each. */
export function FileCopies({ system, setId, name, onClose }: { system: Pick<System, 'name' | 'environment'>; setId: string; name: string; onClose: () => void }) {
  const query = useMethod('files.backups', { setId, limit: 100 });
  const propose = usePropose();
  const [, navigate] = useLocation();
  const onStarted = (operationId: string) => navigate(paths.operation(operationId));
  const verify = (copy: FileBackup) => propose({ title: 'Verify the copy', choices: null, plan: async (engine) => (await engine.call('files.planVerify', { backupId: copy.id, level: 'L3' })).plan, onStarted });
  const remove = (copy: FileBackup) => propose({ title: 'Delete the copy', choices: null, plan: async (engine) => (await engine.call('files.planDelete', { backupId: copy.id })).plan, onStarted });
  const restore = (copy: FileBackup) =>
    propose<RestoreChoices>({
      title: 'Bring files back',
      choices: { to: 'here', path: '' },
      plan: async (engine, { to, path }) => (await engine.call('files.planRestore', { backupId: copy.id, to, ...(path === '' ? {} : { paths: [path] }) })).plan,
      renderChoices: (choices, change) => (
        <div className="choices-grid">
          <SelectField label="Where to" value={choices.to} onChange={(to) => change({ ...choices, to })} options={[{ value: 'here', label: 'A new folder on this computer' }, { value: 'host', label: `Beside each path on ${plainText(copy.hostLabel)}` }]} />
          <SelectField label="What" value={choices.path} onChange={(path) => change({ ...choices, path })} options={[{ value: '', label: 'All of it' }, ...copy.paths.map((path) => ({ value: path, label: plainText(path) }))]} />
        </div>
      ),
      onStarted,
    });
  return (
    <Dialog title={`Copies of ${plainText(name)}`} environment={system.environment} target={system.name} onClose={onClose} size={820}>
      <Loaded query={query} what="the copies">
        {({ backups, total }) => (
          <>
            <div className="scroll">
              <table className="files-copies">
                <caption className="vh">Copies of {plainText(name)}, newest first</caption>
                <thead><tr><th scope="col">Taken</th><th scope="col">Proof</th><th scope="col"><span className="vh">Actions</span></th></tr></thead>
                <tbody>
                  {backups.map((copy) => {
                    const words = `the copy of ${localStamp(copy.takenAt)}`;
                    return (
                      <tr key={copy.id}>
                        <th scope="row" title={exactTime(copy.takenAt)}>{localTime(copy.takenAt)}<Notes copy={copy} /></th>
                        <td>{copy.damaged === null ? <FileProof level={copy.proof} /> : <><State kind="critical">Damaged</State><p className="t3 xs break">{plainText(prose(copy.damaged))}</p></>}</td>
                        <td>
                          <div className="actions">
                            <Button needsEngine look="quiet" size="sm" onClick={() => remove(copy)} aria-label={`Delete ${words}`}>Delete…</Button>
                            <Button needsEngine size="sm" onClick={() => verify(copy)} aria-label={`${copy.proof === 'L3' ? 'Prove again:' : 'Prove'} ${words}`}>{copy.proof === 'L3' ? 'Prove again…' : 'Prove…'}</Button>
                            {copy.damaged === null ? <Button needsEngine size="sm" onClick={() => restore(copy)} aria-label={`Bring back files of ${words}`}>Bring back…</Button> : null}
                          </div>
                        </td>
                      </tr>
                    );
                  })}
                </tbody>
              </table>
            </div>
            {total > backups.length ? <p className="t3 xs">The newest {count(backups.length)} of {count(total)}. The command line shows all: files backups</p> : null}
          </>
        )}
      </Loaded>
      <div className="btns"><Button size="lg" onClick={onClose}>Close</Button></div>
    </Dialog>
  );
}
