/** Takes back a dump that a host makes or has made, on both sides; what cannot be reached now is remembered, and taken back later. */
import { isPilothouseError, PilothouseError, toErrorShape } from '#shared/domain/errors.ts';
import type { EngineContext } from '../../engine-context.ts';
import { cancelJob, removeJob, type JobHost } from '../../ssh/jobs/detached-job.ts';
import { createHostRepository } from '../../store/host-repository.ts';
import { removeFolder } from '../files.ts';
import { dumpsOf, folderOfDump, isUnderWay, targetOfDump, type Dump } from './record.ts';
import { siteOf, whyAnotherMachine, type DumpSite } from './site.ts';

/** Milliseconds for ending and taking away one job: what it began has some seconds to end by itself. */
const removalMs = 28_000;
/** Seconds that a job has to end by itself. */
const patienceSeconds = 5;

/** The host of a dump, as it was reached when it was begun. @throws ssh.*, postgres.tool-missing */
export async function siteOfDump(context: EngineContext, dump: Dump): Promise<DumpSite> {
  const target = targetOfDump(dump);
  return siteOf(await context.postgres.requireTool('pg_dump', dump.about.server.major, target), target);
}

/** What is left where nobody here can go any more, in words. */
function leave(context: EngineContext, { operationId, about }: Dump, why: string): string {
  dumpsOf(context).remove(operationId);
  context.ports.logger.warn({ job: operationId, folder: about.jobFolder }, 'A dump that nobody wants may lie on a machine that is not reached any more.');
  return `${why} What there is of that dump was left where it is, in ${about.jobFolder} of the machine that made it.`;
}

/**
 * Ends the job, if it still runs, takes it off the host, and forgets it. It is unwanted from the first moment on, so
 * that a later start does it where this one could not. Another machine that answers there now is let alone.
 * @returns what is left and why, where nobody here can go there any more; null where nothing is
 * @throws ssh.* where the host cannot be reached: then it stays remembered
 */
export async function takeOffHost(context: EngineContext, dump: Dump, known?: DumpSite, signal: AbortSignal = AbortSignal.timeout(removalMs)): Promise<string | null> {
  const { operationId, about } = dump;
  dumpsOf(context).update(operationId, { state: 'unwanted' });
  if (createHostRepository(context.store).find(dump.hostId) === null) return leave(context, dump, `${about.siteLabel} is none of the hosts here any more.`);
  for (const question of [(host: JobHost) => cancelJob(host, operationId, patienceSeconds), (host: JobHost) => removeJob(host, operationId)]) {
    const another = await whyAnotherMachine(context, dump, signal);
    if (another !== null) return leave(context, dump, another.message);
    const site = known ?? (await siteOfDump(context, dump));
    await site.ask(signal)(question);
  }
  dumpsOf(context).remove(operationId);
  return null;
}

/** The same, with what there is of it here. The side that can be reached is clean, whatever becomes of the other. */
export async function giveUp(context: EngineContext, dump: Dump, known?: DumpSite): Promise<string | null> {
  const folder = folderOfDump(context, dump);
  // First of all: where the disk here is full, nothing could be remembered before.
  const [here] = await Promise.allSettled([removeFolder(folder)]);
  let left: string | null;
  try {
    left = await takeOffHost(context, dump, known);
  } catch (error) {
    const shape = toErrorShape(error, '');
    throw new PilothouseError(shape.code, `${shape.message} Its folder ${dump.about.jobFolder} is taken off ${dump.about.siteLabel} as soon as that can be reached.`, { hint: shape.hint, retryable: shape.retryable, details: shape.details, cause: error });
  }
  if (here.status === 'fulfilled') return left;
  throw new PilothouseError('backup.destination', `${folder} could not be removed: ${toErrorShape(here.reason, '').message}${left === null ? '' : ` ${left}`}`, { hint: 'Look at who owns it and at its disk. It is tried again at the next start.', details: { folder }, cause: here.reason });
}

/** For an operation that failed: what is left is told as such. @throws as `giveUp`; ssh.host-key-changed with what is left, and why */
export async function takeBack(context: EngineContext, dump: Dump, known: DumpSite): Promise<void> {
  const left = await giveUp(context, dump, known);
  if (left !== null) throw new PilothouseError('ssh.host-key-changed', left);
}

export interface RemovalReport {
  removed: string[];
  left: { operationId: string; reason: string; error: unknown }[];
}

/** Takes off their hosts all jobs that nobody wants any more. Never throws. */
export async function sweepUnwanted(context: EngineContext): Promise<RemovalReport> {
  const report: RemovalReport = { removed: [], left: [] };
  for (const dump of dumpsOf(context).list()) {
    if (dump.state !== 'unwanted' || isUnderWay(context, dump)) continue;
    try {
      const left = await takeOffHost(context, dump);
      if (left === null) report.removed.push(dump.operationId);
      else report.left.push({ operationId: dump.operationId, reason: left, error: null });
    } catch (error) {
      report.left.push({ operationId: dump.operationId, reason: toErrorShape(error, '').message, error });
      if (!isPilothouseError(error)) context.ports.logger.error({ job: dump.operationId, error: String(error) }, 'A dump that nobody wants could not be taken off its host.');
    }
  }
  return report;
}

/** Whether there is one that another sweep may take off. */
export const hasUnwanted = (context: EngineContext): boolean => dumpsOf(context).list().some((dump) => dump.state === 'unwanted' && !isUnderWay(context, dump));
