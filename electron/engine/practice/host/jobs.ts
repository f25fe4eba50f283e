/** Detached jobs that were begun on the practice host: they outlive every connection and the engine, and end with the host. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { PilothouseError } from '#shared/domain/errors.ts';
import { runChild } from '../../children/run-child.ts';
import { minimalEnvironment } from '../../children/environment.ts';
import { cancelScript, withValues } from '../../ssh/jobs/scripts.ts';
import type { PracticePlace } from '../place.ts';
import { signalGroup } from '../../platform/children.ts';
import { isAlive, startOf, worksIn, type ProcessIdentity } from '../../platform/process-identity.ts';

const jobsOf = ({ host }: PracticePlace): string => join(host.home, '.pilothouse', 'jobs');

function listJobs(place: PracticePlace): string[] {
  const folder = jobsOf(place);
  return existsSync(folder) ? readdirSync(folder).filter((name) => !name.startsWith('.')) : [];
}

/** The keeper of a job, where it runs: it leads the group of its job, and works in its folder. */
async function findKeeper(place: PracticePlace, job: string): Promise<ProcessIdentity | null> {
  const folder = join(jobsOf(place), job);
  const record = join(folder, 'pid');
  if (!existsSync(record)) return null;
  const pid = Number(readFileSync(record, 'utf8').trim());
  if (!Number.isSafeInteger(pid) || pid <= 1) return null;
  const startedAt = await startOf(pid);
  return startedAt !== null && (await worksIn(pid, folder)) === true ? { pid, startedAt } : null;
}

/** Seconds between asking a job to end and ending it. */
const patience = 2;
const killedWithinMs = 2000;

async function isGone(keeper: ProcessIdentity): Promise<boolean> {
  const until = performance.now() + killedWithinMs;
  while (await isAlive(keeper)) {
    if (performance.now() > until) return false;
    await pause(25);
  }
  return true;
}

/**
 * Ends a job with what it began, and takes its secrets away, as it is cancelled on any server. Where a system says
 * less of its processes than that needs, its keeper and its group are ended all the same.
 */
async function endJob(place: PracticePlace, job: string): Promise<{ ran: boolean; ended: boolean }> {
  const keeper = await findKeeper(place, job);
  await runChild({ command: '/bin/sh', args: ['-s'], cwd: '/', env: { ...minimalEnvironment(), HOME: place.host.home }, stdin: withValues(cancelScript, { id: job, patience: String(patience) }) });
  if (keeper === null) return { ran: false, ended: true };
  // It leads no group where there is no setsid.
  if (await isAlive(keeper)) signalGroup(keeper.pid, 'SIGKILL');
  return { ran: true, ended: await isGone(keeper) };
}

/**
 * Ends them all.
 * @returns how many ran
 * @throws practice.start-failed where one will not end
 */
export async function endJobs(place: PracticePlace): Promise<number> {
  const ends = await Promise.all(listJobs(place).map((job) => endJob(place, job)));
  if (ends.some(({ ended }) => !ended)) {
    throw new PilothouseError('practice.start-failed', 'A job on the practice host does not end.', { hint: `Look at the processes that work in ${jobsOf(place)}; a disk that does not answer keeps processes alive.`, retryable: true });
  }
  return ends.filter(({ ran }) => ran).length;
}
