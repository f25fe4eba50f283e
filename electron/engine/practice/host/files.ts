/** The transfer of files (SFTP, version 3) of the practice host: within its home, and nowhere else. */
import type { Stats } from 'node:fs';
import { constants } from 'node:fs';
import { chmod, lstat, mkdir, open, readdir, readlink, rename, rmdir, stat, truncate, unlink, utimes, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import ssh2, { type Attributes, type SFTPWrapper } from 'ssh2';
import { leadsTo, OutsideError, placeOf } from './inside.ts';

const { OPEN_MODE, STATUS_CODE } = ssh2.utils.sftp;

/** Bytes of one answer: what ssh2 and OpenSSH take. */
const mostBytes = 261_120;
const mostHandles = 100;
/** Names of one answer to "what is in this folder". */
const namesAtOnce = 100;

type Opened = { kind: 'file'; file: FileHandle } | { kind: 'folder'; path: string; left: string[] };

const statuses: Record<string, number> = { ENOENT: STATUS_CODE.NO_SUCH_FILE, ENOTDIR: STATUS_CODE.NO_SUCH_FILE, EACCES: STATUS_CODE.PERMISSION_DENIED, EPERM: STATUS_CODE.PERMISSION_DENIED, ELOOP: STATUS_CODE.PERMISSION_DENIED };

function statusOf(error: unknown): { code: number; text: string } {
  if (error instanceof OutsideError) return { code: STATUS_CODE.PERMISSION_DENIED, text: 'only what is in the home of the practice host can be reached' };
  const { code, message } = error as NodeJS.ErrnoException;
  return { code: statuses[code ?? ''] ?? STATUS_CODE.FAILURE, text: message };
}

const attributesOf = ({ mode, uid, gid, size, atimeMs, mtimeMs }: Stats): Attributes => ({ mode, uid, gid, size, atime: Math.floor(atimeMs / 1000), mtime: Math.floor(mtimeMs / 1000) });

/** Never through a link, and without waiting for whoever writes into a pipe. */
function openFlags(flags: number): number {
  const has = (bit: number): boolean => (flags & bit) !== 0;
  const access = has(OPEN_MODE.READ) && has(OPEN_MODE.WRITE) ? constants.O_RDWR : has(OPEN_MODE.WRITE) ? constants.O_WRONLY : constants.O_RDONLY;
  return (
    access | constants.O_NOFOLLOW | constants.O_NONBLOCK |
    (has(OPEN_MODE.APPEND) ? constants.O_APPEND : 0) | (has(OPEN_MODE.CREAT) ? constants.O_CREAT : 0) | (has(OPEN_MODE.TRUNC) ? constants.O_TRUNC : 0) | (has(OPEN_MODE.EXCL) ? constants.O_EXCL : 0)
  );
}

async function isThere(path: string): Promise<boolean> {
  return lstat(path).then(() => true, (error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return false;
    throw error;
  });
}

/** @param target a path, or a file that is open */
async function setAttributes(target: string | FileHandle, { mode, size, atime, mtime }: Partial<Attributes>): Promise<void> {
  if (size !== undefined) await (typeof target === 'string' ? truncate(target, size) : target.truncate(size));
  if (mode !== undefined) await (typeof target === 'string' ? chmod(target, mode & 0o777) : target.chmod(mode & 0o777));
  if (atime !== undefined && mtime !== undefined) await (typeof target === 'string' ? utimes(target, atime, mtime) : target.utimes(atime, mtime));
}

/**
 * Answers the requests of one transfer. Links can be read and not made.
 * @returns what closes everything that it left open
 */
export function serveFiles(sftp: SFTPWrapper, home: string): () => void {
  const handles = new Map<number, Opened>();
  let next = 0;
  let over = false;

  const answer = (id: number, work: () => Promise<void>): void => {
    work().catch((error: unknown) => {
      if (over) return;
      const { code, text } = statusOf(error);
      sftp.status(id, code, text);
    });
  };
  const done = (id: number): void => sftp.status(id, STATUS_CODE.OK);
  const keep = (id: number, opened: Opened): void => {
    const number = (next += 1);
    handles.set(number, opened);
    const name = Buffer.alloc(4);
    name.writeUInt32BE(number);
    sftp.handle(id, name);
  };
  const numberOf = (handle: Buffer): number => (handle.length === 4 ? handle.readUInt32BE() : 0);
  const fileOf = (handle: Buffer): FileHandle => {
    const opened = handles.get(numberOf(handle));
    if (opened?.kind !== 'file') throw new Error('no such file is open');
    return opened.file;
  };
  const limitHandles = (): void => {
    if (handles.size >= mostHandles) throw new Error('too many files are open');
  };

  sftp.on('OPEN', (id, path, flags, attributes) =>
    answer(id, async () => {
      limitHandles();
      const place = await placeOf(home, path);
      const file = await open((await isThere(place)) ? await leadsTo(home, path) : place, openFlags(flags), (attributes.mode ?? 0o600) & 0o777);
      if (over || !(await file.stat()).isFile()) {
        await file.close();
        throw new Error('it is no plain file');
      }
      keep(id, { kind: 'file', file });
    }),
  );
  sftp.on('READ', (id, handle, offset, length) =>
    answer(id, async () => {
      const { bytesRead, buffer } = await fileOf(handle).read(Buffer.allocUnsafe(Math.min(length, mostBytes)), 0, Math.min(length, mostBytes), offset);
      if (over) return;
      if (bytesRead === 0) sftp.status(id, STATUS_CODE.EOF);
      else sftp.data(id, buffer.subarray(0, bytesRead));
    }),
  );
  sftp.on('WRITE', (id, handle, offset, data) =>
    answer(id, async () => {
      const file = fileOf(handle);
      for (let written = 0; written < data.length; ) written += (await file.write(data, written, data.length - written, offset + written)).bytesWritten;
      done(id);
    }),
  );
  sftp.on('CLOSE', (id, handle) =>
    answer(id, async () => {
      const opened = handles.get(numberOf(handle));
      if (opened === undefined) throw new Error('nothing of this name is open');
      handles.delete(numberOf(handle));
      if (opened.kind === 'file') await opened.file.close();
      done(id);
    }),
  );
  sftp.on('FSTAT', (id, handle) => answer(id, async () => sftp.attrs(id, attributesOf(await fileOf(handle).stat()))));
  sftp.on('FSETSTAT', (id, handle, attributes) =>
    answer(id, async () => {
      await setAttributes(fileOf(handle), attributes);
      done(id);
    }),
  );
  sftp.on('STAT', (id, path) => answer(id, async () => sftp.attrs(id, attributesOf(await stat(await leadsTo(home, path))))));
  sftp.on('LSTAT', (id, path) => answer(id, async () => sftp.attrs(id, attributesOf(await lstat(await namedBy(home, path))))));
  sftp.on('SETSTAT', (id, path, attributes) =>
    answer(id, async () => {
      await setAttributes(await leadsTo(home, path), attributes);
      done(id);
    }),
  );
  sftp.on('OPENDIR', (id, path) =>
    answer(id, async () => {
      limitHandles();
      const folder = await leadsTo(home, path);
      keep(id, { kind: 'folder', path: folder, left: await readdir(folder) });
    }),
  );
  sftp.on('READDIR', (id, handle) =>
    answer(id, async () => {
      const opened = handles.get(numberOf(handle));
      if (opened?.kind !== 'folder') throw new Error('no such folder is open');
      if (opened.left.length === 0) {
        sftp.status(id, STATUS_CODE.EOF);
        return;
      }
      const names = opened.left.splice(0, namesAtOnce);
      // What was removed meanwhile is there no more.
      const facts = await Promise.all(names.map((name) => lstat(join(opened.path, name)).catch(() => null)));
      sftp.name(id, names.flatMap((filename, index) => {
        const found = facts[index] ?? null;
        return found === null ? [] : [{ filename, longname: filename, attrs: attributesOf(found) }];
      }));
    }),
  );
  sftp.on('MKDIR', (id, path, attributes) =>
    answer(id, async () => {
      await mkdir(await placeOf(home, path), { mode: (attributes.mode ?? 0o700) & 0o777 });
      done(id);
    }),
  );
  sftp.on('RMDIR', (id, path) =>
    answer(id, async () => {
      await rmdir(await placeOf(home, path));
      done(id);
    }),
  );
  sftp.on('REMOVE', (id, path) =>
    answer(id, async () => {
      await unlink(await placeOf(home, path));
      done(id);
    }),
  );
  sftp.on('RENAME', (id, from, to) =>
    answer(id, async () => {
      const target = await placeOf(home, to);
      // Version 3 replaces nothing.
      if (await isThere(target)) throw new Error('something of that name is there');
      await rename(await placeOf(home, from), target);
      done(id);
    }),
  );
  sftp.on('READLINK', (id, path) =>
    answer(id, async () => {
      const filename = await readlink(await placeOf(home, path));
      sftp.name(id, [{ filename, longname: filename, attrs: {} as Attributes }]);
    }),
  );
  sftp.on('REALPATH', (id, path) =>
    answer(id, async () => {
      const filename = await leadsTo(home, path).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'ENOENT') throw error;
        return placeOf(home, path);
      });
      sftp.name(id, [{ filename, longname: filename, attrs: {} as Attributes }]);
    }),
  );
  // A line that is cut is told by the connection.
  sftp.on('error', () => {});

  return () => {
    if (over) return;
    over = true;
    for (const opened of handles.values()) if (opened.kind === 'file') void opened.file.close().catch(() => {});
    handles.clear();
  };
}

/** A path itself, not followed; the home too, which is no link. */
async function namedBy(home: string, path: string): Promise<string> {
  return placeOf(home, path).catch(async (error: unknown) => {
    if (!(error instanceof OutsideError)) throw error;
    const real = await leadsTo(home, path);
    if (real !== (await leadsTo(home, '.'))) throw error;
    return real;
  });
}
