/**
 * `npm start`: the console in a window of its own where one can be opened, and otherwise the reason in one line, for
 * whoever then serves it on loopback. Nothing is downloaded or started where it is clear beforehand that no window can
 * open, and what failed is not tried again for a day.
 */
'use strict';

const fs = require('node:fs');
const path = require('node:path');
const { say } = require('./progress.cjs');
const { environment } = require('./runtime.cjs');
const { findElectron, isInstalled, download } = require('./electron.cjs');
const { recall, remember } = require('./remembered.cjs');
const { runWindow } = require('./window.cjs');

const again = '"npm start -- --window" tries it again now';
/** Milliseconds. One who asks for the window by name waits for a download on a slow line. */
const patientMs = 600000;

/** @typedef {{ platform: string, arch: string, uid: number | undefined, environment: NodeJS.ProcessEnv, root: string, paintMs: number, downloadMs: number }} Machine
 * `root`: where /proc and /lib64 are looked for; `paintMs`, `downloadMs`: how long each may take.
 */
function thisMachine() {
  return { platform: process.platform, arch: process.arch, uid: process.getuid ? process.getuid() : undefined, environment: process.env, root: '/', paintMs: 20000, downloadMs: 20000 };
}

/**
 * What the person asked for. Whatever is not understood is left to the console on loopback, which says how it is used.
 *
 * @returns `rest`: what loopback is given; `home`: the data folder as it was typed
 */
function readParameters(parameters) {
  const asked = { window: parameters.includes('--window'), browser: false, home: null, rest: parameters.filter((each) => each !== '--window') };
  for (let at = 0; at < parameters.length; at += 1) {
    const each = parameters[at];
    if (each === '--window') continue;
    const home = each === '--home' ? parameters[(at += 1)] : each.startsWith('--home=') ? each.slice('--home='.length) : '';
    if (home && !home.startsWith('-')) asked.home = home;
    else asked.browser = true;
  }
  return asked;
}

/** The program that starts every program built for glibc, as Electron is. */
const loaders = { x64: 'lib64/ld-linux-x86-64.so.2', arm64: 'lib/ld-linux-aarch64.so.1' };

/** Why no window can open on this machine, whatever is installed; null where one may. */
function whyNoWindow(electron, { platform, arch, uid, environment: variables, root }) {
  if (uid === 0) return 'No window opens for root, for whom Chromium has no sandbox: start it from your own account to have the window.';
  if (platform === 'linux' && !variables.DISPLAY && !variables.WAYLAND_DISPLAY) return 'No window opens without a display (DISPLAY and WAYLAND_DISPLAY are not set): start it in a terminal on a desktop to have the window.';
  if (platform !== 'linux' && (variables.SSH_CONNECTION || variables.SSH_TTY)) return 'No window opens over SSH: start it in a terminal on the screen of that computer to have the window.';
  if (electron === null) return 'No window opens because the package electron is not installed: remove the folder node_modules and start again to have the window.';
  if (electron.own === null && !electron.isPublished) return `No window opens because there is no Electron ${electron.version} for ${platform} on ${arch}; nothing is missing in the browser.`;
  if (platform === 'linux' && loaders[arch] && !fs.existsSync(path.join(root, loaders[arch]))) return 'No window opens because Electron needs glibc, which Alpine and other systems with musl do not have; nothing is missing in the browser.';
  return null;
}

function readNumber(file) {
  try {
    return Number(fs.readFileSync(file, 'utf8').trim());
  } catch {
    // This kernel has no such setting.
    return null;
  }
}

function isSetuidRoot(file) {
  const facts = fs.statSync(file, { throwIfNoEntry: false });
  return facts !== undefined && facts.uid === 0 && (facts.mode & 0o4000) !== 0;
}

/**
 * Why Chromium would find no sandbox: it wants user namespaces for everybody, or its helper installed by root. Without
 * either it ends by itself; it is never told to do without.
 *
 * @param {{ insists: boolean }} options whether AppArmor is given a try: a profile for this very program may allow it
 */
function whyNoSandbox(electron, { platform, root }, { insists }) {
  if (platform !== 'linux' || isSetuidRoot(electron.sandboxHelper)) return null;
  const setting = (name) => readNumber(path.join(root, 'proc', 'sys', ...name.split('/')));
  const off = [
    !fs.existsSync(path.join(root, 'proc', 'self', 'ns', 'user')) && 'this kernel has no user namespaces',
    setting('kernel/unprivileged_userns_clone') === 0 && 'kernel.unprivileged_userns_clone is 0',
    setting('user/max_user_namespaces') === 0 && 'user.max_user_namespaces is 0',
    !insists && setting('kernel/apparmor_restrict_unprivileged_userns') === 1 && 'kernel.apparmor_restrict_unprivileged_userns is 1',
  ].find(Boolean);
  if (!off) return null;
  const helper = `'${electron.sandboxHelper.replace(/'/g, "'\\''")}'`;
  return `No window opens because Chromium finds no sandbox here (${off}): to have the window, make its helper root's with "sudo chown root:root ${helper} && sudo chmod 4755 ${helper}".`;
}

/** When something was tried last, in local time. */
const when = (time) => new Date(time).toLocaleString();

/** @returns why there is no binary, in a sentence; null when there is one */
async function getBinary(project, runtime, electron, { limitMs, insists }) {
  if (isInstalled(electron)) return null;
  if (electron.own !== null) return `No window opens because there is no Electron in ${electron.own}, which ELECTRON_OVERRIDE_DIST_PATH names: put it there, or unset the variable.`;
  const before = insists ? null : recall(project, 'download', electron.version);
  if (before !== null) return `No window opens because Electron ${electron.version} could not be downloaded (${when(before.at)}: ${before.why}): ${again}, with more time; by itself that is tried once a day.`;
  const why = await download(project, electron, runtime, { limitMs });
  remember(project, 'download', electron.version, why);
  return why === null ? null : `No window opens because Electron ${electron.version} could not be downloaded (${why}): ${again}, with more time; by itself that is tried once a day.`;
}

/** With the variable that terminals of editors have, Electron would be a Node without windows. */
function windowEnvironment(runtime) {
  return Object.fromEntries(Object.entries(environment(runtime)).filter(([name]) => name.toUpperCase() !== 'ELECTRON_RUN_AS_NODE'));
}

/**
 * Opens the window where it can be opened.
 *
 * @param parameters what the person typed after `npm start --`
 * @param {{ cwd: string, build: () => Promise<void>, machine?: Machine }} options `cwd`: where relative paths begin;
 * `build`: makes the desktop's code, called once it is wanted
 * @returns {Promise<{ status: number } | { rest: string[], forget: () => void }>} the status to end with; or what the
 * console on loopback is to be started with, after the reason was said. `forget`: what failed just now is tried again
 * at the next start
 */
async function openDesktop(project, runtime, parameters, { cwd, build, machine = thisMachine() }) {
  const asked = readParameters(parameters);
  if (asked.browser && asked.window) {
    say('--window opens a window of its own; leave it out, or leave out what is for the browser (--browser, --no-open, --port).');
    return { status: 64 };
  }
  if (asked.browser) return { rest: asked.rest, forget: () => {} };
  const electron = findElectron(project, machine);
  const outcome = await tryWindow(project, runtime, electron, asked, { cwd, build, machine });
  if ('status' in outcome) return outcome;
  say(`${outcome.why} The console runs in the browser instead.`);
  return { rest: asked.rest, forget: () => (outcome.failed ? remember(project, 'start', electron.version, null) : undefined) };
}

/** @returns how the window ended; or why there is none, in a sentence, and whether it `failed` just now */
async function tryWindow(project, runtime, electron, { window: insists, home }, { cwd, build, machine }) {
  const never = whyNoWindow(electron, machine) || (await getBinary(project, runtime, electron, { limitMs: insists ? patientMs : machine.downloadMs, insists })) || whyNoSandbox(electron, machine, { insists });
  if (never !== null) return { why: never, failed: false };
  const before = insists ? null : recall(project, 'start', electron.version);
  if (before !== null) return { why: `No window opens because Electron ${electron.version} did not start here (${when(before.at)}: ${before.why}): ${again}; by itself that is tried once a day.`, failed: false };
  await build();
  const outcome = await runWindow(electron.binary, [project, ...(home === null ? [] : ['--home', path.resolve(cwd, home)])], { cwd, env: windowEnvironment(runtime), paintMs: machine.paintMs });
  remember(project, 'start', electron.version, outcome.why || null);
  if ('status' in outcome) return outcome;
  return { why: `No window opens because Electron ${electron.version} did not start (${outcome.why}): ${again}; by itself that is tried once a day.`, failed: true };
}

module.exports = { openDesktop };
