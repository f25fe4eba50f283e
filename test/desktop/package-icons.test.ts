import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const folder = join(import.meta.dirname, '..', '..', 'resources', 'icons');
const read = (name: string) => readFileSync(join(folder, name));
const hashOf = (name: string) => createHash('sha256').update(read(name)).digest('hex');
const hashes = (names: readonly string[]) => Object.fromEntries(names.map((name) => [name, hashOf(name)]));

const manifest = JSON.parse(read('manifest.json').toString()) as { madeFrom: Record<string, string>; made: Record<string, string> };

/** The size of a PNG, which must be square, and whether it has colours with transparency. */
function pngSize(png: Buffer): number {
  expect(png.subarray(0, 8).toString('latin1')).toBe('\x89PNG\r\n\x1a\n');
  expect(png.subarray(12, 16).toString('latin1')).toBe('IHDR');
  expect(png.readUInt32BE(16)).toBe(png.readUInt32BE(20));
  // Colour type 6: red, green, blue and how much shines through.
  expect(png.readUInt8(25)).toBe(6);
  return png.readUInt32BE(16);
}

describe('the icons', () => {
  it('are made from the drawings that are committed with them', () => {
    expect(hashes(Object.keys(manifest.madeFrom)), 'run: npm run icons').toEqual(manifest.madeFrom);
  });

  it('are the very files that were made, and no others', () => {
    const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    const names = files.map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1).replaceAll('\\', '/'));
    expect(names.sort()).toEqual([...Object.keys(manifest.madeFrom), ...Object.keys(manifest.made), 'manifest.json'].sort());
    expect(hashes(Object.keys(manifest.made))).toEqual(manifest.made);
  });

  it('are there in each size that a desktop asks for, under its name', () => {
    const sizes = [16, 24, 32, 48, 64, 128, 256, 512, 1024];
    expect(sizes.map((size) => pngSize(read(`png/${size}x${size}.png`)))).toEqual(sizes);
    expect([pngSize(read('overlay.png')), pngSize(read('overlay@2x.png'))]).toEqual([16, 32]);
  });

  it('of Windows: one file whose table leads to a PNG of each size', () => {
    const file = read('icon.ico');
    expect([file.readUInt16LE(0), file.readUInt16LE(2)]).toEqual([0, 1]);
    const entries = Array.from({ length: file.readUInt16LE(4) }, (_, index) => 6 + 16 * index);
    const told = entries.map((at) => file.readUInt8(at) || 256);
    const held = entries.map((at) => pngSize(file.subarray(file.readUInt32LE(at + 12), file.readUInt32LE(at + 12) + file.readUInt32LE(at + 8))));
    expect(held).toEqual(told);
    expect(told).toEqual([16, 24, 32, 48, 64, 128, 256]);
    const last = entries.at(-1) ?? 0;
    expect(file.readUInt32LE(last + 12) + file.readUInt32LE(last + 8)).toBe(file.length);
  });

  it('of macOS: one file whose parts have the size that their name means', () => {
    const file = read('icon.icns');
    expect(file.subarray(0, 4).toString('latin1')).toBe('icns');
    expect(file.readUInt32BE(4)).toBe(file.length);
    const parts: [string, number][] = [];
    for (let at = 8; at < file.length; at += file.readUInt32BE(at + 4)) parts.push([file.subarray(at, at + 4).toString('latin1'), pngSize(file.subarray(at + 8, at + file.readUInt32BE(at + 4)))]);
    expect(Object.fromEntries(parts)).toEqual({ ic11: 32, ic12: 64, ic07: 128, ic13: 256, ic08: 256, ic14: 512, ic09: 512, ic10: 1024 });
  });
});
