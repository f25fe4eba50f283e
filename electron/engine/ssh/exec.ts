/** One command on a host, to an end that is known. */
import type { Readable } from 'node:stream';
import type { Client, ClientChannel } from 'ssh2';
import { hasCode } from '#shared/domain/errors.ts';
import { readRefusal } from './channel-refusal.ts';
import { connectionLost } from './fault.ts';
import { hopFailure } from './place.ts';
import { serverText } from './server-text.ts';

export interface ExecOptions {
  signal?: AbortSignal | undefined;
  /** Sent to its standard input, which is then closed. */
  input?: string | Buffer | undefined;
  /** Sent after `input`, as fast as it is taken there. */
  inputStream?: Readable | undefined;
  /** Its standard input stays open as long as somebody is here: a command that watches it learns when nobody is any more. */
  lifeline?: boolean;
  /** Milliseconds that a command which watches its standard input has to end by itself after an abort; else its channel is closed at once. */
  endsWithinMs?: number;
  /** Where it returns a promise, nothing more is read until that is settled; a rejection ends the command, and is thrown. */
  onStdout?: (chunk: Buffer) => void | Promise<void>;
  onStderr?: (chunk: Buffer) => void;
  /** Bytes of each output that are kept in the result; the first ones. What comes after is passed on and not kept. */
  keepBytes?: number;
}

export interface ExecResult {
  exitStatus: number | null;
  /** "TERM", "KILL", … Null where no signal ended it. */
  signal: string | null;
  stdout: string;
  stderr: string;
  durationMs: number;
}

const keptBytes = 1024 * 1024;

function keeper(limit: number): { add(chunk: Buffer): void; text(): string } {
  const chunks: Buffer[] = [];
  let kept = 0;
  return {
    add(chunk) {
      if (kept >= limit) return;
      chunks.push(chunk.subarray(0, limit - kept));
      kept += Math.min(chunk.length, limit - kept);
    },
    text: () => Buffer.concat(chunks).toString('utf8'),
  };
}

/**
 * Runs a command. It has ended only when its exit status has arrived *and* its channel is closed: either may come first.
 * @param command a command line, made by `quoteCommand`
 * @returns however it ended; the caller judges by `exitStatus`
 * @throws ssh.channel-refused, ssh.connection-lost where its end was never told; the signal's reason, after the channel
 * was closed: what runs there then gets SIGHUP or a broken pipe, which is no promise that it ends
 */
export function exec({ client, label }: { client: Client; label: string }, command: string, options: ExecOptions = {}): Promise<ExecResult> {
  const { signal, input } = options;
  const startedAt = performance.now();
  const stdout = keeper(options.keepBytes ?? keptBytes);
  const stderr = keeper(options.keepBytes ?? keptBytes);
  return new Promise((resolve, reject) => {
    let over = false;
    let channel: ClientChannel | null = null;
    let status: { exitStatus: number | null; signal: string | null } | null = null;
    const finish = (work: () => void): void => {
      if (over) return;
      over = true;
      clearTimeout(patience);
      options.inputStream?.destroy();
      signal?.removeEventListener('abort', abort);
      client.removeListener('close', lost);
      work();
    };
    /** Why its end is not waited for as its own. */
    let failed: { reason: unknown } | null = null;
    let patience: NodeJS.Timeout | undefined;
    let pending: Promise<void> | null = null;
    const giveUp = (reason: unknown): void => {
      if (over || failed !== null) return;
      failed = { reason };
      options.inputStream?.destroy();
      const leave = (): void => {
        channel?.destroy();
        finish(() => reject(reason));
      };
      // Over a line that is given up as lost, nothing more is heard of it.
      if (channel === null || options.endsWithinMs === undefined || hasCode(reason, 'ssh.connection-lost')) return leave();
      // It learns by the end of its input that nobody is here, and what it still says is let through, so that it can end.
      channel.end();
      channel.resume();
      patience = setTimeout(leave, options.endsWithinMs);
    };
    /** What throws here must not get into the reader of the connection, which would take it for a broken line. */
    const guarded = <T>(tell: () => T): T | undefined => {
      try {
        return tell();
      } catch (error) {
        giveUp(error);
        return undefined;
      }
    };
    const abort = (): void => giveUp(signal?.reason);
    const lost = (): void => finish(() => reject(connectionLost({ client, label }, 'a command ran; how it ended, nobody knows', { hint: 'Look at what it was doing before it is run again.' })));
    if (signal?.aborted === true) {
      reject(signal.reason as Error);
      return;
    }
    if (options.inputStream?.errored) {
      reject(options.inputStream.errored);
      return;
    }
    options.inputStream?.once('error', giveUp);
    signal?.addEventListener('abort', abort, { once: true });
    client.once('close', lost);
    try {
      client.exec(command, (error, opened) => {
        if (error !== undefined) {
          if (readRefusal(error).code === 'ssh.connection-lost') return lost();
          finish(() => reject(hopFailure('ssh.channel-refused', label, `it opened no session for a command: ${error.message.replace(/^\(SSH\) Channel open failure: /, '')}.`, { hint: 'It may have too many sessions (MaxSessions), or the key may be bound to one command. Try again, or look into its log.', retryable: true, cause: error })));
          return;
        }
        if (over) return void opened.destroy();
        channel = opened;
        opened.on('data', (chunk: Buffer) => {
          // Of a connection that was lost some of what had arrived may still be on its way: whoever took it is gone.
          if (over || failed !== null) return;
          stdout.add(chunk);
          const taken = guarded(() => options.onStdout?.(chunk));
          if (taken === undefined) return;
          opened.pause();
          pending = taken.then(() => void opened.resume(), giveUp);
        });
        opened.stderr.on('data', (chunk: Buffer) => {
          stderr.add(chunk);
          guarded(() => options.onStderr?.(chunk));
        });
        opened.on('exit', (code: number | null, name?: string) => {
          status = { exitStatus: code, signal: name?.replace(/^SIG/, '') ?? null };
        });
        // What cannot be written any more is told by how the command ends.
        opened.on('error', () => {});
        opened.on('close', () => void Promise.resolve(pending).then(() =>
          finish(() => {
            if (failed !== null) reject(failed.reason);
            else if (status === null) reject(hopFailure('ssh.connection-lost', label, 'a command ended without saying how; it counts as failed.', { hint: 'Look at what it was doing before it is run again.', retryable: true }));
            else resolve({ ...status, stdout: stdout.text(), stderr: stderr.text(), durationMs: performance.now() - startedAt });
          }),
        ));
        const { inputStream, lifeline } = options;
        if (inputStream !== undefined) {
          if (input !== undefined) opened.write(input);
          inputStream.pipe(opened);
        } else if (lifeline === true) opened.write(input ?? '');
        else opened.end(input);
      });
    } catch (error) {
      finish(() => reject(hopFailure('ssh.connection-lost', label, `the connection was lost: ${error instanceof Error ? error.message : String(error)}.`, { hint: 'Try again.', retryable: true, cause: error })));
    }
  });
}

/** The same, where anything but exit status 0 is a failure. @throws ssh.command-failed with the end of what it said */
export async function execOrFail(connection: { client: Client; label: string }, command: string, options: ExecOptions = {}): Promise<ExecResult> {
  const result = await exec(connection, command, options);
  if (result.exitStatus === 0) return result;
  const said = serverText((result.stderr.trim() || result.stdout.trim()).slice(-2000), 2000);
  const how = result.signal === null ? `ended with status ${result.exitStatus ?? 'unknown'}` : `was ended by ${result.signal}`;
  throw hopFailure('ssh.command-failed', connection.label, `${command.slice(0, 200)} ${how}${said === '' ? '' : `: ${said}`}.`, { hint: 'What it says names the reason.', details: { exitStatus: result.exitStatus, signal: result.signal, stderr: said } });
}
