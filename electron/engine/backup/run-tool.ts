/** Runs one of Postgres's own programs, here or on a host, and tells history how it was called and how it ended. */
import { createReadStream, createWriteStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { finished } from 'node:stream/promises';
import type { CommandRecord } from '#shared/contract/operations.ts';
import { PilothouseError, toErrorShape } from '#shared/domain/errors.ts';
import { runChild } from '../children/run-child.ts';
import type { ChildOptions, ChildResult } from '../children/types.ts';
import type { ToolsThere } from '../postgres/index.ts';
import type { ClientTool, Sent } from '../postgres/types.ts';

/**
 * An argument that names a file of this computer. A program of a host is sent what it reads, an archive as its input and
 * a list beside it, and what it writes is written here.
 */
export interface FileArgument {
  /** "--use-list=", or nothing. */
  option: string;
  file: string;
  is: 'archive' | 'list' | 'output';
  /** Where the same archive lies on the host of the program: then nothing is sent. */
  there?: string;
}

export type ToolArgument = string | FileArgument;

export interface ToolRun extends Pick<ChildOptions, 'onStderrLine' | 'onStdoutLine' | 'onStdoutChunk'> {
  tool: ClientTool;
  args: readonly ToolArgument[];
  /** What goes along with a program of a host; see `withConninfo`. */
  sent?: Sent;
  /** What it works on, in words. */
  target: string;
  signal: AbortSignal;
  record: (record: CommandRecord) => void;
}

const keptOutput = 4000;

/** The last whole lines of a text. Half a line is never kept: a secret in it could no longer be told from other words. */
export function lastLines(text: string, characters = keptOutput): string {
  if (text.length <= characters) return text;
  const lineStart = text.indexOf('\n', text.length - characters - 1) + 1;
  return lineStart === 0 ? '' : text.slice(lineStart);
}

/** Arguments as a program of this computer gets them. */
export const plainArguments = (args: readonly ToolArgument[]): string[] => args.map((each) => (typeof each === 'string' ? each : `${each.option}${each.file}`));

/** Arguments as a person would type them into a POSIX shell. */
export function commandLine(command: string, args: readonly ToolArgument[]): string {
  return [command, ...plainArguments(args)].map((word) => (/^[A-Za-z0-9_@%+=:,./…-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`)).join(' ');
}

/** The lines that say what went wrong, without the chatter of `--verbose`. */
export function complaints(stderr: string): string {
  const lines = stderr.split('\n');
  const told = lines.filter((line) => /(error|warning|fatal|detail|hint|panic):/i.test(line));
  return lastLines((told.length > 0 ? told : lines.filter((line) => line.trim() !== '').slice(-3)).join('\n'));
}

/** How a program is called, in words for plans and history. */
export function toolLine(tool: Pick<ClientTool, 'path' | 'there'>, args: readonly ToolArgument[]): string {
  if (tool.there === undefined) return commandLine(tool.path, args);
  const known = args.map((each) => (typeof each === 'string' || each.there === undefined ? each : `${each.option}${each.there}`));
  const sends = known.filter((each) => typeof each !== 'string' && each.is === 'archive').map((each) => ` <${(each as FileArgument).file}`);
  const writes = known.filter((each) => typeof each !== 'string' && each.is === 'output').map((each) => ` >${(each as FileArgument).file}`);
  return `${tool.there.label}: ${commandLine([...tool.there.prefix, tool.path][0] ?? '', [...[...tool.there.prefix, tool.path].slice(1), ...known.filter((each) => typeof each === 'string' || each.is === 'list')])}${sends.join('')}${writes.join('')}`;
}

const keptBytes = 256 * 1024;

/** What of the account's environment would change whom Postgres's programs connect to (an address wins over a name), how they do it, or what they write. Source: libpq's "Environment Variables". */
export const unwantedVariables = ['PGHOSTADDR', 'PGPASSWORD', 'PGREQUIREPEER', 'PGSSLCRLDIR', 'PGSSLCERTMODE', 'PGSSLMINPROTOCOLVERSION', 'PGSSLMAXPROTOCOLVERSION', 'PGMINPROTOCOLVERSION', 'PGMAXPROTOCOLVERSION', 'PGLOADBALANCEHOSTS', 'PGGSSLIB', 'PGGSSDELEGATION', 'PGKRBSRVNAME', 'PGOPTIONS', 'PGSERVICE', 'PGSERVICEFILE', 'PGREQUIREAUTH', 'PGCHANNELBINDING', 'PGSSLNEGOTIATION', 'PGTARGETSESSIONATTRS', 'PGDATESTYLE', 'PGTZ', 'PGGEQO', 'PGCLIENTENCODING', 'PG_COLOR'];

async function runThere(run: ToolRun, there: ToolsThere): Promise<ChildResult> {
  const { tool, args, sent = { folder: null, files: [] }, signal } = run;
  const files = [...sent.files];
  let { folder } = sent;
  let archive: string | null = null;
  let output: string | null = null;
  const words: string[] = [];
  for (const each of args) {
    if (typeof each === 'string') words.push(each);
    else if (each.there !== undefined) words.push(`${each.option}${each.there}`);
    else if (each.is === 'archive') archive = each.file;
    else if (each.is === 'output') output = each.file;
    else {
      folder ??= there.newFolder();
      files.push({ name: 'list', text: await readFile(each.file, 'utf8') });
      words.push(`${each.option}${folder}/list`);
    }
  }
  const file = output === null ? null : createWriteStream(output, { flags: 'wx', mode: 0o600 });
  // Whoever waits for a write is told; between two of them nobody is.
  file?.on('error', () => {});
  const write = (chunk: Buffer): void | Promise<void> => {
    if (file?.errored) return Promise.reject(file.errored);
    if (file === null || file.write(chunk)) return undefined;
    // Listeners that are not needed any more are taken off: there may be a hundred thousand of these.
    return new Promise((resolve, reject) => {
      const done = (): void => {
        file.removeListener('error', failed);
        resolve();
      };
      const failed = (error: Error): void => {
        file.removeListener('drain', done);
        reject(error);
      };
      file.once('drain', done);
      file.once('error', failed);
    });
  };
  const { onStdoutChunk = file === null ? undefined : write, onStdoutLine, onStderrLine } = run;
  try {
    const result = await there.run({
      argv: ['env', ...unwantedVariables.flatMap((name) => ['-u', name]), tool.path, ...words],
      folder,
      files,
      stdin: archive === null ? null : createReadStream(archive, { highWaterMark: 256 * 1024 }),
      ...(sent.pin === undefined ? {} : { pin: sent.pin }),
      signal,
      keepBytes: keptBytes,
      ...(onStderrLine === undefined ? {} : { onStderrLine }),
      ...(onStdoutLine === undefined ? {} : { onStdoutLine }),
      ...(onStdoutChunk === undefined ? {} : { onStdoutChunk }),
    });
    if (file !== null) {
      file.end();
      await finished(file);
    }
    return result;
  } catch (error) {
    file?.destroy();
    throw error;
  }
}

function runHere({ tool, args, signal, onStderrLine, onStdoutLine, onStdoutChunk }: ToolRun): Promise<ChildResult> {
  return runChild({
    command: tool.path,
    args: plainArguments(args),
    signal,
    keepBytes: keptBytes,
    ...(onStderrLine === undefined ? {} : { onStderrLine }),
    ...(onStdoutLine === undefined ? {} : { onStdoutLine }),
    ...(onStdoutChunk === undefined ? {} : { onStdoutChunk }),
  });
}

/**
 * Runs the program to its end. Only `exitStatus === 0` is a success; the caller judges.
 * @throws the signal's reason when it was aborted, after the program has ended; ssh.* where it runs on a host that is lost
 */
export async function runTool(run: ToolRun): Promise<ChildResult> {
  const { tool, args, signal } = run;
  const told = { text: toolLine(tool, args), target: run.target };
  const startedAt = performance.now();
  const result = await (tool.there === undefined ? runHere(run) : runThere(run, tool.there)).catch((error: unknown) => {
    // That its end was never told is history as well.
    run.record({ ...told, exitStatus: null, durationMs: Math.round(performance.now() - startedAt), output: toErrorShape(error, '').message });
    throw error;
  });
  const output = result.exitStatus === 0 ? lastLines(result.stderr.split('\n').filter((line) => /warning:/i.test(line)).join('\n')) : complaints(result.stderr);
  run.record({ ...told, exitStatus: result.exitStatus, signal: result.signal, durationMs: Math.round(result.durationMs), ...(output === '' ? {} : { output }) });
  if (result.aborted || signal.aborted) signal.throwIfAborted();
  return result;
}

/**
 * Whether a status is pg_restore's own word: done, or failed. Any other is that of the shell that could not start it
 * (126, 127) or of a crash. Source: pg_restore.c, and the callers of exit_nicely, 13 to 18.
 */
export function isOwnStatus(exitStatus: unknown): boolean {
  return exitStatus === 0 || exitStatus === 1;
}

/** What this computer lacks at the moment, where a complaint ends in it: a name of a file may contain such words as well. */
const lacking = /(?:^|: )(out of memory|Cannot allocate memory|Too many open files(?: in system)?|Resource temporarily unavailable)$/im;

/**
 * Whether a pg_restore that has failed says anything about the archive that it read: not where somebody ended it, where
 * it could not be started, or where this computer lacked what it needs. A crash may be the archive's fault; but of that
 * the hashes and a pg_restore that lives to complain tell better.
 * @throws postgres.tool-failed where it says nothing
 */
export function requireAnswer({ tool, target }: Pick<ToolRun, 'tool' | 'target'>, { exitStatus, signal, stderr }: Pick<ChildResult, 'exitStatus' | 'signal' | 'stderr'>): void {
  const lacks = lacking.exec(stderr)?.[1];
  if (isOwnStatus(exitStatus) && lacks === undefined) return;
  const how = lacks ?? (signal === null ? `it ended with status ${exitStatus ?? 'unknown'}` : `it was ended by ${signal}`);
  throw new PilothouseError('postgres.tool-failed', `${tool.name} ${tool.version} could not read ${target} to the end: ${how}. That says nothing about the backup; what was known of it stays.`, {
    hint: 'Look in the log of this computer for what ended it (often a lack of memory), and whether the program can be run at all; then try again.',
    retryable: true,
    details: { exitStatus, signal, stderr: complaints(stderr) },
  });
}
