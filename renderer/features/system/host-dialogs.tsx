import type { Host } from '#shared/contract/hosts.ts';
import type { System } from '#shared/contract/systems.ts';
import { HostDialog } from '../../components/connect/host-dialog.tsx';
import { HostKeysDialog } from './host-keys.tsx';
import { HostLookDialog } from './host-look.tsx';
import { HostTestDialog } from './host-test.tsx';

export type OpenHost = { kind: 'add' } | { kind: 'edit' | 'test' | 'keys' | 'look'; hostId: string } | null;

interface Props {
  system: System;
  /** Of all systems: the way to one may lead through those of others. */
  hosts: readonly Host[];
  open: OpenHost;
  onOpen: (open: OpenHost) => void;
}

/** What is done with one host, over the screen that lists them. */
export function HostDialogs({ system, hosts, open, onOpen }: Props) {
  const close = () => onOpen(null);
  if (open === null) return null;
  if (open.kind === 'add') return <HostDialog system={system} host={null} onClose={close} onSaved={({ id }) => onOpen({ kind: 'test', hostId: id })} />;
  const host = hosts.find(({ id }) => id === open.hostId);
  if (host === undefined) return null;
  switch (open.kind) {
    case 'edit': return <HostDialog system={system} host={host} onClose={close} />;
    case 'test': return <HostTestDialog key={host.id} system={system} host={host} hosts={hosts} onClose={close} onEdit={({ id }) => onOpen({ kind: 'edit', hostId: id })} />;
    case 'keys': return <HostKeysDialog system={system} host={host} hosts={hosts} onClose={close} />;
    case 'look': return <HostLookDialog system={system} host={host} onClose={close} />;
  }
}
