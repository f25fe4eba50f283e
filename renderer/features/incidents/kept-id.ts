/** The id of what is asked for: the same one until it was done or something else is asked for, so that what is sent again because no answer came is done once. */
export interface KeptId {
  /** @param what what is asked for, whole */
  of(what: string): string;
  /** It was done, or is not wanted any more: the same words mean something new from now on. */
  forget(): void;
}

/** @param random makes one that was never made before */
export function createKeptId(random: () => string): KeptId {
  let kept: { what: string; id: string } | null = null;
  return {
    of(what) {
      if (kept?.what !== what) kept = { what, id: random() };
      return kept.id;
    },
    forget() {
      kept = null;
    },
  };
}
