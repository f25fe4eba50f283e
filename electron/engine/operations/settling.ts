/** What a crash left on servers is settled at the start and, where a server was away or the vault locked, later on. */

/** How soon it is looked again while something is left, in milliseconds. */
const lookEveryMs = 20_000;
/**
 * Each look after which something is still left doubles the wait, up to so many times the first: what a server answers
 * is history, and must not fill it. A live database may be closed meanwhile, so that the wait stays short.
 */
const longestWait = 6;

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
  const everyMs = options.everyMs ?? lookEveryMs;
  let waitMs = everyMs;
  let timer: NodeJS.Timeout | undefined;

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
  const isUnsettled = (): boolean => {
    try {
      return options.isUnsettled();
    } catch (error) {
      // The local file could not be read at this moment; the next time it is asked again.
      options.onFailure(error);
      return false;
    }
  };
  const wait = (): void => {
    timer = setTimeout(() => {
      if (current !== null || !isUnsettled()) {
        waitMs = everyMs;
      } else {
        waitMs = Math.min(waitMs * 2, everyMs * longestWait);
        void look();
      }
      wait();
    }, waitMs).unref();
  };
  wait();
  /** Something has changed: what is left may be settled soon. */
  const startAnew = (): void => {
    clearTimeout(timer);
    waitMs = everyMs;
    if (!closed) wait();
  };

  return {
    look() {
      startAnew();
      return look();
    },
    lookIfUnsettled() {
      startAnew();
      if (isUnsettled()) void look();
    },
    get isLooking() {
      return current !== null;
    },
    async close() {
      closed = true;
      clearTimeout(timer);
      await current;
    },
  };
}
