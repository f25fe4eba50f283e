/** Detached jobs that were begun on the practice host: they outlive every connection and the engine, and end with the host. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { PilothouseError } from '#shared/domain/errors.ts';
import type { PracticePlace } from '../place.ts';
import { isAlive, startOf, worksIn, type ProcessIdentity } from '../process-identity.ts';

/** The keepers of jobs that run: each leads the group of its job, and works in its folder. */
async function findKeepers({ host }: PracticePlace): Promise<ProcessIdentity[]> {
  const jobs = join(host.home, '.pilothouse', 'jobs');
  if (!existsSync(jobs)) return [];
  const found: ProcessIdentity[] = [];
  for (const name of readdirSync(jobs)) {
    const folder = join(jobs, name);
    const record = join(folder, 'pid');
    if (!existsSync(record)) continue;
    const pid = Number(readFileSync(record, 'utf8').trim());
    if (!Number.isSafeInteger(pid) || pid <= 1) continue;
    const startedAt = await startOf(pid);
    if (startedAt !== null && (await worksIn(pid, folder)) === true) found.push({ pid, startedAt });
  }
  return found;
}

function signalGroup({ pid }: ProcessIdentity, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch (error) {
    // It ended in between.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

const politeMs = 1500;
const killedWithinMs = 2000;

async function areGone(keepers: readonly ProcessIdentity[], withinMs: number): Promise<boolean> {
  const until = performance.now() + withinMs;
  for (;;) {
    const alive = await Promise.all(keepers.map(isAlive));
    if (!alive.includes(true)) return true;
    if (performance.now() > until) return false;
    await pause(25);
  }
}

/**
 * Ends them all with what they began: politely, then not.
 * @returns how many ran
 * @throws practice.start-failed where one will not end
 */
export async function endJobs(place: PracticePlace): Promise<number> {
  const keepers = await findKeepers(place);
  for (const keeper of keepers) signalGroup(keeper, 'SIGTERM');
  await areGone(keepers, politeMs);
  // What a job began may be there still when its keeper has ended.
  for (const keeper of keepers) signalGroup(keeper, 'SIGKILL');
  if (!(await areGone(keepers, killedWithinMs))) {
    throw new PilothouseError('practice.start-failed', `A job on the practice host does not end (processes ${keepers.map(({ pid }) => pid).join(', ')}).`, { hint: 'Look at those processes; a disk that does not answer keeps processes alive.', retryable: true });
  }
  return keepers.length;
}
