/** Runs one of Postgres's own programs, and tells history how it was called and how it ended. */
import type { CommandRecord } from '#shared/contract/operations.ts';
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
