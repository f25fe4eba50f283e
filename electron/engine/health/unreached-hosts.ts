/** What is said of hosts that could not be looked at: of each its own trouble, and of those behind it that nobody got as far as to them. */
import type { Host } from '#shared/contract/hosts.ts';
import type { ErrorShape } from '#shared/domain/errors.ts';
import type { HostRepository } from '../store/host-repository.ts';
import { labelOf } from '../ssh/place.ts';
import type { Finding } from './check.ts';
import { unknown } from './findings.ts';
import { isOurSide, missingWords, notAsked } from './our-side.ts';
import { notAskedOfStopped, stopped } from './practice-stopped.ts';
import { endOfWay, machineOf, withoutMachine } from './way-evidence.ts';

/** A host that was not looked at, and why. */
export interface Unreached {
  host: Host;
  error: ErrorShape;
  /** The machine at which it ended: the host itself or one on the way to it; null where nobody can tell. */
  at: Host | null;
  /** Whether it is that of the practice system, and that is stopped. */
  isStopped: boolean;
}

export interface UnreachedFindings {
  connection: Finding;
  /** Of all other checks. */
  others: Finding;
}

/** Which machine an error names, as `labelOf` names those on the way to a host. */
export function machineNamed(error: ErrorShape, host: Host, hosts: Pick<HostRepository, 'wayTo'>): Host | null {
  const way = [...hosts.wayTo(host.connection, host.id), host];
  const hopOf = ({ label, connection: { host: address, port, user } }: Host) => ({ name: label, host: address, port, account: { user, keys: [], agent: null, password: null, ask: null, methods: null } });
  return way.find((machine, index) => labelOf(hopOf(machine), way.slice(0, index).map(hopOf)) === error.details['hop']) ?? null;
}

const capitalised = (words: string): string => `${words.charAt(0).toUpperCase()}${words.slice(1)}`;

/** Its own trouble, or that of a machine nobody looks at beside it. */
function unreachable({ host, error, at }: Unreached): Finding {
  return {
    status: 'critical',
    value: null,
    summary: at?.id === host.id ? capitalised(withoutMachine(error.message, machineOf(error))) : error.message,
    meaning: 'Nobody can say how it is in there, and what works with it may stand still.',
    causes: error.hint === undefined ? [] : [error.hint],
    evidence: endOfWay(error),
  };
}

/** Nothing is wrong with it as far as is known: something is missing here, for it or for a machine on the way. */
function shutOut({ host, error, at }: Unreached): Finding {
  const missing = missingWords(error);
  const isOwn = at === null || at.id === host.id;
  const why = missing ?? withoutMachine(error.message, machineOf(error));
  return notAsked(error, isOwn ? why : `${at.label} is on the way to it, and ${why}`, missing !== null);
}

/** What is said of whatever is behind a machine that could not be reached, and of which the trouble is told where it is looked at itself. */
export const behindUnreached = (machine: Host): Finding => unknown(`Not asked: ${machine.label} is on the way to it, and could not be reached`, `Look at Connection over SSH of ${machine.label} first.`);

/**
 * The machine that keeps one from a database, where it was looked at itself in the same run and failed by the same: what
 * is said of it is said once. Null where the database is at fault, or that machine was not looked at.
 * @param viaId the host that the database is behind; null where it is behind none
 */
export function toldOf(error: ErrorShape, viaId: string | null, away: readonly Unreached[], hosts: Pick<HostRepository, 'find' | 'wayTo'>): Host | null {
  const via = viaId === null ? null : hosts.find(viaId);
  const at = via === null || !error.code.startsWith('ssh.') ? null : machineNamed(error, via, hosts);
  return at !== null && away.some((other) => other.host.id === at.id && other.error.code === error.code) ? at : null;
}

/**
 * Machines that were looked at themselves, and went away before the hosts behind them were: by the last that was met
 * there. One that lets nobody through is there all the same.
 * @param reached those that were looked at
 */
export function goneSince(away: readonly Unreached[], reached: ReadonlySet<string>): Unreached[] {
  const gone = new Map<string, Unreached>();
  for (const { host, error, at } of away) {
    if (at === null || at.id === host.id || !reached.has(at.id) || isOurSide(error) || error.code === 'ssh.forwarding-refused') continue;
    gone.set(at.id, { host: at, error, at, isStopped: false });
  }
  return [...gone.values()];
}

/** @param away all that were not reached in the same run: what is said of a machine is said once */
export function findingsOf(unreached: Unreached, away: readonly Unreached[]): UnreachedFindings {
  const { host, error, at, isStopped } = unreached;
  if (isStopped) return { connection: stopped, others: notAskedOfStopped };
  if (isOurSide(error)) {
    const others = shutOut(unreached);
    return { connection: { ...others, evidence: endOfWay(error) }, others };
  }
  const isToldOf = at !== null && at.id !== host.id && away.some((other) => other.host.id === at.id);
  if (isToldOf) {
    const behind = behindUnreached(at);
    return { connection: { ...behind, evidence: endOfWay(error) }, others: behind };
  }
  return { connection: unreachable(unreached), others: unknown('Not asked: the host could not be reached', error.hint ?? null) };
}
