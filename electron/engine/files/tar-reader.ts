/**
 * Reads a tar archive as it comes, and believes nothing of it: every header has its checksum, every name stays as the
 * bytes it is, and an archive is whole only where its end was seen and nothing stands behind it.
 *
 * Source: POSIX.1-2024, pax, "ustar Interchange Format" and "pax Extended Header"; GNU tar, "Basic Tar Format".
 */
import { PilothouseError } from '#shared/domain/errors.ts';

export type TarType = 'file' | 'folder' | 'link' | 'hard-link' | 'pipe' | 'device';

export interface TarEntry {
  /** As it is in the archive, without `./` in front and `/` at its end; nothing for the folder that tar began in. */
  name: Buffer;
  type: TarType;
  size: number;
  /** Permission bits with setuid, setgid and sticky. */
  mode: number;
  /** Seconds since the epoch, whole. */
  mtime: number;
  uid: number;
  gid: number;
  user: string;
  group: string;
  /** What a link leads to; null for everything else. */
  target: Buffer | null;
}

/** Takes the bytes of one file. Where it returns a promise, nothing more is read until that is settled. */
export interface TarSink {
  write(chunk: Buffer): void | Promise<void>;
  end(): void | Promise<void>;
}

export interface TarReader {
  /** @throws backup.damaged where this cannot be an archive, and what a sink throws */
  push(chunk: Buffer): Promise<void>;
  /** To be called when nothing more comes. @throws backup.damaged where the end of the archive was not seen */
  end(): Promise<{ bytes: number; entries: number }>;
}

/** Everything in an archive begins on one, and fills the last. */
export const tarBlock = 512;
/** A name or a link is never longer than a path may be, and a header of extended attributes is small as well. */
const longestHeader = 1024 * 1024;
const empty = Buffer.alloc(0);

const types: Readonly<Record<string, TarType>> = { '0': 'file', '\0': 'file', '7': 'file', '1': 'hard-link', '2': 'link', '3': 'device', '4': 'device', '5': 'folder', '6': 'pipe' };

export function damagedArchive(at: number, what: string): PilothouseError {
  return new PilothouseError('backup.damaged', `The archive is not whole: ${what} (at byte ${at.toLocaleString('en-US')}).`, { hint: 'It was cut, or changed since it was written. Use another copy, and back up again.', details: { at } });
}

const isZero = (bytes: Buffer): boolean => bytes.every((byte) => byte === 0);

function text(header: Buffer, offset: number, length: number): Buffer {
  const field = header.subarray(offset, offset + length);
  const end = field.indexOf(0);
  return end === -1 ? field : field.subarray(0, end);
}

/** Octal digits, or base 256 where the first bit is set. */
function number(header: Buffer, offset: number, length: number, at: number): number {
  const field = header.subarray(offset, offset + length);
  const [first = 0] = field;
  if ((first & 0x80) !== 0) {
    const negative = first === 0xff;
    let value = negative ? -1n : BigInt(first & 0x7f);
    for (const byte of field.subarray(1)) value = value * 256n + BigInt(byte);
    if (negative) value = BigInt.asIntN(8 * (length - 1), BigInt.asUintN(8 * (length - 1), value));
    if (value > BigInt(Number.MAX_SAFE_INTEGER) || value < BigInt(Number.MIN_SAFE_INTEGER)) throw damagedArchive(at, 'a number in it is beyond all measure');
    return Number(value);
  }
  const digits = field.toString('latin1').replace(/[\0 ]+$/, '').replace(/^ +/, '');
  if (!/^[0-7]*$/.test(digits)) throw damagedArchive(at, 'a number in it is none');
  return digits === '' ? 0 : Number.parseInt(digits, 8);
}

function requireChecksum(header: Buffer, at: number): void {
  const stored = number(header, 148, 8, at);
  let sum = 8 * 0x20;
  let signed = sum;
  for (const [index, byte] of header.entries()) {
    if (index >= 148 && index < 156) continue;
    sum += byte;
    // Some old programs took bytes for signed ones.
    signed += byte > 127 ? byte - 256 : byte;
  }
  if (stored !== sum && stored !== signed) throw damagedArchive(at, 'the checksum of a header is wrong');
}

/** Removes what means nothing, and keeps everything that could lead somewhere. */
function plainName(name: Buffer): Buffer {
  let from = 0;
  let to = name.length;
  for (;;) {
    if (name[from] !== 0x2e || (name[from + 1] !== 0x2f && from + 1 !== to)) break;
    from = Math.min(to, from + 2);
    while (from < to && name[from] === 0x2f) from += 1;
  }
  while (to > from && name[to - 1] === 0x2f) to -= 1;
  // Nothing but slashes is the root itself, which is no place to write to.
  return from === to && name[0] === 0x2f ? Buffer.from('/') : name.subarray(from, to);
}

/** The records of a pax header, as bytes. */
function paxRecords(body: Buffer, at: number): Map<string, Buffer> {
  const records = new Map<string, Buffer>();
  let rest = body;
  while (rest.length > 0 && !isZero(rest)) {
    const space = rest.indexOf(0x20);
    const length = space === -1 ? Number.NaN : Number(rest.subarray(0, space).toString('latin1'));
    const equals = rest.indexOf(0x3d, space);
    if (!Number.isInteger(length) || length <= space + 2 || length > rest.length || equals === -1 || equals >= length || rest[length - 1] !== 0x0a) throw damagedArchive(at, 'an extended header cannot be read');
    records.set(rest.subarray(space + 1, equals).toString('latin1'), rest.subarray(equals + 1, length - 1));
    rest = rest.subarray(length);
  }
  return records;
}

function paxNumber(value: Buffer, at: number): number {
  const parsed = Number(value.toString('latin1'));
  if (value.length === 0 || !Number.isFinite(parsed)) throw damagedArchive(at, 'a number in an extended header is none');
  return Math.floor(parsed);
}

type State =
  | { is: 'header' }
  | { is: 'extension'; type: string; size: number; chunks: Buffer[]; have: number }
  | { is: 'body'; left: number; padding: number; sink: TarSink | null }
  | { is: 'padding'; left: number }
  /** One block of zeros was seen; the next has to be the second. */
  | { is: 'ending' }
  | { is: 'ended' };

/** Bytes that fill the last block of so many. */
export const tarPadding = (size: number): number => (tarBlock - (size % tarBlock)) % tarBlock;

/** @param onEntry told of every entry as it begins; what it returns gets the bytes of a file */
export function createTarReader(onEntry: (entry: TarEntry) => TarSink | null | Promise<TarSink | null>): TarReader {
  let state: State = { is: 'header' };
  let waiting: Buffer = empty;
  let position = 0;
  let entries = 0;
  let longName: Buffer | null = null;
  let longTarget: Buffer | null = null;
  let pax: Map<string, Buffer> | null = null;
  let globalPax = new Map<string, Buffer>();

  const entryOf = (header: Buffer): TarEntry => {
    const flag = String.fromCharCode(header[156] ?? 0);
    const own = text(header, 0, 100);
    const isPosix = header.subarray(257, 263).equals(Buffer.from('ustar\0'));
    const prefix = isPosix ? text(header, 345, 155) : empty;
    const extended = new Map([...globalPax, ...(pax ?? [])]);
    const of = (key: string): Buffer | undefined => extended.get(key);
    const numberOf = (key: string, offset: number, length: number): number => {
      const value = of(key);
      return value === undefined ? number(header, offset, length, position) : paxNumber(value, position);
    };
    for (const key of extended.keys()) if (key.startsWith('GNU.sparse')) throw damagedArchive(position, 'it holds a file with holes in a form that this program does not read');
    const rawName = of('path') ?? longName ?? (prefix.length === 0 ? own : Buffer.concat([prefix, Buffer.from('/'), own]));
    // Before there was a type for folders, they were files whose names end in a slash.
    const type = (flag === '0' || flag === '\0') && rawName.at(-1) === 0x2f ? 'folder' : types[flag];
    if (type === undefined) throw damagedArchive(position, `it holds an entry of the type ${JSON.stringify(flag)}, which this program does not read`);
    const size = numberOf('size', 124, 12);
    if (size < 0 || (type !== 'file' && size !== 0)) throw damagedArchive(position, 'an entry has a size that it cannot have');
    const target = type === 'link' || type === 'hard-link' ? (of('linkpath') ?? longTarget ?? text(header, 157, 100)) : null;
    if (rawName.length === 0 || target?.length === 0) throw damagedArchive(position, 'an entry has no name');
    return {
      name: Buffer.from(plainName(rawName)),
      type,
      size,
      mode: number(header, 100, 8, position) & 0o7777,
      mtime: numberOf('mtime', 136, 12),
      uid: numberOf('uid', 108, 8),
      gid: numberOf('gid', 116, 8),
      user: (of('uname') ?? text(header, 265, 32)).toString('latin1'),
      group: (of('gname') ?? text(header, 297, 32)).toString('latin1'),
      target: target === null ? null : Buffer.from(type === 'hard-link' ? plainName(target) : target),
    };
  };

  const readHeader = async (header: Buffer): Promise<void> => {
    if (isZero(header)) {
      if (longName !== null || longTarget !== null || pax !== null) throw damagedArchive(position, 'it ends where an entry was announced');
      state = { is: 'ending' };
      return;
    }
    requireChecksum(header, position);
    const flag = String.fromCharCode(header[156] ?? 0);
    if ('LKxg'.includes(flag)) {
      const size = number(header, 124, 12, position);
      if (size <= 0 || size > longestHeader) throw damagedArchive(position, 'an extended header has a size that none has');
      state = { is: 'extension', type: flag, size, chunks: [], have: 0 };
      return;
    }
    const entry = entryOf(header);
    longName = null;
    longTarget = null;
    pax = null;
    entries += 1;
    const sink = await onEntry(entry);
    if (entry.size > 0) state = { is: 'body', left: entry.size, padding: tarPadding(entry.size), sink };
    else await sink?.end();
  };

  const readExtension = (type: string, body: Buffer): void => {
    if (type === 'L') longName = text(body, 0, body.length);
    else if (type === 'K') longTarget = text(body, 0, body.length);
    else if (type === 'x') pax = paxRecords(body, position);
    else globalPax = new Map([...globalPax, ...paxRecords(body, position)]);
  };

  /** Takes what it can of what is there. @returns how many bytes that was; 0 where it needs more */
  const step = async (bytes: Buffer): Promise<number> => {
    switch (state.is) {
      case 'header':
        if (bytes.length < tarBlock) return 0;
        await readHeader(bytes.subarray(0, tarBlock));
        return tarBlock;
      case 'extension': {
        const chunk = bytes.subarray(0, state.size - state.have);
        state.chunks.push(Buffer.from(chunk));
        state.have += chunk.length;
        if (state.have === state.size) {
          const { type, size, chunks } = state;
          state = tarPadding(size) === 0 ? { is: 'header' } : { is: 'padding', left: tarPadding(size) };
          readExtension(type, Buffer.concat(chunks));
        }
        return chunk.length;
      }
      case 'body': {
        const chunk = bytes.subarray(0, Math.min(bytes.length, state.left));
        const { sink, padding } = state;
        state.left -= chunk.length;
        const isLast = state.left === 0;
        const written = sink?.write(chunk);
        if (written !== undefined) await written;
        if (isLast) {
          state = padding === 0 ? { is: 'header' } : { is: 'padding', left: padding };
          await sink?.end();
        }
        return chunk.length;
      }
      case 'padding': {
        const length = Math.min(bytes.length, state.left);
        state.left -= length;
        if (state.left === 0) state = { is: 'header' };
        return length;
      }
      case 'ending':
        if (bytes.length < tarBlock) return 0;
        if (!isZero(bytes.subarray(0, tarBlock))) throw damagedArchive(position, 'an empty block stands in its middle');
        state = { is: 'ended' };
        return tarBlock;
      case 'ended':
        if (!isZero(bytes)) throw damagedArchive(position, 'something stands behind its end');
        return bytes.length;
    }
  };

  return {
    async push(chunk) {
      let rest = waiting.length === 0 ? chunk : Buffer.concat([waiting, chunk]);
      waiting = empty;
      while (rest.length > 0) {
        const taken = await step(rest);
        if (taken === 0) break;
        position += taken;
        rest = rest.subarray(taken);
      }
      waiting = Buffer.from(rest);
    },
    async end() {
      if (state.is !== 'ended' || waiting.length > 0) throw damagedArchive(position + waiting.length, 'it ends before its end');
      return { bytes: position, entries };
    },
  };
}
