/** The command line in this process: what it is given, what it says, and Ctrl-C. */
import { once } from 'node:events';
import { PassThrough, Readable } from 'node:stream';
import type { ScriptRunner } from '#engine/ports.ts';
import type { CliIo } from '../../electron/cli/io.ts';
import { runCli } from '../../electron/cli/program.ts';

export interface CommandResult {
  status: number;
  stdout: string;
  stderr: string;
  /** Standard output as the one JSON document it must be. @throws when it is none */
  document(): Record<string, unknown>;
}

export interface StartedCommand {
  result: Promise<CommandResult>;
  /** Ctrl-C. */
  interrupt(): void;
  /** What has been said to people so far. */
  said(): string;
}

/** A person at a terminal, who types what is in `stdin` and nothing more. */
export interface Terminal {
  stdin: PassThrough;
  columns: number;
}

/** Starts a command line. Without `stdin` there is nothing to read; nobody sits at a terminal unless there is one. `scripts`: as in an installed application. */
export function startCommand(args: readonly string[], stdin: string | Readable = '', terminal?: Terminal, scripts?: ScriptRunner): StartedCommand {
  const output = { stdout: '', stderr: '' };
  const sink = (name: 'stdout' | 'stderr'): PassThrough => {
    const stream = new PassThrough();
    stream.setEncoding('utf8');
    stream.on('data', (text: string) => {
      output[name] += text;
    });
    return stream;
  };
  const listeners = new Set<() => void>();
  const io: CliIo = {
    stdin: terminal !== undefined ? Object.assign(terminal.stdin, { isTTY: true, setRawMode: () => {} }) : typeof stdin === 'string' ? Readable.from(stdin === '' ? [] : [stdin]) : stdin,
    stdout: terminal === undefined ? sink('stdout') : Object.assign(sink('stdout'), { isTTY: true }),
    stderr: terminal === undefined ? sink('stderr') : Object.assign(sink('stderr'), { isTTY: true, columns: terminal.columns }),
    onInterrupt(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    endNow: () => {
      throw new Error('The command would have ended the process at once.');
    },
  };
  /** What was written may still be on its way when the command has ended. */
  const readToEnd = (stream: CliIo['stdout']): Promise<unknown> => {
    const read = once(stream, 'end');
    stream.end();
    return read;
  };
  const result = runCli(args, io, scripts).then(async (status) => {
    await Promise.all([readToEnd(io.stdout), readToEnd(io.stderr)]);
    return { status, ...output, document: () => JSON.parse(output.stdout) as Record<string, unknown> };
  });
  return { result, interrupt: () => listeners.forEach((listener) => listener()), said: () => output.stderr };
}

export function command(args: readonly string[], stdin?: string | Readable): Promise<CommandResult> {
  return startCommand(args, stdin).result;
}
