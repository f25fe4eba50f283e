/** Builds the window. Ends with a table of what is loaded first, gzipped, against its budget. */
import { resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin, type ResolvedConfig, type Rolldown } from 'vite';
import { writeManifest } from '../electron/engine/console/manifest.ts';

/** Initial JavaScript at most, in bytes gzipped. */
const budgetBytes = 350 * 1024;

function initialChunks(chunks: Map<string, Rolldown.OutputChunk>): Set<string> {
  const found = new Set<string>();
  const visit = (name: string): void => {
    const chunk = chunks.get(name);
    if (chunk === undefined || found.has(name)) return;
    found.add(name);
    for (const next of chunk.imports) visit(next);
  };
  for (const chunk of chunks.values()) if (chunk.isEntry) visit(chunk.fileName);
  return found;
}

/** Prints every script with its gzipped size and fails the build when the first load is over its budget. */
function sizeTable(): Plugin {
  return {
    name: 'size-table',
    apply: 'build',
    writeBundle(_options, bundle) {
      const chunks = new Map(Object.values(bundle).flatMap((item) => (item.type === 'chunk' ? [[item.fileName, item] as const] : [])));
      const initial = initialChunks(chunks);
      const rows = [...chunks.values()].map((chunk) => ({ name: chunk.fileName, bytes: gzipSync(chunk.code).length, first: initial.has(chunk.fileName) }));
      rows.sort((a, b) => Number(b.first) - Number(a.first) || b.bytes - a.bytes);
      const total = rows.filter((row) => row.first).reduce((sum, row) => sum + row.bytes, 0);
      for (const row of rows) console.log(`${row.first ? 'first' : 'later'}  ${(row.bytes / 1024).toFixed(1).padStart(7)} KiB gzip  ${row.name}`);
      console.log(`initial JavaScript ${(total / 1024).toFixed(1)} KiB gzip, budget ${budgetBytes / 1024} KiB`);
      if (total > budgetBytes) this.error('The initial JavaScript is over its budget.');
    },
  };
}

/** Names every file of the page for the hosts that serve it. */
function fileManifest(): Plugin {
  let config: ResolvedConfig | null = null;
  return {
    name: 'file-manifest',
    apply: 'build',
    configResolved(resolved) {
      config = resolved;
    },
    writeBundle() {
      if (config !== null) writeManifest(resolve(config.root, config.build.outDir));
    },
  };
}

export default defineConfig({
  root: import.meta.dirname,
  base: './',
  plugins: [react(), sizeTable(), fileManifest()],
  build: {
    outDir: '../dist/renderer',
    emptyOutDir: true,
    target: 'es2023',
    // The content security policy lets fonts and scripts come from the origin only.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
});
