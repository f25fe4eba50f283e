/**
 * A file of a step, to a host or from it: written beside, looked at, and put in its place when it is whole. Here a file is
 * named by a whole path, or is below the folder `transfers` of the data folder; none that is there already is written over.
 */
import { createHash } from 'node:crypto';
import { createReadStream, constants } from 'node:fs';
import { copyFile, link, lstat, mkdir, open, rm, stat } from 'node:fs/promises';
import { dirname, isAbsolute, join, resolve, sep } from 'node:path';
import { PilothouseError, toErrorShape } from '#shared/domain/errors.ts';
import { syncFolder } from '../../platform/durable.ts';
import type { SshConnection } from '../../ssh/chain.ts';
import { connectionLost } from '../../ssh/fault.ts';
import { fetchFile } from '../../ssh/fetch.ts';
import type { Outcome, Sent } from '../sent.ts';
import type { StepRooms } from './rooms.ts';
import { chunkBytes, openFiles, type HostFiles } from './sftp.ts';
import { createLimit, notSent, unknownEnd } from './trouble.ts';
import type { StepLimits, StepOperation } from './types.ts';

type SentFile = Extract<Sent, { kind: 'transfer' }>;

/** Requests under way at a time, which keep a long line full. */
const requests = 64;
/** Milliseconds for taking away what is not whole. */
const tidyMs = 10_000;

const bytesWord = (bytes: number): string => `${bytes.toLocaleString('en-US')} bytes`;

/** A path on this computer. @throws runbook.value-invalid where it leads out of the folder for transfers */
export function placeHere(root: string, here: string): string {
  if (isAbsolute(here)) return resolve(here);
  const folder = join(root, 'transfers');
  const path = resolve(folder, here);
  if (!here.includes('\0') && path.startsWith(`${folder}${sep}`)) return path;
  throw new PilothouseError('runbook.value-invalid', `"${here}" leads out of ${folder}.`, { hint: 'Name the whole path, or a file below that folder.' });
}

/** A path there: whole, or from the home of the account that signs in. */
const placeThere = (there: string): string => there.replace(/^~\//, '');

async function hashHere(path: string, signal: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path, { signal })) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

interface Moving {
  sent: SentFile;
  here: string;
  there: string;
  operation: StepOperation;
  signal: AbortSignal;
  /** Beside the one that it becomes. */
  part: string;
}

const moved = ({ operation, sent }: Moving, done: number, total: number): void => operation.progress({ text: `${bytesWord(done)} of ${bytesWord(total)} ${sent.direction === 'upload' ? `to ${sent.label}` : `from ${sent.label}`}`, done, total, unit: 'bytes', fraction: total === 0 ? 1 : done / total });

const wrong = (what: string, hint: string): PilothouseError => new PilothouseError('runbook.step-failed', what, { hint });

/** Told when it comes so far: to writing beside, and to putting it in its place. */
interface Points {
  writing(): void;
  replacing(): void;
}

async function writeThere(moving: Moving, files: HostFiles, size: number, mode: number): Promise<void> {
  const { here, part, signal } = moving;
  const handle = await files.open(part, 'wx', mode);
  const file = await open(here, 'r');
  const underWay = new Set<Promise<void>>();
  let failed: { error: unknown } | null = null;
  try {
    let at = 0;
    while (failed === null) {
      signal.throwIfAborted();
      const chunk = Buffer.allocUnsafe(chunkBytes);
      const { bytesRead } = await file.read(chunk, 0, chunkBytes, at);
      if (bytesRead === 0) break;
      const writing = files.write(handle, chunk.subarray(0, bytesRead), at).catch((error: unknown) => void (failed ??= { error })).finally(() => underWay.delete(writing));
      underWay.add(writing);
      at += bytesRead;
      if (underWay.size >= requests) await Promise.race(underWay);
      moved(moving, at, size);
    }
    await Promise.all(underWay);
    if (failed !== null) throw (failed as { error: unknown }).error;
    await files.sync(handle);
    await files.close(handle);
  } finally {
    await file.close();
    await Promise.all(underWay);
  }
}

async function upload(moving: Moving, connection: SshConnection, points: Points): Promise<string> {
  const { here, there, part, sent, signal } = moving;
  const { size, mode } = await stat(here);
  const ours = await hashHere(here, signal);
  const files = await openFiles(connection, signal);
  try {
    const before = await files.stat(there);
    if (before?.isDirectory() === true) throw wrong(`${there} is a folder on ${sent.label}.`, 'Name the file in it.');
    points.writing();
    await writeThere(moving, files, size, (before?.mode ?? mode) & 0o777);
    const [written, theirs] = [await files.stat(part), await files.hash(part)];
    if (written?.size !== size || theirs !== ours) throw wrong(`What arrived on ${sent.label} is not what was sent: ${bytesWord(written?.size ?? 0)} with the SHA-256 ${theirs}, instead of ${bytesWord(size)} with ${ours}.`, 'The file changed here meanwhile, or the disk there keeps something else than it is given. Send it again.');
    points.replacing();
    await files.replace(part, there);
    return `${bytesWord(size)}, SHA-256 ${ours}`;
  } finally {
    files.end();
  }
}

/** Puts it where nothing is; of two that come together one is refused. */
async function putHere(part: string, here: string): Promise<void> {
  try {
    await link(part, here);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw wrong(`${here} is there by now, and is not written over.`, 'Name another file, or put that one away.');
    // A disk without links of this kind.
    await copyFile(part, here, constants.COPYFILE_EXCL);
  }
  await syncFolder(dirname(here));
}

/** @param reading told when the server lets us read */
async function download(moving: Moving, connection: SshConnection, reading: () => void): Promise<string> {
  const { here, there, part, sent, signal } = moving;
  const files = await openFiles(connection, signal);
  reading();
  try {
    const theirs = await files.stat(there);
    if (theirs === null || !theirs.isFile()) throw wrong(`${there} is ${theirs === null ? 'not there' : 'no file'} on ${sent.label}.`, 'Check the path there.');
    const hash = await files.hash(there);
    const before = await lstat(here).catch(() => null);
    if (before !== null) {
      if (before.isFile() && before.size === theirs.size && (await hashHere(here, signal)) === hash) return `${bytesWord(theirs.size)}, SHA-256 ${hash}; it was here already`;
      throw wrong(`${here} is there already with other contents, and is not written over.`, 'Name another file, or put that one away.');
    }
    // It may be lost between two of its requests, where it is not looked at.
    const gone = new AbortController();
    void connection.closed.then(() => gone.abort(connectionLost(connection, 'a file was brought here', { hint: 'Fetch it again.' })));
    const { sizeBytes } = await fetchFile(connection, { remote: there, local: part, signal: AbortSignal.any([signal, gone.signal]), onBytes: (done, total) => moved(moving, done, total) });
    const ours = await hashHere(part, signal);
    if (ours !== hash) throw wrong(`What arrived of ${there} is not what ${sent.label} has: SHA-256 ${ours} instead of ${hash}.`, 'The file changed there meanwhile. Fetch it again.');
    await putHere(part, here);
    return `${bytesWord(sizeBytes)}, SHA-256 ${ours}`;
  } finally {
    files.end();
  }
}

/** Takes away what is not whole. */
async function tidy({ context }: StepRooms, { sent, part, operation }: Moving): Promise<void> {
  if (sent.direction === 'download') return rm(part, { force: true });
  const signal = AbortSignal.timeout(tidyMs);
  try {
    await context.hosts.use(sent.hostId, async (connection) => {
      const files = await openFiles(connection, signal);
      if ((await files.stat(part)) !== null) await files.remove(part);
      files.end();
    }, signal);
  } catch (error) {
    operation.log('warn', `${part} may be left on ${sent.label}: ${toErrorShape(error, '').message} Remove it there.`);
  }
}

async function prepareHere({ sent, here }: Pick<Moving, 'sent' | 'here'>, root: string): Promise<void> {
  if (!isAbsolute(sent.here)) await mkdir(dirname(here), { recursive: true, mode: 0o700 });
  const facts = await stat(sent.direction === 'upload' ? here : dirname(here)).catch(() => null);
  const isRight = sent.direction === 'upload' ? facts?.isFile() : facts?.isDirectory();
  if (isRight !== true) throw new PilothouseError('runbook.not-sent', sent.direction === 'upload' ? `There is no file ${here} on this computer.` : `There is no folder ${dirname(here)} on this computer.`, { hint: isAbsolute(sent.here) ? 'Check the path.' : `Put it below ${join(root, 'transfers')}.` });
}

export async function sendFile(rooms: StepRooms, sent: SentFile, operation: StepOperation, limits: StepLimits): Promise<Outcome> {
  const { context } = rooms;
  const limit = createLimit(limits.timeoutMs);
  const signal = AbortSignal.any([operation.signal, limit.signal]);
  const startedAt = performance.now();
  let hasBegun = false;
  let isReplacing = false;
  let moving: Moving | null = null;
  const text = sent.direction === 'upload' ? `put ${sent.here} ${sent.there}` : `get ${sent.there} ${sent.here}`;
  const outcome = (end: Pick<Outcome, 'exitStatus' | 'stdout' | 'stderr' | 'timedOut'>): Outcome => {
    const durationMs = Math.round(performance.now() - startedAt);
    operation.command({ text, target: sent.label, exitStatus: end.exitStatus, durationMs, output: end.stdout + end.stderr });
    return { ...end, signal: null, bytes: Buffer.byteLength(end.stdout + end.stderr), truncated: false, rows: null, status: null, durationMs, by: 'live' };
  };
  try {
    const here = placeHere(context.home.root, sent.here);
    const there = placeThere(sent.there);
    const part = `${sent.direction === 'upload' ? there : here}.part-${context.ports.random.bytes(6).toString('hex')}`;
    const now: Moving = { sent, here, there, operation, signal, part };
    await prepareHere(now, context.home.root);
    const arrived = await context.hosts.use(sent.hostId, (connection) => {
      moving = now;
      limit.start();
      return sent.direction === 'upload' ? upload(now, connection, { writing: () => (hasBegun = true), replacing: () => (isReplacing = true) }) : download(now, connection, () => (hasBegun = true));
    }, signal);
    if (sent.direction === 'download') await tidy(rooms, now);
    return outcome({ exitStatus: 0, stdout: `${arrived}\n`, stderr: '', timedOut: false });
  } catch (error) {
    if (!hasBegun) throw notSent(error);
    const shape = toErrorShape(error, '');
    const isRefused = shape.code === 'ssh.command-failed';
    // Whether it was put in its place is not known: what lies beside is all that there may be of it.
    if (isReplacing && !isRefused) throw operation.signal.aborted ? unknownEnd(error) : error;
    if (moving !== null) await tidy(rooms, moving);
    if (operation.signal.aborted) throw error;
    return outcome({ exitStatus: 1, stdout: '', stderr: `${limit.hasPassed ? 'It did not arrive within its time limit.' : shape.message} ${sent.direction === 'upload' ? `${sent.there} is as it was.` : 'Nothing was kept of it.'}\n`, timedOut: limit.hasPassed });
  } finally {
    limit.clear();
  }
}
