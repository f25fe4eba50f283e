import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { createTarReader, type TarEntry } from '#engine/files/tar-reader.ts';
import { tarHeader, tarOf, type MadeEntry } from '#test/make-tar.ts';

interface Found extends Pick<TarEntry, 'type' | 'size' | 'mode'> {
  name: string;
  target: string | null;
  text: string;
}

async function read(archive: Buffer, step = archive.length): Promise<Found[]> {
  const found: Found[] = [];
  const reader = createTarReader(({ name, type, size, mode, target }) => {
    const entry: Found = { name: name.toString('latin1'), type, size, mode, target: target?.toString('latin1') ?? null, text: '' };
    found.push(entry);
    return type === 'file' ? { write: (chunk) => void (entry.text += chunk.toString('latin1')), end: () => {} } : null;
  });
  for (let at = 0; at < archive.length; at += step) await reader.push(archive.subarray(at, at + step));
  await reader.end();
  return found;
}

const one: MadeEntry = { name: 'etc/a', text: 'hello' };
const damaged = { code: 'backup.damaged' };

describe('a tar reader', () => {
  test('reads the same however the bytes come', async () => {
    const archive = tarOf([{ name: './etc/', type: '5', mode: 0o755 }, one, { name: 'etc/b', type: '2', target: '/etc/a' }, { name: 'etc/c', type: '1', target: './etc/a' }]);
    const whole = await read(archive);
    expect(whole).toEqual([
      { name: 'etc', type: 'folder', size: 0, mode: 0o755, target: null, text: '' },
      { name: 'etc/a', type: 'file', size: 5, mode: 0o644, target: null, text: 'hello' },
      { name: 'etc/b', type: 'link', size: 0, mode: 0o644, target: '/etc/a', text: '' },
      { name: 'etc/c', type: 'hard-link', size: 0, mode: 0o644, target: 'etc/a', text: '' },
    ]);
    for (const step of [1, 7, 511, 513]) expect(await read(archive, step)).toEqual(whole);
  });
  test('keeps names that are no text as the bytes they are', async () => {
    const [entry] = await read(tarOf([{ ...one, name: Buffer.from([0x65, 0xe4, 0xff]) }]));
    expect(Buffer.from(entry?.name ?? '', 'latin1')).toEqual(Buffer.from([0x65, 0xe4, 0xff]));
  });
  test('reads names and targets that are longer than a header', async () => {
    const name = 'x'.repeat(300);
    expect(await read(tarOf([{ name: '././@LongLink', type: 'K', text: `${name}-target\0` }, { name: '././@LongLink', type: 'L', text: `${name}\0` }, { name: 'x'.repeat(100), type: '2', target: 'y' }]))).toMatchObject([{ name, target: `${name}-target` }]);
  });
  test('reads extended headers: names, sizes and times', async () => {
    const record = (key: string, value: string): string => {
      const rest = ` ${key}=${value}\n`;
      const length = rest.length + String(rest.length + 2).length;
      return `${length}${rest}`;
    };
    expect(await read(tarOf([{ name: 'pax', type: 'x', text: record('path', 'a/long/name') + record('mtime', '1700000000.75') }, one]))).toMatchObject([{ name: 'a/long/name', text: 'hello' }]);
  });

  const end = Buffer.alloc(1024);
  test.each<[string, Buffer]>([
    ['nothing at all', Buffer.alloc(0)],
    ['no end', tarOf([one], Buffer.alloc(0))],
    ['half an end', tarOf([one], Buffer.alloc(512))],
    ['something behind its end', tarOf([one], Buffer.concat([end, tarHeader(one)]))],
    ['an empty block in its middle', Buffer.concat([Buffer.alloc(512), tarOf([one])])],
    ['a wrong checksum', tarOf([{ ...one, checksum: 5 }])],
    ['an entry of an unknown type', tarOf([{ ...one, type: 'S' }])],
    ['a folder with a size', tarOf([{ name: 'd', type: '5', size: 3 }])],
    ['no name', tarOf([{ ...one, name: '' }])],
    ['a link to nothing', tarOf([{ name: 'l', type: '2' }])],
    ['an announced name and nothing behind it', tarOf([{ name: 'x', type: 'L', text: 'name\0' }])],
    ['a long name of another length than any', tarOf([{ name: 'x', type: 'L', size: 0o7777777 }])],
    ['an extended header that is none', tarOf([{ name: 'x', type: 'x', text: 'what is this' }, one])],
    ['no archive', Buffer.from('ssh: welcome to this machine\n'.repeat(40))],
  ])('takes no archive with %s', async (_what, archive) => {
    await expect(read(archive)).rejects.toMatchObject(damaged);
  });
  test('takes no archive that was cut at any byte before its end', async () => {
    // The last file is all zeros, as an end is.
    const archive = tarOf([one, { name: 'zeros', text: Buffer.alloc(2048) }]);
    const accepted: number[] = [];
    for (let length = 0; length < archive.length; length += 1) await read(archive.subarray(0, length)).then(() => accepted.push(length), () => {});
    expect(accepted).toEqual([]);
  });
  test('waits for a sink that is slow, and gives it every byte', async () => {
    const text = Buffer.alloc(1_000_000, 'abcdefg');
    const hash = createHash('sha256');
    let busy = false;
    const reader = createTarReader(() => ({
      async write(chunk) {
        if (busy) throw new Error('It did not wait.');
        busy = true;
        await new Promise((resolve) => setImmediate(resolve));
        hash.update(chunk);
        busy = false;
      },
      end: () => {},
    }));
    const archive = tarOf([{ name: 'big', text }]);
    for (let at = 0; at < archive.length; at += 65_536) await reader.push(archive.subarray(at, at + 65_536));
    await reader.end();
    expect(hash.digest('hex')).toBe(createHash('sha256').update(text).digest('hex'));
  });
});
