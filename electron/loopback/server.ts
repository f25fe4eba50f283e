/** The console on 127.0.0.1: its files, the exchange of the one-time token, and the contract over a WebSocket. */
import { createServer, STATUS_CODES, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import { z } from 'zod';
import { maximumFrameLength } from '#shared/contract/protocol.ts';
import { PilothouseError } from '#shared/domain/errors.ts';
import type { Assets } from '#engine/console/assets.ts';
import { commonHeaders, pagePolicy } from '#engine/console/headers.ts';
import type { Dispatcher } from '#engine/dispatch/dispatcher.ts';
import { serveChannel } from '#engine/dispatch/serve-channel.ts';
import type { Ports } from '#engine/ports.ts';
import { createCrowd } from './crowd.ts';
import { refuseFile, refuseSession, refuseSocket, sessionPath, type Refusal } from './rules.ts';
import { createSessions } from './sessions.ts';
import { createDoor } from './socket-channel.ts';

const address = '127.0.0.1';
const longestBody = 1024;
const openingPatienceMs = 5000;
const maximumConnections = 256;

export interface LoopbackServer {
  readonly port: number;
  readonly origin: string;
  /** A fresh address that lets one browser tab in. */
  issueLink(): string;
  /** Wrong, repeated and old tokens and sessions so far. */
  readonly refused: () => number;
  close(): Promise<void>;
}

const sessionRequest = z.strictObject({ token: z.string().min(1).max(200) });

/** @throws the request's own failure; null when the body is longer than it may be */
async function readBody(request: IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > longestBody) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parseToken(body: string): string | null {
  try {
    const parsed = sessionRequest.safeParse(JSON.parse(body));
    return parsed.success ? parsed.data.token : null;
  } catch {
    return null; // Not JSON; the answer says so.
  }
}

/**
 * Starts the server. It listens on 127.0.0.1 only.
 * @param options.port 0 for a random one
 * @param options.longestRequestMs how long a request may take to arrive; 10 000 by default
 * @throws internal when the port is taken
 */
export async function startLoopbackServer(options: { ports: Ports; dispatcher: Dispatcher; assets: Assets; port: number; longestRequestMs?: number }): Promise<LoopbackServer> {
  const { ports, dispatcher, assets, longestRequestMs = 10_000 } = options;
  const sessions = createSessions(ports);
  let authority = '';

  const send = (response: ServerResponse, status: number, headers: Record<string, string>, body: Buffer | string): void => {
    response.writeHead(status, { ...commonHeaders(), ...headers, 'Content-Length': String(Buffer.byteLength(body)) });
    response.end(response.req.method === 'HEAD' ? undefined : body);
  };
  const sendJson = (response: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}): void =>
    send(response, status, { 'Content-Type': 'application/json; charset=utf-8', ...headers }, JSON.stringify(body));
  const refuse = (response: ServerResponse, refusal: Refusal): void => {
    // Whatever else was sent with a refused request is not read.
    sendJson(response, refusal.status, { error: refusal.reason }, { Connection: 'close', ...(refusal.allow === undefined ? {} : { Allow: refusal.allow }) });
  };

  const answerFile = (request: IncomingMessage, response: ServerResponse): void => {
    const refusal = refuseFile(request, authority);
    if (refusal !== null) return refuse(response, refusal);
    if (request.url === '/') {
      const nonce = ports.random.bytes(16).toString('base64');
      return send(response, 200, { 'Content-Type': 'text/html; charset=utf-8', 'Content-Security-Policy': pagePolicy(nonce) }, assets.page(nonce));
    }
    const asset = assets.find(request.url ?? '');
    if (asset === undefined) return refuse(response, { status: 404, reason: 'There is nothing here.' });
    send(response, 200, { 'Content-Type': asset.mediaType }, asset.body);
  };

  const answerSession = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const refusal = refuseSession(request, authority, longestBody);
    if (refusal !== null) return refuse(response, refusal);
    const body = await readBody(request);
    if (body === null) return refuse(response, { status: 413, reason: 'That is too long.' });
    const token = parseToken(body);
    if (token === null) return refuse(response, { status: 400, reason: 'Send {"token": "…"}.' });
    const session = sessions.exchange(token);
    if (session !== null) return sendJson(response, 200, { session });
    ports.logger.warn({ refused: sessions.refused }, 'A one-time address that is wrong, used or too old was refused.');
    sendJson(response, 401, { error: 'This address was used already, or it is too old.' });
  };

  const server = createServer({ requestTimeout: longestRequestMs, headersTimeout: longestRequestMs, keepAliveTimeout: 5000, connectionsCheckingInterval: Math.min(1000, longestRequestMs), requireHostHeader: false }, (request, response) => {
    if (request.url !== sessionPath) return answerFile(request, response);
    answerSession(request, response).catch((error: unknown) => {
      // The browser went away in the middle of its request.
      ports.logger.info({ error: error instanceof Error ? error.message : String(error) }, 'A request was not read to its end.');
      response.destroy();
    });
  });
  // A refused expectation is answered here, or Node answers it by itself and without our headers.
  server.on('checkExpectation', (_request, response) => refuse(response, { status: 417, reason: 'Nothing is expected of this server.' }));
  const crowd = createCrowd(maximumConnections);
  server.on('connection', (socket) => crowd.enter(socket));
  server.on('clientError', (_error, socket) => {
    // A browser opens spare connections ahead of time. What is sent on one before anything was asked would be taken
    // for the answer to what it asks next; one that is closed it replaces by itself.
    if ((socket as Socket).bytesRead === 0) return void socket.destroy();
    refuseSocketRaw(socket, { status: 400, reason: 'That is not a request.' });
  });

  const webSockets = new WebSocketServer({ noServer: true, maxPayload: maximumFrameLength, perMessageDeflate: false, clientTracking: true });
  const door = createDoor({
    patienceMs: openingPatienceMs,
    isKnown: (session) => sessions.isKnown(session),
    serve: (channel, stream) => {
      crowd.admit(stream);
      serveChannel(channel, dispatcher, 'console');
    },
  });
  // What is no proper handshake is answered here for the same reason.
  webSockets.on('wsClientError', (error, stream) => refuseSocketRaw(stream, { status: 400, reason: error.message }));
  server.on('upgrade', (request, socket, head) => {
    const refusal = refuseSocket(request, authority);
    if (refusal !== null) return refuseSocketRaw(socket, refusal);
    webSockets.handleUpgrade(request, socket, head, (webSocket) => door.admit(webSocket, socket));
  });

  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(new PilothouseError('internal', `The console cannot listen on ${address}:${options.port}: ${error.message}.`, { hint: 'Choose another port, or leave --port out.', cause: error })));
    server.listen({ host: address, port: options.port, exclusive: true }, resolve);
  });
  // Without a listener a connection that cannot be taken (no file descriptor is left, say) would end the process.
  server.on('error', (error) => ports.logger.error({ error: error.message }, 'The console could not take a connection.'));
  const { port } = server.address() as AddressInfo;
  authority = `${address}:${port}`;

  return {
    port,
    origin: `http://${authority}`,
    issueLink: () => `http://${authority}/#token=${sessions.issueToken()}`,
    refused: () => sessions.refused,
    close: () =>
      new Promise((resolve) => {
        for (const webSocket of webSockets.clients) webSocket.close(1001, 'Pilothouse is closing.');
        setTimeout(() => webSockets.clients.forEach((webSocket) => webSocket.terminate()), 500).unref();
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Answers on a connection that never became a request, or must not become a socket, and ends it. */
function refuseSocketRaw(socket: Duplex, refusal: Refusal): void {
  socket.on('error', () => {}); // It is over either way.
  if (!socket.writable) return void socket.destroy();
  const body = JSON.stringify({ error: refusal.reason });
  const headers = { ...commonHeaders(), 'Content-Type': 'application/json; charset=utf-8', 'Content-Length': String(Buffer.byteLength(body)), Connection: 'close', ...(refusal.allow === undefined ? {} : { Allow: refusal.allow }) };
  socket.end(`HTTP/1.1 ${refusal.status} ${STATUS_CODES[refusal.status] ?? ''}\r\n${Object.entries(headers)
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join('')}\r\n${body}`);
}
