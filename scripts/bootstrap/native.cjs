/** The native part of the SSH library: without it, SSH works at half the speed. */
'use strict';

const fs = require('node:fs');
const path = require('node:path');
const { spawnSync } = require('node:child_process');
const { npmCommand } = require('./packages.cjs');
const { say, stage } = require('./progress.cjs');
const { environment, runQuietly } = require('./runtime.cjs');

/** Inside node_modules, so that a new installation builds it anew. */
const recordName = '.pilothouse-native';

/** npm brings node-gyp with it, wherever npm is. */
function findNodeGyp() {
  try {
    const script = fs.realpathSync(npmCommand().slice(-1)[0]);
    const found = ['../node_modules/node-gyp/bin/node-gyp.js', '../lib/node_modules/npm/node_modules/node-gyp/bin/node-gyp.js'].map((name) => path.join(path.dirname(script), name)).find((file) => fs.existsSync(file));
    return found || null;
  } catch {
    // Without npm there is nothing to build with; that it is missing is said where it is needed.
    return null;
  }
}

/** What npm hands on of its own settings counts more for node-gyp than what it is told, its folder of headers too. */
function withoutNpm(env) {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !/^npm_/i.test(name)));
}

function loads(project, runtime) {
  const look = "process.exit(require('ssh2/lib/protocol/crypto.js').bindingAvailable ? 0 : 3)";
  return spawnSync(runtime, ['-e', look], { cwd: project, stdio: 'ignore' }).status === 0;
}

/**
 * Builds it once for the Node that runs the project, with that Node's own headers: those of the Node that npm runs on
 * give a file that looks right and does not load. Without a compiler or headers it goes on, and says so once.
 */
async function ensureNativeParts(project, runtime) {
  const folder = path.join(project, 'node_modules', 'ssh2', 'lib', 'protocol', 'crypto');
  if (!fs.existsSync(folder)) return;
  const record = path.join(project, 'node_modules', recordName);
  const wanted = `${runtime} ${fs.statSync(runtime).mtimeMs}`;
  if (fs.existsSync(record) && fs.readFileSync(record, 'utf8') === wanted) return;
  if (!loads(project, runtime)) {
    const headers = path.dirname(path.dirname(runtime));
    const gyp = fs.existsSync(path.join(headers, 'include', 'node', 'node_api.h')) ? findNodeGyp() : null;
    if (gyp !== null) await stage('Building the native part of SSH', () => runQuietly(runtime, [gyp, `--nodedir=${headers}`, '--real_openssl_major=3', 'rebuild'], { cwd: folder, env: withoutNpm(environment(runtime)) }));
    if (!loads(project, runtime)) say('The native part of SSH could not be built here (a C++ compiler, make and python3 do it): SSH works without it, at about half the speed.');
  }
  try {
    fs.writeFileSync(record, wanted);
  } catch (error) {
    // In a folder that cannot be written to, it is simply looked at again at the next start.
    if (!['EACCES', 'EROFS', 'EPERM'].includes(error.code)) throw error;
  }
}

module.exports = { ensureNativeParts };
