import type { Host } from '#shared/contract/hosts.ts';
import type { ErrorShape } from '#shared/domain/errors.ts';
import { failingOn, wayTo } from '#shared/domain/host-way.ts';
import { Age } from '../age.tsx';
import { prose } from '../format.ts';
import { State } from '../state.tsx';
import { addressOf } from './host-draft.ts';
import { briefly } from './layers.tsx';

/** What keeps one from a host: the machine that failed, it or one before it, and by what. Null where nothing is known to. */
export function stopOf(host: Host, hosts: readonly Host[]): { machine: Host; error: ErrorShape } | null {
  const machine = failingOn(wayTo(hosts, host.id));
  return machine === null || machine.lastError === null ? null : { machine, error: machine.lastError };
}

/** Whether an error names this machine as the one that it is about. */
function isNamed({ label, connection }: Host, { details: { hop } }: ErrorShape): boolean {
  if (typeof hop !== 'string') return false;
  return [addressOf(connection), `${label} (${addressOf(connection)}`].some((name) => hop === name || hop.startsWith(`${name},`) || hop.startsWith(`${name})`));
}

/** What keeps one from a host, in a few words; a machine before it that is to blame is named. */
export function troubleWords(host: Host, hosts: readonly Host[]): string {
  const stop = stopOf(host, hosts);
  if (stop === null) return '';
  const { machine, error } = stop;
  const blamed = wayTo(hosts, machine.id).find((each) => isNamed(each, error)) ?? machine;
  return blamed.id === host.id ? briefly(error) : `at ${blamed.label}: ${briefly(error)}`;
}

/** Somebody may stand in between: that is more than not to know. */
export const isUntrue = ({ code }: ErrorShape): boolean => code === 'ssh.host-key-changed' || code === 'ssh.host-key-revoked';

export function Seen({ host, hosts }: { host: Host; hosts: readonly Host[] }) {
  const stop = stopOf(host, hosts);
  if (stop !== null) return <State kind={isUntrue(stop.error) ? 'critical' : 'unknown'}>Not reached</State>;
  return host.lastSeenAt === null ? <State kind="unknown">Never tried</State> : <State kind="ok">Reached</State>;
}

/** How one stands with a host, for a cell: a word, and since when or why not. `whole`: with what to do about it, and when it was reached last. */
export function Standing({ host, hosts, whole = false }: { host: Host; hosts: readonly Host[]; whole?: boolean }) {
  const stop = stopOf(host, hosts);
  return (
    <>
      <Seen host={host} hosts={hosts} />
      {stop === null ? (host.lastSeenAt === null ? <span>test it</span> : <span><Age at={host.lastSeenAt} /></span>) : <span className="critical"><span className="break">{troubleWords(host, hosts)} <span className="mono">{stop.error.code}</span></span></span>}
      {whole && stop !== null ? <span className="t2 xs break">{stop.error.hint === undefined ? null : <span>{prose(stop.error.hint)}</span>}{host.lastSeenAt === null ? null : <Age at={host.lastSeenAt} before="last reached " />}</span> : null}
    </>
  );
}
