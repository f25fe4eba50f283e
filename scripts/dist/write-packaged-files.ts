/**
 * Writes the list of what a package holds anew, for the reader of a change to see what comes in and what goes:
 *
 *   node scripts/bootstrap.cjs build --if-changed && node scripts/dist/write-packaged-files.ts
 *
 * On Linux x64, for which the list is. Nothing is downloaded: the package is made around an Electron that is none.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makePackage, packagedTarget } from '#test/package/make-package.ts';
import { projectRoot } from '../house/layers.ts';
import { writeLicences } from './licences.ts';
import { packagedFiles } from './packaged-files.ts';

const folder = mkdtempSync(join(tmpdir(), 'pilothouse-package-'));
try {
  await writeLicences(projectRoot, packagedTarget);
  const files = packagedFiles(join(await makePackage(folder), 'resources'));
  writeFileSync(join(projectRoot, 'test', 'desktop', 'packaged-files.txt'), `${files.join('\n')}\n`);
  console.log(`${files.length} files in test/desktop/packaged-files.txt`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
