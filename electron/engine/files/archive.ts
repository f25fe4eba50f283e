/** Reads an archive that lies here, entry by entry, with a hash of every file. */
import { createHash, type Hash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { createGunzip, type Gunzip } from 'node:zlib';
import { PilothouseError } from '#shared/domain/errors.ts';
import { readWarily } from '../backup/files.ts';
import { damagedArchive, createTarReader, type TarEntry, type TarReader, type TarSink } from './tar-reader.ts';

/** Told of each entry when all of it was read, with the SHA-256 of a file. */
export type OnRead = (entry: TarEntry, sha256: string | null) => void | Promise<void>;

/** A reader that hashes what it reads. @param sinkOf takes the bytes of a file besides */
export function createHashingReader(onRead: OnRead, sinkOf?: (entry: TarEntry) => Promise<TarSink | null>): TarReader {
  return createTarReader(async (entry) => {
    if (entry.type !== 'file') {
      await sinkOf?.(entry);
      await onRead(entry, null);
      return null;
    }
    const hash: Hash = createHash('sha256');
    const sink = await sinkOf?.(entry);
    return {
      write(chunk) {
        hash.update(chunk);
        return sink?.write(chunk);
      },
      async end() {
        await sink?.end();
        await onRead(entry, hash.digest('hex'));
      },
    };
  });
}

const closedEarly = (): Error => Object.assign(new Error('It was closed before it was written to the end.'), { code: 'ERR_STREAM_PREMATURE_CLOSE' });

/** Writes to a stream, and waits where it has enough. @throws what broke it */
export function pour(stream: NodeJS.WritableStream & { errored: Error | null; destroyed: boolean }, chunk: Buffer): void | Promise<void> {
  if (stream.errored !== null || stream.destroyed) throw stream.errored ?? closedEarly();
  if (stream.write(chunk)) return undefined;
  return new Promise((resolve, reject) => {
    const done = (error?: Error): void => {
      stream.removeListener('drain', done);
      stream.removeListener('error', done);
      stream.removeListener('close', closed);
      if (error === undefined) resolve();
      else reject(error);
    };
    const closed = (): void => done(stream.errored ?? closedEarly());
    stream.once('drain', done);
    stream.once('error', done);
    stream.once('close', closed);
  });
}

/** What zlib says of a stream that was cut or changed, as ours. */
export function gunzipError(error: unknown): unknown {
  const { code } = error as NodeJS.ErrnoException;
  return code?.startsWith('Z_') === true ? damagedArchive(0, `it cannot be uncompressed (${(error as Error).message})`) : error;
}

/** Uncompresses into a reader. The promise is settled when all was read, or could not be. */
export async function drainInto(gunzip: Gunzip, reader: TarReader): Promise<{ bytes: number; entries: number }> {
  try {
    for await (const chunk of gunzip) await reader.push(chunk as Buffer);
  } catch (error) {
    throw gunzipError(error);
  }
  return reader.end();
}

const chunkBytes = 256 * 1024;

/**
 * Reads the archive to its end.
 * @param onBytes told of every piece of the file that was read, in bytes
 * @throws backup.damaged; what a sink throws; the signal's reason
 */
export async function readArchive(path: string, reader: TarReader, { signal, onBytes }: { signal: AbortSignal; onBytes?: (bytes: number) => void }): Promise<{ bytes: number; entries: number }> {
  const file = await open(path, readWarily).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ELOOP') throw new PilothouseError('backup.damaged', `${path} is missing.`, { hint: 'Use another copy.', cause: error });
    throw error;
  });
  const gunzip = createGunzip({ chunkSize: chunkBytes });
  gunzip.on('error', () => {});
  const read = drainInto(gunzip, reader);
  // Whoever pours learns of it first.
  read.catch((error: unknown) => gunzip.destroy(error instanceof Error ? error : new Error(String(error))));
  try {
    for (;;) {
      signal.throwIfAborted();
      // Each piece is the other's until it is uncompressed, so it gets a buffer of its own.
      const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(chunkBytes), 0, chunkBytes, null);
      if (bytesRead === 0) break;
      await pour(gunzip, buffer.subarray(0, bytesRead));
      onBytes?.(bytesRead);
    }
    gunzip.end();
    return await read;
  } catch (error) {
    gunzip.destroy();
    // What the reader found is why the stream was closed under whoever poured.
    await read.catch((found: unknown) => {
      if (!signal.aborted && (found as NodeJS.ErrnoException).code !== 'ERR_STREAM_PREMATURE_CLOSE') throw found;
    });
    throw gunzipError(error);
  } finally {
    await file.close();
  }
}
