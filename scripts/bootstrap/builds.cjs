/** What is built before it is run: the page of the console, and the desktop's own code. */
'use strict';

const crypto = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');
const { Refusal, say, stage } = require('./progress.cjs');
const { environment, runQuietly } = require('./runtime.cjs');
const { withLock } = require('./lock.cjs');

function filesUnder(place) {
  if (fs.statSync(place).isFile()) return [place];
  return fs
    .readdirSync(place, { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => filesUnder(path.join(place, entry.name)));
}

/** `marks`: files without which it is not there. `sources`: what it is made of. */
const builds = {
  renderer: {
    stage: 'Building the console',
    name: 'The console',
    marks: ['index.html', 'manifest.json'],
    sources: ['renderer', 'shared', 'electron/engine/console/manifest.ts', 'package-lock.json', 'tsconfig.base.json'],
    parameters: (project, folder) => [path.join(project, 'node_modules', 'vite', 'bin', 'vite.js'), 'build', '--config', path.join(project, 'renderer', 'vite.config.ts'), '--outDir', folder, '--emptyOutDir'],
  },
  desktop: {
    stage: 'Building the desktop',
    name: 'The desktop',
    marks: ['entry.js', 'preload.cjs'],
    sources: ['electron', 'shared', 'scripts/build/desktop.ts', 'package.json', 'package-lock.json', 'tsconfig.base.json'],
    parameters: (project, folder) => [path.join(project, 'scripts', 'build', 'desktop.ts'), folder],
  },
};

function sourceHash(project, { sources }) {
  const hash = crypto.createHash('sha256');
  for (const file of [].concat(...sources.map((name) => filesUnder(path.join(project, ...name.split('/')))))) {
    hash.update(`${path.relative(project, file)}\n`);
    hash.update(fs.readFileSync(file));
  }
  return hash.digest('hex');
}

/**
 * Builds into dist/KIND. It is made beside it and then put in its place, so that an interrupted build leaves the last
 * one as it was.
 *
 * @param {'renderer' | 'desktop'} kind
 * @param {{ always: boolean }} options builds even where nothing changed, and prints what the bundler says
 */
async function ensureBuilt(project, runtime, kind, { always }) {
  const wanted = builds[kind];
  const built = path.join(project, 'dist', kind);
  const record = path.join(project, 'dist', `${kind}-built-from`);
  const isBuilt = (hash) => wanted.marks.every((mark) => fs.existsSync(path.join(built, mark))) && fs.existsSync(record) && fs.readFileSync(record, 'utf8') === hash;
  if (!always && isBuilt(sourceHash(project, wanted))) return;
  await withLock(project, async (alsoHeldBy) => {
    const hash = sourceHash(project, wanted);
    if (!always && isBuilt(hash)) return;
    const output = await stage(wanted.stage, () => build(project, runtime, wanted, { folder: `${built}.new`, alsoHeldBy }));
    fs.rmSync(record, { force: true });
    fs.rmSync(built, { recursive: true, force: true });
    fs.renameSync(`${built}.new`, built);
    fs.writeFileSync(record, hash);
    if (always && output !== '') say(output);
  });
}

async function build(project, runtime, wanted, { folder, alsoHeldBy }) {
  const { status, output } = await runQuietly(runtime, wanted.parameters(project, folder), { cwd: project, env: environment(runtime), onStart: alsoHeldBy });
  if (status === 0) return output.trim();
  if (status === null) throw new Refusal(`The build was interrupted: ${wanted.name.toLowerCase()} is as it was.`, 'Run the same command again.');
  throw new Refusal(`${wanted.name} could not be built:\n${output.trim()}`, 'What the bundler says above is the reason.');
}

module.exports = { ensureBuilt };
