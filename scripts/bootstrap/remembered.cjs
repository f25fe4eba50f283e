/** What failed on the way to a window, remembered for a day: nobody waits for the same thing at every start. */
'use strict';

const fs = require('node:fs');
const path = require('node:path');

const dayMs = 24 * 3600 * 1000;

const memoryOf = (project) => path.join(project, '.cache', 'desktop.json');

function readMemory(project) {
  try {
    return JSON.parse(fs.readFileSync(memoryOf(project), 'utf8'));
  } catch (error) {
    // Not there yet, or cut short while it was written: nothing is remembered, so everything is tried.
    if (error.code === 'ENOENT' || error instanceof SyntaxError) return {};
    throw error;
  }
}

/**
 * What failed with this version within the last day.
 *
 * @param {'download' | 'start'} what
 * @returns {{ at: number, why: string } | null} milliseconds since 1970, and the reason in words
 */
function recall(project, what, version) {
  const found = readMemory(project)[what];
  const age = found ? Date.now() - found.at : dayMs;
  return found && found.version === version && age >= 0 && age < dayMs ? found : null;
}

/** @param {string | null} why null: it works, and what was remembered is forgotten */
function remember(project, what, version, why) {
  const { [what]: before, ...others } = readMemory(project);
  if (why === null && before === undefined) return;
  const memory = why === null ? others : { ...others, [what]: { version, at: Date.now(), why } };
  try {
    fs.mkdirSync(path.dirname(memoryOf(project)), { recursive: true });
    fs.writeFileSync(memoryOf(project), JSON.stringify(memory));
  } catch (error) {
    // In a folder that cannot be written to, it is simply tried again at the next start.
    if (!['EACCES', 'EROFS', 'EPERM'].includes(error.code)) throw error;
  }
}

module.exports = { recall, remember };
