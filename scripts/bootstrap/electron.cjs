/** Electron's binary: where it is, and getting it where it is not. */
'use strict';

const fs = require('node:fs');
const path = require('node:path');
const { spawn, spawnSync } = require('node:child_process');
const { Refusal, stage } = require('./progress.cjs');
const { environment } = require('./runtime.cjs');
const { withLock } = require('./lock.cjs');
const { readText } = require('./packages.cjs');

const binaryNames = { darwin: 'Electron.app/Contents/MacOS/Electron', win32: 'electron.exe' };

/**
 * What is known of Electron without running any of it.
 *
 * @param {{ platform: string, arch: string, environment: NodeJS.ProcessEnv }} machine
 * @returns null where the package is missing; `own`: a folder of the person's own that Electron's variable names, into
 * which nothing is downloaded
 */
function findElectron(project, { platform, arch, environment: variables }) {
  const folder = path.join(project, 'node_modules', 'electron');
  const description = readText(path.join(folder, 'package.json'));
  if (description === null) return null;
  const { version } = JSON.parse(description);
  const own = variables.ELECTRON_OVERRIDE_DIST_PATH || null;
  const name = binaryNames[platform] || 'electron';
  const dist = own || path.join(folder, 'dist');
  const published = JSON.parse(readText(path.join(folder, 'checksums.json')) || '{}');
  const isPublished = Object.prototype.hasOwnProperty.call(published, `electron-v${version}-${platform}-${arch}.zip`);
  return { version, folder, dist, own, name, binary: path.join(dist, ...name.split('/')), sandboxHelper: path.join(dist, 'chrome-sandbox'), isPublished };
}

/** As Electron's own install.js sees it: it writes path.txt last, so a download that was cut short does not count. */
function isInstalled({ version, folder, dist, own, name, binary }) {
  if (!fs.existsSync(binary)) return false;
  if (own !== null) return true;
  return (readText(path.join(dist, 'version')) || '').replace(/^v/, '') === version && readText(path.join(folder, 'path.txt')) === name;
}

/** Ends a process that leads a group of its own, and everything in it, at once. */
function endTree(pid) {
  if (process.platform === 'win32') {
    spawnSync('taskkill', ['/PID', String(pid), '/T', '/F'], { stdio: 'ignore' });
    return;
  }
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    // All of it has ended; of what has ended and was not collected yet, macOS says that it may not be.
    if (!['ESRCH', 'EPERM'].includes(error.code)) throw error;
  }
}

/** Bytes of all files in a folder that others write to meanwhile. */
function sizeOf(folder) {
  let names;
  try {
    names = fs.readdirSync(folder, { withFileTypes: true });
  } catch {
    // It went while it was looked at.
    return 0;
  }
  return names.reduce((sum, entry) => {
    const file = path.join(folder, entry.name);
    const facts = entry.isDirectory() ? null : fs.statSync(file, { throwIfNoEntry: false });
    return sum + (entry.isDirectory() ? sizeOf(file) : facts ? facts.size : 0);
  }, 0);
}

/** Shows on a terminal how much has come so far. @returns what takes it away again */
function showProgress(folder) {
  if (!process.stderr.isTTY) return () => {};
  let shown = '';
  const show = (text) => {
    process.stderr.write('\b \b'.repeat(shown.length) + text);
    shown = text;
  };
  const timer = setInterval(() => show(`${Math.round(sizeOf(folder) / 1024 ** 2)} MiB `), 500);
  return () => {
    clearInterval(timer);
    show('');
  };
}

/** Removes what an earlier attempt unpacked, whole or half. */
function clear({ folder, dist }) {
  fs.rmSync(path.join(folder, 'path.txt'), { force: true });
  fs.rmSync(dist, { recursive: true, force: true });
}

/** Runs Electron's install.js to its end, for as long as it may take. @returns why it failed; null when it did not */
function runInstaller(electron, runtime, { temporary, limitMs, onStart }) {
  return new Promise((resolve, reject) => {
    // Whoever sits behind a proxy says so by variables, which Node's fetch obeys only when it is told to.
    const env = { ...environment(runtime), TMPDIR: temporary, TEMP: temporary, TMP: temporary, NODE_USE_ENV_PROXY: '1', NO_COLOR: '1' };
    const child = spawn(runtime, [path.join(electron.folder, 'install.js')], { cwd: electron.folder, env, stdio: ['ignore', 'pipe', 'pipe'], detached: process.platform !== 'win32' });
    let output = '';
    const keep = (chunk) => {
      output = (output + chunk).slice(-20000);
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    let cut = null;
    const end = (reason) => {
      cut = cut || reason;
      if (child.pid) endTree(child.pid);
    };
    const timer = setTimeout(() => end('time'), limitMs);
    const interrupt = () => end('interrupted');
    const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
    for (const signal of signals) process.on(signal, interrupt);
    const finish = (status) => {
      clearTimeout(timer);
      for (const signal of signals) process.removeListener(signal, interrupt);
      if (cut === 'interrupted') reject(new Refusal('The download of Electron was interrupted.', 'Run the same command again.'));
      else if (cut === 'time') resolve(`it did not come within ${limitMs / 1000} s`);
      else resolve(status === 0 && isInstalled(electron) ? null : firstError(output));
    };
    child.once('error', (error) => {
      output += error.message;
      finish(null);
    });
    child.once('close', finish);
    if (child.pid) onStart(child.pid);
  });
}

/** Of what the installer printed, the line that names the error. */
function firstError(output) {
  const lines = output.replace(/[^\x20-\x7e\n]/g, '').split('\n').map((line) => line.trim());
  return lines.find((line) => /error/i.test(line)) || lines.find((line) => line !== '') || 'it did not say why';
}

/**
 * Downloads the binary, while no other set-up of this checkout runs. What was cut short is taken away again, so that
 * nothing half made looks installed later.
 *
 * @param {{ limitMs: number }} options milliseconds after which it is ended with all it started
 * @returns why there is no binary; null when there is
 * @throws Refusal when the person interrupts it
 */
async function download(project, electron, runtime, { limitMs }) {
  try {
    fs.accessSync(electron.folder, fs.constants.W_OK);
    fs.accessSync(project, fs.constants.W_OK);
  } catch (error) {
    return `the project's folder cannot be written to: ${error.message}`;
  }
  const temporary = path.join(project, '.cache', 'electron-download');
  return withLock(project, async (alsoHeldBy) => {
    // The set-up that we waited for may have done it.
    if (isInstalled(electron)) return null;
    clear(electron);
    fs.rmSync(temporary, { recursive: true, force: true });
    fs.mkdirSync(temporary, { recursive: true });
    let done = false;
    try {
      const why = await stage(`Downloading Electron ${electron.version} for the window, once (about 110 MiB)`, async () => {
        const hide = showProgress(temporary);
        try {
          return await runInstaller(electron, runtime, { temporary, limitMs, onStart: alsoHeldBy });
        } finally {
          hide();
        }
      });
      done = why === null;
      return why;
    } finally {
      if (!done) clear(electron);
      fs.rmSync(temporary, { recursive: true, force: true });
    }
  });
}

module.exports = { findElectron, isInstalled, download, endTree };
