/** What a step reaches: its target, the host that its request goes through, and whose they are. */
import type { Action } from '#shared/domain/runbook/definition.ts';
import type { Binding, Walkthrough } from '#shared/domain/runbook/walkthrough.ts';
import type { EngineContext } from '../../engine-context.ts';
import type { PlanDraft } from '../../operations/procedure.ts';
import { createHostRepository } from '../../store/host-repository.ts';

interface Reaching {
  target: string | null;
  action: Action;
}

/** The roles that it reaches, its target first; none that was not given. */
export function rolesReachedBy({ target, action }: Reaching, { bindings }: Pick<Walkthrough, 'bindings'>): { role: string; binding: Binding }[] {
  const roles = new Set([target, action.kind === 'http' ? action.through : null]);
  return [...roles].flatMap((role) => {
    const binding = role === null ? undefined : bindings[role];
    return role === null || binding === undefined ? [] : [{ role, binding }];
  });
}

export const reachedBy = (doing: Reaching, walkthrough: Pick<Walkthrough, 'bindings'>): Binding[] => rolesReachedBy(doing, walkthrough).map(({ binding }) => binding);


/**
 * The system whose rules hold for what is reached: its own, and not only that of the walkthrough, which may have been begun
 * for another, or for none. Of several one that is read only, then a production system. Null where there is none.
 */
export function systemOf(context: Pick<EngineContext, 'store' | 'systems'>, { systemId }: Pick<Walkthrough, 'systemId'>, reached: readonly Binding[]): PlanDraft<unknown>['system'] {
  const owners = reached.map((binding) => {
    if (binding.kind === 'ssh') return createHostRepository(context.store).find(binding.hostId)?.systemId ?? null;
    return binding.kind === 'postgres' ? (context.systems.findDatabase(binding.databaseId)?.systemId ?? null) : null;
  });
  const found = [...new Set([...owners, systemId])].flatMap((id) => (id === null ? [] : (context.systems.find(id) ?? [])));
  const strictest = found.find(({ readOnly }) => readOnly) ?? found.find(({ environment }) => environment === 'production') ?? found[0];
  return strictest === undefined ? null : { id: strictest.id, name: strictest.name, environment: strictest.environment, readOnly: strictest.readOnly };
}
