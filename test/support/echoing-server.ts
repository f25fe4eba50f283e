/** What somebody in between could be: a server that asks for the password in clear text, keeps it, and says it back. */
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

const sslRequestCode = 80_877_103;

function errorResponse(message: string): Buffer {
  const fields = Buffer.from(`SFATAL\0VFATAL\0C28P01\0M${message}\0D${message}\0H${message}\0\0`);
  const head = Buffer.from('E\0\0\0\0');
  head.writeInt32BE(fields.length + 4, 1);
  return Buffer.concat([head, fields]);
}

/** Takes each message whole: after the startup packets, each has one byte for its kind. */
function converse(socket: Socket, received: string[]): void {
  let waiting = Buffer.alloc(0);
  let started = false;
  socket.on('error', () => socket.destroy());
  socket.on('data', (chunk) => {
    waiting = Buffer.concat([waiting, chunk]);
    for (;;) {
      const head = started ? 1 : 0;
      if (waiting.length < head + 4) return;
      const length = head + waiting.readInt32BE(head);
      if (waiting.length < length) return;
      const message = waiting.subarray(0, length);
      waiting = waiting.subarray(length);
      if (!started && message.readInt32BE(4) === sslRequestCode) socket.write('N');
      else if (!started) {
        started = true;
        socket.write(Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 3])); // AuthenticationCleartextPassword
      } else if (message[0] === 0x70) {
        const password = message.subarray(5, -1).toString('utf8');
        received.push(password);
        socket.end(errorResponse(`password "${password}" is not right`));
      }
    }
  });
}

/** Such a server, until the test is over. @returns its port, and what it was told */
export async function startEchoingServer(): Promise<{ port: number; received: string[] }> {
  const received: string[] = [];
  const server = createServer((socket) => converse(socket, received));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const address = server.address();
  return { port: typeof address === 'object' && address !== null ? address.port : 0, received };
}
