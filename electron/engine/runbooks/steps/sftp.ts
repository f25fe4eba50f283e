/** Files of a host, one request at a time or many, each answered or given up. */
import { createHash } from 'node:crypto';
import type { SFTPWrapper, Stats } from 'ssh2';
import type { PilothouseError } from '#shared/domain/errors.ts';
import type { SshConnection } from '../../ssh/chain.ts';
import { readRefusal } from '../../ssh/channel-refusal.ts';
import { exec } from '../../ssh/exec.ts';
import { connectionLost } from '../../ssh/fault.ts';
import { hopFailure } from '../../ssh/place.ts';
import { quoteCommand } from '../../ssh/quote.ts';

/** Bytes of one request: what every server takes. */
export const chunkBytes = 32 * 1024;
/** Status of SFTP where there is no such file. */
const noSuchFile = 2;

type Answer<T> = (error: Error | null | undefined, value: T) => void;

/** For requests that are answered by nothing but that they were carried out. */
const done = (answer: Answer<void>) => (error?: Error | null): void => answer(error, undefined);

export interface HostFiles {
  /** Null where there is none. @throws ssh.*; the signal's reason */
  stat(path: string): Promise<Stats | null>;
  open(path: string, flags: 'r' | 'wx', mode?: number): Promise<Buffer>;
  write(handle: Buffer, chunk: Buffer, at: number): Promise<void>;
  /** Empty at the end. */
  read(handle: Buffer, at: number): Promise<Buffer>;
  /** What was written outlives a power cut, where the server can say so. */
  sync(handle: Buffer): Promise<void>;
  close(handle: Buffer): Promise<void>;
  remove(path: string): Promise<void>;
  /** Puts one in the place of another, at once. */
  replace(from: string, to: string): Promise<void>;
  /** SHA-256 of all of it; by a program of the host, or by reading it. */
  hash(path: string): Promise<string>;
  end(): void;
}

/** @throws ssh.channel-refused, ssh.connection-lost; the signal's reason */
export async function openFiles(connection: SshConnection, signal: AbortSignal): Promise<HostFiles> {
  const { client, label } = connection;
  const refusal = (what: string) => (error: Error): PilothouseError => hopFailure('ssh.command-failed', label, `${what}: ${error.message}.`, { hint: 'Check the path there, who may write to it, and its disk.', details: { reason: 'code' in error ? error.code : null }, cause: error });
  // Many are under way at a time: one who listens tells all of them.
  const waiting = new Set<(error: unknown) => void>();
  const failAll = (error: unknown): void => {
    for (const fail of waiting) fail(error);
  };
  const lost = (cause?: unknown): PilothouseError => connectionLost(connection, 'a file was moved', { hint: 'Look whether it is whole, and send it again.', cause });
  const onClose = (): void => failAll(lost());
  const onAbort = (): void => failAll(signal.reason);
  client.once('close', onClose);
  signal.addEventListener('abort', onAbort, { once: true });
  const leave = (): void => {
    client.removeListener('close', onClose);
    signal.removeEventListener('abort', onAbort);
  };
  const ask = <T>(refuse: (error: Error) => Error, send: (answer: Answer<T>) => void): Promise<T> =>
    new Promise((resolve, reject) => {
      const fail = (error: unknown): void => {
        waiting.delete(fail);
        reject(error);
      };
      if (signal.aborted) return fail(signal.reason);
      if (!connection.isOpen) return fail(lost());
      waiting.add(fail);
      try {
        send((error, value) => {
          if (error !== null && error !== undefined) return fail(readRefusal(error).code === 'ssh.connection-lost' ? lost(error) : refuse(error));
          waiting.delete(fail);
          resolve(value);
        });
      } catch (error) {
        // Of an extension that the server does not have this is said at once.
        fail(refuse(error as Error));
      }
    });
  const sftp = await ask<SFTPWrapper>(({ message }) => hopFailure('ssh.channel-refused', label, `it offers no transfer of files: ${message}.`, { hint: 'Its sshd_config needs a line "Subsystem sftp internal-sftp".' }), (answer) => void client.sftp(answer)).catch((error: unknown) => {
    leave();
    throw error;
  });
  // Its end is told to whoever asks next.
  sftp.on('error', () => {});

  const files: HostFiles = {
    async stat(path) {
      const missing = new Error('missing');
      try {
        return await ask<Stats>((error) => ('code' in error && error.code === noSuchFile ? missing : refusal(`${path} cannot be looked at`)(error)), (answer) => sftp.stat(path, answer));
      } catch (error) {
        if (error === missing) return null;
        throw error;
      }
    },
    open: (path, flags, mode = 0o600) => ask<Buffer>(refusal(`${path} cannot be opened`), (answer) => sftp.open(path, flags, mode, answer)),
    write: (handle, chunk, at) => ask<void>(refusal('it cannot be written on'), (answer) => sftp.write(handle, chunk, 0, chunk.length, at, done(answer))),
    read: (handle, at) => ask<Buffer>(refusal('it cannot be read on'), (answer) => {
      const buffer = Buffer.allocUnsafe(chunkBytes);
      sftp.read(handle, buffer, 0, chunkBytes, at, (error, count) => {
        const isEnd = error !== undefined && error !== null && 'code' in error && error.code === 1;
        answer(isEnd ? null : error, buffer.subarray(0, isEnd ? 0 : count));
      });
    }),
    async sync(handle) {
      const unable = new Error('it has no such request');
      await ask<void>(() => unable, (answer) => sftp.ext_openssh_fsync(handle, done(answer))).catch((error: unknown) => {
        if (error !== unable) throw error;
      });
    },
    close: (handle) => ask<void>(refusal('it cannot be closed'), (answer) => sftp.close(handle, done(answer))),
    remove: (path) => ask<void>(refusal(`${path} cannot be removed`), (answer) => sftp.unlink(path, done(answer))),
    async replace(from, to) {
      const unable = new Error('it has no such request');
      try {
        await ask<void>((error) => (/does not support/.test(error.message) ? unable : refusal(`${to} cannot be written`)(error)), (answer) => sftp.ext_openssh_rename(from, to, done(answer)));
      } catch (error) {
        if (error !== unable) throw error;
        // The older request does the same where nothing is there yet, and is refused where something is.
        await ask<void>(refusal(`${to} cannot be written`), (answer) => sftp.rename(from, to, done(answer)));
      }
    },
    async hash(path) {
      const script = '{ sha256sum <"$1" || shasum -a 256 <"$1" || openssl dgst -sha256 -r <"$1"; } 2>/dev/null';
      const { stdout } = await exec(connection, quoteCommand(['/bin/sh', '-c', script, 'sh', path]), { signal });
      const told = /^([0-9a-f]{64})\b/.exec(stdout.trim().split('\n').at(-1) ?? '')?.[1];
      if (told !== undefined) return told;
      const hash = createHash('sha256');
      const handle = await files.open(path, 'r');
      let at = 0;
      for (let chunk = await files.read(handle, 0); chunk.length > 0; chunk = await files.read(handle, at)) {
        hash.update(chunk);
        at += chunk.length;
      }
      await files.close(handle);
      return hash.digest('hex');
    },
    end() {
      leave();
      sftp.end();
    },
  };
  return files;
}
