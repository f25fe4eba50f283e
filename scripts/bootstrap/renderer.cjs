/** The console's page, built when what it is made of has changed. */
'use strict';

const crypto = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');
const { Refusal, say, stage } = require('./progress.cjs');
const { environment, runQuietly } = require('./runtime.cjs');
const { withLock } = require('./lock.cjs');

function filesUnder(folder) {
  return fs
    .readdirSync(folder, { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => (entry.isDirectory() ? filesUnder(path.join(folder, entry.name)) : [path.join(folder, entry.name)]));
}

function sourceHash(project) {
  const hash = crypto.createHash('sha256');
  const sources = ['renderer', 'shared'].flatMap((folder) => filesUnder(path.join(project, folder)));
  for (const file of [...sources, path.join(project, 'package-lock.json'), path.join(project, 'tsconfig.base.json')]) {
    hash.update(`${path.relative(project, file)}\n`);
    hash.update(fs.readFileSync(file));
  }
  return hash.digest('hex');
}

/**
 * Builds the page into dist/renderer. It is made beside it and then put in its place, so that an interrupted build
 * leaves the last one as it was.
 *
 * @param {{ always: boolean }} options builds even where nothing changed, and prints what the bundler says
 */
async function ensureRenderer(project, runtime, { always }) {
  const built = path.join(project, 'dist', 'renderer');
  const record = path.join(project, 'dist', 'renderer-built-from');
  const isBuilt = (hash) => fs.existsSync(path.join(built, 'index.html')) && fs.existsSync(record) && fs.readFileSync(record, 'utf8') === hash;
  if (!always && isBuilt(sourceHash(project))) return;
  await withLock(project, async (alsoHeldBy) => {
    const hash = sourceHash(project);
    if (!always && isBuilt(hash)) return;
    const output = await stage('Building the console', () => build(project, runtime, alsoHeldBy));
    fs.rmSync(record, { force: true });
    fs.rmSync(built, { recursive: true, force: true });
    fs.renameSync(`${built}.new`, built);
    fs.writeFileSync(record, hash);
    if (always) say(output);
  });
}

async function build(project, runtime, alsoHeldBy) {
  const vite = path.join(project, 'node_modules', 'vite', 'bin', 'vite.js');
  const parameters = [vite, 'build', '--config', path.join(project, 'renderer', 'vite.config.ts'), '--outDir', path.join(project, 'dist', 'renderer.new'), '--emptyOutDir'];
  const { status, output } = await runQuietly(runtime, parameters, { cwd: project, env: environment(runtime), onStart: alsoHeldBy });
  if (status === 0) return output.trim();
  if (status === null) throw new Refusal('The build of the console was interrupted.', 'Run the same command again.');
  throw new Refusal(`The console could not be built:\n${output.trim()}`, 'What the bundler says above is the reason.');
}

module.exports = { ensureRenderer };
