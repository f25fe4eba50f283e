import { describe, expect, test } from 'vitest';
import { compareLook } from '#engine/files/compare-look.ts';
import { createLookReader, lookScript, type Seen, type TarFlavour } from '#engine/files/look.ts';
import type { TarEntry } from '#engine/files/tar-reader.ts';

const said = (...fields: string[]): Buffer => Buffer.from(`${fields.join('\0')}\0`, 'latin1');

describe('what a look says', () => {
  const whole = Buffer.concat([
    said('now', '1700000000', 'account', 'deploy', 'tar', 'tar (GNU tar) 1.34', 'help', 'Usage:\n --exclude', 'gzip', 'yes', 'mount', '/', 'mount', '/etc/with\\040space'),
    said('root', '/etc', 'folder', '', 'root', '/etc/link', 'link', '/srv', 'u', '/etc/shadow'),
    said('b', '2', '41ed 1 2 4096\n81a4 3 4 5', '/etc', '/etc/with\nnewline'),
    said('b', '1', '8180 5 6 7', '/etc/shadow'),
    said('end'),
  ]);
  test('is the same however the bytes come', () => {
    const results = [1, 5, 4096].map((step) => {
      const reader = createLookReader();
      for (let at = 0; at < whole.length; at += step) reader.push(whole.subarray(at, at + step));
      return reader.result();
    });
    const [first] = results;
    expect(results).toEqual([first, first, first]);
    expect(first).toMatchObject({ now: 1_700_000_000, account: 'deploy', ended: true, lacks: null, tar: { flavour: 'gnu', gzip: true, excludes: true }, roots: [{ path: '/etc', kind: 'folder', target: null }, { path: '/etc/link', kind: 'link', target: '/srv' }], mounts: ['', 'etc/with space'] });
    expect([...(first?.entries ?? [])]).toEqual([['etc', { mode: 0o40755, mtime: 1, ctime: 2, size: 4096 }], ['etc/with\nnewline', { mode: 0o100644, mtime: 3, ctime: 4, size: 5 }], ['etc/shadow', { mode: 0o100600, mtime: 5, ctime: 6, size: 7 }]]);
    expect([...(first?.unreadable ?? [])]).toEqual(['etc/shadow']);
  });
  test('is not whole where its end is missing', () => {
    const reader = createLookReader();
    reader.push(whole.subarray(0, -4));
    expect(reader.result().ended).toBe(false);
  });
  test('is asked for with every value quoted, and with nothing in a path that stands for another', () => {
    const script = lookScript({ paths: ["/srv/it's $(here)"], exclude: ['*.log', '/srv/[a]*'], oneFileSystem: true });
    expect([script.includes(`root '/srv/it'\\''s $(here)'`), script.includes(`-xdev '(' -name '*.log' -o -path '/srv/\\[a\\]\\*' ')' -prune -o -exec`)]).toEqual([true, true]);
  });
});

describe('what tar brought, against two looks', () => {
  const seen = (changes: Partial<Seen> = {}): Seen => ({ mode: 0o100644, mtime: 10, ctime: 10, size: 3, ...changes });
  const entry = (name: string, changes: Partial<TarEntry> = {}): TarEntry => ({ name: Buffer.from(name), type: 'file', size: 3, mode: 0o644, mtime: 10, uid: 0, gid: 0, user: 'root', group: 'root', target: null, ...changes });
  const compare = (entries: TarEntry[], before: Record<string, Seen>, after: Record<string, Seen>, more: { unreadable?: string[]; mounts?: string[]; flavour?: TarFlavour } = {}) =>
    compareLook(entries, { entries: new Map(Object.entries(before)), unreadable: new Set(more.unreadable), mounts: more.mounts ?? [], tar: { flavour: more.flavour ?? 'gnu', version: '', excludes: true, listed: false, gzip: true } }, { entries: new Map(Object.entries(after)), unreadable: new Set() });

  test('nothing is said where all is as it was', () => {
    expect(compare([entry('a')], { a: seen() }, { a: seen() })).toEqual({ changed: new Set(), leftOut: [], came: 0, went: 0 });
  });
  test('another size or time is a change, one that came or went is counted', () => {
    expect(compare([entry('a'), entry('b'), entry('c')], { a: seen(), b: seen(), c: seen() }, { a: seen({ size: 4 }), b: seen({ mtime: 11 }), d: seen() })).toEqual({ changed: new Set(['a', 'b']), leftOut: [], came: 1, went: 1 });
  });
  test('one that was changed in the same second, or had its time set back, is named: by GNU tar itself, of another by its inode', () => {
    const changedOf = (flavour: TarFlavour) => [...compare([entry('a'), entry('b')], { a: seen() }, { a: seen({ ctime: 11 }), b: seen({ ctime: 11 }) }, { flavour }).changed];
    expect([changedOf('gnu'), changedOf('busybox'), changedOf('bsd')]).toEqual([[], ['a'], ['a']]);
  });
  test('what was there before and is there now, and is not in the archive, is named: it never goes unsaid', () => {
    const before = { a: seen(), sock: seen({ mode: 0o140755 }), shut: seen(), 'closed/in': seen(), closed: seen({ mode: 0o40700 }) };
    expect(compare([], before, before, { unreadable: ['shut', 'closed'] }).leftOut).toEqual([
      { path: 'shut', why: 'this account may not read it' },
      { path: 'closed', why: 'this account may not look into it' },
      { path: 'a', why: 'tar left it out' },
      { path: 'sock', why: 'it is a socket' },
    ]);
  });
  test('other file systems are named', () => {
    expect(compare([entry('mnt', { type: 'folder' })], { mnt: seen({ mode: 0o40755 }) }, { mnt: seen({ mode: 0o40755 }) }, { mounts: ['mnt'] }).leftOut).toEqual([{ path: 'mnt', why: 'another file system is mounted there' }]);
  });
});
