/** Work on a server that outlives the connection, and this computer's sleep: begun once, looked at again by its id. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Client } from 'ssh2';
import { isPilothouseError, PilothouseError } from '#shared/domain/errors.ts';
import type { Secret } from '#shared/domain/secret.ts';
import { exec, execOrFail } from '../exec.ts';
import { cancelScript, errorsScript, keeperScript, listScript, lookScript, removeScript, startScript, withValues } from './scripts.ts';

/** A connection over which a job is asked for; another one each time, if need be. */
export interface JobHost {
  client: Client;
  label: string;
}

export interface JobOrder {
  /** Ours: letters, digits and dashes. The same one begins nothing twice. */
  id: string;
  /** A script for `sh`, which runs in the folder of the job. */
  command: string;
  /** What it reads from standard input. */
  input?: string;
  /** A file `secrets/NAME` that is there while the job runs, for its account alone. */
  secret?: { name: string; text: Secret };
}

export type JobState =
  | { state: 'running'; /** Seconds since its last sign of life; null before the first. */ beatAge: number | null }
  | { state: 'ended'; exitStatus: number; /** Whether it was asked to end, and how hard. */ ended: 'none' | 'TERM' | 'KILL' }
  /** The machine was started anew while it ran. */
  | { state: 'restarted' }
  /** Its processes are gone, and it did not say how it ended: somebody killed them. */
  | { state: 'lost' }
  /** There is no such job on that machine. */
  | { state: 'gone' };

export interface JobLook {
  job: JobState;
  /** What it has written so far, in bytes. */
  outBytes: number;
  errBytes: number;
  /** Its output from the byte that was asked for; a part of it, where it is much. */
  chunk: Buffer;
}

/** Bytes of output that one look brings at most. */
const mostBytes = 4 * 1024 * 1024;
/** Seconds between asking a job to end and ending it. */
const patienceSeconds = 8;

function checkId(id: string): void {
  if (!/^[A-Za-z0-9][A-Za-z0-9-]{0,63}$/.test(id)) throw new PilothouseError('contract.invalid-input', `"${id}" is no name of a job.`, { hint: 'Letters, digits and dashes.' });
}

/** Runs one of our scripts, which comes over standard input: nothing of it is in the list of processes there. */
const run = (host: JobHost, script: string, values: Record<string, string>, signal?: AbortSignal) => execOrFail(host, 'exec /bin/sh -s', { input: withValues(script, values), signal });

/**
 * Begins a job. Asked again with the same id, as after a connection that was lost before it could answer, it begins
 * nothing twice. @throws ssh.command-failed where its folder cannot be written, ssh.connection-lost: ask again
 */
export async function startJob(host: JobHost, order: JobOrder, signal?: AbortSignal): Promise<'begun' | 'there'> {
  checkId(order.id);
  if (order.secret !== undefined) checkId(order.secret.name);
  const { stdout } = await run(host, startScript, { id: order.id, command: order.command, input: order.input ?? '', keeper: keeperScript, secretName: order.secret?.name ?? '', secret: order.secret?.text.reveal() ?? '' }, signal);
  return stdout.trim() === 'there' ? 'there' : 'begun';
}

/** How a job stands, and what it has written from a byte on. @throws ssh.* */
export async function lookAtJob(host: JobHost, id: string, from: number, signal?: AbortSignal): Promise<JobLook> {
  checkId(id);
  const chunks: Buffer[] = [];
  await exec(host, 'exec /bin/sh -s', { input: withValues(lookScript, { id, from: String(from), most: String(mostBytes) }), signal, keepBytes: 4096, onStdout: (chunk) => void chunks.push(chunk) }).then((result) => {
    if (result.exitStatus !== 0) throw new PilothouseError('ssh.command-failed', `${host.label}: the job ${id} could not be looked at: ${result.stderr.trim().slice(-500)}.`, { hint: 'Look at ~/.pilothouse/jobs there.', details: { exitStatus: result.exitStatus } });
  });
  const all = Buffer.concat(chunks);
  const lineEnd = all.indexOf(0x0a);
  const [word = '', exitStatus = '', ended = '', age = '', out = '', err = ''] = all.toString('utf8', 0, Math.max(lineEnd, 0)).split(' ');
  return { job: toState(host, id, { word, exitStatus, ended, age }), outBytes: Number(out), errBytes: Number(err), chunk: all.subarray(lineEnd + 1) };
}

function toState(host: JobHost, id: string, { word, exitStatus, ended, age }: Record<'word' | 'exitStatus' | 'ended' | 'age', string>): JobState {
  switch (word) {
    case 'running':
      return { state: 'running', beatAge: age === '-' ? null : Number(age) };
    case 'ended':
      return { state: 'ended', exitStatus: Number(exitStatus), ended: ended === 'TERM' || ended === 'KILL' ? ended : 'none' };
    case 'restarted':
    case 'lost':
    case 'gone':
      return { state: word };
    default:
      throw new PilothouseError('ssh.command-failed', `${host.label}: the answer about the job ${id} cannot be read.`, { hint: 'Something there may print text at every login (a .bashrc, a banner): it has to be silent where nobody is at a terminal.', details: { answer: word.slice(0, 200) } });
  }
}

/** The end of what it said of errors. @param most bytes */
export async function jobErrors(host: JobHost, id: string, most = 20_000): Promise<string> {
  checkId(id);
  return (await run(host, errorsScript, { id, most: String(most) })).stdout;
}

/** Ends a job and all that it began; returns when that is so. Does nothing where it has ended. @throws ssh.* */
export async function cancelJob(host: JobHost, id: string, patience: number = patienceSeconds): Promise<void> {
  checkId(id);
  await run(host, cancelScript, { id, patience: String(patience) });
}

/** Takes an ended job off the machine. @throws ssh.* */
export async function removeJob(host: JobHost, id: string): Promise<void> {
  checkId(id);
  await run(host, removeScript, { id });
}

/** The jobs of ours that are on a machine. */
export async function listJobs(host: JobHost): Promise<string[]> {
  const { stdout } = await run(host, listScript, { id: '' });
  return stdout.split('\n').filter((name) => name !== '');
}

/**
 * Follows a job from a byte on to its end, over whatever connection there is at each look.
 * @param connect asked before each look; a connection that was lost is no end of the job
 * @param onOutput told of each part and of where the next one begins, which is what to go on from after a restart
 * @returns how it ended; never `running`
 */
export async function followJob(connect: () => Promise<JobHost>, id: string, options: { from: number; signal: AbortSignal; everyMs?: number; onOutput: (chunk: Buffer, nextByte: number) => void; onLost?: (error: unknown) => void }): Promise<Exclude<JobState, { state: 'running' }>> {
  const { signal, onOutput, onLost } = options;
  let at = options.from;
  for (;;) {
    signal.throwIfAborted();
    let look: JobLook | null = null;
    try {
      look = await lookAtJob(await connect(), id, at, signal);
    } catch (error) {
      signal.throwIfAborted();
      if (!isPilothouseError(error) || !error.retryable) throw error;
      onLost?.(error);
    }
    if (look !== null && look.chunk.length > 0) {
      at += look.chunk.length;
      onOutput(look.chunk, at);
    }
    const more = look !== null && at < look.outBytes;
    if (look !== null && !more && look.job.state !== 'running') return look.job;
    if (!more) await pause(options.everyMs ?? 1000, undefined, { signal }).catch(() => signal.throwIfAborted());
  }
}
