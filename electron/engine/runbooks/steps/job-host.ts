/** A job of a step on its host: how it is asked for, what it is begun with, and what is said of it. */
import { hasCode, PilothouseError, toErrorShape } from '#shared/domain/errors.ts';
import { spanInWords } from '../../backup/words.ts';
import type { AskHost, JobHost, JobOrder } from '../../ssh/jobs/detached-job.ts';
import type { StepRooms } from './rooms.ts';
import { beginScript, handOver, inputOf, noPlaceStatus, type SentScript } from './script-parts.ts';
import type { StepJob } from './types.ts';

/** A job, and what people call its host. */
export interface NamedJob extends StepJob {
  label: string;
}

const keptBytes = 1024 * 1024;

/** @param onHanded told when the first of a script may have been sent */
export function askerOf({ context, lines }: StepRooms, { hostId, sudo, label }: NamedJob, signal: AbortSignal, onHanded: () => void = () => {}): AskHost {
  const host: JobHost = {
    label,
    another: sudo !== null,
    runScript: (script, options) =>
      lines.run(hostId, {
        argv: ['/bin/sh', '-s'], through: [], folder: null, files: [], stdin: handOver(script, { stays: false, onHanded }),
        signal: options.signal === undefined ? signal : AbortSignal.any([signal, options.signal]),
        keepBytes: keptBytes,
        pin: context.pin(hostId),
        ...(sudo === null ? {} : { sudoAs: sudo }),
        ...(options.onStdout === undefined ? {} : { onStdoutChunk: options.onStdout }),
      }),
  };
  return (question) => question(host);
}

/** What it reads is with its secrets, in memory where the machine has such a place, and goes before the script begins. */
export const orderOf = (sent: SentScript, id: string, scope: boolean): JobOrder => ({
  id,
  command: beginScript(sent),
  secrets: [{ name: 'script', text: `${sent.script}\n` }, ...(sent.stdin === null ? [] : [{ name: 'stdin', text: inputOf(sent) }])],
  about: 'A step of a runbook, begun by Pilothouse',
  scope,
});

/** Whether the script that begins a job said itself that it could not: then nothing was begun. */
export const wasRefused = (error: unknown): boolean => hasCode(error, 'ssh.command-failed') && toErrorShape(error, '').details['exitStatus'] === noPlaceStatus;

export const leftThere = ({ label, jobId }: NamedJob, cause: unknown): PilothouseError => new PilothouseError('operation.interrupted', `Pilothouse was closed. The job ${jobId} goes on on ${label}.`, { hint: 'Look at it when Pilothouse runs again: how it ends is kept there.', retryable: true, cause });

export function vanished({ label, jobId }: NamedJob, state: 'gone' | 'lost' | 'restarted'): PilothouseError {
  const why = { gone: 'there is no such job any more: somebody took it away', lost: 'its processes are gone, and it did not say how it ended: somebody killed them', restarted: 'the machine was started anew while it ran' }[state];
  return new PilothouseError('ssh.command-failed', `${label}: of the job ${jobId} nobody knows how it ended: ${why}.`, { hint: 'Look there at what it was to do.', details: { job: state } });
}

/** @param ms for which it was asked for after its time was over */
export const unanswered = ({ label, jobId }: NamedJob, ms: number): PilothouseError => new PilothouseError('ssh.connection-lost', `${label} has not answered within ${spanInWords(ms)} after the time of the job ${jobId} was over, so nobody knows how it ended.`, { hint: 'Look again when it can be reached.', retryable: true });
