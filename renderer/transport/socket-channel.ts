import type { Channel } from '#shared/contract/protocol.ts';

/** The close code by which the host says that the session is not known. */
const closeUnauthorized = 4401;

export class SessionRefused extends Error {}

export interface OpenChannel extends Channel {
  /** Whether it was closed because the session is not known. */
  refused(): boolean;
}

/**
 * Opens the WebSocket of the origin and says who we are in its first message. Rejects when it cannot be opened, with
 * `SessionRefused` when the host does not know the session.
 */
export function openSocket(session: string): Promise<OpenChannel> {
  return new Promise((resolve, reject) => {
    const url = new URL('/api/socket', window.location.href);
    url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
    const socket = new WebSocket(url);
    const messages: ((text: string) => void)[] = [];
    const closes: (() => void)[] = [];
    let refused = false;
    socket.addEventListener('open', () => {
      socket.send(JSON.stringify({ session }));
      resolve({
        send: (text) => {
          if (socket.readyState === WebSocket.OPEN) socket.send(text);
        },
        onMessage: (listener) => void messages.push(listener),
        onClose: (listener) => void closes.push(listener),
        close: () => socket.close(),
        refused: () => refused,
      });
    });
    socket.addEventListener('message', (event) => {
      if (typeof event.data === 'string') for (const listener of messages) listener(event.data);
    });
    socket.addEventListener('close', (event) => {
      refused = event.code === closeUnauthorized;
      for (const listener of closes) listener();
      reject(refused ? new SessionRefused('The session is not known.') : new Error('The connection could not be opened.'));
    });
  });
}
