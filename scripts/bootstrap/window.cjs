/** Running Electron's main process: until its window is painted, and then until it is closed. */
'use strict';

const os = require('node:os');
const { spawn, spawnSync } = require('node:child_process');
const { say } = require('./progress.cjs');
const { endTree } = require('./electron.cjs');

/** What the main process (electron/main/main.ts) says on standard output, a line each. */
const words = {
  painted: 'Pilothouse: the window is open.',
  alreadyOpen: 'Pilothouse is open already: its window comes to the front.',
};

/** A terminal and the program that started us may both pass on the same Ctrl-C, in milliseconds. */
const sameSignalMs = 1000;
/** How long one that did not open is given to end, and one that ended to have its last words heard, in milliseconds. */
const tidyMs = 3000;
const lastWordsMs = 1000;

/** Asks a program to end in its own time. To a window of Windows no signal comes: it is closed as by its own button. */
function askToEnd(child, signal) {
  if (process.platform === 'win32') spawnSync('taskkill', ['/PID', String(child.pid)], { stdio: 'ignore' });
  else child.kill(signal);
}

/**
 * Passes signals on: to the main process alone, which ends the others in their turn. It leads a group of its own, so
 * that Ctrl-C on the terminal does not end its children under its hands. Asked again, it ends at once.
 *
 * @returns `asked`: whether it was; `stop`: passes on no more
 */
function passSignals(child) {
  const state = { asked: false, stop: () => {} };
  let since = 0;
  const handlers = ['SIGINT', 'SIGTERM', 'SIGHUP'].map((signal) => {
    const handler = () => {
      if (!state.asked) {
        state.asked = true;
        since = Date.now();
        askToEnd(child, signal);
      } else if (Date.now() - since > sameSignalMs) endTree(child.pid);
    };
    process.on(signal, handler);
    return () => process.removeListener(signal, handler);
  });
  state.stop = () => handlers.forEach((remove) => remove());
  return state;
}

/**
 * Opens the window and stays until it is closed. What it says is passed on.
 *
 * @param {{ cwd: string, env: NodeJS.ProcessEnv, paintMs: number }} options milliseconds until the window must be painted
 * @returns {Promise<{ status: number } | { why: string }>} how it ended; or why it never opened, when nothing of it
 * runs any more
 */
function runWindow(binary, parameters, { cwd, env, paintMs }) {
  return new Promise((resolve) => {
    const child = spawn(binary, parameters, { cwd, env, stdio: ['ignore', 'pipe', 'inherit'], detached: process.platform !== 'win32' });
    const signals = passSignals(child);
    let isOpen = false;
    let isElsewhere = false;
    let late = null;
    let tidying = null;
    let line = '';
    const painting = setTimeout(() => {
      late = `its window was not painted within ${paintMs / 1000} s`;
      askToEnd(child, 'SIGTERM');
      tidying = setTimeout(() => endTree(child.pid), tidyMs);
    }, paintMs);
    // The terminal may be closed before the window is.
    const unheard = () => {};
    process.stdout.on('error', unheard);
    child.stdout.on('data', (chunk) => {
      process.stdout.write(chunk);
      const lines = (line + chunk).split(/\r?\n/);
      line = lines.pop().slice(-1000);
      isElsewhere = isElsewhere || lines.includes(words.alreadyOpen);
      if (late !== null || isOpen || !lines.includes(words.painted)) return;
      isOpen = true;
      clearTimeout(painting);
    });
    const finish = (outcome) => {
      clearTimeout(painting);
      clearTimeout(tidying);
      signals.stop();
      process.stdout.removeListener('error', unheard);
      child.stdout.destroy();
      resolve(outcome);
    };
    child.once('error', (error) => finish({ why: `it could not be run: ${error.message}` }));
    child.once('exit', (status, signal) => {
      const ended = signal === null ? status : 128 + (os.constants.signals[signal] || 0);
      const conclude = () => {
        if (signals.asked) return finish({ status: ended });
        if (isOpen) {
          if (signal !== null) say(`The window was ended from outside, by ${signal}. Run the same command again: what was interrupted is named and cleaned up.`);
          return finish({ status: ended });
        }
        if (late === null && isElsewhere && ended === 0) return finish({ status: 0 });
        // The data folder must be free for whoever serves it next.
        endTree(child.pid);
        finish({ why: late || (signal === null ? `it ended with status ${status} before its window was painted` : `${signal} ended it before its window was painted`) });
      };
      // Its last words may still be on their way; a process that it left behind may hold the line open.
      if (child.stdout.readableEnded) return conclude();
      const patience = setTimeout(conclude, lastWordsMs);
      child.stdout.once('end', () => {
        clearTimeout(patience);
        conclude();
      });
    });
  });
}

module.exports = { runWindow };
