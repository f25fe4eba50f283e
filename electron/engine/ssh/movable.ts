/** Whether a host may be reached elsewhere from now on, or be forgotten. */
import type { Host, HostConnection } from '#shared/contract/hosts.ts';
import { PilothouseError } from '#shared/domain/errors.ts';
import type { HostRepository } from '../store/host-repository.ts';
import type { OperationRepository } from '../store/operation-repository.ts';

/**
 * What changes a database goes over its hosts many times, and so does what reads or writes files of a host: it must not
 * find itself on another machine, nor leave what it began on one that nobody reaches any more.
 * @param to null where it is forgotten
 * @throws operation.busy
 */
export function requireMovable(host: Host, to: HostConnection | null, { hosts, operations }: { hosts: Pick<HostRepository, 'behind' | 'databasesBehind'>; operations: Pick<OperationRepository, 'list' | 'planOf'> }): void {
  const from = host.connection;
  if (to !== null && from.host.toLowerCase() === to.host.toLowerCase() && from.port === to.port && from.user === to.user && from.viaId === to.viaId) return;
  const machines = new Set([host, ...hosts.behind(host.id)].map(({ id }) => id));
  const databases = new Set([...machines].flatMap((id) => hosts.databasesBehind(id)).map(({ id }) => id));
  const busy = operations.list({ active: true, limit: 1000 }).find(({ id }) => {
    const { plan } = operations.planOf(id);
    return plan?.targets.some(({ databaseId, hostId }) => (hostId !== undefined && machines.has(hostId)) || (plan.changes && databaseId !== null && databases.has(databaseId))) === true;
  });
  if (busy === undefined) return;
  throw new PilothouseError('operation.busy', `${to === null ? `Forgetting ${host.label}` : `Reaching ${host.label} elsewhere`} has to wait: "${busy.title}" is under way there or behind it.`, { hint: 'Wait until it is finished, or cancel it.', retryable: true, details: { operationId: busy.id } });
}
