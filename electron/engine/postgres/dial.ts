import { lookup } from 'node:dns/promises';
import { connect, isIP, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { checkServerIdentity, connect as connectTls, type TLSSocket } from 'node:tls';
import type { DatabaseConnection } from '#shared/contract/systems.ts';
import { isPilothouseError } from '#shared/domain/errors.ts';
import type { HostLines } from '../ssh/lines.ts';
import { withDeadline } from './deadline.ts';
import { cancelled, networkFailure } from './failures.ts';
import { addressOf, failure, type Place } from './place.ts';
import { certificateFacts, reasonOf, trustContext } from './trust.ts';

export type Layer = 'name' | 'network' | 'tls' | 'authentication' | 'database' | 'privilege';

/** Told when a layer has been passed, and what was seen there. */
export type LayerReport = (layer: Layer, detail: string, state?: 'ok' | 'warn') => void;

export interface DialOptions {
  connection: Pick<DatabaseConnection, 'tls'>;
  /** Milliseconds that each layer may take. */
  timeoutMs: number;
  signal: AbortSignal | undefined;
  report: LayerReport;
  /** The way through hosts. */
  lines: HostLines;
}

/** A way to a server on which nothing of Postgres's own protocol was said yet, except for the question for TLS. */
export interface Line {
  socket: Duplex;
  tls: boolean;
}

/** A way through several machines takes as many handshakes, and a person may have to answer a question on it. */
const throughFactor = 12;

const isSocketFolder = (host: string): boolean => host.startsWith('/');

async function resolveName(place: Place, options: DialOptions): Promise<string[]> {
  if (isSocketFolder(place.host) || isIP(place.host) !== 0) {
    options.report('name', isSocketFolder(place.host) ? 'a local socket' : place.host);
    return [place.host];
  }
  try {
    const found = await withDeadline(lookup(place.host, { all: true }), {
      ...options,
      onTimeout: () => failure('postgres.timeout', place, `the name ${place.host} was not resolved within ${options.timeoutMs} ms.`, { hint: 'Check the network, the VPN and the name server.', retryable: true }),
      onAbort: () => cancelled(place),
    });
    const addresses = found.map((entry) => entry.address);
    options.report('name', addresses.join(', '));
    return addresses;
  } catch (error) {
    if (isPilothouseError(error)) throw error;
    throw failure('postgres.name-not-resolved', place, `the name ${place.host} could not be resolved.`, { hint: 'Check the spelling, and that the network or VPN this name belongs to is up.', retryable: true, details: { reason: (error as NodeJS.ErrnoException).code ?? '' }, cause: error });
  }
}

async function connectSocket(place: Place, address: string, options: DialOptions): Promise<Socket> {
  const socket = isSocketFolder(address) ? connect({ path: `${address}/.s.PGSQL.${place.port}` }) : connect({ host: address, port: place.port, keepAlive: true, keepAliveInitialDelay: 15_000, noDelay: true });
  const connected = new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('error', reject);
  });
  try {
    await withDeadline(connected, {
      ...options,
      onTimeout: () => failure('postgres.timeout', place, `no answer from ${addressOf({ host: address, port: place.port })} within ${options.timeoutMs} ms.`, { hint: 'A firewall that drops packets looks like this, and so does a wrong address. Check both, and the VPN.', retryable: true }),
      onAbort: () => cancelled(place),
    });
  } catch (error) {
    socket.destroy();
    throw networkFailure(error, place);
  }
  // A socket can fail between two of its users; whoever reads from it next sees that it is closed.
  socket.on('error', () => {});
  return socket;
}

async function connectAny(place: Place, addresses: readonly string[], options: DialOptions): Promise<Socket> {
  let last: unknown;
  for (const address of addresses) {
    try {
      const socket = await connectSocket(place, address, options);
      options.report('network', isSocketFolder(address) ? `${address}/.s.PGSQL.${place.port}` : addressOf({ host: address, port: place.port }));
      return socket;
    } catch (error) {
      last = error;
      if (options.signal?.aborted === true) break;
    }
  }
  throw last;
}

/**
 * Through a host: it looks the name up and connects. What stops on the way there is an error of the host; what stops
 * behind it, one of the database.
 */
async function connectThrough(place: Place, hostId: string, options: DialOptions): Promise<Duplex> {
  const host = place.through ?? 'the host on the way';
  const where = isSocketFolder(place.host) ? `${place.host}/.s.PGSQL.${place.port}` : addressOf(place);
  const limit = AbortSignal.timeout(options.timeoutMs * throughFactor);
  // Whether a name is known there is told apart from whether it can be reached only where there is none to look up.
  const isName = !isSocketFolder(place.host) && isIP(place.host) === 0;
  if (!isName) options.report('name', isSocketFolder(place.host) ? `a local socket of ${host}` : place.host);
  try {
    const line = await options.lines.open(hostId, isSocketFolder(place.host) ? { kind: 'socket', path: where } : { kind: 'tcp', host: place.host, port: place.port }, options.signal === undefined ? limit : AbortSignal.any([options.signal, limit]));
    if (isName) options.report('name', `looked up by ${host}`);
    options.report('network', `${where}, connected to by ${host}`);
    return line;
  } catch (error) {
    if (options.signal?.aborted === true) throw cancelled(place);
    if (limit.aborted) throw failure('postgres.timeout', place, `${host} did not connect to ${where} within ${Math.round((options.timeoutMs * throughFactor) / 1000)} s.`, { hint: `Test the host ${host}; a firewall behind it that drops packets looks like this too.`, retryable: true, cause: error });
    // An error of the line names what it was to lead to; one of the host itself does not.
    if (isPilothouseError(error) && error.code === 'ssh.refused' && error.details['target'] !== undefined) {
      throw failure('postgres.refused', place, `nothing accepts connections on ${where} of ${host}. ${error.message}`, { hint: `${error.hint ?? ''} Check the address as ${host} sees it, and that Postgres runs there.`.trim(), retryable: true, details: error.details, cause: error });
    }
    throw error;
  }
}

/** SSLRequest: length 8 and the code 80877103. Source: "Message Formats" of Postgres's protocol. */
const sslRequest = Buffer.from([0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f]);

/** Asks for TLS. @returns whether the server offers it */
async function askForTls(socket: Duplex, place: Place, options: DialOptions): Promise<boolean> {
  const answered = new Promise<Buffer>((resolve, reject) => {
    socket.once('data', resolve);
    socket.once('error', reject);
    socket.once('close', () => reject(new Error('the connection was closed')));
    socket.write(sslRequest);
  });
  let answer: Buffer;
  try {
    answer = await withDeadline(answered, {
      ...options,
      onTimeout: () => failure('postgres.timeout', place, `something accepts connections but did not answer within ${options.timeoutMs} ms.`, { hint: 'Check that the port is Postgres\'s own, and that the server is not frozen or overloaded.', retryable: true }),
      onAbort: () => cancelled(place),
    });
  } catch (error) {
    if (isPilothouseError(error)) throw error;
    throw failure('postgres.not-accepting', place, 'the connection was closed before the server said anything.', { hint: 'Check that the port is Postgres\'s own; the server may also be shutting down, or a proxy in between has no server behind it.', retryable: true, cause: error });
  }
  socket.removeAllListeners('data');
  socket.pause();
  // More than one byte was sent before encryption began: either not Postgres, or somebody in between (CVE-2021-23222).
  if (answer.length === 1 && (answer[0] === 0x53 || answer[0] === 0x4e)) return answer[0] === 0x53;
  throw failure('postgres.refused', place, 'something answers there, but it is not Postgres.', { hint: 'Check the port: 5432 unless the server says otherwise.' });
}

function startTls(socket: Duplex, place: Place, options: DialOptions): Promise<TLSSocket> {
  const { ca, mode } = options.connection.tls;
  let secureContext;
  try {
    secureContext = trustContext(mode === 'prefer' ? null : ca);
  } catch (error) {
    throw failure('postgres.tls-untrusted', place, 'the authority to trust is not a certificate in PEM text.', { hint: 'Paste the whole text, from -----BEGIN CERTIFICATE----- to -----END CERTIFICATE-----.', cause: error });
  }
  const secure = connectTls({
    socket,
    secureContext,
    ...(isIP(place.host) === 0 ? { servername: place.host } : {}),
    // What the certificate is worth is judged below, before anything is sent, so that the error can say what it says.
    rejectUnauthorized: false,
    checkServerIdentity: () => undefined,
  });
  const done = new Promise<TLSSocket>((resolve, reject) => {
    secure.once('secureConnect', () => resolve(secure));
    secure.once('error', reject);
    secure.once('close', () => reject(new Error('the connection was closed')));
  });
  secure.on('error', () => {});
  return done;
}

/**
 * libpq's rules: prefer and require encrypt without verifying, verify-ca looks at the authority, verify-full at the
 * name too; require with an authority of its own is verify-ca. Source: libpq's "SSL Support", table of sslmode.
 */
function verifyCertificate(secure: TLSSocket, place: Place, connection: DialOptions['connection']): string {
  const { mode, ca } = connection.tls;
  const verifiesAuthority = mode === 'verify-ca' || mode === 'verify-full' || (mode === 'require' && ca !== null);
  const protocol = secure.getProtocol() ?? 'TLS';
  if (!verifiesAuthority) return `${protocol}, certificate not verified`;
  const certificate = secure.getPeerCertificate();
  const problem = secure.authorized ? (mode === 'verify-full' ? checkServerIdentity(place.host, certificate) : undefined) : secure.authorizationError;
  if (problem === undefined) return `${protocol}, ${mode === 'verify-full' ? 'certificate and name verified' : 'certificate verified'}`;
  const facts = certificateFacts(certificate);
  const said = `It is made out to ${String(facts['subject']) || 'nobody'}${facts['names'] === '' ? '' : ` (${String(facts['names'])})`} by ${String(facts['issuer']) || 'nobody'}, valid until ${String(facts['validTo'])}.`;
  throw failure('postgres.tls-untrusted', place, `the server's certificate is not trusted: ${reasonOf(problem)}. ${said}`, {
    hint: 'Compare its fingerprint with the one on the server. If it is right, give the authority that signed it, or connect by the name it is made out to; if it is not, somebody may be in between.',
    details: { ...facts, reason: typeof problem === 'string' ? problem : ((problem as NodeJS.ErrnoException | null)?.code ?? '') },
  });
}

async function secureSocket(socket: Duplex, place: Place, options: DialOptions): Promise<Line> {
  const { mode } = options.connection.tls;
  if (isSocketFolder(place.host) || mode === 'disable') {
    options.report('tls', isSocketFolder(place.host) ? 'not needed on a local socket' : 'off, as asked');
    return { socket, tls: false };
  }
  if (!(await askForTls(socket, place, options))) {
    if (mode !== 'prefer') {
      throw failure('postgres.tls-refused', place, `the server does not offer TLS, and this connection demands it (${mode}).`, { hint: 'Turn ssl on at the server (ssl = on, with a certificate), or choose another mode if the way to it is safe.' });
    }
    options.report('tls', 'the server does not offer it: not encrypted', 'warn');
    return { socket, tls: false };
  }
  try {
    const secure = await withDeadline(startTls(socket, place, options), {
      ...options,
      onTimeout: () => failure('postgres.timeout', place, `the TLS handshake did not finish within ${options.timeoutMs} ms.`, { hint: 'Try again; if it stays so, look at the server\'s log and at what is in between.', retryable: true }),
      onAbort: () => cancelled(place),
    });
    options.report('tls', verifyCertificate(secure, place, options.connection));
    return { socket: secure, tls: true };
  } catch (error) {
    if (isPilothouseError(error)) throw error;
    throw failure('postgres.tls-refused', place, `the TLS handshake failed: ${(error as Error).message}.`, { hint: 'The server may only speak TLS versions before 1.2, or ask for a certificate of yours. Its log says more.', cause: error });
  }
}

/**
 * Reaches a server, layer by layer: name, network, TLS.
 * @throws postgres.name-not-resolved, .unreachable, .refused, .timeout, .not-accepting, .tls-refused, .tls-untrusted,
 * operation.cancelled
 */
export async function dial(place: Place, options: DialOptions): Promise<Line> {
  const socket = place.viaId === null ? await connectAny(place, await resolveName(place, options), options) : await connectThrough(place, place.viaId, options);
  try {
    return await secureSocket(socket, place, options);
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

/** Whether a server would offer TLS. False where it cannot be asked. */
export async function offersTls(place: Place, timeoutMs: number, lines: HostLines): Promise<boolean> {
  try {
    const line = await dial(place, { connection: { tls: { mode: 'require', ca: null } }, timeoutMs, signal: undefined, report: () => {}, lines });
    line.socket.destroy();
    return true;
  } catch {
    // It only decides how an error that has already happened is worded.
    return false;
  }
}
