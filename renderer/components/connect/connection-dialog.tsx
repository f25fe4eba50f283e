import { useId, useRef, useState } from 'react';
import type { ConnectionTest, Database } from '#shared/contract/systems.ts';
import type { Environment } from '#shared/domain/environment.ts';
import type { ErrorShape } from '#shared/domain/errors.ts';
import { useEngine } from '../../transport/engine-context.ts';
import { useSubmission } from '../../transport/use-submission.ts';
import { useCommand, useMethod } from '../../transport/use-method.ts';
import { Button } from '../button.tsx';
import { Dialog } from '../dialog.tsx';
import { ErrorPanel } from '../error-panel.tsx';
import { GeneralFields, TlsFields } from './connection-fields.tsx';
import { connectionOf, draftOf, emptyDraft, problemsOf, type Draft } from './draft.ts';
import { Layers } from './layers.tsx';
import { OtherCluster, otherCluster } from './other-cluster.tsx';
import { PasteUrl } from './paste-url.tsx';
import { VaultInTheWay } from './vault-in-the-way.tsx';

interface Props {
  system: { id: string; name: string; environment: Environment };
  /** Null: a new one is added. */
  database: Database | null;
  onClose: () => void;
}

const behindVault = (error: Pick<ErrorShape, 'code'> | null | undefined): boolean => error?.code === 'vault.absent' || error?.code === 'vault.locked';

/** What a test came to, in a few words: what passed may still have something to look at. */
function verdict({ ok, layers }: ConnectionTest): string {
  if (!ok) return 'stopped';
  const doubtful = layers.filter(({ state }) => state === 'warn').length;
  return doubtful === 0 ? 'everything passed' : `it connects, ${doubtful} to look at`;
}

/** How a database is reached: general, TLS, and on the right what a test finds, layer by layer. */
export function ConnectionDialog({ system, database, onClose }: Props) {
  const engine = useEngine();
  const tabs = useId();
  const form = useId();
  const saveButton = useRef<HTMLButtonElement>(null);
  const [tab, setTab] = useState<'General' | 'TLS'>('General');
  const [draft, setDraft] = useState<Draft>(() => (database === null ? emptyDraft : draftOf(database.connection, database.label)));
  const [tried, setTried] = useState(false);
  const [confirmName, setConfirmName] = useState('');
  /** The identifier beside the tick: of another one that answers later it says nothing. */
  const [ticked, setTicked] = useState<string | null>(null);
  const vault = useMethod('vault.status', {});
  const problems = problemsOf(draft);
  const sound = Object.keys(problems).length === 0;
  const password = draft.password === '' ? {} : { password: draft.password };
  const unchanged = database !== null && draft.password === '' && JSON.stringify(connectionOf(draft)) === JSON.stringify(database.connection);
  const test = useSubmission<ConnectionTest>({
    // An unchanged connection is tested with the password that is kept; a typed one goes along.
    mutationFn: () => (unchanged ? engine.call('database.test', { databaseId: database.id }) : engine.call('database.test', { connection: connectionOf(draft), ...password })),
    onSettled: (result, failure) => void (behindVault(result?.error ?? failure) ? vault.refetch() : undefined),
  });
  const add = useCommand('database.add');
  const update = useCommand('database.update');
  const saving = add.isPending || update.isPending;
  const error = add.error ?? update.error;
  const change = (part: Partial<Draft>) => {
    setDraft((before) => ({ ...before, ...part }));
    // What a test found holds for what was tested; how it is called plays no part in that.
    if (Object.keys(part).some((field) => field !== 'label')) test.reset();
  };
  const cluster = otherCluster(database, test.data, unchanged);
  const accepted = cluster !== null && ticked === cluster.found;
  const vaultState = vault.data?.state;
  const vaultNeeded = draft.passwordSource === 'vault' && (draft.password !== '' || [error, test.error, test.data?.error].some(behindVault));
  const vaultInTheWay = vaultNeeded && (vaultState === 'absent' || vaultState === 'locked') ? vaultState : null;
  const onVaultOpen = () => {
    if (behindVault(test.error ?? test.data?.error)) test.reset();
    saveButton.current?.focus();
  };

  const save = () => {
    setTried(true);
    if (!sound) return setTab('General');
    const label = draft.label.trim() === '' ? {} : { label: draft.label.trim() };
    const settle = { onSuccess: onClose, onError: (failure: ErrorShape) => void (behindVault(failure) ? vault.refetch() : undefined) };
    if (database === null) add.mutate({ systemId: system.id, connection: connectionOf(draft), ...label, ...password }, settle);
    else update.mutate({ databaseId: database.id, connection: connectionOf(draft), ...label, ...password, ...(accepted ? { acceptCluster: cluster.found, confirmName } : {}) }, settle);
  };
  const runTest = () => {
    setTried(true);
    if (sound) test.mutate();
    else setTab('General');
  };
  return (
    <Dialog title={database === null ? 'Add a database' : `Edit connection to ${database.label}`} environment={system.environment} target={system.name} onClose={onClose} size={980}>
      <form id={form} className="stack" onSubmit={(event) => { event.preventDefault(); save(); }}>
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
            <div className="row"><h3 className="grow">Test</h3><span className="t3 xs">{test.data === undefined ? '' : verdict(test.data)}</span></div>
            {test.isPending ? <p className="t2" role="status">Trying it, layer by layer.</p> : null}
            {test.data === undefined || test.isPending ? null : <Layers test={test.data} vaultAtHand />}
            {test.error === null ? null : <ErrorPanel error={test.error} vaultAtHand />}
            {test.data === undefined && test.error === null && !test.isPending ? <p className="t2">A test tells which layer fails and why. It reads only.</p> : null}
          </section>
        </div>
      </form>
      {cluster === null || database === null ? null : <OtherCluster form={form} label={database.label} cluster={cluster} accepted={accepted} typed={confirmName} onAccept={(yes) => setTicked(yes ? cluster.found : null)} onType={setConfirmName} />}
      {error === null || behindVault(error) ? null : <ErrorPanel error={error} title="The connection was not saved." vaultAtHand />}
      {/* Outside the form, for it is one of its own. */}
      {vaultInTheWay === null ? null : <VaultInTheWay state={vaultInTheWay} refused={behindVault(error)} onOpen={onVaultOpen} />}
      <div className="btns row">
        <Button needsEngine size="lg" onClick={runTest} disabled={test.isPending}>Test connection</Button>
        <span className="grow" />
        <Button size="lg" onClick={onClose}>Cancel</Button>
        <Button ref={saveButton} size="lg" look="primary" type="submit" form={form} disabled={saving || (accepted && confirmName !== database?.label)}>{database === null ? 'Add database' : accepted ? 'Accept cluster and save' : 'Save connection'}</Button>
      </div>
    </Dialog>
  );
}
