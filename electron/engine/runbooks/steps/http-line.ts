/** A line to a web server, from this computer or from a host, and a request on it. */
import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { connect, isIP } from 'node:net';
import type { Duplex } from 'node:stream';
import { connect as connectTls } from 'node:tls';
import { isPilothouseError } from '#shared/domain/errors.ts';
import type { HostLines } from '../../ssh/lines.ts';

/** What a person would be told of a line that was not made. */
export class NoLine extends Error {}

const reasons: Record<string, string> = {
  ENOTFOUND: 'its name is not known', EAI_AGAIN: 'its name could not be looked up now', ECONNREFUSED: 'nothing listens there', ETIMEDOUT: 'it does not answer', EHOSTUNREACH: 'there is no way to it', ENETUNREACH: 'there is no way to it', ECONNRESET: 'it closed the line at once',
};

const said = (error: unknown): string => {
  const { code = '', message } = error as NodeJS.ErrnoException;
  const first = error instanceof AggregateError ? (error.errors[0] as NodeJS.ErrnoException | undefined) : undefined;
  const known = reasons[code] ?? reasons[first?.code ?? ''];
  return known === undefined ? message || code : `${known} (${code})`;
};

const portOf = ({ port, protocol }: URL): number => (port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port));
const hostOf = ({ hostname }: URL): string => hostname.replace(/^\[(.*)\]$/, '$1');

/** Waits for it to be open; whoever gives up ends it. */
async function opened<Line extends Duplex>(line: Line, event: string, signal: AbortSignal): Promise<Line> {
  // It may fail once more when nobody waits for it; whoever uses it next sees that it is closed.
  line.on('error', () => {});
  try {
    await once(line, event, { signal });
    return line;
  } catch (error) {
    line.destroy();
    signal.throwIfAborted();
    throw new NoLine(said(error), { cause: error });
  }
}

async function plainLine(url: URL, hostId: string | null, lines: HostLines, signal: AbortSignal): Promise<Duplex> {
  if (hostId === null) return opened(connect({ host: hostOf(url), port: portOf(url), noDelay: true }), 'connect', signal);
  try {
    return await lines.open(hostId, { kind: 'tcp', host: hostOf(url), port: portOf(url) }, signal);
  } catch (error) {
    signal.throwIfAborted();
    // What stops behind the host is of the address; what stops on the way there is of the host.
    if (isPilothouseError(error) && error.code === 'ssh.refused' && error.details['target'] !== undefined) throw new NoLine(error.message, { cause: error });
    throw error;
  }
}

/** @throws NoLine where the address cannot be connected to, or is not who it says; what connecting to the host throws; the signal's reason */
export async function openWebLine(url: URL, hostId: string | null, lines: HostLines, signal: AbortSignal): Promise<Duplex> {
  const line = await plainLine(url, hostId, lines, signal);
  if (url.protocol !== 'https:') return line;
  const name = hostOf(url);
  try {
    return await opened(connectTls({ socket: line, ...(isIP(name) === 0 ? { servername: name } : { host: name }), ALPNProtocols: ['http/1.1'] }), 'secureConnect', signal);
  } catch (error) {
    line.destroy();
    throw error;
  }
}

/** Says all of a request, and hears all of the answer. @throws what breaks the line; the signal's reason */
export function askOver(line: Duplex, asked: { method: string; url: URL; headers: Record<string, string>; body: string | null }, signal: AbortSignal, onBody: (chunk: Buffer) => void): Promise<IncomingMessage> {
  const { method, url, headers, body } = asked;
  return new Promise((resolve, reject) => {
    const asking = request({ method: method.toUpperCase(), host: url.hostname, path: `${url.pathname}${url.search}`, headers, createConnection: () => line, setHost: false, signal }, (answer) => {
      answer.on('data', onBody);
      answer.once('error', reject);
      answer.once('end', () => resolve(answer));
      answer.once('close', () => reject(new Error('the line was closed in the middle of the answer')));
    });
    asking.on('error', reject);
    // It would be neither an answer nor an error, and whoever waits would wait for ever.
    asking.once('upgrade', (_answer, socket) => {
      socket.destroy();
      reject(new Error('it went on in another protocol than was asked for'));
    });
    asking.end(body ?? undefined);
  });
}
