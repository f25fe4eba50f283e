/** What became of a dump that a host makes by itself, seen from here. */
import type { PilothouseError } from '#shared/domain/errors.ts';
import type { EngineContext } from '../../engine-context.ts';
import { jobErrors, lookAtJob, type JobLook } from '../../ssh/jobs/detached-job.ts';
import { siteOfDump } from './give-up.ts';
import type { Dump } from './record.ts';
import { whyAnotherMachine, type DumpSite } from './site.ts';
import { whyNotWhole } from './verdict.ts';

export interface SeenDump {
  site: DumpSite;
  look: JobLook;
  /** `whole`: it can be fetched. */
  state: 'running' | 'whole' | 'failed';
  /** Why nothing comes of it; null unless it failed. */
  failure: PilothouseError | null;
}

/**
 * @throws ssh.host-key-changed where another machine is there by now, even if its key is trusted; ssh.* where it cannot
 * be reached
 */
export async function lookAtDump(context: EngineContext, dump: Dump, signal: AbortSignal): Promise<SeenDump> {
  const { operationId } = dump;
  const another = await whyAnotherMachine(context, dump, signal);
  if (another !== null) throw another;
  const site = await siteOfDump(context, dump);
  const ask = site.ask(signal);
  const look = await ask((host) => lookAtJob(host, operationId, 0, { reads: 'out', measures: true }));
  if (look.job.state === 'running') return { site, look, state: 'running', failure: null };
  const isAsked = look.job.state === 'ended' && look.job.exitStatus !== 0;
  const failure = whyNotWhole(dump, look.job, isAsked ? await ask((host) => jobErrors(host, operationId)) : '');
  return { site, look, state: failure === null ? 'whole' : 'failed', failure };
}
