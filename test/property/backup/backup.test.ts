import { rmSync } from 'node:fs';
import { readFile, truncate, writeFile } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compareProof, proofLevels } from '#shared/domain/proof.ts';
import { archiveNames, nameKey } from '#engine/backup/archive-names.ts';
import { createCopyScanner } from '#engine/backup/copy-scanner.ts';
import { folderNameOf } from '#engine/backup/folder-names.ts';
import { quoteQualified, readQualified } from '#engine/backup/identifiers.ts';
import type { Manifest } from '#engine/backup/manifest.ts';
import { checkHashes } from '#engine/backup/proof-checks.ts';
import { proofStateOf } from '#engine/backup/proof-state.ts';
import type { RunningOperation } from '#engine/operations/procedure.ts';
import { temporaryFolder } from '#test/temporary-folder.ts';

const name = fc.string({ unit: 'binary', minLength: 1, maxLength: 20 }).filter((text) => !text.includes('\0') && !text.includes('\n') && !text.includes('\r'));
const quiet = { signal: new AbortController().signal, throwIfCancelled() {}, progress() {}, log() {} } as unknown as RunningOperation;

describe('names', () => {
  test('of any kind are read as they were quoted', () => {
    fc.assert(fc.property(name, name, (schema, table) => {
      expect(readQualified(`${quoteQualified(schema, table)} (a) FROM stdin;`)).toMatchObject({ schema, name: table });
    }));
  });
  test('never make a folder that leads out or hides', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => {
      const folder = folderNameOf(text);
      expect(folder).toMatch(/^[A-Za-z0-9_%-][A-Za-z0-9_.%-]*$/);
      expect(folder.endsWith('.')).toBe(false);
    }));
  });
});

describe('the rows of an archive', () => {
  const tables = fc.array(fc.record({ table: name, rows: fc.array(fc.string({ unit: 'grapheme', maxLength: 12 }).map((text) => text.replaceAll(/[\n\r]/g, '').replaceAll('\\', '\\\\')), { maxLength: 30 }) }), { maxLength: 6 });

  test('are counted the same however the text is cut', () => {
    fc.assert(fc.property(tables, fc.integer({ min: 1, max: 40 }), (all, step) => {
      const text = Buffer.from(all.map(({ table, rows }) => `COPY ${quoteQualified('s', table)} (a) FROM stdin;\n${rows.map((row) => `${row}\n`).join('')}\\.\n\n`).join(''));
      const scanner = createCopyScanner(archiveNames('UTF8'));
      for (let at = 0; at < text.length; at += step) scanner.push(text.subarray(at, at + step));
      const keyOf = (table: string) => nameKey({ schema: 's', name: table });
      const expected = new Map<string, number>();
      for (const { table, rows } of all) expected.set(keyOf(table), (expected.get(keyOf(table)) ?? 0) + rows.length);
      expect(scanner.end().whole).toBe(true);
      expect(Object.fromEntries(scanner.rows)).toEqual(Object.fromEntries(expected));
    }));
  });
});

describe('what proofs say together', () => {
  // A verification looks at every level up to one, and stops at the first that fails.
  const verification = fc.record({ upTo: fc.nat({ max: 3 }), fails: fc.boolean() }).map(({ upTo, fails }) =>
    proofLevels.slice(0, upTo + 1).map((level, index) => ({ level, ok: !(fails && index === upTo), at: '2026-11-20T19:46:00.000Z', durationMs: 1, where: '', checks: [], operationId: null })),
  );
  const history = fc.array(verification, { maxLength: 12 }).map((runs) => runs.flat());

  test('is never at or above a level whose last word was a failure', () => {
    fc.assert(fc.property(history, (records) => {
      const { proof, provenAt } = proofStateOf(records);
      for (const level of proofLevels) {
        if (records.findLast((each) => each.level === level)?.ok === false) expect(compareProof(proof, level)).toBeLessThan(0);
      }
      if (proof !== 'L3') expect(provenAt).toBeNull();
    }));
  });
  test('is damaged as long as the last word on any level was a failure', () => {
    fc.assert(fc.property(history, (records) => {
      const anyFailed = proofLevels.some((level) => records.findLast((each) => each.level === level)?.ok === false);
      if (anyFailed) expect(proofStateOf(records).damaged).not.toBeNull();
    }));
  });
});

describe('damage', () => {
  const files = ['dump/toc.dat', 'dump/1.dat.gz', 'globals.sql', 'RESTORE.md'];
  const makeFolder = async () => {
    const folder = await temporaryFolder('damage');
    await mkdir(join(folder, 'dump'));
    const content = new Map(files.map((path, index) => [path, Buffer.from(`${path} `.repeat(40 + index))]));
    for (const [path, bytes] of content) await writeFile(join(folder, path), bytes);
    const manifest = { dump: { format: 'directory', path: 'dump' }, files: [...content].map(([path, bytes]) => ({ path, sizeBytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') })) } as unknown as Manifest;
    const look = async () => (await checkHashes({ folder, manifest, manifestDoubt: null, source: null, operation: quiet, range: [0, 1] })).every((check) => check.ok);
    return { folder, content, manifest, look };
  };

  test('by a file that goes away while others are read is noticed', async () => {
    const { folder, manifest } = await makeFolder();
    const operation = { ...quiet, progress: () => rmSync(join(folder, 'RESTORE.md'), { force: true }) };
    const checks = await checkHashes({ folder, manifest, manifestDoubt: null, source: null, operation, range: [0, 1] });
    expect(checks.filter(({ ok }) => !ok).map(({ detail }) => detail)).toEqual(['RESTORE.md went away while the backup was read']);
  });

  test('by any flipped bit is noticed by the hash', async () => {
    const { folder, content, look } = await makeFolder();
    await fc.assert(fc.asyncProperty(fc.constantFrom(...files), fc.nat(), fc.integer({ min: 0, max: 7 }), async (path, at, bit) => {
      const good = content.get(path) as Buffer;
      const bad = Buffer.from(good);
      bad[at % bad.length] = (bad[at % bad.length] as number) ^ (1 << bit);
      await writeFile(join(folder, path), bad);
      expect(await look()).toBe(false);
      await writeFile(join(folder, path), good);
      expect(await look()).toBe(true);
    }), { numRuns: 30 });
  });
  test('by any cut is noticed', async () => {
    const { folder, content, look } = await makeFolder();
    await fc.assert(fc.asyncProperty(fc.constantFrom(...files), fc.nat(), async (path, at) => {
      const good = content.get(path) as Buffer;
      await truncate(join(folder, path), at % good.length);
      expect(await look()).toBe(false);
      await writeFile(join(folder, path), good);
      expect((await readFile(join(folder, path))).equals(good)).toBe(true);
    }), { numRuns: 30 });
  });
});
