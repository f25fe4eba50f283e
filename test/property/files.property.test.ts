/** Whatever files are called and hold, what tar makes of them is read, brought out and compared as they are. */
import { execFileSync } from 'node:child_process';
import { existsSync, linkSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createHashingReader, readArchive } from '#engine/files/archive.ts';
import { describeEntry, manifestText, parseFilesManifest, type EntryInManifest, type FilesManifest } from '#engine/files/manifest.ts';
import { bringOut } from '#engine/files/proof-checks.ts';
import { removeTree } from '#engine/files/remove-tree.ts';
import { createTarReader } from '#engine/files/tar-reader.ts';
import { temporaryFolder } from '#test/temporary-folder.ts';

const programs: Record<string, { tar: [string, ...string[]]; there: boolean }> = {
  'GNU tar': { tar: ['tar', '--format=gnu'], there: existsSync('/usr/bin/tar') },
  'GNU tar in the posix format': { tar: ['tar', '--format=posix'], there: existsSync('/usr/bin/tar') },
  BusyBox: { tar: ['busybox', 'tar'], there: existsSync('/usr/bin/busybox') || existsSync('/bin/busybox') },
};

/** One component of a path, in bytes: anything but a slash and NUL. */
const component = fc
  .oneof(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }).map((text) => Buffer.from(text)), fc.uint8Array({ minLength: 1, maxLength: 20 }).map((bytes) => Buffer.from(bytes)), fc.constantFrom('-rf', ' ', '\n', '*', '\\', '--', '...', '"', "'", 'a'.repeat(250)).map((text) => Buffer.from(text)))
  .map((bytes) => Buffer.from(bytes.filter((byte) => byte !== 0 && byte !== 0x2f)))
  .filter((bytes) => bytes.length > 0 && bytes.length <= 255 && !['.', '..'].includes(bytes.toString('latin1')));
const kind = fc.oneof({ weight: 4, arbitrary: fc.constant('file') }, { weight: 1, arbitrary: fc.constantFrom('folder', 'link', 'hard-link', 'sparse') });
const file = fc.record({ folder: fc.option(component, { nil: null }), name: component, kind, size: fc.oneof(fc.constantFrom(0, 1, 511, 512, 513), fc.nat(5000)), mode: fc.constantFrom(0o644, 0o600, 0o755, 0o4755, 0o000, 0o1777) });

/** @returns false where the disk says no, for instance because two names are one */
function plant(root: string, { folder, name, kind: what, size, mode }: typeof file extends fc.Arbitrary<infer T> ? T : never, at: number): boolean {
  const above = folder === null ? Buffer.from(root) : Buffer.concat([Buffer.from(`${root}/`), folder]);
  const place = Buffer.concat([above, Buffer.from('/'), name]);
  try {
    mkdirSync(above, { recursive: true });
    if (what === 'folder') mkdirSync(place, { mode });
    else if (what === 'link') symlinkSync('../somewhere/else', place);
    else if (what === 'hard-link') linkSync(join(root, 'first'), place);
    else writeFileSync(place, what === 'sparse' ? Buffer.alloc(size * 100) : Buffer.alloc(size, `${at}`), { mode, flag: 'wx' });
    return true;
  } catch {
    return false;
  }
}

describe.each(Object.entries(programs))('files that %s packs', (_name, { tar, there }) => {
  test('are read, brought out and compared as they are', async (context) => {
    if (!there) context.skip(`there is no ${tar[0]}`);
    const folder = await temporaryFolder('packed');
    await fc.assert(
      fc.asyncProperty(fc.array(file, { maxLength: 12 }), fc.integer({ min: 1, max: 5000 }), async (files, step) => {
        const root = join(folder, 'root');
        await removeTree(root);
        await mkdir(join(root, 'begin'), { recursive: true });
        writeFileSync(join(root, 'first'), 'first');
        for (const [index, each] of files.entries()) plant(root, each, index);
        const archive = execFileSync(tar[0], [...tar.slice(1), '-c', '-f', '-', '-C', folder, 'root'], { maxBuffer: 1e9, stdio: ['ignore', 'pipe', 'ignore'], env: { PATH: '/usr/bin:/bin', LC_ALL: 'C' } });

        const entries: EntryInManifest[] = [];
        const reader = createHashingReader((entry, sha256) => void entries.push(describeEntry(entry, sha256)));
        for (let at = 0; at < archive.length; at += step) await reader.push(archive.subarray(at, at + step));
        await reader.end();
        expect(entries.length).toBe(execFileSync('find', [root, '-printf', 'x']).length);

        const path = join(folder, 'files.tar.gz');
        const packed = gzipSync(archive, { level: 1 });
        writeFileSync(path, packed);
        const into = join(folder, 'into');
        await mkdir(into);
        try {
          const { differences, made } = await bringOut({ archive: path, into, entries, signal: new AbortController().signal, onBytes: () => {} });
          expect({ differences, made }).toEqual({ differences: [], made: entries.length });
        } finally {
          await removeTree(into);
        }
        const manifest: FilesManifest = {
          format: 'pilothouse-files/1', id: 'x', madeBy: { pilothouse: '0', tar: 'tar', gzip: 'here' }, system: { id: 's', name: 's', environment: 'development' }, host: { id: 'h', label: 'h', host: 'h', port: 22, hostKey: 'k', account: 'root' },
          set: { id: 's', name: 's', paths: ['/'], exclude: [], access: { kind: 'plain' }, oneFileSystem: true }, takenAt: new Date(0).toISOString(), endedAt: new Date(0).toISOString(), archive: { path: 'files.tar.gz', tarBytes: archive.length },
          leftOut: [], changed: [], files: [{ path: 'files.tar.gz', sizeBytes: packed.length, sha256: '0'.repeat(64) }], entries,
        };
        expect(parseFilesManifest(manifestText(manifest), folder)).toEqual(manifest);
      }),
      { numRuns: 15 },
    );
    await rm(folder, { recursive: true, force: true }).catch(() => {});
  });

  test('are never taken where their archive was cut or changed', async (context) => {
    if (!there) context.skip(`there is no ${tar[0]}`);
    const folder = await temporaryFolder('cut');
    mkdirSync(join(folder, 'root'));
    for (let index = 0; index < 20; index += 1) writeFileSync(join(folder, 'root', `f${index}`), Buffer.alloc(index * 300, index % 2 === 0 ? 0 : 120));
    const archive = execFileSync(tar[0], [...tar.slice(1), '-c', '-f', '-', '-C', folder, 'root'], { maxBuffer: 1e9 });
    const packed = gzipSync(archive);
    const path = join(folder, 'files.tar.gz');
    // What follows the two empty blocks fills a record, and may be missing.
    const nearEnd = archive.length - 10_240;
    await fc.assert(
      fc.asyncProperty(fc.nat(packed.length - 1), fc.nat(Math.max(0, nearEnd)), async (ofPacked, ofPlain) => {
        writeFileSync(path, packed.subarray(0, ofPacked));
        await expect(readArchive(path, createTarReader(() => null), { signal: new AbortController().signal })).rejects.toMatchObject({ code: 'backup.damaged' });
        const reader = createTarReader(() => null);
        await reader.push(archive.subarray(0, ofPlain));
        await expect(reader.end()).rejects.toMatchObject({ code: 'backup.damaged' });
      }),
      { numRuns: 40 },
    );
  });
});

test('whatever bytes come, a reader takes them or says that they are damaged', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 1500 }), { maxLength: 5 }), async (chunks) => {
      const reader = createTarReader(() => null);
      try {
        for (const chunk of chunks) await reader.push(Buffer.from(chunk));
        await reader.end();
      } catch (error) {
        expect(error).toMatchObject({ code: 'backup.damaged' });
      }
    }),
    { numRuns: 300 },
  );
});
