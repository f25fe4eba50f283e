/** Work on a server that outlives the connection, and this computer's sleep: begun once, looked at again by its id. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Client } from 'ssh2';
import { isPilothouseError, PilothouseError } from '#shared/domain/errors.ts';
import type { Secret } from '#shared/domain/secret.ts';
import { exec, type ExecResult } from '../exec.ts';
import { quoteWord } from '../quote.ts';
import { serverText } from '../server-text.ts';
import { cancelScript, errorsScript, groundScript, keeperScript, listScript, lookMark, lookScript, readScript, removeScript, startScript, surveyScript, withValues } from './scripts.ts';

interface ScriptOptions {
  signal?: AbortSignal | undefined;
  onStdout?: (chunk: Buffer) => void;
}

/** Runs a script for `sh`, which comes over its standard input: nothing of it is in the list of processes there. */
export type RunScript = (script: string, options: ScriptOptions) => Promise<Pick<ExecResult, 'exitStatus' | 'stdout' | 'stderr'>>;

/**
 * A connection over which a job is asked for, another one each time, if need be; or what runs scripts there. `another`: as
 * another account than the one that signed in, whose home it may have been left with.
 */
export type JobHost = { client: Client; label: string } | { label: string; runScript: RunScript; another: boolean };

/** Lends a connection for one question. */
export type AskHost = <T>(question: (host: JobHost) => Promise<T>) => Promise<T>;

export interface JobOrder {
  /** Ours: letters, digits and dashes. The same one begins nothing twice. */
  id: string;
  /** A script for `sh`, which runs in the folder of the job. */
  command: string;
  /** What it reads from standard input. */
  input?: string;
  /** A file `secrets/NAME` that is there while the job runs, for its account alone; in memory where the machine has such a place. */
  secret?: { name: string; text: Secret };
  /** Several of them. */
  secrets?: readonly { name: string; text: Secret | string }[];
  /** One line for whoever finds it there. */
  about?: string;
  /** systemd is asked to keep it apart from the login: for machines that end what a login leaves behind. */
  scope?: boolean;
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
  /** What its folder takes on the disk; 0 unless it was asked for. */
  folderBytes: number;
  /** Seconds since it was begun; null where nobody wrote that down. */
  ageSeconds: number | null;
  /** Seconds from then to its last sign of life; null before the first. */
  ranSeconds: number | null;
  /** The word that the job itself has left in the file `stage`; null where it left none. */
  stage: string | null;
  /** What was asked for of its output, from the byte that was asked for; a part of it, where it is much. */
  chunk: Buffer;
}

export interface LookOptions {
  signal?: AbortSignal | undefined;
  /** Which of its outputs is read. */
  reads?: 'out' | 'err';
  /** Whether its folder is measured. */
  measures?: boolean;
}

/** A job as it lies on a machine, for whoever looks what is there. */
export interface FoundJob {
  id: string;
  job: Exclude<JobState, { state: 'gone' }>;
  /** Seconds since it was begun; null where nobody wrote that down. */
  ageSeconds: number | null;
  folderBytes: number;
  /** As it was begun. */
  about: string;
}

/** Bytes of output that one look brings at most. */
const mostBytes = 4 * 1024 * 1024;
/** Seconds between asking a job to end and ending it. */
const patienceSeconds = 8;

function checkId(id: string): void {
  if (!/^[A-Za-z0-9][A-Za-z0-9-]{0,63}$/.test(id)) throw new PilothouseError('contract.invalid-input', `"${id}" is no name of a job.`, { hint: 'Letters, digits and dashes.' });
}

const runScript = (host: JobHost, script: string, values: Record<string, string>, options: ScriptOptions): ReturnType<RunScript> => {
  if ('client' in host) return exec(host, 'exec /bin/sh -s', { input: withValues(script, { ...values, another: '' }), ...options, ...(options.onStdout === undefined ? {} : { keepBytes: 4096 }) });
  return host.runScript(withValues(script, { ...values, another: host.another ? 'yes' : '' }), options);
};

/** @throws ssh.command-failed with what it said */
async function run(host: JobHost, script: string, values: Record<string, string>, options: ScriptOptions = {}): Promise<{ stdout: string }> {
  const { exitStatus, stdout, stderr } = await runScript(host, script, values, options);
  if (exitStatus === 0) return { stdout };
  const said = serverText((stderr.trim() || stdout.trim()).slice(-500), 500);
  throw new PilothouseError('ssh.command-failed', `${host.label}: what concerns the job ${values['id'] ?? ''} ended with status ${exitStatus ?? 'unknown'}${said === '' ? '' : `: ${said}`}.`, { hint: 'Look at ~/.pilothouse/jobs there, at its disk, and at who may write to it.', details: { exitStatus, stderr: said } });
}

/**
 * Begins a job. Asked again with the same id, as after a connection that was lost before it could answer, it begins
 * nothing twice. @throws ssh.command-failed where its folder cannot be written, ssh.connection-lost: ask again
 */
export async function startJob(host: JobHost, order: JobOrder, signal?: AbortSignal): Promise<'begun' | 'there'> {
  checkId(order.id);
  const secrets = [...(order.secret === undefined ? [] : [order.secret]), ...(order.secrets ?? [])];
  for (const { name } of secrets) if (!/^[\w.-]+$/.test(name)) checkId(name);
  const write = secrets.map(({ name, text }) => `printf '%s' ${quoteWord(typeof text === 'string' ? text : text.reveal())} >"$part/secrets/"${quoteWord(name)}`).join(' && ');
  const about = serverText(order.about ?? '', 200);
  const { stdout } = await run(host, startScript, { id: order.id, command: order.command, input: order.input ?? '', keeper: keeperScript, secrets: write, about, scope: order.scope === true ? 'yes' : '' }, { signal });
  return stdout.trim().endsWith('there') ? 'there' : 'begun';
}

/** How a job stands, and what it has written from a byte on. @throws ssh.* */
export async function lookAtJob(host: JobHost, id: string, from: number, options: LookOptions = {}): Promise<JobLook> {
  checkId(id);
  const { signal, reads = 'out', measures = false } = options;
  const chunks: Buffer[] = [];
  const values = { id, from: String(from), most: String(mostBytes), file: reads, measure: measures ? 'yes' : '' };
  await run(host, lookScript, values, { signal, onStdout: (chunk) => void chunks.push(chunk) });
  const all = Buffer.concat(chunks);
  const begins = all.indexOf(`${lookMark} `);
  const lineEnd = begins === -1 ? -1 : all.indexOf(0x0a, begins);
  const [, word = '', status = '', ended = '', age = '', out = '', err = '', much = '', since = '-', stage = '-'] = all.toString('utf8', Math.max(begins, 0), Math.max(lineEnd, 0)).split(' ');
  return { job: toState(host, id, { word, exitStatus: status, ended, age }), outBytes: Number(out), errBytes: Number(err), folderBytes: Number(much) * 1024, ageSeconds: since === '-' ? null : Number(since), ranSeconds: since === '-' || age === '-' ? null : Math.max(0, Number(since) - Number(age)), stage: stage === '-' ? null : stage, chunk: all.subarray(lineEnd + 1) };
}

function toState(host: JobHost, id: string, { word, exitStatus, ended, age }: Record<'word' | 'exitStatus' | 'ended' | 'age', string>): JobState {
  switch (word) {
    case 'running':
      return { state: 'running', beatAge: age === '-' ? null : Number(age) };
    case 'ended':
      // Nothing is no 0.
      if (!/^\d+$/.test(exitStatus)) return { state: 'lost' };
      return { state: 'ended', exitStatus: Number(exitStatus), ended: ended === 'TERM' || ended === 'KILL' ? ended : 'none' };
    case 'restarted':
    case 'lost':
    case 'gone':
      return { state: word };
    default:
      throw new PilothouseError('ssh.command-failed', `${host.label}: the answer about the job ${id} cannot be read.`, { hint: 'Something there may print text at every login (a .bashrc, a banner): it has to be silent where nobody is at a terminal.', details: { answer: serverText(word, 200) } });
  }
}

/** The end of what it said of errors. @param most bytes */
export async function jobErrors(host: JobHost, id: string, most = 20_000): Promise<string> {
  checkId(id);
  return (await run(host, errorsScript, { id, most: String(most) })).stdout;
}

/** A file that the job has left in its folder. @param name without folders @throws ssh.* */
export async function readJobFile(host: JobHost, id: string, name: string, signal?: AbortSignal): Promise<string> {
  checkId(id);
  const chunks: Buffer[] = [];
  await run(host, readScript, { id, name }, { signal, onStdout: (chunk) => void chunks.push(chunk) });
  return Buffer.concat(chunks).toString('utf8');
}

/** Ends a job and all that it began; returns when that is so. Does nothing where it has ended. @throws ssh.* */
export async function cancelJob(host: JobHost, id: string, patience: number = patienceSeconds, signal?: AbortSignal): Promise<void> {
  checkId(id);
  await run(host, cancelScript, { id, patience: String(patience) }, { signal });
}

/** Takes an ended job off the machine. @throws ssh.* */
export async function removeJob(host: JobHost, id: string, signal?: AbortSignal): Promise<void> {
  checkId(id);
  await run(host, removeScript, { id }, { signal });
}

/** The jobs of ours that are on a machine. */
export async function listJobs(host: JobHost): Promise<string[]> {
  const { stdout } = await run(host, listScript, { id: '' });
  return stdout.split('\n').filter((name) => name !== '');
}

/** The same, with how each of them stands. */
export async function surveyJobs(host: JobHost, signal?: AbortSignal): Promise<FoundJob[]> {
  const { stdout } = await run(host, surveyScript, { id: '' }, { signal });
  return stdout.split('\n').flatMap((line) => {
    const [mark, id = '', standing = '', age = '-', much = '0', about = ''] = line.split('\t');
    const [word = '', exitStatus = '', ended = ''] = standing.split(' ');
    if (mark !== lookMark) return [];
    const job = toState(host, id, { word, exitStatus, ended, age: '-' });
    return job.state === 'gone' ? [] : [{ id: serverText(id, 64), job, ageSeconds: age === '-' ? null : Number(age), folderBytes: Number(much) * 1024, about: serverText(about, 200) }];
  });
}

/** What a machine has for the jobs of an account. */
export interface JobGround {
  /** Absolute, without links: jobs are in `.pilothouse/jobs` below it. */
  home: string;
  /** Of the disk that it is on, for this account. Null where nobody says so. */
  freeBytes: number | null;
  totalBytes: number | null;
  /** What makes SHA-256 there. */
  hashes: 'sha256sum' | 'shasum' | 'openssl' | null;
  hasSetsid: boolean;
  isRoot: boolean;
  /** It ends what a login leaves behind (KillUserProcesses of systemd). */
  endsLeftovers: boolean;
  /** Whether this account may stay all the same (Linger). */
  lingers: boolean;
}

/** Reads the answer of `groundScript`; what it does not know it passes over. */
export function readGround(text: string): JobGround {
  const facts = new Map(text.split('\n').map((line) => line.split('\t')).map(([name = '', ...value]) => [name, value.join('\t')]));
  // Names of disks and of places may have spaces; the figures stand together.
  const disk = /\s(\d+)\s+\d+\s+(-?\d+)\s+\d+%\s/.exec(` ${facts.get('disk') ?? ''} `);
  const hashes = facts.get('hash');
  return {
    home: facts.get('home') ?? '',
    totalBytes: disk === null ? null : Number(disk[1]) * 1024,
    freeBytes: disk === null ? null : Math.max(0, Number(disk[2])) * 1024,
    hashes: hashes === 'sha256sum' || hashes === 'shasum' || hashes === 'openssl' ? hashes : null,
    hasSetsid: facts.has('setsid'),
    isRoot: facts.has('root'),
    endsLeftovers: /^\s*(yes|true|on|1|y|t)\s*$/i.test(facts.get('kills') ?? ''),
    lingers: facts.has('lingers'),
  };
}

/** @throws ssh.*; ssh.command-failed where the account has no home */
export async function lookAtGround(host: JobHost, signal?: AbortSignal): Promise<JobGround> {
  const ground = readGround((await run(host, groundScript, { id: '' }, { signal })).stdout);
  if (!ground.home.startsWith('/')) throw new PilothouseError('ssh.command-failed', `${host.label}: the account has no home, so it has no place for jobs.`, { hint: 'Give it one that it may write to.' });
  return ground;
}

/** The folder of a job of an account. */
export const jobFolderOf = ({ home }: Pick<JobGround, 'home'>, id: string): string => `${home === '/' ? '' : home}/.pilothouse/jobs/${id}`;

export interface FollowOptions extends Pick<LookOptions, 'reads' | 'measures'> {
  from: number;
  signal: AbortSignal;
  everyMs?: number;
  /** Told of each part and of where the next one begins, which is what to go on from after a restart. */
  onOutput: (chunk: Buffer, nextByte: number) => void;
  /** Told of each look. */
  onLook?: (look: JobLook) => void;
  /** Told of each look that the connection did not let through. */
  onLost?: (error: unknown) => void;
}

/**
 * Follows a job from a byte on to its end, over whatever connection there is at each look.
 * @param ask a connection that was lost is no end of the job
 * @returns how it ended; never `running`
 */
export async function followJob(ask: AskHost, id: string, options: FollowOptions): Promise<Exclude<JobState, { state: 'running' }>> {
  const { signal, onOutput, onLook, onLost, reads, measures } = options;
  let at = options.from;
  for (;;) {
    signal.throwIfAborted();
    let look: JobLook | null = null;
    try {
      look = await ask((host) => lookAtJob(host, id, at, { signal, ...(reads === undefined ? {} : { reads }), ...(measures === undefined ? {} : { measures }) }));
    } catch (error) {
      signal.throwIfAborted();
      if (!isPilothouseError(error) || !error.retryable) throw error;
      onLost?.(error);
    }
    if (look !== null && look.chunk.length > 0) {
      at += look.chunk.length;
      onOutput(look.chunk, at);
    }
    if (look !== null) onLook?.(look);
    const more = look !== null && at < (reads === 'err' ? look.errBytes : look.outBytes) && look.chunk.length > 0;
    if (look !== null && !more && look.job.state !== 'running') return look.job;
    if (!more) await pause(options.everyMs ?? 1000, undefined, { signal }).catch(() => signal.throwIfAborted());
  }
}
