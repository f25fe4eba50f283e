/** Whether a host may be reached elsewhere from now on. */
import type { Host, HostConnection } from '#shared/contract/hosts.ts';
import { PilothouseError } from '#shared/domain/errors.ts';
import type { HostRepository } from '../store/host-repository.ts';
import type { OperationRepository } from '../store/operation-repository.ts';

/**
 * What changes a database goes over its hosts many times: it must not find itself on another machine, nor leave what it
 * began on one that nobody reaches any more.
 * @throws operation.busy
 */
export function requireMovable(host: Host, to: HostConnection, { hosts, operations }: { hosts: Pick<HostRepository, 'behind' | 'databasesBehind'>; operations: Pick<OperationRepository, 'list' | 'planOf'> }): void {
  const from = host.connection;
  if (from.host.toLowerCase() === to.host.toLowerCase() && from.port === to.port && from.user === to.user && from.viaId === to.viaId) return;
  const reached = new Set([host, ...hosts.behind(host.id)].flatMap(({ id }) => hosts.databasesBehind(id)).map(({ id }) => id));
  const busy = operations.list({ active: true, limit: 1000 }).find(({ id }) => {
    const { plan } = operations.planOf(id);
    return plan?.changes === true && plan.targets.some(({ databaseId }) => databaseId !== null && reached.has(databaseId));
  });
  if (busy === undefined) return;
  throw new PilothouseError('operation.busy', `Reaching ${host.label} elsewhere has to wait: "${busy.title}" is under way on a database behind it.`, { hint: 'Wait until it is finished, or cancel it.', retryable: true, details: { operationId: busy.id } });
}
