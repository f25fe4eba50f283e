import { setTimeout as pause } from 'node:timers/promises';

export interface WaitOptions {
  /** Milliseconds until it gives up; 10 000 by default. */
  within?: number;
  /** Milliseconds between two looks; 20 by default. */
  every?: number;
}

/**
 * Looks again and again until a condition holds, and returns what it then gave. Neither a thrown error nor a falsy
 * answer ends the waiting; the last error is the cause of the failure.
 *
 * @param what is awaited, in words, for the failure: "the server to accept connections".
 * @throws Error at the deadline.
 */
export async function waitFor<T>(what: string, look: () => T | Promise<T>, options: WaitOptions = {}): Promise<Exclude<T, false | null | undefined | 0 | ''>> {
  const within = options.within ?? 10_000;
  const deadline = performance.now() + within;
  for (;;) {
    let cause: unknown;
    try {
      const answer = await look();
      if (answer) return answer as Exclude<T, false | null | undefined | 0 | ''>;
    } catch (error) {
      cause = error;
    }
    if (performance.now() >= deadline) {
      const because = cause instanceof Error ? ` The last look failed: ${cause.message}` : '';
      throw new Error(`Waited ${within} ms in vain for ${what}.${because}`, { cause });
    }
    await pause(options.every ?? 20);
  }
}
