/** Whether what hid a system from its last run is out of the way: then the run is to be made again. */
import type { HealthResult } from '#shared/contract/health.ts';
import type { System } from '#shared/contract/systems.ts';
import { openVaultFirst } from '#shared/domain/health-openers.ts';

/**
 * Why these results are no longer all that could be known, as the beginning of a sentence; null where nothing has changed.
 * @param vaultOpen false also where nobody knows yet
 */
export function seenSince(system: System, results: readonly HealthResult[], vaultOpen: boolean): string | null {
  if (vaultOpen && results.some(({ opener }) => opener === openVaultFirst)) return 'The vault is open now';
  const shut = results.filter(({ check, status }) => check === 'connectivity' && (status === 'unknown' || status === 'critical'));
  for (const { databaseId, trend } of shut) {
    const database = system.databases.find(({ id }) => id === databaseId);
    const looked = trend.at(-1)?.at;
    if (database === undefined || database.lastError !== null || database.lastSeenAt === null || looked === undefined) continue;
    if (Date.parse(database.lastSeenAt) > Date.parse(looked)) return `${database.label} can be reached now`;
  }
  return null;
}
