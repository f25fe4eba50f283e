/** The contract over a WebSocket: the first message is the session, frames follow. */
import type { Duplex } from 'node:stream';
import type { RawData, WebSocket } from 'ws';
import { z } from 'zod';
import type { Channel } from '#shared/contract/protocol.ts';

/** Close codes: not known here (the window then asks for a new address), and too slow to say who it is. */
export const closeUnauthorized = 4401;
export const closeTooSlow = 4408;
const closeProtocolError = 1002;

const opening = z.strictObject({ session: z.string().max(200) });
const longestOpening = 1024;
/** Bytes that a socket may send before its session is known: the session, and what a frame is made of around it. */
const longestBeforeSession = 4096;
/** Sockets that may wait at once to say who they are; a browser tab does so in milliseconds. */
export const mostWaiting = 16;
/** Milliseconds that the other side has to hang up after it was turned away. */
const turnedAwayMs = 500;

function textOf(data: RawData): string {
  if (Array.isArray(data)) return Buffer.concat(data).toString('utf8');
  return Buffer.isBuffer(data) ? data.toString('utf8') : Buffer.from(data).toString('utf8');
}

/** A channel over an open socket. Binary messages break the protocol. */
function createSocketChannel(socket: WebSocket): Channel {
  return {
    send: (text) =>
      new Promise((resolve) => {
        if (socket.readyState !== socket.OPEN) return resolve();
        // A failed write is followed by the close that everybody listens to.
        socket.send(text, () => resolve());
      }),
    onMessage(listener) {
      socket.on('message', (data, binary) => {
        if (binary) socket.close(closeProtocolError);
        else if (socket.readyState === socket.OPEN) listener(textOf(data));
      });
    },
    onClose: (listener) => void socket.on('close', listener),
    close: () => socket.close(closeProtocolError),
  };
}

/**
 * Ends a socket that has not said who it is. Nothing more of it is read, and whoever does not hang up in turn is cut
 * off: a close that is answered by more and more bytes must not keep them.
 */
function turnAway(socket: WebSocket, stream: Duplex, code: number, reason: string): void {
  socket.close(code, reason);
  stream.pause();
  setTimeout(() => socket.terminate(), turnedAwayMs).unref();
}

export interface Door {
  /** Waits for the session of a socket and then hands its channel over. `stream` is what the socket speaks over. */
  admit(socket: WebSocket, stream: Duplex): void;
}

/**
 * Where sockets wait until they have said who they are. One that does not within `patienceMs`, or says it wrongly, or
 * says more than that takes, is closed; of too many, those who have waited longest, since a window says it at once.
 */
export function createDoor(options: { patienceMs: number; isKnown: (session: string) => boolean; serve: (channel: Channel, stream: Duplex) => void }): Door {
  const waiting = new Set<WebSocket>();

  return {
    admit(socket, stream) {
      // What goes wrong on one socket ends that socket, and nothing else.
      socket.on('error', () => socket.terminate());
      waiting.add(socket);
      const [longest] = waiting;
      if (waiting.size > mostWaiting) longest?.terminate();

      let received = 0;
      const count = (bytes: Buffer): void => {
        // The socket has read these bytes already: what came in one piece with the session is its caller's own matter.
        if (!waiting.has(socket)) return;
        received += bytes.length;
        if (received > longestBeforeSession) refuse(closeUnauthorized, 'The session is not known.');
      };
      const decide = (): void => {
        waiting.delete(socket);
        clearTimeout(impatience);
        socket.off('message', judge);
        stream.off('data', count);
      };
      const refuse = (code: number, reason: string): void => {
        decide();
        turnAway(socket, stream, code, reason);
      };
      const judge = (data: RawData, binary: boolean): void => {
        const text = binary ? '' : textOf(data);
        if (text.length > longestOpening || !isKnownOpening(text, options.isKnown)) return refuse(closeUnauthorized, 'The session is not known.');
        decide();
        options.serve(createSocketChannel(socket), stream);
      };
      const impatience = setTimeout(() => refuse(closeTooSlow, 'No session came.'), options.patienceMs);
      socket.once('close', decide);
      socket.on('message', judge);
      stream.on('data', count);
    },
  };
}

function isKnownOpening(text: string, isKnown: (session: string) => boolean): boolean {
  let raw: unknown;
  try {
    raw = JSON.parse(text);
  } catch {
    return false; // Not an opening.
  }
  const said = opening.safeParse(raw);
  return said.success && isKnown(said.data.session);
}
