import { describe, expect, test } from 'vitest';
import { withoutSpecial } from '#engine/files/without-special.ts';
import { tarOf, type MadeEntry } from '#test/make-tar.ts';

async function* pieces(archive: Buffer, step: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < archive.length; at += step) yield archive.subarray(at, at + step);
}

async function passed(archive: Buffer, step = archive.length): Promise<Buffer> {
  const out: Buffer[] = [];
  for await (const chunk of withoutSpecial(pieces(archive, step))) out.push(chunk);
  return Buffer.concat(out);
}

const longName = (name: string): MadeEntry => ({ name: '././@LongLink', type: 'L', text: `${name}\0` });
const before: MadeEntry[] = [{ name: 'etc', type: '5', mode: 0o755 }, { name: 'etc/a', text: 'x'.repeat(1500) }, { name: 'etc/empty' }];
const special: MadeEntry[] = [{ name: 'etc/disk', type: '4' }, { name: 'etc/null', type: '3' }, longName('p'.repeat(300)), { name: 'p'.repeat(100), type: '6' }];
const after: MadeEntry[] = [longName('n'.repeat(300)), { name: 'n'.repeat(100), text: 'y'.repeat(512) }, { name: 'etc/link', type: '2', target: 'a' }];
const end = Buffer.alloc(10_240);

describe('an archive without pipes and devices', () => {
  test.each([1, 7, 511, 512, 513, 1_000_000])('has everything else, byte for byte, however it comes (%i bytes at a time)', async (step) => {
    expect((await passed(tarOf([...before, ...special, ...after], end), step)).equals(tarOf([...before, ...after], end))).toBe(true);
  });
  test('is the same where there are none', async () => {
    const archive = tarOf([...before, ...after], end);
    expect((await passed(archive)).equals(archive)).toBe(true);
  });
  test.each([
    ['is cut in a file', tarOf(before).subarray(0, 1024 + 700)],
    ['is cut in a header', tarOf(before).subarray(0, 700)],
    ['has no end', tarOf(before, Buffer.alloc(0))],
  ])('that %s is not taken for a whole one', async (_what, archive) => {
    await expect(passed(archive)).rejects.toMatchObject({ code: 'backup.damaged' });
  });
});
