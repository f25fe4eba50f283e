/** What becomes of the passwords of databases behind hosts that are reached elsewhere from now on. */
import type { EngineContext } from '../engine-context.ts';
import { createHostRepository } from '../store/host-repository.ts';
import { forgetPassword, passwordRecord, type TypedPasswords } from './passwords.ts';

/**
 * Asked before hosts are changed: who is behind them, and whom their passwords were typed for.
 * @returns what is done afterwards: a password that another machine would be told from now on is not kept
 */
export function passwordsBehind({ store, systems, vault, ports, accountOf }: EngineContext, typed: TypedPasswords, hostIds: readonly string[]): { forgetMoved(): Promise<void> } {
  const hosts = createHostRepository(store);
  const machines = new Set(hostIds.flatMap((hostId) => [hostId, ...hosts.behind(hostId).map(({ id }) => id)]));
  const before = [...machines].flatMap((id) => hosts.databasesBehind(id)).map(({ id }) => ({ id, account: accountOf(systems.getDatabase(id).connection) }));
  return {
    async forgetMoved() {
      for (const { id, account } of before) {
        const now = systems.findDatabase(id);
        if (now !== null && passwordRecord(id, accountOf(now.connection)) === passwordRecord(id, account)) continue;
        await forgetPassword(id, account, { vault, typed, logger: ports.logger });
      }
    },
  };
}
