/**
 * Where the programs of this computer reach a database that is behind a host: a socket in a private folder, and behind it
 * a line as our own sessions have one. Encryption is ours to do, and to verify, on the other side of it.
 */
import { createServer, type Socket } from 'node:net';
import { toErrorShape } from '#shared/domain/errors.ts';
import type { DatabaseConnection } from '#shared/contract/systems.ts';
import type { Platform } from '../platform/here.ts';
import { socketsAreFiles } from '../platform/sockets.ts';
import type { HostLines } from '../ssh/lines.ts';
import { dial } from './dial.ts';
import { failure, type Place } from './place.ts';
import type { RunFolder } from './run-folder.ts';

export interface Gate {
  /** What libpq is told as host and port. */
  host: string;
  port: number;
  close(): Promise<void>;
}

/** An ErrorResponse of Postgres's protocol, so that a program says why there was no way. Source: "Message Formats". */
function errorResponse(message: string): Buffer {
  const fields = Buffer.from(`SFATAL\0VFATAL\0C08006\0M${message.replaceAll('\0', '')}\0\0`);
  const head = Buffer.alloc(5);
  head.write('E');
  head.writeInt32BE(fields.length + 4, 1);
  return Buffer.concat([head, fields]);
}

/**
 * @param options.pin asked before anybody is let through: whether whoever is behind it is the one whom a password was read for
 * @throws store.unwritable; postgres.tool-missing on Windows, where libpq knows no sockets in folders: a port of the
 * loopback would let everybody of this computer through to the database
 */
export async function openGate(place: Place, options: { connection: Pick<DatabaseConnection, 'tls'>; timeoutMs: number; lines: HostLines; pin: () => void; runFolder: RunFolder; platform?: Platform }): Promise<Gate> {
  const { runFolder, pin, platform, ...way } = options;
  if (!socketsAreFiles(platform)) throw failure('postgres.tool-missing', place, 'on Windows the way through a host cannot be kept from other accounts of this computer, so that its own pg_dump and pg_restore are not let through.', { hint: 'Choose the programs of the host, in the connection under Advanced.' });
  const closing = new AbortController();
  const open = new Set<Socket>();
  const serve = async (caller: Socket): Promise<void> => {
    open.add(caller);
    caller.once('close', () => open.delete(caller));
    // Whoever hangs up has a reason of its own, and says it.
    caller.on('error', () => {});
    caller.pause();
    const left = new AbortController();
    caller.once('close', () => left.abort());
    try {
      const { socket: line } = await dial(place, { ...way, signal: AbortSignal.any([closing.signal, left.signal]), report: () => {} });
      try {
        pin();
      } catch (error) {
        line.destroy();
        throw error;
      }
      line.on('error', () => caller.destroy());
      line.on('close', () => caller.end());
      caller.on('close', () => line.destroy());
      caller.pipe(line);
      line.pipe(caller);
    } catch (error) {
      if (!caller.destroyed) caller.end(errorResponse(toErrorShape(error, '').message));
    }
  };
  const server = createServer({ allowHalfOpen: false, pauseOnConnect: true }, (caller) => void serve(caller));
  const { folder, port, file } = runFolder.socket();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(file, resolve);
  });
  return {
    host: folder,
    port,
    async close() {
      closing.abort();
      for (const caller of open) caller.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
      await runFolder.remove(file);
    },
  };
}
