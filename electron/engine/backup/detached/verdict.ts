/** What the end of a job on a host means for the dump that it was to make. */
import { PilothouseError } from '#shared/domain/errors.ts';
import type { PostgresTarget } from '../../postgres/types.ts';
import type { AskHost, JobState } from '../../ssh/jobs/detached-job.ts';
import { jobErrors } from '../../ssh/jobs/detached-job.ts';
import { explainEnd } from '../dump.ts';
import { jobStatus } from './dump-script.ts';
import { targetOfDump, type Dump } from './record.ts';

export type JobEnd = Exclude<JobState, { state: 'running' }>;

/** What was left by then is told beside it, by what takes it away. */
export const again = 'Back up again. What there was of this one is taken away on both sides; where that could not be done yet, it says so.';

/** Why nothing comes of it, from how the job ended and the end of what it said; null where its dump is whole. */
export function whyNotWhole(dump: Dump, end: JobEnd, said: string): PilothouseError | null {
  const { about } = dump;
  const target: PostgresTarget = targetOfDump(dump);
  const failed = (why: string, hint = again, retryable = true) => new PilothouseError('backup.dump-failed', `The dump of ${about.targetLabel} on ${about.siteLabel} failed: ${why}.`, { hint, retryable, details: { job: dump.operationId, state: end.state } });
  switch (end.state) {
    case 'gone':
      return failed(`its folder ${about.jobFolder} is not there any more: somebody took it away`);
    case 'restarted':
      return failed('the machine was started anew while it was made');
    case 'lost':
      return failed('its processes were killed there, and nobody said how it ended', `Look into the log of the machine, whether it had too little memory. ${again}`);
    case 'ended':
      if (end.exitStatus === 0 && end.ended === 'none') return null;
      if (end.exitStatus === jobStatus.noHash || end.exitStatus === jobStatus.hashFailed) return failed(`it was made, and its hashes could not be: ${said.trim().split('\n').at(-1) ?? ''}`);
      if (end.exitStatus === jobStatus.spaceLow || /No space left on device|Disk quota exceeded/i.test(said)) {
        return new PilothouseError('backup.space', `The dump of ${about.targetLabel} stopped: the disk of ${about.siteLabel} where it was written, ${about.jobFolder}, ${end.exitStatus === jobStatus.spaceLow ? 'was about to be full, and others write there too' : 'is full'}.`, { hint: `Free some space there, or back up as one file (custom), which needs none on the server. ${again}`, retryable: true, details: { exitStatus: end.exitStatus } });
      }
      if (end.ended !== 'none') return failed(`somebody on the machine ended it (${end.ended})`);
      return explainEnd({ name: 'pg_dump', ...about.pgDump }, said, end.exitStatus > 128 ? null : end.exitStatus, end.exitStatus > 128 ? `signal ${end.exitStatus - 128}` : null, target);
  }
}

/** @throws what keeps a backup from coming of it; ssh.* where nobody can ask */
export async function requireWhole(dump: Dump, end: JobEnd, ask: AskHost): Promise<void> {
  const isAsked = end.state === 'ended' && end.exitStatus !== 0;
  const why = whyNotWhole(dump, end, isAsked ? await ask((host) => jobErrors(host, dump.operationId)) : '');
  if (why !== null) throw why;
}
