import type { HostJob } from '#shared/contract/jobs.ts';
import { required, type Register } from '../command.ts';
import { findHost } from '../find.ts';
import { bytes, duration, shortId, table } from '../text.ts';

const knownWords: Record<HostJob['known'], string> = {
  'under-way': 'under way here',
  unfinished: 'can be continued: backup continue',
  unwanted: 'is taken off by itself',
  unknown: 'of another computer, or forgotten',
};

/** "host jobs": what lies on a host of work of ours. Nothing is taken away by it. */
export const registerHostJobs: Register = (host, act) => {
  host
    .command('jobs <host>')
    .description('jobs of Pilothouse that lie on a host, of whichever computer; nothing is taken away')
    .action(
      act(async (session, [name]) => {
        const { id } = await findHost(session, required(name));
        const answer = await session.call('host.jobs', { hostId: id });
        const rows = answer.jobs.map((job) => [shortId(job.id), job.account, job.exitStatus === null ? job.state : `ended with ${job.exitStatus}`, job.ageSeconds === null ? '' : duration(job.ageSeconds * 1000), bytes(job.sizeBytes), job.about, knownWords[job.known]]);
        return { document: answer, text: table(['ID', 'ACCOUNT', 'STATE', 'AGE', 'SIZE', 'ABOUT', ''], rows, 'No job lies there.') };
      }),
    );
};
