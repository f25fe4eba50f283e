/** What a crash left on servers is settled at the start and, where a server was away or the vault locked, later on. */

/** How often it is looked again while something is left, in milliseconds. */
const lookEveryMs = 20_000;

export interface Settling {
  /** Looks now, or once more after the look that is under way. Never rejects. */
  look(): Promise<void>;
  /** The same, where something is left. */
  lookIfUnsettled(): void;
  /** Whether a look is under way: what it uses, nobody asked for. */
  readonly isLooking: boolean;
  /** Looks no more. Resolves when the look that is under way is over. */
  close(): Promise<void>;
}

/** @param options.settle may be repeated, and is never called while it is under way */
export function createSettling(options: { settle: () => Promise<void>; isUnsettled: () => boolean; onFailure: (error: unknown) => void; everyMs?: number }): Settling {
  let current: Promise<void> | null = null;
  let wantedAgain = false;
  let closed = false;

  const settle = async (): Promise<void> => {
    do {
      wantedAgain = false;
      try {
        await options.settle();
      } catch (error) {
        options.onFailure(error);
      }
    } while (wantedAgain && !closed);
    current = null;
  };
  const look = (): Promise<void> => {
    if (closed) return Promise.resolve();
    wantedAgain = true;
    return (current ??= settle());
  };
  const lookIfUnsettled = (): void => {
    try {
      if (options.isUnsettled()) void look();
    } catch (error) {
      // The local file could not be read at this moment; the next time it is asked again.
      options.onFailure(error);
    }
  };
  const timer = setInterval(() => {
    if (current === null) lookIfUnsettled();
  }, options.everyMs ?? lookEveryMs).unref();

  return {
    look,
    lookIfUnsettled,
    get isLooking() {
      return current !== null;
    },
    async close() {
      closed = true;
      clearInterval(timer);
      await current;
    },
  };
}
