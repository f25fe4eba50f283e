/**
 * Where the programs of this computer reach a database that is behind a host: a socket in a private folder, and behind it
 * a line as our own sessions have one. Encryption is ours to do, and to verify, on the other side of it.
 */
import { createServer, type Server, type Socket } from 'node:net';
import { toErrorShape } from '#shared/domain/errors.ts';
import type { DatabaseConnection } from '#shared/contract/systems.ts';
import type { HostLines } from '../ssh/lines.ts';
import { dial } from './dial.ts';
import type { Place } from './place.ts';
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

/** On Windows libpq knows no sockets that have files: there it is a port of the loopback. */
async function listen(server: Server, runFolder: RunFolder): Promise<{ host: string; port: number; file: string | null }> {
  const place = process.platform === 'win32' ? null : runFolder.socket();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    if (place === null) server.listen(0, '127.0.0.1', resolve);
    else server.listen(place.file, resolve);
  });
  if (place !== null) return { host: place.folder, port: place.port, file: place.file };
  return { host: '127.0.0.1', port: (server.address() as { port: number }).port, file: null };
}

/** @throws store.unwritable */
export async function openGate(place: Place, options: { connection: Pick<DatabaseConnection, 'tls'>; timeoutMs: number; lines: HostLines; runFolder: RunFolder }): Promise<Gate> {
  const { runFolder, ...way } = options;
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
  const { host, port, file } = await listen(server, runFolder);
  return {
    host,
    port,
    async close() {
      closing.abort();
      for (const caller of open) caller.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
      if (file !== null) await runFolder.remove(file);
    },
  };
}
