/** Whether what hid a system from its last run is out of the way: then the run is to be made again. */
import type { HealthResult } from '#shared/contract/health.ts';
import type { Host } from '#shared/contract/hosts.ts';
import type { System } from '#shared/contract/systems.ts';
import { openVaultFirst } from '#shared/domain/health-openers.ts';

/**
 * Why these results are no longer all that could be known, as the beginning of a sentence; null where nothing has changed.
 * @param vaultOpen false also where nobody knows yet
 */
export function seenSince(system: System, hosts: readonly Host[], results: readonly HealthResult[], vaultOpen: boolean): string | null {
  if (vaultOpen && results.some(({ opener }) => opener === openVaultFirst)) return 'The vault is open now';
  const shut = results.filter(({ check, status }) => (check === 'connectivity' || check === 'host-connection') && (status === 'unknown' || status === 'critical'));
  for (const { databaseId, hostId, trend } of shut) {
    const place = hostId === null ? system.databases.find(({ id }) => id === databaseId) : hosts.find(({ id }) => id === hostId);
    const looked = trend.at(-1)?.at;
    if (place === undefined || place.lastError !== null || place.lastSeenAt === null || looked === undefined) continue;
    if (Date.parse(place.lastSeenAt) > Date.parse(looked)) return `${place.label} can be reached now`;
  }
  return null;
}
