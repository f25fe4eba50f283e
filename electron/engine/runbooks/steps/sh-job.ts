/** A script that its host runs as a job, which outlives the connection: begun once, followed to its end, found again by its id. */
import { setTimeout as pause } from 'node:timers/promises';
import { hasCode, toErrorShape } from '#shared/domain/errors.ts';
import { createLine, isLineTrouble, type Line } from '../../backup/detached/line.ts';
import { spanInWords } from '../../backup/words.ts';
import { cancelJob, lookAtGround, lookAtJob, removeJob, startJob, type JobLook } from '../../ssh/jobs/detached-job.ts';
import type { Outcome } from '../sent.ts';
import { askerOf, leftThere, orderOf, unanswered, vanished, wasRefused, type NamedJob } from './job-host.ts';
import { createKeptOutput, createTeller, headBytes, tailBytes, type KeptOutput } from './output.ts';
import type { StepRooms } from './rooms.ts';
import type { SentScript } from './script-parts.ts';
import { saidOf } from './sh-direct.ts';
import { longestMs, notSent, unknownEnd } from './trouble.ts';
import type { FoundJob, StepLimits, StepOperation } from './types.ts';

/** Milliseconds between two looks: soon after it was begun, and later. */
const firstLookMs = 200;
const laterLookMs = 1000;
/** Milliseconds for telling a host that a job is not wanted any more. */
const cancelMs = 30_000;
/** Bytes between what is kept of both ends that are not brought here. */
const muchBytes = 8 * 1024 * 1024;

const notKnown = 'Whether its job was begun there is not known yet';
const goesOn = 'Its job goes on there';
const ifCancelled = 'it is asked once more to end there, and where that does not get through nobody knows how it ends';

/** Somebody who follows a job. */
interface Follower {
  rooms: StepRooms;
  job: NamedJob;
  operation: StepOperation;
  limits: StepLimits;
  /** Of one that this begins; null: it was begun before. */
  sent: SentScript | null;
}

/** One output of a job, read on from where it was; of one that is much the middle is left out. */
interface Reading {
  at: number;
  kept: KeptOutput;
  take(chunk: Buffer): void;
  /** @param bytes of all that it has written */
  hurry(bytes: number): void;
}

function createReading(tell: (chunk: Buffer) => void): Reading {
  const reading: Reading = {
    at: 0,
    kept: createKeptOutput(),
    take(chunk) {
      reading.at += chunk.length;
      reading.kept.push(chunk);
      tell(chunk);
    },
    hurry(bytes) {
      const next = bytes - tailBytes;
      if (reading.at < headBytes || next - reading.at < muchBytes) return;
      reading.kept.skip(next - reading.at);
      reading.at = next;
    },
  };
  return reading;
}

/**
 * Begins it there. Asked again, it begins nothing twice.
 * @param onHanded told when it may have been begun
 * @throws with `details.notSent` where surely nothing was begun
 */
async function begin({ rooms, job, operation }: Follower, sent: SentScript, line: Line, onHanded: () => void): Promise<void> {
  let isHanded = false;
  const hand = (): void => {
    isHanded = true;
    onHanded();
  };
  const ask = async (until: AbortSignal): Promise<void> => {
    const ground = await askerOf(rooms, job, until)((host) => lookAtGround(host, until));
    const scope = ground.endsLeftovers && (ground.lingers || ground.isRoot);
    if (ground.endsLeftovers && !scope) operation.log('warn', `${job.label} ends what a login leaves behind (KillUserProcesses), so the job lasts no longer than this connection`);
    await askerOf(rooms, job, until, hand)((host) => startJob(host, orderOf(sent, job.jobId, scope), until));
  };
  for (let tries = 1; ; tries += 1) {
    try {
      return await ask(AbortSignal.any([operation.signal, operation.nextWake()]));
    } catch (error) {
      // That a connection is dead may show only when it is used; what cannot be reached at all can be begun another time.
      if (!isHanded && tries === 1 && hasCode(error, 'ssh.connection-lost') && !operation.signal.aborted) continue;
      if (!isHanded || wasRefused(error)) throw notSent(error);
      if (!isLineTrouble(error) || operation.signal.aborted) throw error;
      operation.log('warn', `${toErrorShape(error, '').message} ${notKnown}.`);
    }
    return line.patiently(ask);
  }
}

/** Follows it to its end, over whatever connection there is at each look. */
async function follow(follower: Follower): Promise<Outcome> {
  const { rooms, job, operation, limits, sent } = follower;
  const { jobId, label } = job;
  const giveUp = new AbortController();
  let words = sent === null ? goesOn : notKnown;
  const line = createLine({ operation, label, meanwhile: () => words, ifCancelled, ports: rooms.context.ports, signal: AbortSignal.any([operation.signal, giveUp.signal]) });
  const teller = createTeller(operation, label, limits.stallWarnMs);
  const out = createReading(teller.stdout);
  const err = createReading(teller.stderr);
  let startedAt = performance.now();
  let isTimedOut = false;
  let timer: NodeJS.Timeout | undefined;

  const ended = (seen: JobLook, { exitStatus, ended: how }: { exitStatus: number; ended: 'none' | 'TERM' | 'KILL' }): Outcome => {
    const outcome: Outcome = {
      exitStatus, signal: how === 'none' ? null : how, stdout: out.kept.text(), stderr: err.kept.text(), bytes: out.kept.bytes + err.kept.bytes, truncated: out.kept.truncated || err.kept.truncated, rows: null, status: null,
      durationMs: sent === null ? (seen.ranSeconds ?? 0) * 1000 : Math.round(performance.now() - startedAt),
      timedOut: isTimedOut && how !== 'none', by: sent === null ? 'job' : 'live',
    };
    operation.command({ text: sent?.script ?? `the job ${jobId}`, target: label, exitStatus, signal: outcome.signal, durationMs: outcome.durationMs, output: saidOf(outcome) });
    return outcome;
  };
  const look = (reads: 'out' | 'err', from: number): Promise<JobLook> => line.patiently((until) => askerOf(rooms, job, until)((host) => lookAtJob(host, jobId, from, { signal: until, reads })));
  /** Reads all that there is. @returns null while it runs */
  const read = async (): Promise<Outcome | null> => {
    for (;;) {
      const seen = await look('out', out.at);
      out.take(seen.chunk);
      if (seen.errBytes > err.at) err.take((await look('err', err.at)).chunk);
      const { job: standing } = seen;
      if (standing.state !== 'running' && standing.state !== 'ended') throw vanished(job, standing.state);
      const isAll = out.at >= seen.outBytes && err.at >= seen.errBytes;
      if (isAll && standing.state === 'ended') return ended(seen, standing);
      out.hurry(seen.outBytes);
      err.hurry(seen.errBytes);
      const ranMs = seen.ageSeconds === null ? performance.now() - startedAt : seen.ageSeconds * 1000;
      const isOver = standing.state === 'running' && limits.timeoutMs !== null && ranMs >= limits.timeoutMs;
      if (isOver && !isTimedOut) {
        isTimedOut = true;
        operation.log('warn', `It did not end within ${spanInWords(limits.timeoutMs ?? 0)}, and is ended on ${label}`);
        await line.patiently((until) => askerOf(rooms, job, until)((host) => cancelJob(host, jobId, undefined, until)));
      } else if (isAll) return null;
    }
  };
  const limit = (): void => {
    if (limits.timeoutMs !== null) timer ??= setTimeout(() => giveUp.abort(unanswered(job, rooms.graceMs)), Math.min(limits.timeoutMs + rooms.graceMs, longestMs));
  };
  try {
    if (sent === null) limit();
    else {
      await begin(follower, sent, line, limit);
      words = goesOn;
      startedAt = performance.now();
      operation.log('info', `Begun on ${label} as the job ${jobId}`);
    }
    for (let waitMs = firstLookMs; ; waitMs = Math.min(waitMs * 1.5, laterLookMs)) {
      const end = await read();
      if (end !== null) return end;
      await pause(waitMs, undefined, { signal: operation.signal }).catch(() => operation.signal.throwIfAborted());
    }
  } catch (error) {
    if (!operation.signal.aborted || toErrorShape(error, '').details['notSent'] === true) throw error;
    if (operation.isLeaving) throw leftThere(job, error);
    return await cancelThere(follower, error, { out, err, ended });
  } finally {
    clearTimeout(timer);
    teller.end();
  }
}

/**
 * Ends it there. @throws the error that says it was cancelled; that with `details.unknown` where the host cannot be told
 * @returns its own end, where that came before
 */
async function cancelThere({ rooms, job, operation, sent }: Follower, error: unknown, { out, err, ended }: { out: Reading; err: Reading; ended: (seen: JobLook, end: { exitStatus: number; ended: 'none' | 'TERM' | 'KILL' }) => Outcome }): Promise<Outcome> {
  const { jobId, label } = job;
  const signal = AbortSignal.timeout(cancelMs);
  let seen: JobLook;
  try {
    const ask = askerOf(rooms, job, signal);
    await ask((host) => cancelJob(host, jobId, undefined, signal));
    seen = await ask((host) => lookAtJob(host, jobId, out.at, { signal }));
    out.take(seen.chunk);
    if (seen.errBytes > err.at) err.take((await ask((host) => lookAtJob(host, jobId, err.at, { signal, reads: 'err' }))).chunk);
  } catch (cause) {
    operation.log('warn', `${label} could not be told that the job ${jobId} is not wanted any more, and it may go on there: ${toErrorShape(cause, '').message}`);
    throw unknownEnd(error);
  }
  if (seen.job.state === 'ended' && seen.job.ended === 'none') return ended(seen, seen.job);
  operation.command({ text: sent?.script ?? `the job ${jobId}`, target: label, exitStatus: null, durationMs: seen.ranSeconds === null ? null : seen.ranSeconds * 1000, output: 'It was cancelled, and ended there with all that it began.' });
  throw error;
}

/** Begins it, and follows it to its end. */
export const sendAsJob = (rooms: StepRooms, sent: SentScript, jobId: string, operation: StepOperation, limits: StepLimits): Promise<Outcome> => follow({ rooms, job: { hostId: sent.hostId, jobId, sudo: sent.sudo, label: sent.label }, operation, limits, sent });

/** One that was begun before. */
export const followFound = (rooms: StepRooms, job: NamedJob, operation: StepOperation, limits: StepLimits): Promise<Outcome> => follow({ rooms, job, operation, limits, sent: null });

export async function lookAtFound(rooms: StepRooms, job: NamedJob, operation: StepOperation, limits: StepLimits): Promise<FoundJob> {
  const { signal } = operation;
  const seen = await askerOf(rooms, job, signal)((host) => lookAtJob(host, job.jobId, 0, { signal }));
  const { state } = seen.job;
  if (state === 'running') return { state, ageSeconds: seen.ageSeconds, beatAge: seen.job.beatAge };
  if (state === 'ended') return { state, outcome: await followFound(rooms, job, operation, limits) };
  return { state };
}

export async function forgetFound(rooms: StepRooms, job: NamedJob, signal: AbortSignal = AbortSignal.timeout(cancelMs)): Promise<void> {
  await askerOf(rooms, job, signal)((host) => removeJob(host, job.jobId, signal));
}
