/** Secret parameters of walkthroughs: in the memory of this process, and nowhere else. */
import type { Scrubber } from '#shared/domain/scrub.ts';
import type { Secret } from '#shared/domain/secret.ts';

export interface WalkSecrets {
  /** From now on they are taken out of whatever is written. */
  give(walkthroughId: string, secrets: Readonly<Record<string, Secret>>): void;
  of(walkthroughId: string): ReadonlyMap<string, Secret>;
  /** For a walkthrough that is over. */
  forget(walkthroughId: string): void;
}

export function createWalkSecrets(scrubber: Pick<Scrubber, 'register'>): WalkSecrets {
  const kept = new Map<string, Map<string, Secret>>();
  return {
    give(walkthroughId, secrets) {
      const mine = kept.get(walkthroughId) ?? new Map<string, Secret>();
      for (const [name, secret] of Object.entries(secrets)) {
        scrubber.register(secret);
        mine.set(name, secret);
      }
      kept.set(walkthroughId, mine);
    },
    of: (walkthroughId) => kept.get(walkthroughId) ?? new Map<string, Secret>(),
    forget: (walkthroughId) => void kept.delete(walkthroughId),
  };
}
