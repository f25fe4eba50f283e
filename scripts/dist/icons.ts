/**
 * Renders the icons from their drawings with Chromium, all sizes, and writes which drawing each was made from. What it
 * makes is committed, so that nobody who builds a package needs a browser.
 *
 *   npm run icons
 */
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { chromium, type Page } from 'playwright-core';
import { browserPath } from '#test/web/browser-path.ts';
import { projectRoot } from '../house/layers.ts';
import { icnsOf, icnsSizes, icoOf, type Drawing } from './icon-containers.ts';

const folder = join(projectRoot, 'resources', 'icons');

/** Small sizes, in pixels, are drawn by themselves, on the grid of their pixels. */
const ownDrawing: Readonly<Record<number, string>> = { 16: 'icon-small.svg', 24: 'icon-24.svg', 32: 'icon-small.svg' };

const pngSizes = [16, 24, 32, 48, 64, 128, 256, 512, 1024];
const icoSizes = [16, 24, 32, 48, 64, 128, 256];

/** macOS keeps a margin around the tile that other systems do not: 824 of 1024 pixels, where the drawing has 896. */
const macScale = 824 / 896;

async function render(page: Page, source: string, size: number, scale: number): Promise<Buffer> {
  const drawing = readFileSync(join(folder, source)).toString('base64');
  await page.setViewportSize({ width: size, height: size });
  const drawn = `width:${size * scale}px;height:${size * scale}px;position:absolute;left:${(size * (1 - scale)) / 2}px;top:${(size * (1 - scale)) / 2}px`;
  await page.setContent(`<body style="margin:0"><img style="${drawn}" src="data:image/svg+xml;base64,${drawing}"></body>`);
  return await page.screenshot({ omitBackground: true, clip: { x: 0, y: 0, width: size, height: size } });
}

async function renderAll(page: Page): Promise<Map<string, Buffer>> {
  const files = new Map<string, Buffer>();
  const plain = async (size: number) => await render(page, ownDrawing[size] ?? 'icon.svg', size, 1);
  const drawings: Drawing[] = [];
  for (const size of pngSizes) drawings.push({ size, png: await plain(size) });
  for (const { size, png } of drawings) files.set(`png/${size}x${size}.png`, png);
  files.set('icon.ico', icoOf(drawings.filter(({ size }) => icoSizes.includes(size))));
  const forMac: Drawing[] = [];
  for (const size of icnsSizes) forMac.push({ size, png: size in ownDrawing ? await plain(size) : await render(page, 'icon.svg', size, macScale) });
  files.set('icon.icns', icnsOf(forMac));
  // Under these two names the one picture is read for both densities of a screen.
  files.set('overlay.png', await render(page, 'overlay.svg', 16, 1));
  files.set('overlay@2x.png', await render(page, 'overlay.svg', 32, 1));
  return files;
}

const hashOf = (content: Buffer) => createHash('sha256').update(content).digest('hex');

async function main(): Promise<number> {
  const executablePath = browserPath();
  if (executablePath === null) {
    console.error('The icons cannot be rendered: there is no Chromium here. Install it and run the same command again.');
    return 1;
  }
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--force-color-profile=srgb'] });
  try {
    const files = await renderAll(await browser.newPage());
    rmSync(join(folder, 'png'), { recursive: true, force: true });
    for (const [name, content] of files) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), content);
    }
    const sources = ['icon.svg', 'icon-24.svg', 'icon-small.svg', 'overlay.svg'].map((name) => [name, hashOf(readFileSync(join(folder, name)))]);
    const made = [...files].map(([name, content]) => [name, hashOf(content)]);
    writeFileSync(join(folder, 'manifest.json'), `${JSON.stringify({ madeFrom: Object.fromEntries(sources), made: Object.fromEntries(made) }, null, 2)}\n`);
    console.log(`${files.size} icons in resources/icons, made from ${sources.length} drawings.`);
    return 0;
  } finally {
    await browser.close();
  }
}

process.exitCode = await main();
