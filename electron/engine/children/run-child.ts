import { performance } from 'node:perf_hooks';
import { Readable } from 'node:stream';
import { PilothouseError } from '#shared/domain/errors.ts';
import { minimalEnvironment } from './environment.ts';
import { findCommand } from './find-command.ts';
import { graceMs, spawnOnLifeline, type LifelineChild } from './lifeline.ts';
import { createLineReader, createTail } from './output.ts';
import { registerChild } from './registry.ts';
import type { ChildOptions, ChildResult } from './types.ts';

export { closeChildren } from './registry.ts';

const defaultKeepBytes = 64 * 1024;

function cannotStart(command: string, cause: unknown): PilothouseError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new PilothouseError('internal', `${command} could not be started: ${reason}`, { hint: 'Check that the program is installed and may be run by you.', details: { command }, cause });
}

/** Takes one output stream of a child apart. Returns what ends the last line, and the text that was kept. */
function readOutput(stream: Readable, keepBytes: number, handlers: { count: () => void; onLine: ((line: string) => void) | undefined; onChunk: ((chunk: Buffer) => void) | undefined; onFailure: (error: unknown) => void }): { end: () => void; text: () => string } {
  const tail = createTail(keepBytes);
  const lines = handlers.onLine === undefined ? null : createLineReader(handlers.onLine);
  const guarded = (work: () => void): void => {
    try {
      work();
    } catch (error) {
      handlers.onFailure(error);
    }
  };
  stream.on('data', (chunk: Buffer) => {
    handlers.count();
    guarded(() => {
      if (handlers.onChunk !== undefined) {
        handlers.onChunk(chunk);
        return;
      }
      tail.push(chunk);
      lines?.push(chunk);
    });
  });
  stream.on('error', handlers.onFailure);
  return { end: () => guarded(() => lines?.end()), text: () => tail.text() };
}

function feedStdin(child: LifelineChild, stdin: NonNullable<ChildOptions['stdin']>, onFailure: (error: unknown) => void): void {
  const target = child.process.stdin;
  if (target === null) return;
  // A child that stops reading early (EPIPE) says why by its exit status and its standard error.
  target.on('error', () => {});
  if (stdin instanceof Readable) {
    stdin.on('error', onFailure);
    stdin.pipe(target);
    return;
  }
  target.end(stdin);
}

/**
 * Runs one command to its end, on a lifeline: its whole process group is dead within five seconds of this process,
 * however this process died. Whatever the command leaves behind in its group when it exits is ended too.
 *
 * Resolves whatever the exit status was: the caller judges it, and only `exitStatus === 0` is a success. An abort
 * resolves as well, with `aborted: true`.
 *
 * @throws internal when the command does not exist or cannot be started, or when a callback or the stream given as
 * standard input failed (the command is ended first)
 */
export async function runChild(options: ChildOptions): Promise<ChildResult> {
  const env = options.env ?? minimalEnvironment();
  const startedAt = performance.now();
  const command = await findCommand(options.command, env['PATH'] ?? '');
  if (command === null) throw cannotStart(options.command, new Error('there is no such program, or it may not be run'));
  if (options.signal?.aborted === true) return { exitStatus: null, signal: null, stdout: '', stderr: '', durationMs: performance.now() - startedAt, aborted: true };

  const child = spawnOnLifeline({ command, args: options.args, cwd: options.cwd, env, user: options.user, stdin: options.stdin === undefined ? 'ignore' : 'pipe' });
  let abort = (): void => {};
  const ended = new Promise<ChildResult>((resolve, reject) => {
    abort = followChild(child, options, startedAt, { resolve, reject });
  });
  registerChild(abort, ended);
  return ended;
}

/** Settles once the child has exited and all of its output was read. Returns what aborts it. */
function followChild(child: LifelineChild, options: ChildOptions, startedAt: number, outcome: { resolve: (result: ChildResult) => void; reject: (error: unknown) => void }): () => void {
  const { stdout, stderr } = child.process;
  let aborted = false;
  let failure: { error: unknown } | null = null;
  let status: { exitStatus: number | null; signal: string | null } | null = null;
  let timer: NodeJS.Timeout | undefined;
  let chunks = 0;
  let openStreams = 2;

  const fail = (error: unknown): void => {
    failure ??= { error };
    end();
  };
  const abort = (): void => {
    if (status !== null) return;
    aborted = true;
    end();
  };
  /** Asks the group to end, ends it when its time is over, and does not wait for ever for what left the group. */
  const end = (): void => {
    if (timer !== undefined) return;
    child.signalGroup('SIGTERM');
    timer = setTimeout(() => {
      child.signalGroup('SIGKILL');
      awaitSilence();
    }, graceMs);
  };
  const awaitSilence = (): void => {
    const before = chunks;
    timer = setTimeout(() => {
      // After a busy moment of ours, what is already there is read before this is judged.
      setImmediate(() => {
        if (openStreams === 0) return;
        if (chunks !== before || status === null) {
          awaitSilence();
          return;
        }
        failure ??= { error: new PilothouseError('internal', `${options.command} left a process behind that keeps its output open, so its output could not be read to the end`, { details: { command: options.command } }) };
        stdout?.destroy();
        stderr?.destroy();
      });
    }, graceMs);
  };
  const settle = (): void => {
    clearTimeout(timer);
    options.signal?.removeEventListener('abort', abort);
    if (options.stdin instanceof Readable) options.stdin.destroy();
    child.process.stdio[3]?.destroy();
  };
  const settleWhenDone = (): void => {
    if (status === null || openStreams > 0) return;
    out?.end();
    err?.end();
    child.signalGroup('SIGKILL');
    settle();
    if (failure !== null && !aborted) outcome.reject(failure.error);
    else outcome.resolve({ ...status, stdout: out?.text() ?? '', stderr: err?.text() ?? '', durationMs: performance.now() - startedAt, aborted });
  };

  const keepBytes = options.keepBytes ?? defaultKeepBytes;
  const count = (): void => void (chunks += 1);
  const out = stdout && readOutput(stdout, keepBytes, { count, onLine: options.onStdoutLine, onChunk: options.onStdoutChunk, onFailure: fail });
  const err = stderr && readOutput(stderr, keepBytes, { count, onLine: options.onStderrLine, onChunk: undefined, onFailure: fail });
  for (const stream of [stdout, stderr]) {
    stream?.once('close', () => {
      openStreams -= 1;
      settleWhenDone();
    });
  }
  child.process.once('error', (error) => {
    settle();
    outcome.reject(cannotStart(options.command, error));
  });
  child.process.once('exit', (exitStatus, signal) => {
    status = { exitStatus, signal };
    // What the command left behind has lost its purpose, and must not keep the streams open.
    end();
    settleWhenDone();
  });
  options.signal?.addEventListener('abort', abort, { once: true });
  if (options.stdin !== undefined) feedStdin(child, options.stdin, fail);
  return abort;
}
