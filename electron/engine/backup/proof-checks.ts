/** The four looks at a backup, each of which goes deeper than the one before. None of them changes anything but L3, which makes a database and drops it. */
import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import type { ProofRecord } from '#shared/contract/backups.ts';
import { isPilothouseError, toErrorShape } from '#shared/domain/errors.ts';
import { figuresInWords, figuresOf, tablesInWords } from '#shared/domain/table-counts.ts';
import type { EngineContext } from '../engine-context.ts';
import type { RunningOperation } from '../operations/procedure.ts';
import type { PostgresTarget } from '../postgres/types.ts';
import { openArchive } from '../restore/archive.ts';
import { prepareRestore, restoreInto } from '../restore/restore-into.ts';
import { compareTableOfContents, countArchive, readTableOfContents, type ArchiveReader } from './archive-contents.ts';
import { hashFile, listFiles } from './files.ts';
import { scratchFactor } from './look-ahead.ts';
import { manifestFileName, type Manifest } from './manifest.ts';
import { isOwnFile } from './proofs-file.ts';
import { isOwnStatus } from './run-tool.ts';
import { readSequenceReach, type SequenceReach } from './sequence-reach.ts';
import { serverTroubleOf } from './server-trouble.ts';
import { requireServerSpace } from './space.ts';
import { bytesInWords, countInWords } from './words.ts';

export type ProofCheck = ProofRecord['checks'][number];

export interface ProofSubject {
  folder: string;
  manifest: Manifest;
  /** The database whose host may have the programs that this computer lacks; null where it is none of those here. */
  source: PostgresTarget | null;
  /** Why the manifest is not the one that was written; null where it is, or nobody knows. */
  manifestDoubt: string | null;
  /** The path of the same dump on the host of the source's programs, as long as it lies there. */
  copyThere?: string;
  operation: RunningOperation;
  /** Stops the look where something besides a cancel may; the operation's own otherwise. */
  signal?: AbortSignal;
  /** The share of the operation that this look is. */
  range: readonly [number, number];
}

const named = 8;

/** At most eight of them, and how many more. */
function listed(items: readonly string[]): string {
  return items.length <= named ? items.join('; ') : `${items.slice(0, named).join('; ')}; and ${items.length - named} more`;
}

const check = (name: string, problems: readonly string[], good: string): ProofCheck => ({ name, ok: problems.length === 0, detail: problems.length === 0 ? good : listed(problems) });

const isMissing = (path: string): string => `${path} is missing`;

/** Files that are missing, have another size, or do not belong. Cheap: reads no content. */
export async function compareSizes(folder: string, manifest: Manifest): Promise<{ missing: string[]; otherSize: string[]; unexpected: string[] }> {
  const found = new Map((await listFiles(folder)).map((file) => [file.path, file.sizeBytes]));
  const expected = new Set([manifestFileName, ...manifest.files.map((file) => file.path)]);
  return {
    missing: manifest.files.filter((file) => !found.has(file.path)).map((file) => isMissing(file.path)),
    otherSize: manifest.files.flatMap((file) => {
      const size = found.get(file.path);
      return size === undefined || size === file.sizeBytes ? [] : [`${file.path} has ${size.toLocaleString('en-US')} bytes, and had ${file.sizeBytes.toLocaleString('en-US')}`];
    }),
    // A file manager may leave its own files beside a dump; inside of one nothing belongs that pg_dump did not write.
    unexpected: [...found.keys()].filter((path) => !expected.has(path) && !isOwnFile(path) && path.startsWith(`${manifest.dump.path}/`)).map((path) => `${path} does not belong to it`),
  };
}

/** What this computer lacks at the moment, which says nothing about a file. */
const oursToFix: ReadonlySet<string> = new Set(['EMFILE', 'ENFILE', 'ENOMEM', 'EAGAIN', 'EBADF']);

/** L0: every file is there, has its size, and its bytes have the hash that the manifest names. */
export async function checkHashes(subject: ProofSubject): Promise<ProofCheck[]> {
  const { folder, manifest, manifestDoubt, operation, signal = operation.signal, range } = subject;
  let sizes: Awaited<ReturnType<typeof compareSizes>>;
  try {
    sizes = await compareSizes(folder, manifest);
  } catch (error) {
    if (!isPilothouseError(error) || error.code !== 'backup.damaged') throw error;
    return [{ name: 'Every file is a plain file', ok: false, detail: error.message }];
  }
  const total = manifest.files.reduce((sum, file) => sum + file.sizeBytes, 0);
  const changed: string[] = [];
  let done = 0;
  for (const file of manifest.files) {
    signal.throwIfAborted();
    const path = join(folder, file.path);
    const facts = await lstat(path).catch((error: NodeJS.ErrnoException) => {
      // Only that it is not there speaks against the backup: a disk that refuses to look says nothing about it.
      if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return null;
      throw error;
    });
    if (facts?.isFile() !== true) {
      // What was missing before is told of already; what went away since must not pass unread.
      if (!sizes.missing.includes(isMissing(file.path))) changed.push(`${file.path} went away while the backup was read`);
      continue;
    }
    try {
      const { sha256 } = await hashFile(path, {
        signal,
        onBytes(bytes) {
          done += bytes;
          const share = total === 0 ? 1 : Math.min(1, done / total);
          operation.progress({ fraction: range[0] + (range[1] - range[0]) * share, done, total, unit: 'bytes', text: `Read back ${bytesInWords(done)} of ${bytesInWords(total)}` });
        },
      });
      if (sha256 !== file.sha256) changed.push(`${file.path} is not what was written`);
    } catch (error) {
      signal.throwIfAborted();
      const { code } = error as NodeJS.ErrnoException;
      if (isPilothouseError(error) || code === undefined || oursToFix.has(code)) throw error;
      changed.push(`${file.path} cannot be read (${code})`);
    }
  }
  return [
    check('The manifest is the one that was written', manifestDoubt === null ? [] : [manifestDoubt], 'Nothing speaks against it'),
    check('Every file is there', [...sizes.missing, ...sizes.unexpected], countInWords(manifest.files.length, 'file')),
    check('Every file has its size', sizes.otherSize, bytesInWords(total)),
    check('Every SHA-256 matches', changed, `${bytesInWords(done)} read back`),
  ];
}

async function readerOf(context: EngineContext, subject: ProofSubject): Promise<ArchiveReader> {
  const { operation, folder, manifest } = subject;
  const archive = await openArchive(context.postgres, manifest, folder, subject.source, subject.copyThere);
  return { ...archive, signal: operation.signal, record: operation.command };
}

/** What an archive that cannot be read says, as a failed check. Everything else is thrown: it says nothing about the backup. */
function unreadable(name: string, error: unknown): ProofCheck[] {
  if (!isPilothouseError(error) || error.code !== 'backup.damaged') throw error;
  return [{ name, ok: false, detail: error.message }];
}

/** L1: the table of contents can be read, and lists every table and sequence. */
export async function checkContents(context: EngineContext, subject: ProofSubject): Promise<ProofCheck[]> {
  const { manifest } = subject;
  const name = 'The table of contents can be read';
  try {
    const toc = await readTableOfContents(await readerOf(context, subject));
    const files = new Set(manifest.files.map((file) => file.path));
    const { format, path } = manifest.dump;
    const withoutData = format === 'custom' ? [] : toc.entries.filter((entry) => entry.kind === 'TABLE DATA' && !['.dat', '.dat.gz'].some((ending) => files.has(`${path}/${entry.dumpId}${ending}`))).map((entry) => `${entry.tag} has no data file`);
    // A database in which nobody has made anything has nothing to list; then nothing was counted in it either.
    const { tables, sequences, largeObjects } = manifest.contents;
    const holdsNothing = tables.length === 0 && sequences.length === 0 && largeObjects === 0;
    return [
      { name, ok: toc.entries.length > 0 || holdsNothing, detail: countInWords(toc.entries.length, 'entry', 'entries') },
      check('It lists what was counted', compareTableOfContents(toc, manifest.contents, manifest.encoding), `${tablesInWords(figuresOf(tables))}, ${countInWords(sequences.length, 'sequence')}`),
      check('Every table has its data', withoutData, format === 'custom' ? 'All in one file' : countInWords(manifest.files.length, 'file')),
    ];
  } catch (error) {
    return unreadable(name, error);
  }
}

/** L2: the archive can be read to its last byte, and has as many rows of each table as were counted. */
export async function checkRows(context: EngineContext, subject: ProofSubject): Promise<ProofCheck[]> {
  const { manifest, operation, range } = subject;
  const name = 'It can be read to the end';
  // Views are in the archive as definitions only.
  const { rows: total, tables: counted, partitions } = figuresOf(manifest.contents.tables);
  try {
    const found = await countArchive(await readerOf(context, subject), manifest.contents, manifest.encoding, (rows) => {
      const share = total === 0 ? 1 : Math.min(1, rows / total);
      operation.progress({ fraction: range[0] + (range[1] - range[0]) * Math.min(0.99, share), done: rows, total, unit: 'rows', text: `Read ${rows.toLocaleString('en-US')} of ${countInWords(total, 'row')}` });
    });
    return [
      { name, ok: true, detail: `${countInWords(found.rows, 'row')}, ${countInWords(found.largeObjects, 'large object')}` },
      check('It has the rows that were counted', found.differences, figuresInWords({ rows: total, tables: counted, partitions })),
    ];
  } catch (error) {
    return unreadable(name, error);
  }
}

/** The database that a proof makes on the server, and drops. */
export function scratchName(operationId: string): string {
  return `pilothouse_proof_${operationId.replaceAll(/[^0-9a-z]/gi, '').slice(0, 12).toLowerCase()}`;
}

/**
 * What a failed restore says against the backup.
 * @throws it, or what is behind it, where it only says something about the server, the line or the moment
 */
function whatSpeaksAgainst(error: unknown, about: string): string {
  if (!isPilothouseError(error) || (error.code !== 'backup.damaged' && error.code !== 'restore.failed')) throw error;
  const { exitStatus, stderr, inEnglish } = error.details;
  if (!isOwnStatus(exitStatus)) throw error;
  const trouble = typeof stderr === 'string' ? serverTroubleOf(stderr, about, inEnglish === true) : null;
  if (trouble !== null) throw trouble;
  return error.message;
}

/**
 * An archive takes its sequences after its rows, so they are never behind where the database's own were not: one that
 * is came back as it was, which speaks against the database and not against the backup.
 */
async function readReach(context: EngineContext, subject: ProofSubject & { target: PostgresTarget }, into: string): Promise<ProofCheck[]> {
  const { operation, target } = subject;
  let reach: SequenceReach;
  try {
    const session = await context.postgres.connect(target, { applicationName: 'pilothouse compare', database: into, signal: operation.signal, onStatement: operation.command });
    try {
      reach = await readSequenceReach(session, operation.signal);
    } finally {
      await session.close();
    }
  } catch (error) {
    // All is counted and equal by now: that stands, whether or not this can be looked at, or is cancelled.
    if (!operation.signal.aborted) operation.warn(`Whether its sequences are past their columns could not be looked at: ${toErrorShape(error, '').message}`);
    return [];
  }
  const { total, behind } = reach;
  if (behind.length === 0) return [{ name: 'Every sequence is past its column', ok: true, detail: countInWords(total, 'sequence') }];
  for (const each of behind) operation.warn(`A sequence is behind its column, as it is in the database itself: ${each}. Its next values are taken already.`);
  return [{ name: 'Sequences behind their column, as in the database itself', ok: true, detail: listed(behind) }];
}

/** L3: restored into a database of its own, and every count, sequence, large object and constraint is as it was. */
export async function checkRestored(context: EngineContext, subject: ProofSubject & { target: PostgresTarget }): Promise<ProofCheck[]> {
  const { folder, manifest, operation, range, target } = subject;
  const name = 'It can be restored';
  const into = scratchName(operation.id);
  try {
    const restoring = { target, into, folder, manifest, ...(subject.copyThere === undefined ? {} : { copyThere: subject.copyThere }), jobs: manifest.dump.jobs, operation, purpose: 'proof' as const, range };
    const preparation = await prepareRestore(context, restoring);
    try {
      await requireServerSpace(context, target, preparation.session, Math.round(manifest.databaseBytes * scratchFactor));
    } catch (error) {
      await preparation.session.close();
      throw error;
    }
    const restored = await restoreInto(context, restoring, preparation);
    const reach = await readReach(context, subject, into);
    try {
      await restored.drop();
    } catch (error) {
      operation.throwIfCancelled();
      operation.warn(`${into} on ${target.label} could not be dropped yet (${error instanceof Error ? error.message : String(error)}). It is tried again at the next start.`);
    }
    const { sequences, constraints, largeObjects, tables } = restored;
    const came = figuresOf(tables.map(({ kind, restored: rows }) => ({ kind, rows: rows ?? 0 })));
    return [
      { name, ok: true, detail: `Into ${into} on ${target.label}, in ${(restored.durationMs / 1000).toFixed(1)} s` },
      check('Every count is equal', restored.differences, `${figuresInWords(came)}, ${countInWords(sequences.total, 'sequence')}, ${countInWords(largeObjects.backup, 'large object')}, ${countInWords(constraints.valid, 'valid constraint')}`),
      ...reach,
      ...(restored.omissions.length === 0 ? [] : [{ name: 'Left out on this server', ok: true, detail: listed(restored.omissions) }]),
    ];
  } catch (error) {
    operation.throwIfCancelled();
    return [{ name, ok: false, detail: whatSpeaksAgainst(error, `Restoring into ${into} on ${target.label}`) }];
  }
}
