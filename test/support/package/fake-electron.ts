/**
 * What an unpacked Electron for Linux looks like to those who package it: the files that they move or read, and in the
 * binary the place where its fuses are. It cannot be started.
 */
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Where Electron's fuses are in its binary, said by this and followed by a version, a count and the states. */
const sentinel = 'dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX';

/** The states of Electron 45 as it is downloaded. */
export const fusesOfElectron = '101100011';

/**
 * @param fuses one character each: 0 off, 1 on, r removed
 * @returns the folder, as `electronDist` takes it
 */
export function makeFakeElectron(folder: string, { fuses = fusesOfElectron }: { fuses?: string } = {}): string {
  mkdirSync(join(folder, 'resources'), { recursive: true });
  mkdirSync(join(folder, 'locales'), { recursive: true });
  const wire = Buffer.concat([Buffer.from([1, fuses.length]), Buffer.from(fuses, 'latin1')]);
  writeFileSync(join(folder, 'electron'), Buffer.concat([Buffer.from('\x7fELF not really'), Buffer.alloc(4096), Buffer.from(sentinel, 'latin1'), wire, Buffer.alloc(4096)]));
  chmodSync(join(folder, 'electron'), 0o755);
  for (const name of ['LICENSE', 'LICENSES.chromium.html', 'chrome-sandbox', 'icudtl.dat', 'resources.pak', 'version', join('locales', 'en-US.pak'), join('locales', 'de.pak')]) writeFileSync(join(folder, name), name);
  return folder;
}
