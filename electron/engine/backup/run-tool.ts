/** Runs one of Postgres's own programs, and tells history how it was called and how it ended. */
import type { CommandRecord } from '#shared/contract/operations.ts';
import { PilothouseError } from '#shared/domain/errors.ts';
import { runChild } from '../children/run-child.ts';
import type { ChildOptions, ChildResult } from '../children/types.ts';
import type { ClientTool } from '../postgres/types.ts';

export interface ToolRun extends Pick<ChildOptions, 'onStderrLine' | 'onStdoutLine' | 'onStdoutChunk'> {
  tool: ClientTool;
  args: readonly string[];
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

/** Arguments as a person would type them into a POSIX shell. */
export function commandLine(command: string, args: readonly string[]): string {
  return [command, ...args].map((word) => (/^[A-Za-z0-9_@%+=:,./…-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`)).join(' ');
}

/** The lines that say what went wrong, without the chatter of `--verbose`. */
export function complaints(stderr: string): string {
  const lines = stderr.split('\n');
  const told = lines.filter((line) => /(error|warning|fatal|detail|hint|panic):/i.test(line));
  return lastLines((told.length > 0 ? told : lines.filter((line) => line.trim() !== '').slice(-3)).join('\n'));
}

/**
 * Runs the program to its end. Only `exitStatus === 0` is a success; the caller judges.
 * @throws the signal's reason when it was aborted, after the program has ended
 */
export async function runTool(run: ToolRun): Promise<ChildResult> {
  const { tool, args, signal, onStderrLine, onStdoutLine, onStdoutChunk } = run;
  const result = await runChild({
    command: tool.path,
    args,
    signal,
    keepBytes: 256 * 1024,
    ...(onStderrLine === undefined ? {} : { onStderrLine }),
    ...(onStdoutLine === undefined ? {} : { onStdoutLine }),
    ...(onStdoutChunk === undefined ? {} : { onStdoutChunk }),
  });
  const output = result.exitStatus === 0 ? lastLines(result.stderr.split('\n').filter((line) => /warning:/i.test(line)).join('\n')) : complaints(result.stderr);
  run.record({ text: commandLine(tool.path, args), target: run.target, exitStatus: result.exitStatus, signal: result.signal, durationMs: Math.round(result.durationMs), ...(output === '' ? {} : { output }) });
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
