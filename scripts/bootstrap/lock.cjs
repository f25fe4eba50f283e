/** One set-up at a time, whoever starts it. */
'use strict';

const fs = require('node:fs');
const path = require('node:path');
const { spawnSync } = require('node:child_process');
const { Refusal, say } = require('./progress.cjs');

/**
 * When a process started, in words of the system without blanks that are only compared; empty where it does not say.
 * A number alone comes back: after a restart it may be anybody's.
 */
function startOf(pid) {
  if (process.platform === 'win32') return '';
  if (process.platform !== 'linux') return (spawnSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).stdout || '').trim().replace(/\s+/g, '_');
  try {
    const status = fs.readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name stands in brackets and may contain anything; the numbered fields go on after the last bracket.
    return status.slice(status.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    // There is no such process, or it may not be looked at.
    return '';
  }
}

function isAlive({ pid, start }) {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (error.code !== 'EPERM') return false;
  }
  return !start || [start, ''].includes(startOf(pid));
}

const entryOf = (pid) => `${pid}@${startOf(pid)} `;

function read(file) {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch (error) {
    if (error.code === 'ENOENT') return '';
    throw error;
  }
}

/** Who holds the lock: the set-up and the program it runs, which may outlive it. */
function holders(text) {
  return text
    .split(' ')
    .map((entry) => entry.split('@'))
    .map(([pid, start]) => ({ pid: Number(pid), start }))
    .filter(({ pid }) => pid > 0);
}

function tryToTake(file) {
  try {
    fs.writeFileSync(file, entryOf(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    if (['EACCES', 'EROFS', 'EPERM'].includes(error.code)) throw new Refusal(`The project's folder cannot be written to: ${error.message}.`, 'Make it writable for this account, or clone the project to a folder of your own.');
    throw error;
  }
}

/**
 * Takes away a lock that nobody holds any more. Of two who find it so, one moves it; where the other has made a new
 * one by then, that comes back to its place.
 */
function clearStale(file, text) {
  const aside = `${file}.${process.pid}`;
  try {
    fs.renameSync(file, aside);
    if (read(aside) !== text) fs.linkSync(aside, file);
  } catch (error) {
    // Moved by the other one, or taken anew meanwhile: both are looked at again.
    if (!['ENOENT', 'EEXIST'].includes(error.code)) throw error;
  }
  fs.rmSync(aside, { force: true });
}

/**
 * Does the work while no other set-up of this checkout runs; waits for one that does. What a set-up that died left
 * behind is taken over.
 *
 * @param work is given a function that names a child, which then holds the lock too
 */
async function withLock(project, work) {
  const folder = path.join(project, '.cache');
  const file = path.join(folder, 'set-up.lock');
  try {
    fs.mkdirSync(folder, { recursive: true });
  } catch (error) {
    throw new Refusal(`The project's folder cannot be written to: ${error.message}.`, 'Make it writable for this account, or clone the project to a folder of your own.');
  }
  let told = false;
  while (!tryToTake(file)) {
    const text = read(file);
    const alive = holders(text).filter((holder) => holder.pid !== process.pid && isAlive(holder));
    const justMade = fs.existsSync(file) && Date.now() - fs.statSync(file).mtimeMs < 1000;
    if (alive.length === 0 && !justMade) {
      clearStale(file, text);
      continue;
    }
    if (!told && alive.length > 0) say(`Another set-up of this checkout is running (process ${alive[0].pid}, as ${file} says); waiting for it.`);
    told = told || alive.length > 0;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  try {
    return await work((pid) => fs.appendFileSync(file, entryOf(pid)));
  } finally {
    fs.rmSync(file, { force: true });
  }
}

module.exports = { withLock };
