/** Which hosts of a system need a person, and what they come to together. */
import type { Host } from '#shared/contract/hosts.ts';
import type { HealthState } from '#shared/domain/health-state.ts';
import { isUntrue, stopOf, troubleWords } from '../../components/connect/standing.tsx';
import { plural } from '../../components/format.ts';

/** What is cured first comes first: with a machine on the way to others those are cured as well. */
function rank(host: Host, hosts: readonly Host[]): number {
  const stop = stopOf(host, hosts);
  if (stop !== null && stop.machine.id === host.id) return isUntrue(stop.error) ? 0 : 1;
  if (stop !== null) return 2;
  return host.lastSeenAt === null ? 3 : 4;
}

/** The worst first, and otherwise in the order that they have. @param hosts all that may be on the way to them */
export const byTrouble = (own: readonly Host[], hosts: readonly Host[]): Host[] => own.toSorted((a, b) => rank(a, hosts) - rank(b, hosts));

/** All of them in a state and a few words, and the machine that is to be seen to first; null where there are none. */
export function standingOf(own: readonly Host[], hosts: readonly Host[]): { state: HealthState; text: string; why: string } | null {
  const [worst] = byTrouble(own, hosts);
  if (worst === undefined) return null;
  const stops = own.flatMap((host) => stopOf(host, hosts) ?? []);
  const first = stopOf(worst, hosts)?.machine;
  if (first !== undefined) {
    const behind = own.filter((host) => host.id !== first.id && stopOf(host, hosts)?.machine.id === first.id).length;
    return { state: stops.some(({ error }) => isUntrue(error)) ? 'critical' : 'unknown', text: `${plural(stops.length, 'host')} not reached`, why: `${first.label}: ${troubleWords(first, hosts)}${behind === 0 ? '' : `, and ${plural(behind, 'host')} behind it`}` };
  }
  const untried = own.filter(({ lastSeenAt }) => lastSeenAt === null).length;
  if (untried > 0) return { state: 'unknown', text: `${plural(untried, 'host')} never tried`, why: '' };
  return { state: 'ok', text: own.length === 1 ? 'Its host is reached' : `All ${own.length} hosts reached`, why: '' };
}
