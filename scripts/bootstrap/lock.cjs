/** One set-up at a time, whoever starts it. */
'use strict';

const fs = require('node:fs');
const path = require('node:path');
const { Refusal, say } = require('./progress.cjs');

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

/** Who holds the lock: the set-up and the program it runs, which may outlive it. */
function holders(file) {
  try {
    return fs.readFileSync(file, 'utf8').split(' ').map(Number).filter(Boolean);
  } catch (error) {
    if (error.code === 'ENOENT') return [];
    throw error;
  }
}

function tryToTake(file) {
  try {
    fs.writeFileSync(file, `${process.pid} `, { flag: 'wx' });
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    if (['EACCES', 'EROFS', 'EPERM'].includes(error.code)) throw new Refusal(`The project's folder cannot be written to: ${error.message}.`, 'Make it writable for this account, or clone the project to a folder of your own.');
    throw error;
  }
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
    const alive = holders(file).filter((pid) => pid !== process.pid && isAlive(pid));
    const justMade = fs.existsSync(file) && Date.now() - fs.statSync(file).mtimeMs < 1000;
    if (alive.length === 0 && !justMade) {
      fs.rmSync(file, { force: true });
      continue;
    }
    if (!told && alive.length > 0) say(`Another set-up of this checkout is running (process ${alive[0]}); waiting for it.`);
    told = told || alive.length > 0;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  try {
    return await work((pid) => fs.appendFileSync(file, `${pid} `));
  } finally {
    fs.rmSync(file, { force: true });
  }
}

module.exports = { withLock };
