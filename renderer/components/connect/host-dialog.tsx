import { useId, useState } from 'react';
import type { Host, HostTest } from '#shared/contract/hosts.ts';
import type { Environment } from '#shared/domain/environment.ts';
import type { ErrorShape } from '#shared/domain/errors.ts';
import { useEngine } from '../../transport/engine-context.ts';
import { useSubmission } from '../../transport/use-submission.ts';
import { useCommand, useMethod } from '../../transport/use-method.ts';
import { Button } from '../button.tsx';
import { Dialog } from '../dialog.tsx';
import { ErrorPanel } from '../error-panel.tsx';
import { InSight } from '../in-sight.tsx';
import { HostFields } from './host-fields.tsx';
import { emptyHost, hostConnectionOf, hostDraftOf, hostProblemsOf, isSound, keptOfHost, typedOf, type HostDraft } from './host-draft.ts';
import { failedAt, Machines } from './layers.tsx';
import { MachineTrouble } from './machine-trouble.tsx';
import { behindVault } from './secret-needed.tsx';
import { addHostWay, useWays } from './use-ways.ts';
import { VaultInTheWay } from './vault-in-the-way.tsx';

interface Props {
  system: { id: string; name: string; environment: Environment };
  /** Null: a new one is added. */
  host: Host | null;
  onClose: () => void;
  /** Told which one was added or changed. */
  onSaved?: (host: Host) => void;
}

/** What a test of a host came to, in a few words. @param passed what is said where all went well */
export function hostVerdict({ ok, machines }: HostTest, passed = 'everything passed'): string {
  if (!ok) return 'stopped';
  const doubtful = machines.flatMap(({ layers }) => layers).filter(({ state }) => state === 'warn').length;
  return doubtful === 0 ? passed : `it connects, ${doubtful} to look at`;
}

/** How a machine is reached over SSH, and on the right what a test finds, machine by machine. */
export function HostDialog({ system, host, onClose, onSaved }: Props) {
  const engine = useEngine();
  const form = useId();
  const [draft, setDraft] = useState<HostDraft>(() => (host === null ? emptyHost : hostDraftOf(host)));
  const [tried, setTried] = useState(false);
  const [adding, setAdding] = useState(false);
  const { hosts, options } = useWays(system.id, host);
  const vault = useMethod('vault.status', {});
  const add = useCommand('host.add');
  const update = useCommand('host.update');
  const problems = hostProblemsOf(draft);
  const sound = isSound(problems);
  const typed = typedOf(draft);
  const unchanged = host !== null && JSON.stringify(hostConnectionOf(draft)) === JSON.stringify(hostConnectionOf(hostDraftOf(host)));
  const onFailure = (failure: ErrorShape | null | undefined) => void (behindVault(failure) ? vault.refetch() : undefined);
  const test = useSubmission<HostTest>({
    // What is kept for a host goes along only to where it was kept for.
    mutationFn: () => (unchanged ? engine.call('host.test', { hostId: host.id, ...typed }) : engine.call('host.test', { connection: hostConnectionOf(draft), ...typed })),
    onSettled: (result, failure) => onFailure(result?.error ?? failure),
  });
  const change = (part: Partial<HostDraft>) => {
    setDraft((before) => ({ ...before, ...part }));
    if (Object.keys(part).some((field) => field !== 'label')) test.reset();
  };
  const error = add.error ?? update.error;
  const vaultState = vault.data?.state;
  const toVault = (draft.passwordSource === 'vault' && draft.password !== '') || (draft.sudoSource === 'vault' && draft.sudoPassword !== '') || draft.keys.some(({ source, passphrase }) => source === 'vault' && passphrase !== '');
  const vaultInTheWay = (toVault || [error, test.error, test.data?.error].some(behindVault)) && (vaultState === 'absent' || vaultState === 'locked') ? vaultState : null;
  const stopped = failedAt(test.data?.machines ?? null);
  const runTest = () => {
    setTried(true);
    if (sound) test.mutate();
  };
  const save = () => {
    setTried(true);
    if (!sound) return;
    const label = draft.label.trim();
    const settle = { onSuccess: ({ host: saved }: { host: Host }) => { onSaved?.(saved); onClose(); }, onError: onFailure };
    if (host === null) add.mutate({ systemId: system.id, connection: hostConnectionOf(draft), ...(label === '' ? {} : { label }), ...typed }, settle);
    else update.mutate({ hostId: host.id, connection: hostConnectionOf(draft), ...(label === '' ? {} : { label }), ...typed }, settle);
  };
  return (
    <Dialog title={host === null ? 'Add a host' : `Edit ${host.label}`} environment={system.environment} target={system.name} onClose={onClose} size={980}>
      <div className="connect">
        <form id={form} onSubmit={(event) => { event.preventDefault(); save(); }}>
          <HostFields draft={draft} kept={keptOfHost(host?.connection ?? null, draft)} problems={tried ? problems : { keys: {} }} ways={options} change={change} onWay={(value) => (value === addHostWay ? setAdding(true) : change({ viaId: value === '' ? null : value }))} />
        </form>
        <section className="test" aria-label={`Test of ${host?.label ?? 'the host'}`} tabIndex={0}>
          <div className="row"><h3 className="grow">Test</h3><span className="t3 xs" role="status">{test.data === undefined || test.isPending ? '' : hostVerdict(test.data)}</span></div>
          {test.isPending ? <p className="t2" role="status">Trying it, machine by machine.</p> : null}
          {test.data === undefined || test.isPending ? null : <Machines machines={test.data.machines} trouble={stopped === undefined || test.data.error === null ? null : <MachineTrouble machine={stopped} error={test.data.error} hosts={hosts} viaId={draft.viaId} beside={host?.id ?? null} onAgain={runTest} />} />}
          {test.error === null || test.isPending ? null : <ErrorPanel error={test.error} vaultAtHand />}
          {test.data === undefined && test.error === null && !test.isPending ? <p className="t2">A test tells which machine stops it, at which layer, and why. It signs in, asks the machine what it is, and leaves.</p> : null}
        </section>
      </div>
      {error === null || behindVault(error) ? null : <InSight><ErrorPanel error={error} title="The host was not saved." vaultAtHand /></InSight>}
      {vaultInTheWay === null ? null : <VaultInTheWay state={vaultInTheWay} refused={behindVault(error)} onOpen={() => test.reset()} />}
      <div className="btns row foot">
        <Button needsEngine size="lg" onClick={runTest} disabled={test.isPending}>Test host</Button>
        <span className="grow" />
        <Button size="lg" onClick={onClose}>Cancel</Button>
        <Button size="lg" look="primary" type="submit" form={form} disabled={add.isPending || update.isPending}>{host === null ? 'Add host' : 'Save host'}</Button>
      </div>
      {adding ? <HostDialog system={system} host={null} onClose={() => setAdding(false)} onSaved={({ id }) => change({ viaId: id })} /> : null}
    </Dialog>
  );
}
