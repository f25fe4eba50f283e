import type { Host } from '#shared/contract/hosts.ts';
import { wayTo } from '#shared/domain/host-way.ts';
import { useMethod } from '../../transport/use-method.ts';
import type { Option } from '../field.tsx';
import { addressOf } from './host-draft.ts';

/** Chosen in place of a host: a new one is added. */
export const addHostWay = '+';

/** Hosts that something can be reached through: those of its system first. @param end a host that is on the way to none of them */
export function useWays(systemId: string, end: Host | null = null): { hosts: readonly Host[]; options: Option<string>[] } {
  const hosts = useMethod('host.list', {}).data?.hosts ?? [];
  const systems = useMethod('system.list', {}).data?.systems ?? [];
  const behind = (host: Host) => end !== null && wayTo(hosts, host.id).some(({ id }) => id === end.id);
  const ordered = [...hosts.filter((host) => host.systemId === systemId), ...hosts.filter((host) => host.systemId !== systemId)];
  const options = ordered.filter((host) => !behind(host)).map((host) => {
    const of = host.systemId === systemId ? '' : `, of ${systems.find(({ id }) => id === host.systemId)?.name ?? 'another system'}`;
    return { value: host.id, label: `Through ${host.label} (${addressOf(host.connection)})${of}` };
  });
  return { hosts, options: [{ value: '', label: 'Directly from this computer' }, ...options, { value: addHostWay, label: 'Through another host, which I add now…' }] };
}
