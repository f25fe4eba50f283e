/** The contract over a WebSocket: the first message is the session, frames follow. */
import type { RawData, WebSocket } from 'ws';
import { z } from 'zod';
import type { Channel } from '#shared/contract/protocol.ts';

/** Close codes: not known here (the window then asks for a new address), and too slow to say who it is. */
export const closeUnauthorized = 4401;
export const closeTooSlow = 4408;
const closeProtocolError = 1002;

const opening = z.strictObject({ session: z.string().max(200) });
const longestOpening = 1024;

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
 * Waits for the session and then hands the channel over. A socket that does not say who it is within `patienceMs`, or
 * says it wrongly, is closed.
 */
export function admit(socket: WebSocket, options: { patienceMs: number; isKnown: (session: string) => boolean; serve: (channel: Channel) => void }): void {
  // What goes wrong on one socket ends that socket, and nothing else.
  socket.on('error', () => socket.terminate());
  const impatience = setTimeout(() => socket.close(closeTooSlow, 'No session came.'), options.patienceMs);
  socket.once('close', () => clearTimeout(impatience));
  socket.once('message', (data, binary) => {
    clearTimeout(impatience);
    const text = binary ? '' : textOf(data);
    if (text.length > longestOpening || !isKnownOpening(text, options.isKnown)) return socket.close(closeUnauthorized, 'The session is not known.');
    options.serve(createSocketChannel(socket));
  });
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
