import { useEffect } from 'react';
import type { Host, HostTest } from '#shared/contract/hosts.ts';
import type { System } from '#shared/contract/systems.ts';
import { Button } from '../../components/button.tsx';
import { hostVerdict } from '../../components/connect/host-dialog.tsx';
import { failedAt, Machines } from '../../components/connect/layers.tsx';
import { MachineTrouble } from '../../components/connect/machine-trouble.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { ErrorPanel } from '../../components/error-panel.tsx';
import { useEngine } from '../../transport/engine-context.ts';
import { useSubmission } from '../../transport/use-submission.ts';
import { SudoTest } from './sudo-test.tsx';

interface Props {
  system: System;
  host: Host;
  hosts: readonly Host[];
  onClose: () => void;
  /** Any machine on the way. */
  onEdit: (host: Host) => void;
}

/** Tries the way to a host at once, machine by machine. */
export function HostTestDialog({ system, host, hosts, onClose, onEdit }: Props) {
  const engine = useEngine();
  const test = useSubmission<HostTest, HostTest | null>({ mutationFn: async (known) => known ?? engine.call('host.test', { hostId: host.id }) });
  const { mutate, data, error, isPending } = test;
  useEffect(() => mutate(null), [mutate]);
  const stopped = failedAt(data?.machines ?? null);
  return (
    <Dialog title={`Test the way to ${host.label}`} environment={system.environment} target={system.name} onClose={onClose} size={620}>
      <p className="t2" role="status">{isPending ? 'Trying it, machine by machine.' : data === undefined ? '' : `Done: ${hostVerdict(data)}.`}</p>
      {data === undefined || isPending ? null : <Machines machines={data.machines} trouble={stopped === undefined || data.error === null ? null : <MachineTrouble machine={stopped} error={data.error} hosts={hosts} viaId={null} onAgain={() => mutate(null)} onTested={{ hostId: host.id, take: mutate }} onEdit={onEdit} />} />}
      {error === null || isPending ? null : <ErrorPanel error={error} />}
      {data?.ok === true && !isPending ? <SudoTest host={host} /> : null}
      <div className="btns foot">
        <Button size="lg" onClick={() => onEdit(host)}>Edit host</Button>
        <Button needsEngine size="lg" disabled={isPending} onClick={() => mutate(null)}>Test again</Button>
        <Button size="lg" onClick={onClose}>Close</Button>
      </div>
    </Dialog>
  );
}
