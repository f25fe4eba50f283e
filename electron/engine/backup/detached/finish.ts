/** The second half of every backup whose dump was made on a host: fetched, looked at, sealed, proved; then the host is left as it was. */
import { join } from 'node:path';
import { isPilothouseError, PilothouseError, toErrorShape } from '#shared/domain/errors.ts';
import { figuresOf } from '#shared/domain/table-counts.ts';
import type { ProcedureOutcome } from '../../operations/procedure.ts';
import { lookAtJob, readJobFile } from '../../ssh/jobs/detached-job.ts';
import { countFromArchive } from '../archive-contents.ts';
import { emptiedBehind, findEmptied } from '../contents.ts';
import { destinationError, folderBytes } from '../files.ts';
import { compareArchive, describe, dumpName, readerOf, saveGlobals, seal, type Made, type Making } from '../making.ts';
import type { DatabaseContents } from '../manifest.ts';
import type { PartialFolder } from '../partial-folder.ts';
import { proveMade } from '../prove-made.ts';
import { createSealing } from '../sealing.ts';
import { requireSpace } from '../space.ts';
import { countInWords } from '../words.ts';
import { hashesName, readDumpedFiles, sizesName, type DumpedFile } from './dump-script.ts';
import { fetchDump } from './fetch-dump.ts';
import { takeOffHost } from './give-up.ts';
import type { Line } from './line.ts';
import { dumpsOf, type Dump } from './record.ts';
import { isOfSignedIn, type DumpSite } from './site.ts';
import { requireWhole } from './verdict.ts';

export interface Finishing {
  making: Making;
  dump: Dump;
  folder: PartialFolder;
  site: DumpSite;
  line: Line;
  /** What takes back the folder here, and the job there, should this fail. */
  takeBack: { folder: { disarm(): void }; job: { disarm(): void } };
  /** The shares of the operation at which its dump was whole, and at which its backup will be made. */
  range: readonly [number, number];
}

/** Whether what is wrong is that the job is not there any more. @throws what it ended with */
async function explainUnreadable(error: unknown, { making, dump, site, line }: Finishing): Promise<unknown> {
  if (!isPilothouseError(error) || error.code !== 'ssh.command-failed') return error;
  const ask = site.ask(making.signal);
  const { job } = await line.patiently(() => ask((host) => lookAtJob(host, dump.operationId, 0)));
  if (job.state !== 'running') await requireWhole(dump, job, ask);
  return error;
}

async function listDumped({ making, dump, site, line }: Finishing): Promise<DumpedFile[]> {
  const ask = site.ask(making.signal);
  const read = (name: string): Promise<string> => line.patiently(() => ask((host) => readJobFile(host, dump.operationId, name, making.signal)));
  const files = readDumpedFiles(await read(hashesName), await read(sizesName));
  if (files !== null) return files;
  throw new PilothouseError('backup.damaged', `What ${site.label} says of the files of the dump does not fit together.`, { hint: `Look at ${dump.about.jobFolder} there; then back up again.`, retryable: true });
}

/** What stands in the archive, where nobody could count beside the dump. */
async function countAfterwards(finishing: Finishing): Promise<DatabaseContents> {
  const { making, dump, folder, site } = finishing;
  const { facts, outline, rewritten, targetLabel } = dump.about;
  making.operation.log('warn', `The line to ${site.label} was lost before all rows were counted in ${targetLabel}: they are counted in the dump`);
  const contents = await countFromArchive(readerOf(making, folder), outline, facts.encoding, (rows) => making.operation.progress({ done: rows, unit: 'rows', text: `Counted ${countInWords(rows, 'row')} in the dump` }));
  const empty = findEmptied(rewritten ?? [], contents);
  if (empty !== null) throw emptiedBehind(empty, dump.about.details.identity.database);
  return contents;
}

async function make(finishing: Finishing): Promise<Made> {
  const { making, dump, folder, site, line, takeBack, range } = finishing;
  const { context, operation, details } = making;
  const { about } = dump;
  const { checkpoint } = context.ports;
  const at = (share: number): number => range[0] + (range[1] - range[0]) * share;
  const sealing = createSealing(folder.path, { signal: making.signal, onBytes: () => {} });
  try {
    const files = await operation.phase('fetch', async () => {
      try {
        const listed = await listDumped(finishing);
        const local = join(folder.path, dumpName.directory);
        const total = listed.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
        await requireSpace(context.home.backups, Math.max(0, total - (await folderBytes(local))));
        await fetchDump({ context, operation, signal: making.signal, site, line, bySftp: isOfSignedIn(about.connection), remote: `${about.jobFolder}/dump`, local, files: listed, sealing, range: [range[0], at(0.85)] });
        return listed;
      } catch (error) {
        throw await explainUnreadable(error, finishing);
      }
    });
    await checkpoint?.('backup:fetched');
    const globals = about.globals ?? (await saveGlobals(making, folder, { encoding: about.facts.encoding, inEnglish: about.inEnglish }));
    const contents = await operation.phase('contents', async () => compareArchive(making, folder, about.contents ?? (await countAfterwards(finishing)), about.facts.encoding));
    const expected = new Map(files.map(({ name, sha256 }) => [`${dumpName.directory}/${name}`, sha256]));
    const description = describe(making, { id: operation.id, startedAt: about.startedAt, snapshot: about.snapshot, facts: about.facts, contents, globals });
    const made = await operation.phase('seal', () => seal(making, folder, sealing, description, expected));
    takeBack.folder.disarm();
    dumpsOf(context).update(dump.operationId, { state: 'unwanted' });
    const { rows } = figuresOf(contents.tables);
    operation.progress({ fraction: range[1], text: `Fetched and hashed ${countInWords(files.length, 'file')}, ${countInWords(rows, 'row')} of ${details.identity.database}` });
    return made;
  } catch (error) {
    throw destinationError(error, folder.path);
  }
}

/** Leaves the host as it was. What cannot be reached now is taken off later, and keeps no backup from being one. */
async function leaveHost({ making, dump, site, takeBack }: Finishing): Promise<void> {
  const { context, operation } = making;
  try {
    const left = await takeOffHost(context, dump, site);
    if (left === null) operation.log('info', `Taken off ${site.label}: ${dump.about.jobFolder}`);
    else operation.warn(left);
  } catch (error) {
    operation.warn(`The dump still lies on ${site.label}, in ${dump.about.jobFolder}, and is taken off as soon as it can be reached: ${toErrorShape(error, '').message}`);
  }
  takeBack.job.disarm();
  await context.ports.checkpoint?.('backup:host-left');
}

/** @throws backup.*, ssh.*, postgres.*, operation.cancelled */
export async function finishDump(finishing: Finishing): Promise<ProcedureOutcome> {
  const { making, dump } = finishing;
  const { context, details, operation, target, tools } = making;
  const copyThere = `${dump.about.jobFolder}/dump`;
  // A reader of this computer reads what is here. The host's own reads what lies there, which is the same to the last byte.
  const isReadThere = tools.restore.there !== undefined;
  const made = await make({ ...finishing, making: isReadThere ? { ...making, copyThere } : making });
  if (!isReadThere) await leaveHost(finishing);
  const outcome = await proveMade(context, made, { details, operation, target, ...(isReadThere ? { copyThere } : {}) });
  if (isReadThere) await leaveHost(finishing);
  return outcome;
}
