/** How one stands with each machine: when it was last signed in to, and what it failed by since. */
import type { ErrorShape } from '#shared/domain/errors.ts';
import type { Scrubber } from '#shared/domain/scrub.ts';
import type { ChangeBus } from '../operations/change-bus.ts';
import type { Clock } from '../ports.ts';
import type { HostRepository } from '../store/host-repository.ts';

export interface HostStanding {
  /** It was signed in to: what it failed by before is over. @param platform what it says it is; null where it was not asked */
  reached(hostId: string, platform?: string | null): void;
  /** It could not be signed in to, though all that is before it on the way could. */
  failed(hostId: string, error: ErrorShape): void;
}

export interface HostStandingDependencies {
  hosts: Pick<HostRepository, 'find' | 'recordSighting' | 'recordFailure'>;
  clock: Clock;
  changes: Pick<ChangeBus, 'changed'>;
  scrubber: Pick<Scrubber, 'scrub'>;
}

export function createHostStanding({ hosts, clock, changes, scrubber }: HostStandingDependencies): HostStanding {
  return {
    reached(hostId, platform = null) {
      hosts.recordSighting(hostId, platform, clock.now());
      changes.changed('systems');
    },
    failed(hostId, error) {
      const scrubbed = scrubber.scrub(error); // It is kept, and a server may repeat what it was told.
      // Work that tries again and again fails in the same way each time: that is written once.
      if (JSON.stringify(hosts.find(hostId)?.lastError) === JSON.stringify(scrubbed)) return;
      hosts.recordFailure(hostId, scrubbed);
      changes.changed('systems');
    },
  };
}
