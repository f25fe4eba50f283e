/** Brings a dump here that lies on a host, file by file, from where it was left, each held to the hash that was made there. */
import { mkdir, open, readdir, rm, stat, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { hasCode, PilothouseError } from '#shared/domain/errors.ts';
import type { EngineContext } from '../../engine-context.ts';
import type { RunningOperation } from '../../operations/procedure.ts';
import { fetchFile } from '../../ssh/fetch.ts';
import { hashFile } from '../files.ts';
import type { Sealing } from '../sealing.ts';
import { bytesInWords, countInWords, leftInWords } from '../words.ts';
import type { DumpedFile } from './dump-script.ts';
import type { Line } from './line.ts';
import type { DumpSite } from './site.ts';

/** What is smaller is brought with others in one go, and from its beginning. */
const largeBytes = 8 * 1024 * 1024;
/** Files of one go: their names are arguments of one command. */
const filesAtOnce = 400;
/** How often a file is brought that turns out to be another. */
const attempts = 3;

export interface FetchingDump {
  context: Pick<EngineContext, 'hosts' | 'ports'>;
  operation: RunningOperation;
  signal: AbortSignal;
  site: DumpSite;
  line: Line;
  /** Whether SFTP reaches the files. */
  bySftp: boolean;
  /** The folder of the dump there, and here: `dump` in the folder of the backup. */
  remote: string;
  local: string;
  files: readonly DumpedFile[];
  sealing: Sealing;
  /** The share of the operation that this is. */
  range: readonly [number, number];
}

async function sizeHere(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 0;
    throw error;
  }
}

/** What of the first one, from a byte on, and then all of the others. */
const streamScript = `cd "$1" || exit 71
from=$2
first=$3
shift 3
tail -c "+$from" "$first" || exit 71
[ "$#" -eq 0 ] || exec cat "$@"
`;

const hashScript = `head -c "$2" <"$1" | { sha256sum || shasum -a 256 || openssl dgst -sha256 -r; } 2>/dev/null`;

/** How much of a file that is here in part may stay: all of it, where the file there begins with just that. */
async function verifiedBytes({ site, local, remote, signal }: FetchingDump, file: DumpedFile, here: number): Promise<number> {
  if (here === 0 || here > file.sizeBytes || file.sizeBytes < largeBytes) return 0;
  const [ours, theirs] = await Promise.all([
    hashFile(join(local, file.name), { signal }),
    site.there.run({ argv: ['/bin/sh', '-c', hashScript, 'sh', `${remote}/${file.name}`, String(here)], folder: null, files: [], stdin: null, signal }),
  ]);
  return theirs.stdout.trim().startsWith(ours.sha256) ? here : 0;
}

/** Writes one stream into the files that it is made of. */
function splitInto(local: string, pieces: readonly { file: DumpedFile; from: number }[], onBytes: (file: DumpedFile, here: number) => void): { write(chunk: Buffer): Promise<void>; finish(): Promise<void> } {
  let index = 0;
  let at = pieces[0]?.from ?? 0;
  let handle: FileHandle | null = null;
  let writing: Promise<void> = Promise.resolve();
  const close = async (): Promise<void> => {
    const closing = handle;
    handle = null;
    await closing?.close();
  };
  const take = async (chunk: Buffer): Promise<void> => {
    let rest = chunk;
    while (rest.length > 0) {
      const piece = pieces[index];
      if (piece === undefined) throw new PilothouseError('ssh.command-failed', 'More came of the files of the dump than they have.', { hint: 'Something prints text there beside what is asked for.' });
      handle ??= await open(join(local, piece.file.name), at === 0 ? 'w' : 'a', 0o600);
      const part = rest.subarray(0, piece.file.sizeBytes - at);
      await handle.writeFile(part);
      at += part.length;
      rest = rest.subarray(part.length);
      onBytes(piece.file, at);
      if (at < piece.file.sizeBytes) return;
      await close();
      index += 1;
      at = 0;
    }
  };
  return {
    write(chunk) {
      writing = take(chunk);
      return writing;
    },
    async finish() {
      // Whoever was ended waits for no chunk that is being written: its file is open, or about to be. Why it failed, the stream has told.
      await writing.catch(() => undefined);
      await close();
    },
  };
}

/** Brings what is missing of some files over one command. */
async function stream(fetching: FetchingDump, wanted: readonly DumpedFile[], onBytes: (file: DumpedFile, here: number) => void): Promise<void> {
  const { site, local, remote, signal } = fetching;
  const pieces: { file: DumpedFile; from: number }[] = [];
  for (const file of wanted) {
    const here = await sizeHere(join(local, file.name));
    if (here === file.sizeBytes && here > 0) continue;
    const from = pieces.length === 0 ? await verifiedBytes(fetching, file, here) : 0;
    // Of an empty file nothing comes that would make it.
    if (file.sizeBytes === 0) await (await open(join(local, file.name), 'w', 0o600)).close();
    else pieces.push({ file, from });
  }
  const [first] = pieces;
  if (first === undefined) return;
  const split = splitInto(local, pieces, onBytes);
  try {
    const names = pieces.map(({ file }) => file.name) as [string, ...string[]];
    const { exitStatus, stderr } = await site.there.run({ argv: ['/bin/sh', '-c', streamScript, 'sh', remote, String(first.from + 1), ...names], folder: null, files: [], stdin: null, signal, onStdoutChunk: (chunk) => split.write(chunk) });
    if (exitStatus !== 0) throw new PilothouseError('ssh.command-failed', `${site.label}: the files of the dump cannot be read: ${stderr.trim().slice(-300)}`, { hint: `Look at ${remote} there.`, details: { exitStatus } });
  } finally {
    await split.finish();
  }
}

/** By SFTP, which keeps a long line fuller; where the server has none, over a command. */
async function bringLarge(fetching: FetchingDump, file: DumpedFile, onBytes: (file: DumpedFile, here: number) => void): Promise<void> {
  const { context, site, line, bySftp, remote, local } = fetching;
  if (bySftp) {
    try {
      await line.patiently((until) => context.hosts.use(site.hostId, (connection) => fetchFile(connection, { remote: `${remote}/${file.name}`, local: join(local, file.name), signal: until, onBytes: (here) => onBytes(file, here) }), until));
      return;
    } catch (error) {
      if (!hasCode(error, 'ssh.channel-refused')) throw error;
    }
  }
  await line.patiently((until) => stream({ ...fetching, signal: until }, [file], onBytes));
}

/** Small files in goes, large ones by themselves. */
function goesOf(files: readonly DumpedFile[]): DumpedFile[][] {
  const goes: DumpedFile[][] = [];
  let small: DumpedFile[] = [];
  for (const file of files) {
    if (file.sizeBytes >= largeBytes) {
      goes.push([file]);
      continue;
    }
    if (small.length === 0) goes.push(small);
    small.push(file);
    if (small.length === filesAtOnce) small = [];
  }
  return goes;
}

/**
 * @throws backup.damaged where a file stays another than the one that was written there; ssh.command-failed where it
 * cannot be read there; what this disk says; the signal's reason
 */
export async function fetchDump(fetching: FetchingDump): Promise<void> {
  const { context, operation, signal, site, line, local, files, sealing, range } = fetching;
  const total = files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  const here = new Map<string, number>();
  let done = 0;
  let before = 0;
  let startedAt = context.ports.clock.now();
  const onBytes = (file: DumpedFile, bytes: number): void => {
    const more = bytes - (here.get(file.name) ?? 0);
    done += more;
    // What turns out to have to be brought anew was not brought before.
    if (more < 0) before += more;
    here.set(file.name, bytes);
    const elapsed = context.ports.clock.now() - startedAt;
    // The line has a pace of its own, by which nobody knows how long the rest of the operation takes.
    const left = elapsed > 1000 && done > before ? (elapsed * (total - done)) / (done - before) : null;
    operation.progress({ fraction: range[0] + (range[1] - range[0]) * (total === 0 ? 1 : Math.min(1, done / total)), done, total, unit: 'bytes', text: line.held() ?? `Fetching from ${site.label} · ${bytesInWords(done)} of ${bytesInWords(total)} · ${countInWords(files.length, 'file')}${leftInWords(left, 'the fetching')}` });
  };
  await mkdir(local, { recursive: true, mode: 0o700 });
  const wanted = new Set(files.map(({ name }) => name));
  for (const name of await readdir(local)) if (!wanted.has(name)) await rm(join(local, name), { recursive: true });

  const verify = async (file: DumpedFile): Promise<boolean> => {
    const sealed = await sealing.early(`dump/${file.name}`);
    signal.throwIfAborted();
    if (sealed?.sha256 !== file.sha256) return false;
    onBytes(file, file.sizeBytes);
    return true;
  };
  let missing: DumpedFile[] = [];
  for (const file of files) {
    const size = await sizeHere(join(local, file.name));
    const isHere = size === file.sizeBytes && size > 0 && (await verify(file));
    if (isHere) continue;
    // One that is here in part is gone on with; one that is whole, or longer, and another is not.
    if (size >= file.sizeBytes) await rm(join(local, file.name), { force: true });
    // What is here of it was brought before: by it nobody knows the pace of the line.
    else if (file.sizeBytes >= largeBytes) onBytes(file, size);
    missing.push(file);
  }
  before = done;
  startedAt = context.ports.clock.now();
  for (let attempt = 1; missing.length > 0; attempt += 1) {
    const checks: Promise<DumpedFile | null>[] = [];
    for (const go of goesOf(missing)) {
      signal.throwIfAborted();
      const [only] = go;
      if (go.length === 1 && only !== undefined && only.sizeBytes >= largeBytes) await bringLarge(fetching, only, onBytes);
      else await line.patiently((until) => stream({ ...fetching, signal: until }, go, onBytes));
      await context.ports.checkpoint?.('backup:fetching');
      for (const file of go) {
        const check = verify(file).then((ok) => (ok ? null : file));
        // A failure is told below, not where nobody waits for it yet.
        check.catch(() => {});
        checks.push(check);
      }
    }
    missing = (await Promise.all(checks)).filter((file) => file !== null);
    const [first] = missing;
    if (first !== undefined && attempt === attempts) throw new PilothouseError('backup.damaged', `${first.name} of the dump on ${site.label} comes here as another file than the one that was written there, ${attempts} times over.`, { hint: 'Find out what is wrong with the disk there or here, then back up again.', details: { files: missing.map(({ name }) => name) } });
    for (const { name } of missing) {
      operation.log('warn', `${name} is not what was written on ${site.label}: it is fetched again`);
      await rm(join(local, name), { force: true });
    }
  }
}
