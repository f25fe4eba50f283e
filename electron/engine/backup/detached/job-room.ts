/** What lies on a host of jobs: shown, and never taken away unasked, because another computer may have begun it. */
import type { HostJob, jobMethods } from '#shared/contract/jobs.ts';
import { sortedByName } from '#shared/domain/natural-order.ts';
import type { Handlers } from '../../dispatch/handlers.ts';
import type { EngineContext } from '../../engine-context.ts';
import type { PostgresTarget } from '../../postgres/types.ts';
import { surveyJobs, type FoundJob } from '../../ssh/jobs/detached-job.ts';
import { createHostRepository } from '../../store/host-repository.ts';
import { dumpsOf, isUnderWay } from './record.ts';
import { isInside, isOfSignedIn, siteOf } from './site.ts';

const surveyMs = 60_000;

export function createJobRoom(context: EngineContext): { handlers: Handlers<keyof typeof jobMethods> } {
  const known = (jobId: string): HostJob['known'] => {
    const dump = dumpsOf(context).find(jobId);
    if (dump === null) return 'unknown';
    if (isUnderWay(context, dump)) return 'under-way';
    return dump.state === 'wanted' ? 'unfinished' : 'unwanted';
  };
  const toJob = ({ id, job, ageSeconds, folderBytes, about }: FoundJob, account: string): HostJob => ({ id, account, state: job.state, exitStatus: job.state === 'ended' ? job.exitStatus : null, ageSeconds, sizeBytes: folderBytes, about, known: known(id) });

  /** The accounts besides the one that signs in whose programs make dumps there: each once. */
  const others = (hostId: string): PostgresTarget[] => {
    const targets = context.systems.list().flatMap(({ databases }) => databases).filter(({ connection }) => connection.viaId === hostId && connection.tools.where === 'host' && !isOfSignedIn(connection) && !isInside(connection)).map(({ id }) => context.targetOf(id));
    return [...new Map(targets.map((target) => [JSON.stringify(target.connection.tools), target])).values()];
  };

  return {
    handlers: {
      'host.jobs': async ({ hostId }, call) => {
        const { label } = createHostRepository(context.store).get(hostId);
        const signal = AbortSignal.any([call.signal, AbortSignal.timeout(surveyMs)]);
        const own = await context.hosts.use(hostId, ({ client }) => surveyJobs({ client, label }, signal), signal);
        const jobs = own.map((job) => toJob(job, label));
        for (const target of others(hostId)) {
          const site = siteOf(await context.postgres.requireTool('pg_dump', 1, target), target);
          jobs.push(...(await site.ask(signal)((host) => surveyJobs(host, signal))).map((job) => toJob(job, site.label)));
        }
        return { jobs: sortedByName(jobs, ({ about }) => about) };
      },
    },
  };
}
