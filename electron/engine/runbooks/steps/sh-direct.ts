/** A script that runs as long as one is connected: for what reads, and takes no longer than one waits. */
import { hasCode, toErrorShape } from '#shared/domain/errors.ts';
import { endsWithinMs } from '../../ssh/program.ts';
import { withValues } from '../../ssh/jobs/scripts.ts';
import { createKeptOutput, createTeller, shown } from './output.ts';
import { directScript } from './direct-script.ts';
import { beginScript, handOver, inputOf, type SentScript } from './script-parts.ts';
import { createLimit, notSent, unknownEnd } from './trouble.ts';
import type { StepRooms } from './rooms.ts';
import type { StepLimits, StepOperation } from './types.ts';
import type { Outcome } from '../sent.ts';

/** Characters of what a command said that its record keeps. */
const longestRecord = 2000;

/** What is kept of it with the command in history: the end of its errors, where it has any. */
export const saidOf = ({ stdout, stderr }: Pick<Outcome, 'stdout' | 'stderr'>): string => (stderr.trim() || stdout.trim()).slice(-longestRecord);

/** Runs it to its end. That a connection is dead may show only when it is used: nothing was sent then, and it is sent over another. */
export async function sendDirectly(rooms: StepRooms, sent: SentScript, operation: StepOperation, limits: StepLimits): Promise<Outcome> {
  try {
    return await attempt(rooms, sent, operation, limits);
  } catch (error) {
    if (!hasCode(error, 'ssh.connection-lost') || toErrorShape(error, '').details['notSent'] !== true || operation.signal.aborted) throw error;
    return attempt(rooms, sent, operation, limits);
  }
}

async function attempt({ context, lines }: StepRooms, sent: SentScript, operation: StepOperation, limits: StepLimits): Promise<Outcome> {
  const { random } = context.ports;
  const { hostId, label, sudo } = sent;
  const values = withValues('', { word: random.bytes(8).toString('hex'), another: sudo === null ? '' : 'yes', begin: beginScript(sent), script: sent.script, stdin: inputOf(sent) });
  // What is exported already would stay so with the value that it gets here.
  const text = `unset word another begin script stdin\n${values}`;
  const limit = createLimit(limits.timeoutMs);
  const stop = AbortSignal.any([operation.signal, limit.signal]);
  let stoppedAt = 0;
  stop.addEventListener('abort', () => (stoppedAt = performance.now()), { once: true });
  let startedAt: number | null = null;
  const stdout = createKeptOutput();
  const stderr = createKeptOutput();
  const teller = createTeller(operation, label, limits.stallWarnMs);
  const outcome = (end: Pick<Outcome, 'exitStatus' | 'signal' | 'timedOut'>): Outcome => {
    const done: Outcome = { ...end, stdout: stdout.text(), stderr: stderr.text(), bytes: stdout.bytes + stderr.bytes, truncated: stdout.truncated || stderr.truncated, rows: null, status: null, durationMs: Math.round(performance.now() - (startedAt ?? performance.now())), by: 'live' };
    operation.command({ text: sent.script, target: label, exitStatus: done.exitStatus, signal: done.signal, durationMs: done.durationMs, output: saidOf(done) });
    return done;
  };
  try {
    const payload = handOver(text, { stays: true, onHanded: () => {
      startedAt = performance.now();
      limit.start();
    } });
    const result = await lines.run(hostId, {
      argv: ['/bin/sh', '-c', directScript, 'pilothouse-step', String(Buffer.byteLength(text))],
      through: [], folder: null, files: [], stdin: payload, keepBytes: 1, signal: stop,
      ...(sudo === null ? {} : { sudoAs: sudo }),
      pin: context.pin(hostId),
      onStdoutChunk: (chunk) => {
        stdout.push(chunk);
        teller.stdout(chunk);
      },
      onStderrChunk: (chunk) => {
        stderr.push(chunk);
        teller.stderr(chunk);
      },
    });
    teller.end();
    return outcome({ exitStatus: result.exitStatus, signal: result.signal, timedOut: false });
  } catch (error) {
    teller.end();
    if (startedAt === null) throw notSent(error);
    const hasEnded = performance.now() - stoppedAt < endsWithinMs;
    if (stop.aborted && error === stop.reason && hasEnded && limit.hasPassed && !operation.signal.aborted) return outcome({ exitStatus: null, signal: null, timedOut: true });
    operation.command({ text: sent.script, target: label, exitStatus: null, durationMs: Math.round(performance.now() - startedAt), output: shown(toErrorShape(error, '').message) });
    throw stop.aborted && !hasEnded ? unknownEnd(error) : error;
  } finally {
    limit.clear();
  }
}
