/** Frames over a byte stream: one JSON text a line. */
import type { Socket } from 'node:net';
import { maximumFrameLength, type Channel } from '#shared/contract/protocol.ts';

/**
 * A channel over a connected socket. A line over the limit closes it: what follows could not be told apart any more.
 * @param limit characters of one incoming line at most
 */
export function createLineChannel(socket: Socket, limit: number = maximumFrameLength): Channel {
  const messages: ((text: string) => void)[] = [];
  const closes: (() => void)[] = [];
  let pieces: string[] = [];
  let waiting = 0;
  let open = true;

  const take = (line: string): void => {
    // A copy: a listener may hand over to another one, which must not see the same line again.
    for (const listener of [...messages]) listener(line);
  };
  socket.setEncoding('utf8');
  socket.on('data', (chunk: string) => {
    let start = 0;
    for (let end = chunk.indexOf('\n'); end !== -1 && open; end = chunk.indexOf('\n', start)) {
      const line = pieces.join('') + chunk.slice(start, end);
      pieces = [];
      waiting = 0;
      start = end + 1;
      if (line.length > limit) return void socket.destroy();
      take(line);
    }
    if (!open) return;
    pieces.push(chunk.slice(start));
    waiting += chunk.length - start;
    if (waiting > limit) socket.destroy();
  });
  // The close that follows an error is what everybody listens to.
  socket.on('error', () => {});
  socket.on('close', () => {
    open = false;
    for (const listener of closes) listener();
  });

  return {
    send(text) {
      if (!open || !socket.writable || socket.write(`${text}\n`)) return;
      return new Promise((resolve) => {
        const done = (): void => {
          socket.off('drain', done);
          socket.off('close', done);
          resolve();
        };
        socket.on('drain', done);
        socket.on('close', done);
      });
    },
    onMessage: (listener) => void messages.push(listener),
    onClose: (listener) => void closes.push(listener),
    close() {
      open = false;
      socket.end();
      // The other side may never read what is left; the connection must not wait for that.
      setTimeout(() => socket.destroy(), 500).unref();
    },
  };
}
