import { once } from 'node:events';
import type { DatabaseConnection } from '#shared/contract/systems.ts';
import type { HostLines } from '../ssh/lines.ts';
import { dial } from './dial.ts';
import type { Place } from './place.ts';

const waitMs = 5000;

/**
 * Asks the server to cancel what a session runs, over a connection of its own, encrypted as the session's is. The
 * server answers nothing: whether it worked is seen on the session. Source: "Canceling Requests in Progress".
 * @throws everything `dial` throws
 */
export async function requestCancel(place: Place, session: { connection: Pick<DatabaseConnection, 'tls'>; processId: number; secretKey: number; lines: HostLines }): Promise<void> {
  const { socket } = await dial(place, { connection: session.connection, timeoutMs: waitMs, signal: undefined, report: () => {}, lines: session.lines });
  const message = Buffer.alloc(16);
  message.writeInt32BE(16, 0);
  message.writeInt32BE(80_877_102, 4);
  message.writeInt32BE(session.processId, 8);
  message.writeInt32BE(session.secretKey, 12);
  const closed = once(socket, 'close', { signal: AbortSignal.timeout(waitMs) });
  socket.resume();
  socket.end(message);
  try {
    await closed;
  } finally {
    socket.destroy();
  }
}
