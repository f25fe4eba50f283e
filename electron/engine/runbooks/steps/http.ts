/** A request of a step, from this computer or through a host. What comes back is the answer: nothing is followed elsewhere. */
import type { Duplex } from 'node:stream';
import { PilothouseError } from '#shared/domain/errors.ts';
import { Secret } from '#shared/domain/secret.ts';
import { spanInWords } from '../../backup/words.ts';
import type { Outcome, Sent } from '../sent.ts';
import { askOver, NoLine, openWebLine } from './http-line.ts';
import { createKeptOutput, shown } from './output.ts';
import type { StepRooms } from './rooms.ts';
import { createLimit, notSent, unknownEnd } from './trouble.ts';
import type { StepLimits, StepOperation } from './types.ts';

type SentHttp = Extract<Sent, { kind: 'http' }>;

/** Bytes of a body that are kept, from its beginning. */
const bodyBytes = 1024 * 1024;
/** Milliseconds where the step has no limit of its own. */
const longestMs = 60_000;

const revealed = (value: string | Secret): string => (value instanceof Secret ? value.reveal() : value);

/** Requests that change nothing there, by what HTTP promises: nobody has to ask whether they happened. */
const isReading = (method: string): boolean => ['GET', 'HEAD', 'OPTIONS'].includes(method.toUpperCase());

function addressOf({ url, label }: SentHttp): URL {
  const address = URL.canParse(url) ? new URL(url) : null;
  if (address !== null && /^https?:$/.test(address.protocol)) return address;
  throw new PilothouseError('runbook.value-invalid', `${label}: this is no address that begins with http:// or https://.`, { hint: 'Look at the address of the step.' });
}

/** @throws what keeps it from being sent, before anything is */
function headersOf({ headers, body }: SentHttp, { host }: URL): Record<string, string> {
  const given = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), revealed(value)]));
  const wrong = Object.entries(given).find(([name, value]) => !/^[\w!#$%&'*+.^`|~-]+$/.test(name) || /[^\t\u0020-\u007e\u0080-\u00ff]/.test(value));
  // Its value is not said: it may be a secret.
  if (wrong !== undefined) throw new PilothouseError('runbook.value-invalid', `The header "${wrong[0]}" holds characters that no header can.`, { hint: 'A line end at the end of a value is the usual reason.' });
  return { host, 'user-agent': 'Pilothouse', accept: '*/*', ...given, ...(body === null ? {} : { 'content-length': String(Buffer.byteLength(revealed(body))) }), connection: 'close' };
}

export async function sendHttp({ lines }: StepRooms, sent: SentHttp, operation: StepOperation, limits: StepLimits): Promise<Outcome> {
  const { label, method, throughHostId } = sent;
  const limit = createLimit(limits.timeoutMs ?? longestMs);
  const signal = AbortSignal.any([operation.signal, limit.signal]);
  const startedAt = performance.now();
  const body = createKeptOutput({ head: bodyBytes, tail: 0 });
  let isHanded = false;
  let line: Duplex | null = null;
  const text = `${method.toUpperCase()} ${sent.url}`;
  const outcome = (end: Pick<Outcome, 'status' | 'stderr' | 'timedOut'>): Outcome => {
    const durationMs = Math.round(performance.now() - startedAt);
    operation.command({ text, target: label, exitStatus: null, durationMs, output: end.status === null ? end.stderr : `status ${end.status}, ${body.bytes.toLocaleString('en-US')} bytes` });
    return { ...end, exitStatus: null, signal: null, stdout: body.text(), bytes: body.bytes, truncated: body.truncated, rows: null, durationMs, by: 'live' };
  };
  try {
    const url = addressOf(sent);
    const headers = headersOf(sent, url);
    limit.start();
    line = await openWebLine(url, throughHostId, lines, signal);
    isHanded = true;
    const { statusCode = null } = await askOver(line, { method, url, headers, body: sent.body === null ? null : revealed(sent.body) }, signal, body.push);
    return outcome({ status: statusCode, stderr: '', timedOut: false });
  } catch (error) {
    const isOver = limit.hasPassed && !operation.signal.aborted;
    const within = spanInWords(limits.timeoutMs ?? longestMs);
    const why = isOver ? `There was no whole answer within ${within}.` : `${isHanded ? 'The line was lost before there was a whole answer' : 'It could not be connected to'}: ${shown(error instanceof Error ? error.message : String(error))}.`;
    if (operation.signal.aborted) throw isHanded ? (isReading(method) ? operation.signal.reason : unknownEnd(operation.signal.reason)) : notSent(operation.signal.reason);
    if (isReading(method) && (isHanded || isOver || error instanceof NoLine)) return outcome({ status: null, stderr: why, timedOut: isOver });
    operation.command({ text, target: label, exitStatus: null, durationMs: Math.round(performance.now() - startedAt), output: why });
    if (!isHanded) throw notSent(error instanceof NoLine || isOver ? new PilothouseError('runbook.not-sent', `${label}: ${why} Nothing was sent.`, { hint: 'Look whether what is meant runs there, and whether it can be reached.', cause: error }) : error);
    throw new PilothouseError('runbook.step-failed', `${label}: ${why} Whether ${text} took effect is not known.`, { hint: 'Look there before it is sent again.', cause: error });
  } finally {
    limit.clear();
    line?.destroy();
  }
}
