/**
 * The traffic inside the engine's own process. It writes nothing down: with the process it is gone, and a daemon's
 * record names a process that may be signalled, which this one is not.
 */
import type { Logger } from '../../ports.ts';
import type { PracticePlace } from '../place.ts';
import { readTrafficPassword, runTraffic } from './traffic.ts';

interface Running {
  leaving: AbortController;
  ended: Promise<void>;
}

/** By practice folder. */
const running = new Map<string, Running>();

export function runsInside({ folder }: PracticePlace): boolean {
  return running.has(folder);
}

/** Starts it, unless it runs. @throws what reading the passfile throws */
export function startInside({ folder, passfile }: PracticePlace, port: number, logger: Logger): void {
  if (running.has(folder)) return;
  const leaving = new AbortController();
  const ended = runTraffic({
    password: readTrafficPassword(passfile),
    port,
    signal: leaving.signal,
    isWanted: () => true,
    complain: (complaint) => logger.warn({ complaint }, 'The traffic of the practice system was disturbed.'),
  })
    .catch((error: unknown) => logger.error({ error: String(error) }, 'The traffic of the practice system broke down.'))
    .finally(() => running.delete(folder));
  running.set(folder, { leaving, ended });
}

/** Ends it, with its sessions. @returns whether it ran */
export async function stopInside({ folder }: PracticePlace): Promise<boolean> {
  const found = running.get(folder);
  if (found === undefined) return false;
  found.leaving.abort();
  await found.ended;
  return true;
}
