import { useId, useRef, useState } from 'react';
import type { Host, HostTest } from '#shared/contract/hosts.ts';
import type { ConnectionTest, Database } from '#shared/contract/systems.ts';
import type { Environment } from '#shared/domain/environment.ts';
import type { ErrorShape } from '#shared/domain/errors.ts';
import { useEngine } from '../../transport/engine-context.ts';
import { useSubmission } from '../../transport/use-submission.ts';
import { useCommand, useMethod } from '../../transport/use-method.ts';
import { Button } from '../button.tsx';
import { Dialog } from '../dialog.tsx';
import { ErrorPanel } from '../error-panel.tsx';
import { InSight } from '../in-sight.tsx';
import { GeneralFields, TlsFields } from './connection-fields.tsx';
import { advancedProblems, changed, connectionOf, draftOf, emptyDraft, keepsPassword, problemsOf, type Draft } from './draft.ts';
import { fillFrom } from './found.tsx';
import { HostDialog, hostVerdict } from './host-dialog.tsx';
import { failedAt, Layers, Machines } from './layers.tsx';
import { MachineTrouble } from './machine-trouble.tsx';
import { OtherCluster, otherCluster } from './other-cluster.tsx';
import { PasteUrl } from './paste-url.tsx';
import { behindVault } from './secret-needed.tsx';
import { SshPage } from './ssh-page.tsx';
import { stopOf } from './standing.tsx';
import { Tabs } from './tabs.tsx';
import { ToolsPage } from './tools-page.tsx';
import { useDetection } from './use-detection.ts';
import { addHostWay, useWays } from './use-ways.ts';
import { VaultInTheWay } from './vault-in-the-way.tsx';

interface Props {
  system: { id: string; name: string; environment: Environment };
  /** Null: a new one is added. */
  database: Database | null;
  /** Of a new one: the host that it is reached through, where that is known already. */
  viaId?: string | null;
  /** Of a new one: it is behind a host that is still to be chosen. */
  behind?: boolean;
  onClose: () => void;
}

const pages = ['General', 'TLS', 'SSH', 'Advanced'] as const;
type Page = (typeof pages)[number];

/** What a test came to, in a few words: what passed may still have something to look at. */
function verdict({ ok, machines, layers, tools }: ConnectionTest): string {
  if (!ok) return 'stopped';
  if (tools !== undefined && tools.error !== null) return 'it connects, but its programs cannot be used';
  const doubtful = [...(machines ?? []).flatMap((machine) => machine.layers), ...layers].filter(({ state }) => state === 'warn').length;
  return doubtful === 0 ? 'everything passed' : `it connects, ${doubtful} to look at`;
}

/** How a database is reached, on four pages, and on the right what a test finds: machine by machine, layer by layer. */
export function ConnectionDialog({ system, database, viaId = null, behind = false, onClose }: Props) {
  const engine = useEngine();
  const tabs = useId();
  const form = useId();
  const saveButton = useRef<HTMLButtonElement>(null);
  const [page, setPage] = useState<Page>(viaId === null && !behind ? 'General' : 'SSH');
  const [draft, setDraft] = useState<Draft>(() => (database === null ? changed(emptyDraft, { viaId }) : draftOf(database.connection, database.label)));
  const [tried, setTried] = useState(false);
  const [confirmName, setConfirmName] = useState('');
  /** The identifier beside the tick: of another one that answers later it says nothing. */
  const [ticked, setTicked] = useState<string | null>(null);
  const [hostDialog, setHostDialog] = useState<'add' | Host | null>(null);
  const [addedHost, setAddedHost] = useState<string | null>(null);
  const vault = useMethod('vault.status', {});
  const { hosts, options } = useWays(system.id);
  const host = hosts.find(({ id }) => id === draft.viaId);
  // A host that is known to let us in is looked at as soon as it is chosen; whoever edits asks for that.
  const detection = useDetection(host, host?.id === addedHost || (database === null && host !== undefined && stopOf(host, hosts) === null && host.lastSeenAt !== null));
  const problems = problemsOf(draft);
  const sound = Object.keys(problems).length === 0;
  const faulty: Page[] = [...(Object.keys(problems).some((field) => !advancedProblems.some((each) => each === field)) ? ['General' as const] : []), ...(advancedProblems.some((field) => problems[field] !== undefined) ? ['Advanced' as const] : [])];
  const password = draft.password === '' ? {} : { password: draft.password };
  const unchanged = database !== null && draft.password === '' && JSON.stringify(connectionOf(draft)) === JSON.stringify(connectionOf(draftOf(database.connection, database.label)));
  const test = useSubmission<ConnectionTest>({
    // An unchanged connection is tested with the password that is kept; a typed one goes along.
    mutationFn: () => (unchanged ? engine.call('database.test', { databaseId: database.id }) : engine.call('database.test', { connection: connectionOf(draft), ...password })),
    onSettled: (result, failure) => void (behindVault(result?.error ?? failure) ? vault.refetch() : undefined),
  });
  // What stands on the page General may be found on the host, once its key is trusted: the way there is tested by itself.
  const wayTest = useSubmission<HostTest, string | HostTest>({
    mutationFn: async (tested) => (typeof tested === 'string' ? engine.call('host.test', { hostId: tested }) : tested),
    onSuccess: ({ ok }) => { if (ok) detection.look(); },
    onSettled: (result, failure) => void (behindVault(result?.error ?? failure) ? vault.refetch() : undefined),
  });
  const add = useCommand('database.add');
  const update = useCommand('database.update');
  const saving = add.isPending || update.isPending;
  const keeps = database !== null && keepsPassword(database.connection, connectionOf(draft));
  const error = add.error ?? update.error;
  const change = (part: Partial<Draft>) => {
    setDraft((before) => changed(before, part));
    // What a test found holds for what was tested; how it is called plays no part in that.
    if (Object.keys(part).some((field) => field !== 'label')) {
      test.reset();
      wayTest.reset();
    }
  };
  const cluster = otherCluster(database, test.data, unchanged);
  const accepted = cluster !== null && ticked === cluster.found;
  const vaultState = vault.data?.state;
  const onTheWay = failedAt((wayTest.data ?? test.data)?.machines ?? null);
  const vaultNeeded = [error, test.error, test.data?.error, wayTest.error, wayTest.data?.error].some(behindVault) || (draft.passwordSource === 'vault' && draft.password !== '');
  const vaultInTheWay = vaultNeeded && (vaultState === 'absent' || vaultState === 'locked') ? vaultState : null;
  const onVaultOpen = () => {
    if (behindVault(test.error ?? test.data?.error)) test.reset();
    if (behindVault(wayTest.error ?? wayTest.data?.error)) wayTest.reset();
    saveButton.current?.focus();
  };
  /** @returns whether what is typed can be tested and saved; else it shows where not */
  const isReady = (): boolean => {
    setTried(true);
    const [first] = faulty;
    if (first !== undefined && !faulty.includes(page)) setPage(first);
    return sound;
  };
  const save = () => {
    if (!isReady()) return;
    const label = draft.label.trim() === '' ? {} : { label: draft.label.trim() };
    const settle = { onSuccess: onClose, onError: (failure: ErrorShape) => void (behindVault(failure) ? vault.refetch() : undefined) };
    if (database === null) add.mutate({ systemId: system.id, connection: connectionOf(draft), ...label, ...password }, settle);
    else update.mutate({ databaseId: database.id, connection: connectionOf(draft), ...label, ...password, ...(accepted ? { acceptCluster: cluster.found, confirmName } : {}) }, settle);
  };
  const testWay = () => {
    test.reset();
    if (host !== undefined) wayTest.mutate(host.id);
  };
  const runTest = () => {
    if (page === 'SSH' && host !== undefined && faulty.includes('General')) testWay();
    else if (isReady()) {
      wayTest.reset();
      test.mutate();
    }
  };
  const onWay = (value: string) => (value === addHostWay ? setHostDialog('add') : change({ viaId: value === '' ? null : value }));
  const onHostSaved = ({ id }: Host) => {
    if (hostDialog === 'add') {
      setAddedHost(id);
      change({ viaId: id });
    } else {
      test.reset();
      wayTest.reset();
    }
  };
  const shownProblems = tried ? problems : {};
  const through = host?.label ?? null;
  const seen = [...new Set(detection.findings?.postgres.filter(({ ways }) => ways.some((way) => way.host === draft.host && String(way.port) === draft.port)).flatMap(({ databases }) => databases) ?? [])];
  return (
    <Dialog title={database === null ? 'Add a database' : `Edit connection to ${database.label}`} environment={system.environment} target={system.name} onClose={onClose} size={980}>
      <Tabs id={tabs} label="Parts of the connection" names={pages} current={page} onChoose={setPage} faulty={tried ? faulty : []} />
      <div className="connect">
        <form id={form} onSubmit={(event) => { event.preventDefault(); save(); }}>
          <div role="tabpanel" id={`${tabs}-panel`} aria-labelledby={`${tabs}-${page}`} className="stack page-of">
            {page === 'General' ? <><PasteUrl onRead={change} /><GeneralFields draft={draft} through={through} seen={seen} problems={shownProblems} change={change} kept={keeps} /></> : null}
            {page === 'TLS' ? <TlsFields draft={draft} through={through} change={change} /> : null}
            {page === 'SSH' ? <SshPage systemId={system.id} viaId={draft.viaId} hosts={hosts} options={options} detection={detection} onWay={onWay} onEdit={setHostDialog} onTestWay={testWay} onFill={(found, way) => { change(fillFrom(found, way, draft, detection.findings?.tools ?? [])); setPage('General'); }} /> : null}
            {page === 'Advanced' ? <ToolsPage draft={draft} problems={shownProblems} change={change} host={host} detection={detection} /> : null}
          </div>
        </form>
        <section className="test" aria-label="Test" tabIndex={0}>
          <div className="row"><h3 className="grow">Test</h3><span className="t3 xs" role="status">{wayTest.data !== undefined && !wayTest.isPending ? hostVerdict(wayTest.data, 'the way passed; no database was tried') : test.data === undefined || test.isPending ? '' : verdict(test.data)}</span></div>
          {wayTest.isPending ? <p className="t2" role="status">Trying the way, machine by machine.</p> : null}
          {wayTest.data === undefined || wayTest.isPending ? null : <Machines machines={wayTest.data.machines} trouble={onTheWay === undefined || wayTest.data.error === null ? null : <MachineTrouble machine={onTheWay} error={wayTest.data.error} hosts={hosts} viaId={null} onAgain={testWay} {...(host === undefined ? {} : { onTested: { hostId: host.id, take: wayTest.mutate } })} onEdit={setHostDialog} />} />}
          {wayTest.error === null || wayTest.isPending ? null : <ErrorPanel error={wayTest.error} vaultAtHand />}
          {test.isPending ? <p className="t2" role="status">{draft.viaId === null ? 'Trying it, layer by layer.' : 'Trying it, machine by machine and layer by layer.'}</p> : null}
          {test.data === undefined || test.isPending ? null : <Layers test={test.data} vaultAtHand trouble={onTheWay === undefined || test.data.error === null ? null : <MachineTrouble machine={onTheWay} error={test.data.error} hosts={hosts} viaId={null} onAgain={runTest} onEdit={setHostDialog} />} />}
          {test.error === null || test.isPending ? null : <ErrorPanel error={test.error} vaultAtHand />}
          {test.data === undefined && test.error === null && !test.isPending && wayTest.isIdle ? <p className="t2">A test tells which layer fails and why{draft.viaId === null ? '' : ', of each machine on the way'}. It reads only.</p> : null}
        </section>
      </div>
      {cluster === null || database === null ? null : <OtherCluster form={form} label={database.label} cluster={cluster} accepted={accepted} typed={confirmName} onAccept={(yes) => setTicked(yes ? cluster.found : null)} onType={setConfirmName} />}
      {error === null || behindVault(error) ? null : <InSight><ErrorPanel error={error} title="The connection was not saved." vaultAtHand /></InSight>}
      {/* Outside the form, for it is one of its own. */}
      {vaultInTheWay === null ? null : <VaultInTheWay state={vaultInTheWay} refused={behindVault(error)} choice={onTheWay === undefined} onOpen={onVaultOpen} />}
      <div className="btns row foot">
        <Button needsEngine size="lg" onClick={runTest} disabled={test.isPending || wayTest.isPending}>Test connection</Button>
        <span className="grow" />
        <Button size="lg" onClick={onClose}>Cancel</Button>
        <Button ref={saveButton} size="lg" look="primary" type="submit" form={form} disabled={saving || (accepted && confirmName !== database?.label)}>{database === null ? 'Add database' : accepted ? 'Accept cluster and save' : 'Save connection'}</Button>
      </div>
      {hostDialog === null ? null : <HostDialog system={hostDialog === 'add' ? system : { ...system, id: hostDialog.systemId }} host={hostDialog === 'add' ? null : hostDialog} onClose={() => setHostDialog(null)} onSaved={onHostSaved} />}
    </Dialog>
  );
}
