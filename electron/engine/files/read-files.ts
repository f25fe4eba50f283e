/** Has tar read the files on the host, and takes what it sends: to the disk as it is, and through a reader that hashes each file. */
import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import { isPilothouseError, PilothouseError } from '#shared/domain/errors.ts';
import type { RunningOperation } from '../operations/procedure.ts';
import { serverText } from '../ssh/server-text.ts';
import { createHashingReader, drainInto, gunzipError, pour } from './archive.ts';
import { describeEntry, type EntryInManifest } from './manifest.ts';
import { mostEntries, tooMany, type TarThere } from './look.ts';
import { judgeTar, type TarCommand, type TarVerdict } from './tar-command.ts';
import type { TarEntry } from './tar-reader.ts';
import type { There } from './there.ts';

export interface Read {
  entries: TarEntry[];
  described: EntryInManifest[];
  /** Of the archive as it was written. */
  sha256: string;
  tarBytes: number;
  verdict: TarVerdict;
}

/** Lines of what tar says that are kept; it says one for each file that changed. */
const mostLines = 5000;

export interface Reading {
  there: There;
  tar: TarThere;
  command: TarCommand;
  /** Where the archive is written; nothing is there yet. */
  file: string;
  operation: RunningOperation;
  /** As it is shown in history. */
  line: string;
  onBytes: (contentBytes: number) => void;
}

/**
 * An archive is taken only where tar ended as it should, the channel was closed, and the end of the archive was seen.
 * @throws files.tar-failed, backup.incomplete; ssh.*; what the disk says; the signal's reason
 */
export async function readFiles({ there, tar, command, file, operation, line, onBytes }: Reading): Promise<Read> {
  const { signal } = operation;
  const out = createWriteStream(file, { flags: 'wx', mode: 0o600 });
  // Whoever waits for a write is told; between two of them nobody is.
  out.on('error', () => {});
  const hash = createHash('sha256');
  const store = (chunk: Buffer): void | Promise<void> => {
    hash.update(chunk);
    return pour(out, chunk);
  };
  const entries: TarEntry[] = [];
  const described: EntryInManifest[] = [];
  const reader = createHashingReader((entry, sha256) => {
    if (entries.length === mostEntries) throw tooMany(there.label);
    entries.push(entry);
    described.push(describeEntry(entry, sha256));
    onBytes(entry.size);
  });

  let take: (chunk: Buffer) => Promise<void>;
  let close: () => Promise<number>;
  let drop: () => void;
  if (command.compressed) {
    const gunzip = createGunzip({ chunkSize: 256 * 1024 });
    gunzip.on('error', () => {});
    const read = drainInto(gunzip, reader);
    // Whoever pours is told first, and of nothing but that it is closed: why, is asked below.
    read.catch(() => gunzip.destroy());
    take = async (chunk) => {
      await store(chunk);
      await pour(gunzip, chunk);
    };
    close = async () => {
      gunzip.end();
      return (await read).bytes;
    };
    drop = () => void gunzip.destroy();
  } else {
    const gzip = createGzip({ level: 4, chunkSize: 256 * 1024 });
    gzip.on('error', () => {});
    const stored = (async () => {
      for await (const chunk of gzip) await store(chunk as Buffer);
    })();
    stored.catch(() => gzip.destroy());
    take = async (chunk) => {
      await reader.push(chunk);
      await pour(gzip, chunk);
    };
    close = async () => {
      gzip.end();
      await stored;
      return (await reader.end()).bytes;
    };
    drop = () => void gzip.destroy();
  }

  const said: string[] = [];
  const startedAt = performance.now();
  const told = { text: line, target: there.label };
  try {
    let broken: unknown = null;
    const result = await there
      .run({
        argv: command.argv,
        signal,
        onStdoutChunk: (chunk) =>
          take(chunk).catch((error: unknown) => {
            broken = error;
            throw error;
          }),
        onStderrLine(text) {
          if (said.length < mostLines) said.push(text);
        },
      })
      .catch(async (error: unknown) => {
        operation.command({ ...told, exitStatus: null, durationMs: Math.round(performance.now() - startedAt), output: isPilothouseError(error) ? error.message : String(error) });
        if (error !== broken) throw error;
        // What closed the stream under whoever poured is the reason, not that it was closed.
        if (out.errored !== null) throw out.errored;
        if ((error as NodeJS.ErrnoException).code === 'ERR_STREAM_PREMATURE_CLOSE') await close();
        throw error;
      });
    const verdict = judgeTar(tar.flavour, result, said);
    const output = serverText(said.slice(-50).join('\n'), 4000);
    operation.command({ ...told, exitStatus: result.exitStatus, signal: result.signal, durationMs: Math.round(result.durationMs), ...(output === '' ? {} : { output }) });
    if (verdict.failed !== null) {
      const words = serverText(verdict.said.slice(-5).join('; '), 1000);
      throw new PilothouseError('files.tar-failed', `tar on ${there.label} did not read the files: ${verdict.failed}${words === '' ? '' : `: ${words}`}.`, { hint: 'What it says names the reason. Nothing of this copy is kept.', retryable: true, details: { exitStatus: result.exitStatus, signal: result.signal, stderr: words } });
    }
    const tarBytes = await close();
    out.end();
    await finished(out);
    return { entries, described, sha256: hash.digest('hex'), tarBytes, verdict };
  } catch (error) {
    drop();
    out.destroy();
    const cause = gunzipError(error);
    if (!isPilothouseError(cause) || cause.code !== 'backup.damaged') throw error;
    throw new PilothouseError('backup.incomplete', `What tar on ${there.label} sent is no whole archive. ${cause.message}`, { hint: 'Nothing of it is kept. Back up again; where it happens again, run tar there by hand and look at what it says.', retryable: true, cause });
  }
}
