import { readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { makeTemporaryFolder } from '#test/temporary-folder.ts';
import { launchBrowser } from '#test/web/fixture-console.ts';
import { startConsole } from './console-process.ts';
import { median, type Benchmark } from './figure.ts';

const built = join(import.meta.dirname, '..', '..', 'dist', 'renderer');
const budgetBytes = 350 * 1024;

/** Scripts that the first page loads: those of index.html and what they import at once. */
function initialScriptBytes(): number {
  const seen = new Set<string>();
  const visit = (path: string): void => {
    if (seen.has(path)) return;
    seen.add(path);
    const code = readFileSync(join(built, path), 'utf8');
    for (const match of code.matchAll(/(?:import|from)\s*["']\.\/([^"']+\.js)["']/g)) visit(join(path, '..', match[1] ?? ''));
  };
  for (const match of readFileSync(join(built, 'index.html'), 'utf8').matchAll(/(?:src|href)="\.\/([^"]+\.js)"/g)) visit(match[1] ?? '');
  return [...seen].reduce((sum, path) => sum + gzipSync(readFileSync(join(built, path))).length, 0);
}

export const startOfTheConsole: Benchmark = async () => {
  const scripts = initialScriptBytes();
  const times: number[] = [];
  const browser = await launchBrowser();
  try {
    for (let round = 0; round < 5; round++) {
      const home = await makeTemporaryFolder('bench-console');
      const console = await startConsole(home);
      const context = await browser.newContext();
      try {
        const page = await context.newPage();
        const from = performance.now();
        await page.goto(console.link);
        await page.getByRole('button', { name: 'Start the practice system' }).click({ trial: true });
        times.push(performance.now() - from);
      } finally {
        await context.close();
        await console.stop();
        await rm(home, { recursive: true, force: true });
      }
    }
  } finally {
    await browser.close();
  }
  return [
    { name: 'initial JavaScript, gzipped', measured: `${(scripts / 1024).toFixed(0)} KiB`, bound: '<= 350 KiB', ok: scripts > 0 && scripts <= budgetBytes, how: 'index.html and what its scripts import' },
    { name: 'address opened to interactive', measured: `${(median(times) / 1000).toFixed(2)} s`, bound: '<= 2.5 s', ok: median(times) <= 2500, how: `median of ${times.length} fresh tabs in Chromium, slowest ${(Math.max(...times) / 1000).toFixed(2)} s` },
  ];
};
