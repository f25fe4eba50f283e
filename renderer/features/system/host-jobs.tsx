import type { Host } from '#shared/contract/hosts.ts';
import type { HostJob } from '#shared/contract/jobs.ts';
import { ErrorPanel } from '../../components/error-panel.tsx';
import { bytes, span } from '../../components/format.ts';
import { useMethod } from '../../transport/use-method.ts';

const knownWords: Record<HostJob['known'], string> = {
  'under-way': 'under way here',
  unfinished: 'interrupted here: continue it or give it up in Operations',
  unwanted: 'taken off by itself as soon as it can be',
  unknown: 'of another computer, or forgotten here: nothing takes it off unasked',
};

const stateWords: Record<HostJob['state'], string> = { running: 'running', ended: 'ended', restarted: 'cut off by a restart of the machine', lost: 'killed there' };

/** What lies on a host of work of ours, of whichever computer. */
export function HostJobs({ host }: { host: Host }) {
  const query = useMethod('host.jobs', { hostId: host.id }, { freshMs: 0 });
  if (query.error !== null) return <ErrorPanel error={query.error} title={`What lies on ${host.label} of jobs could not be looked at.`} />;
  if (query.data === undefined) return <span className="t2">Looking</span>;
  if (query.data.jobs.length === 0) return 'None lies there';
  return query.data.jobs.map((job) => (
    <p key={`${job.account} ${job.id}`} className="break">
      <span className="medium">{job.about === '' ? job.id : job.about}</span>, {stateWords[job.state]}{job.exitStatus === null || job.exitStatus === 0 ? '' : ` with status ${job.exitStatus}`}{job.ageSeconds === null ? '' : `, begun ${span(job.ageSeconds * 1000)} ago`}, {bytes(job.sizeBytes)}
      <span className="t3 xs under">{knownWords[job.known]}; <span className="mono">{job.id}</span> on {job.account}</span>
    </p>
  ));
}
