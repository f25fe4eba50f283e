/** What a check of a host is given, as a test wants it: the sections that it names, and nothing else. */
import type { Finding, Reading } from '#engine/health/check.ts';
import { hostChecks, seenIn, type HostCheck, type HostLook, type HostSeen, type PieceId } from '#engine/health/host/index.ts';
import { judgeHost } from '#engine/health/look-at-host.ts';
import { limitsOf } from '#engine/health/limits.ts';
import { systemPolicy, type SystemPolicy } from '#shared/contract/systems.ts';
import { testNow } from './health-look.ts';

/** The text of a section; with how its last command ended, where that was not well. */
export type Sections = Partial<Record<PieceId, string | { text: string; status: number }>>;

export interface HostLookChanges extends Partial<Omit<HostLook, 'previous'>> {
  policy?: Partial<SystemPolicy>;
  previous?: Reading | null;
  /** Why the script did not come to its end. */
  cutBy?: string;
}

export function hostCheckNamed(id: string): HostCheck {
  const check = hostChecks.find((one) => one.about.id === id);
  if (check === undefined) throw new Error(`There is no check ${id} of hosts.`);
  return check;
}

export function hostSeen(sections: Sections, whole = true): HostSeen {
  return seenIn({ whole, sections: new Map(Object.entries(sections).map(([id, section]) => [id, typeof section === 'string' ? { text: section, status: 0 } : section])) });
}

export function hostLookOf(check: HostCheck, { policy = {}, cutBy: _cutBy, ...changes }: HostLookChanges = {}): HostLook {
  return { ...limitsOf(check, systemPolicy.parse(policy)), now: testNow, firstLineAt: testNow, answerMs: 20, tripMs: 10, chatter: '', hops: [], services: [], previous: null, ...changes };
}

/** What a check says about these sections. */
export function judgeSections(id: string, sections: Sections, changes: HostLookChanges = {}): Finding {
  const check = hostCheckNamed(id);
  return judgeHost(check, hostSeen(sections, changes.cutBy === undefined), hostLookOf(check, changes), changes.cutBy ?? null);
}

/** An account as `id` tells it. */
export const rootAccount = '0\nroot\nroot\n';
export const deployAccount = '1000\ndeploy\ndeploy users\n';
