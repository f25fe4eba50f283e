/**
 * What patterns of a file make of what a server says. Some take for ever on some texts, whoever wrote either, and nothing
 * else goes on here meanwhile: that is ended.
 */
import { createContext, Script } from 'node:vm';

/** Milliseconds, of which an honest pattern needs a few. */
const mostMs = 2000;
const call = new Script('work()');

export const tookTooLong = `its patterns took longer than ${mostMs / 1000} s on what it said, and were given up`;

/** @returns null where it took too long @throws what it throws */
export function inTime<T>(work: () => T): { done: T } | null {
  try {
    // What runs within is ended by its time limit, regular expressions too.
    return { done: call.runInContext(createContext({ work }), { timeout: mostMs }) as T };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') return null;
    throw error;
  }
}
