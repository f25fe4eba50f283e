/** A file of a server brought here, and brought on where it was left. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, stat, truncate, type FileHandle } from 'node:fs/promises';
import type { SFTPWrapper, Stats } from 'ssh2';
import { PilothouseError } from '#shared/domain/errors.ts';
import type { SshConnection } from './chain.ts';
import { readRefusal } from './channel-refusal.ts';
import { connectionLost } from './fault.ts';
import { exec } from './exec.ts';
import { quoteCommand } from './quote.ts';

/** Bytes of one request, and requests under way: what OpenSSH answers at once, and what keeps a long line full. */
const chunkBytes = 261_120;
const requests = 64;
/** Milliseconds without a byte after which a line is taken for dead. */
const stallMs = 60_000;

export interface FetchOptions {
  /** An absolute path there. */
  remote: string;
  /** Here. What is there already is verified against the server, and only the rest is brought. */
  local: string;
  signal: AbortSignal;
  /** Told of bytes that are here, those of before included, and of the whole. */
  onBytes?: (here: number, total: number) => void;
  stallMs?: number;
}

export interface Fetched {
  sizeBytes: number;
  /** Bytes that were here before, and were found to be those of the server. */
  keptBytes: number;
}

const goesOn = { hint: 'Try again: it goes on where it was.', retryable: true };

const stalled = (connection: SshConnection, what: string): PilothouseError => new PilothouseError('ssh.connection-lost', `${connection.label}: ${what}`, goesOn);
/** Names the machine of the way that went away. */
const lost = (connection: SshConnection, cause?: unknown): PilothouseError => connectionLost(connection, 'a file was brought here', { hint: goesOn.hint, cause });

/**
 * One request, and its answer. Whoever says nothing is waited for no longer than for a byte.
 * @param refuse what the server's refusal means
 * @param late told of an answer for which nobody waits any more
 */
function request<T>(connection: SshConnection, { signal, stallMs: silentMs }: { signal: AbortSignal; stallMs: number }, send: (answer: (error: Error | undefined, value: T) => void) => void, refuse: (error: Error) => PilothouseError, late: (value: T) => void = () => {}): Promise<T> {
  return new Promise((resolve, reject) => {
    let over = false;
    const finish = (work: () => void): void => {
      if (over) return;
      over = true;
      clearTimeout(timer);
      connection.client.removeListener('close', onClose);
      signal.removeEventListener('abort', onAbort);
      work();
    };
    const onClose = (): void => finish(() => reject(lost(connection)));
    const onAbort = (): void => finish(() => reject(signal.reason as Error));
    const timer = setTimeout(() => finish(() => reject(stalled(connection, `nothing was answered about the file for ${silentMs / 1000} s.`))), silentMs);
    if (signal.aborted) return onAbort();
    connection.client.once('close', onClose);
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      send((error, value) => {
        if (over && error === undefined) late(value);
        finish(() => (error === undefined ? resolve(value) : reject(readRefusal(error).code === 'ssh.connection-lost' ? lost(connection, error) : refuse(error))));
      });
    } catch (error) {
      finish(() => reject(lost(connection, error)));
    }
  });
}

async function hashOfFile(path: string, signal: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path, { signal })) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

/** SHA-256 of the first bytes of a file there; null where the server has no program that tells. */
async function hashThere(connection: SshConnection, path: string, bytes: number, signal: AbortSignal): Promise<string | null> {
  const script = `head -c ${bytes} <${quoteCommand([path])} | { sha256sum || shasum -a 256 || openssl dgst -sha256 -r; } 2>/dev/null`;
  const { stdout } = await exec(connection, quoteCommand(['/bin/sh', '-c', script]), { signal });
  return /^([0-9a-f]{64})\b/.exec(stdout.trim())?.[1] ?? null;
}

/** How much of what is here may stay: all of it, where the server's file begins with just that, else nothing. */
async function verifiedBytes(connection: SshConnection, { remote, local, signal }: FetchOptions, size: number): Promise<number> {
  const here = await stat(local).then((facts) => facts.size, (error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return 0;
    throw error;
  });
  if (here === 0 || here > size) return 0;
  const [ours, theirs] = await Promise.all([hashOfFile(local, signal), hashThere(connection, remote, here, signal)]);
  return ours === theirs ? here : 0;
}

/**
 * Brings a file here. It is written in order, so that what is here is always the beginning of what is there.
 * @throws ssh.command-failed where it cannot be read there, ssh.connection-lost (ask again: it goes on), and what the
 * disk here says; the signal's reason
 */
export async function fetchFile(connection: SshConnection, options: FetchOptions): Promise<Fetched> {
  const { remote, local, signal, onBytes } = options;
  signal.throwIfAborted();
  const limits = { signal, stallMs: options.stallMs ?? stallMs };
  const sftp = await request<SFTPWrapper>(connection, limits, (answer) => connection.client.sftp(answer), (error) => new PilothouseError('ssh.channel-refused', `${connection.label}: it offers no transfer of files: ${error.message}.`, { hint: 'Its sshd_config needs a line "Subsystem sftp internal-sftp".', cause: error }), (opened) => opened.end());
  let file: FileHandle | null = null;
  try {
    const unreadable = (error: Error) => new PilothouseError('ssh.command-failed', `${connection.label}: ${remote} cannot be read: ${error.message}.`, { hint: 'Check the path there, and who may read it.', cause: error });
    const { size } = await request<Stats>(connection, limits, (answer) => sftp.stat(remote, answer), unreadable);
    const keptBytes = await verifiedBytes(connection, options, size);
    file = await open(local, keptBytes === 0 ? 'w' : 'r+', 0o600);
    await truncate(local, keptBytes);
    const handle = await request<Buffer>(connection, limits, (answer) => sftp.open(remote, 'r', answer), unreadable);
    onBytes?.(keptBytes, size);
    await readInOrder(connection, sftp, handle, file, { remote, from: keptBytes, size, ...limits, onBytes: (here) => onBytes?.(here, size) });
    await file.sync();
    return { sizeBytes: size, keptBytes };
  } finally {
    await file?.close();
    sftp.end();
  }
}

interface Reading {
  remote: string;
  from: number;
  size: number;
  signal: AbortSignal;
  stallMs: number;
  onBytes: (here: number) => void;
}

/** The system may take less at a time than it is given. */
async function writeWhole(file: FileHandle, buffer: Buffer, count: number, at: number): Promise<void> {
  for (let written = 0; written < count; ) written += (await file.write(buffer, written, count - written, at + written)).bytesWritten;
}

/** Many requests are under way at a time; what comes early waits in memory for what is before it. */
function readInOrder(connection: SshConnection, sftp: SFTPWrapper, handle: Buffer, file: FileHandle, reading: Reading): Promise<void> {
  const { remote, from, size, signal, onBytes } = reading;
  return new Promise((resolve, reject) => {
    const early = new Map<number, { buffer: Buffer; count: number }>();
    // Each is used again once it was written: new ones for every request would keep the collector of memory busier than the line.
    const spare: Buffer[] = [];
    let asked = from;
    let written = from;
    let underWay = 0;
    let over = false;
    let writing: Promise<void> = Promise.resolve();
    let timer: NodeJS.Timeout | undefined;
    const finish = (error?: unknown): void => {
      if (over) return;
      over = true;
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      connection.client.removeListener('close', onClose);
      // What is being written is written to its end: the file stays the beginning of the other.
      void writing.then(() => (error === undefined ? resolve() : reject(error as Error)), reject);
    };
    const onAbort = (): void => finish(signal.reason);
    const onClose = (): void => finish(lost(connection));
    const alive = (): void => {
      clearTimeout(timer);
      timer = setTimeout(() => finish(stalled(connection, `no byte of the file came for ${reading.stallMs / 1000} s.`)), reading.stallMs);
    };
    const writeWhatFollows = async (): Promise<void> => {
      for (let next = early.get(written); next !== undefined && !over; next = early.get(written)) {
        early.delete(written);
        await writeWhole(file, next.buffer, next.count, written);
        spare.push(next.buffer);
        written += next.count;
        onBytes(written);
      }
      if (written >= size) finish();
      else ask();
    };
    const read = (at: number, length: number): void => {
      underWay += 1;
      const buffer = spare.pop() ?? Buffer.allocUnsafeSlow(chunkBytes);
      sftp.read(handle, buffer, 0, length, at, (error, count) => {
        underWay -= 1;
        if (over) return;
        if (error !== undefined || count === 0) {
          // What the server answers is no trouble of the line: a disk that fails there fails at the next attempt too.
          const isLost = error !== undefined && readRefusal(error).code === 'ssh.connection-lost';
          finish(isLost ? lost(connection, error) : new PilothouseError('ssh.command-failed', `${connection.label}: ${remote} cannot be read on from byte ${at}: ${error?.message ?? 'it became shorter'}.`, { hint: 'Look at the file there, and at its disk.', cause: error }));
          return;
        }
        alive();
        early.set(at, { buffer, count });
        // A server may answer with less than it was asked for.
        if (count < length) read(at + count, length - count);
        writing = writing.then(writeWhatFollows);
        writing.catch(finish);
      });
    };
    const ask = (): void => {
      while (!over && asked < size && underWay < requests && early.size < requests) {
        const length = Math.min(chunkBytes, size - asked);
        read(asked, length);
        asked += length;
      }
    };
    signal.addEventListener('abort', onAbort, { once: true });
    connection.client.once('close', onClose);
    alive();
    if (written >= size) finish();
    else ask();
  });
}
