/** What is known of a step that came to no end of its own. */
import { PilothouseError, toErrorShape } from '#shared/domain/errors.ts';
import { spanInWords } from '../../backup/words.ts';

const more = (error: unknown, details: Record<string, unknown>): PilothouseError => {
  const { code, message, hint, retryable, details: known } = toErrorShape(error, '');
  return new PilothouseError(code, message, { hint, retryable, details: { ...known, ...details }, cause: error });
};

/** The same error, of something of which surely nothing reached its target. */
export const notSent = (error: unknown): PilothouseError => more(error, { notSent: true });

/** The same error, of something that was cancelled and may go on all the same. */
export const unknownEnd = (error: unknown): PilothouseError => more(error, { unknown: true });

/** The longest that a timer of Node can wait. */
export const longestMs = 2 ** 31 - 1;

export interface Limit {
  /** Aborts when the time is over. */
  signal: AbortSignal;
  /** From now on it counts; a second time it does nothing. */
  start(): void;
  readonly hasPassed: boolean;
  clear(): void;
}

/** @param ms null: there is none */
export function createLimit(ms: number | null): Limit {
  const controller = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  return {
    signal: controller.signal,
    start() {
      if (ms !== null) timer ??= setTimeout(() => controller.abort(new PilothouseError('ssh.timeout', `It did not end within ${spanInWords(ms)}.`, { hint: 'Give the step more time, or look at what it waits for.' })), Math.min(ms, longestMs));
    },
    get hasPassed() {
      return controller.signal.aborted;
    },
    clear: () => clearTimeout(timer),
  };
}
