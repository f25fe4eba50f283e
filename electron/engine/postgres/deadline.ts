/**
 * Waits for work, but no longer than `timeoutMs` and not past an abort. `giveUp` frees what the work holds.
 * @throws what `onTimeout` and `onAbort` make, or the work's own error
 */
export async function withDeadline<T>(work: Promise<T>, options: { timeoutMs: number; signal: AbortSignal | undefined; onTimeout: () => Error; onAbort: () => Error; giveUp?: () => void }): Promise<T> {
  const { signal } = options;
  let timer: NodeJS.Timeout | undefined;
  let abort = (): void => {};
  const limit = new Promise<never>((_, reject) => {
    abort = () => reject(options.onAbort());
    timer = setTimeout(() => reject(options.onTimeout()), options.timeoutMs);
    if (signal?.aborted === true) abort();
    else signal?.addEventListener('abort', abort, { once: true });
  });
  try {
    return await Promise.race([work, limit]);
  } catch (error) {
    options.giveUp?.();
    throw error;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', abort);
    // When the limit won, nobody waits for the work any more, and its error is a consequence of giving up.
    work.catch(() => {});
  }
}
