import { useId, useState } from 'react';
import { useMutation } from '@tanstack/react-query';
import type { ConnectionTest, Database } from '#shared/contract/systems.ts';
import type { Environment } from '#shared/domain/environment.ts';
import type { ErrorShape } from '#shared/domain/errors.ts';
import { useEngine } from '../../transport/engine-context.ts';
import { useCommand } from '../../transport/use-method.ts';
import { Button } from '../button.tsx';
import { Dialog } from '../dialog.tsx';
import { ErrorPanel } from '../error-panel.tsx';
import { TextField } from '../field.tsx';
import { GeneralFields, TlsFields } from './connection-fields.tsx';
import { connectionOf, draftOf, emptyDraft, problemsOf, type Draft } from './draft.ts';
import { Layers } from './layers.tsx';
import { PasteUrl } from './paste-url.tsx';

interface Props {
  system: { id: string; name: string; environment: Environment };
  /** Null: a new one is added. */
  database: Database | null;
  onClose: () => void;
}

/** How a database is reached: general, TLS, and on the right what a test finds, layer by layer. */
export function ConnectionDialog({ system, database, onClose }: Props) {
  const engine = useEngine();
  const tabs = useId();
  const [tab, setTab] = useState<'General' | 'TLS'>('General');
  const [draft, setDraft] = useState<Draft>(() => (database === null ? emptyDraft : draftOf(database.connection, database.label)));
  const [tried, setTried] = useState(false);
  const [confirmName, setConfirmName] = useState('');
  const [accept, setAccept] = useState(false);
  const change = (part: Partial<Draft>) => setDraft((before) => ({ ...before, ...part }));
  const problems = problemsOf(draft);
  const sound = Object.keys(problems).length === 0;
  const password = draft.password === '' ? {} : { password: draft.password };
  const test = useMutation<ConnectionTest, ErrorShape>({
    // An unchanged connection is tested with the password that is kept; a typed one goes along.
    mutationFn: () => (database !== null && draft.password === '' && JSON.stringify(connectionOf(draft)) === JSON.stringify(database.connection) ? engine.call('database.test', { databaseId: database.id }) : engine.call('database.test', { connection: connectionOf(draft), ...password })),
  });
  const add = useCommand('database.add');
  const update = useCommand('database.update');
  const saving = add.isPending || update.isPending;
  const error = add.error ?? update.error;
  const foreign = error?.code === 'postgres.wrong-identity';
  const nameAsked = error?.code === 'operation.name-not-confirmed' || foreign;

  const save = () => {
    setTried(true);
    if (!sound) return setTab('General');
    const label = draft.label.trim() === '' ? {} : { label: draft.label.trim() };
    const settle = { onSuccess: onClose };
    if (database === null) add.mutate({ systemId: system.id, connection: connectionOf(draft), ...label, ...password }, settle);
    else update.mutate({ databaseId: database.id, connection: connectionOf(draft), ...label, ...password, ...(accept ? { acceptNewIdentity: true } : {}), ...(confirmName === '' ? {} : { confirmName }) }, settle);
  };
  const runTest = () => {
    setTried(true);
    if (sound) test.mutate();
    else setTab('General');
  };
  return (
    <Dialog title={database === null ? 'Add a database' : `Edit connection to ${database.label}`} environment={system.environment} target={system.name} onClose={onClose} size={980}>
      <form className="stack" onSubmit={(event) => { event.preventDefault(); save(); }}>
        <PasteUrl onRead={change} />
        <div className="tabs" role="tablist" aria-label="Parts of the connection">
          {(['General', 'TLS'] as const).map((name) => (
            <button key={name} type="button" role="tab" id={`${tabs}-${name}`} aria-controls={`${tabs}-panel`} aria-selected={tab === name} tabIndex={tab === name ? 0 : -1} onClick={() => setTab(name)}
              onKeyDown={(event) => {
                if (event.key !== 'ArrowLeft' && event.key !== 'ArrowRight') return;
                const other = name === 'General' ? 'TLS' : 'General';
                setTab(other);
                document.getElementById(`${tabs}-${other}`)?.focus();
              }}>
              {name}
            </button>
          ))}
        </div>
        <div className="connect">
          <div role="tabpanel" id={`${tabs}-panel`} aria-labelledby={`${tabs}-${tab}`}>
            {tab === 'General' ? <GeneralFields draft={draft} problems={tried ? problems : {}} change={change} /> : <TlsFields draft={draft} change={change} />}
          </div>
          <section className="test" aria-label="Test">
            <div className="row"><h3 className="grow">Test</h3><span className="t3 xs">{test.data === undefined ? '' : test.data.ok ? 'everything passed' : 'stopped'}</span></div>
            {test.isPending ? <p className="t2" role="status">Trying it, layer by layer.</p> : null}
            {test.data === undefined || test.isPending ? null : <Layers test={test.data} />}
            {test.error === null ? null : <ErrorPanel error={test.error} />}
            {test.data === undefined && test.error === null && !test.isPending ? <p className="t2">A test tells which layer fails and why. It reads only.</p> : null}
          </section>
        </div>
        {error === null || error === undefined ? null : <ErrorPanel error={error} title="The connection was not saved." />}
        {foreign ? <label className="check"><input type="checkbox" checked={accept} onChange={(event) => setAccept(event.target.checked)} /> It is another cluster, and that is meant</label> : null}
        {nameAsked && database !== null ? <TextField label={<>Type its name: <b className="mono">{database.label}</b></>} mono value={confirmName} onChange={(event) => setConfirmName(event.target.value)} /> : null}
        <div className="btns row">
          <Button size="lg" onClick={runTest} disabled={test.isPending}>Test connection</Button>
          <span className="grow" />
          <Button size="lg" onClick={onClose}>Cancel</Button>
          <Button size="lg" look="primary" type="submit" disabled={saving}>{database === null ? 'Add database' : 'Save connection'}</Button>
        </div>
      </form>
    </Dialog>
  );
}
