/**
 * The one door of the npm scripts: prepares what a command needs, then runs it on the right Node. Plain JavaScript
 * without dependencies that any Node 16 can parse, because on a fresh clone it runs before anything is installed, on
 * whatever Node the machine has.
 *
 *   node scripts/bootstrap.cjs start|smoke|test|cli|bench|lint|build|dist|icons [arguments]
 *
 * Everything it says itself goes to standard error; where there is nothing to prepare, it says nothing.
 */
'use strict';

const fs = require('node:fs');
const path = require('node:path');
const { Refusal, say } = require('./bootstrap/progress.cjs');
const { ensurePackages } = require('./bootstrap/packages.cjs');
const { findRuntime, run } = require('./bootstrap/runtime.cjs');
const { ensureNativeParts } = require('./bootstrap/native.cjs');
const { ensurePrograms } = require('./bootstrap/programs.cjs');
const { ensureBuilt } = require('./bootstrap/builds.cjs');
const { openDesktop } = require('./bootstrap/desktop.cjs');

const project = path.dirname(__dirname);
const inProject = (name) => path.join(project, ...name.split('/'));

/** Where the person stood who typed the command: what relative paths on their command line mean. */
const callersFolder = process.env.INIT_CWD && fs.existsSync(process.env.INIT_CWD) ? process.env.INIT_CWD : process.cwd();

const commands = {
  async start(parameters) {
    const runtime = await prepare();
    await ensurePrograms(['pg_dump'], { required: false });
    await ensureBuilt(project, runtime, 'renderer', { always: false });
    const opened = await openDesktop(project, runtime, parameters, { cwd: callersFolder, build: () => ensureBuilt(project, runtime, 'desktop', { always: false }) });
    if ('status' in opened) return opened.status;
    const status = await run(runtime, [entry('electron/loopback/main.ts'), ...opened.rest], { cwd: callersFolder });
    // What keeps the console from starting anywhere (its data folder, say) says nothing about the window.
    if (status === 1) opened.forget();
    return status;
  },
  async smoke(parameters) {
    const runtime = await prepare();
    await ensurePrograms(['pg_dump'], { required: true });
    return run(runtime, [entry('scripts/smoke/desktop.ts'), ...parameters], { cwd: callersFolder });
  },
  async test(parameters) {
    const runtime = await prepare();
    await ensurePrograms(['pg_dump', 'chromium', 'openssl', 'sshd', 'sudo', 'dropbear', 'busybox', 'gpg'], { required: true });
    return run(runtime, [entry('scripts/test/run.ts'), ...parameters], { cwd: project });
  },
  async mutations(parameters) {
    const runtime = await prepare();
    await ensurePrograms(['pg_dump', 'chromium', 'openssl', 'sshd', 'sudo', 'dropbear', 'busybox', 'gpg'], { required: true });
    return run(runtime, [entry('test/security/mutate.ts'), ...parameters], { cwd: project });
  },
  async cli(parameters) {
    return run(await prepare(), [entry('electron/cli/main.ts'), ...parameters], { cwd: callersFolder });
  },
  async bench(parameters) {
    const runtime = await prepare();
    await ensurePrograms(['pg_dump', 'chromium'], { required: true });
    await ensureBuilt(project, runtime, 'renderer', { always: false });
    return run(runtime, [entry('test/perf/run.ts'), ...parameters], { cwd: project });
  },
  async lint(parameters) {
    return run(await prepare(), [inProject('node_modules/oxlint/bin/oxlint'), ...parameters], { cwd: project });
  },
  async build(parameters) {
    const runtime = await prepare();
    for (const kind of ['renderer', 'desktop']) await ensureBuilt(project, runtime, kind, { always: !parameters.includes('--if-changed') });
    return 0;
  },
  async dist(parameters) {
    const runtime = await prepare();
    for (const kind of ['renderer', 'desktop']) await ensureBuilt(project, runtime, kind, { always: false });
    return run(runtime, [entry('scripts/dist/run.ts'), ...parameters], { cwd: project });
  },
  async icons() {
    const runtime = await prepare();
    await ensurePrograms(['chromium'], { required: true });
    return run(runtime, [entry('scripts/dist/icons.ts')], { cwd: project });
  },
};

async function prepare() {
  // Before the install, so that nobody waits for it in vain on a Node that cannot run what it brings.
  findRuntime(project, { installed: false });
  await ensurePackages(project);
  const runtime = findRuntime(project, { installed: true });
  await ensureNativeParts(project, runtime);
  return runtime;
}

function entry(name) {
  const file = inProject(name);
  if (!fs.existsSync(file)) throw new Refusal(`${name} is missing from this checkout.`, 'Restore it with git, or clone the project again.');
  return file;
}

async function main() {
  const [name, ...parameters] = process.argv.slice(2);
  const command = Object.prototype.hasOwnProperty.call(commands, name || '') ? commands[name] : null;
  if (!command) {
    say(`usage: node scripts/bootstrap.cjs ${Object.keys(commands).join('|')} [arguments]`);
    return 64;
  }
  return command(parameters);
}

main().then(
  (status) => {
    process.exitCode = status;
  },
  (error) => {
    say(error instanceof Refusal ? `\n${error.message}\n${error.hint}` : `\nThe set-up failed unexpectedly: ${error && error.stack}`);
    process.exitCode = 1;
  },
);
