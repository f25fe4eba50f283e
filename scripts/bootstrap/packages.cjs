/** The packages of the lockfile, installed once and again when it changes. */
'use strict';

const crypto = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');
const { Refusal, stage } = require('./progress.cjs');
const { runQuietly } = require('./runtime.cjs');
const { withLock } = require('./lock.cjs');

/** npm empties node_modules first, so a record inside it can only be of what was installed last, to its end. */
const recordName = '.pilothouse-installed';

function lockfileHash(project) {
  const hash = crypto.createHash('sha256');
  hash.update(`${process.platform} ${process.arch}\n`);
  hash.update(fs.readFileSync(path.join(project, 'package-lock.json')));
  return hash.digest('hex');
}

/** What stands in a file; null where there is none. */
function readText(file) {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch (error) {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return null;
    throw error;
  }
}

/**
 * Whether npm itself, asked by hand, has installed just this lockfile: the list it keeps in node_modules says so. It
 * writes that list when everything is in place.
 */
function matchesNpmsOwnList(project) {
  const list = readText(path.join(project, 'node_modules', '.package-lock.json'));
  if (list === null) return false;
  const wanted = JSON.parse(fs.readFileSync(path.join(project, 'package-lock.json'), 'utf8')).packages;
  const installed = JSON.parse(list).packages;
  const same = (name) => Boolean(installed[name]) && installed[name].version === wanted[name].version && installed[name].integrity === wanted[name].integrity;
  return Object.keys(wanted)
    .filter((name) => name.startsWith('node_modules/'))
    .every((name) => same(name) || (wanted[name].optional && !installed[name] && !isForHere(wanted[name])));
}

/** Whether an optional package is surely meant for this platform: one that names no platform serves another one. */
function isForHere(entry) {
  return Boolean(entry.os && entry.cpu) && !entry.libc && entry.os.includes(process.platform) && entry.cpu.includes(process.arch);
}

/** npm as a command: the one that called us, run by its own Node, or the one on PATH. */
function npmCommand() {
  const caller = process.env.npm_execpath || '';
  if (/npm-cli\.c?js$/.test(caller) && fs.existsSync(caller)) return [process.execPath, caller];
  const folders = (process.env.PATH || '').split(path.delimiter);
  if (process.platform !== 'win32') {
    const found = folders.map((folder) => path.join(folder, 'npm')).find((file) => fs.existsSync(file));
    if (found) return [found];
  }
  const besideNode = path.join(path.dirname(process.execPath), 'node_modules', 'npm', 'bin', 'npm-cli.js');
  if (fs.existsSync(besideNode)) return [process.execPath, besideNode];
  throw new Refusal('npm is not on this machine, so the packages cannot be installed.', 'Install npm (on Debian the package "npm"; elsewhere it comes with Node from https://nodejs.org), and run the same command again.');
}

/** Installs when the lockfile is not the one that was installed last. */
async function ensurePackages(project) {
  const record = path.join(project, 'node_modules', recordName);
  const isInstalled = () => readText(record) === lockfileHash(project);
  if (isInstalled()) return;
  if (matchesNpmsOwnList(project)) {
    writeRecord(record, lockfileHash(project));
    return;
  }
  await withLock(project, async (alsoHeldBy) => {
    // The set-up that we waited for may have done it.
    if (isInstalled()) return;
    await stage('Installing packages', () => install(project, alsoHeldBy));
    writeRecord(record, lockfileHash(project));
  });
}

function writeRecord(record, hash) {
  try {
    fs.writeFileSync(record, hash);
  } catch (error) {
    // In a folder that cannot be written to, the comparison is simply made again at the next start.
    if (!['EACCES', 'EROFS', 'EPERM'].includes(error.code)) throw error;
  }
}

const quietly = ['--include=dev', '--include=optional', '--no-audit', '--no-fund', '--loglevel=error', '--fetch-retries=2', '--fetch-retry-mintimeout=1000', '--fetch-retry-maxtimeout=5000'];

async function install(project, alsoHeldBy) {
  const [command, ...first] = npmCommand();
  const npm = (...parameters) => runQuietly(command, [...first, ...parameters, ...quietly], { cwd: project, onStart: alsoHeldBy });
  removeOrRefuse(path.join(project, 'node_modules', recordName));
  const { status, output } = await npm('ci');
  if (status === 0) return;
  if (status === null) throw new Refusal('The installation was interrupted.', 'Run the same command again; it begins anew.');
  throw explain(output.trim(), project);
}

function removeOrRefuse(target) {
  try {
    fs.rmSync(target, { recursive: true, force: true });
  } catch (error) {
    if (!['EACCES', 'EROFS', 'EPERM'].includes(error.code)) throw error;
    throw new Refusal(`${target} cannot be removed: ${error.message}.`, 'Make the folder writable for this account, or clone the project to a folder of your own.');
  }
}

function explain(output, project) {
  const network = /\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|ERR_SOCKET_TIMEOUT)\b/.exec(output);
  if (network) return new Refusal(`The packages could not be downloaded: the registry is not reachable from here (${network[1]}).`, 'Connect to the network, or tell npm about your proxy (npm config set proxy URL), and run the same command again.');
  if (/\b(EACCES|EROFS|EPERM)\b/.test(output)) return new Refusal(`The packages could not be written to ${project}:\n${output}`, 'Make the folder writable for this account, or clone the project to a folder of your own.');
  if (/\bENOSPC\b/.test(output)) return new Refusal(`The disk is full: the packages need about 700 MB in ${project}.`, 'Free some space and run the same command again.');
  return new Refusal(`npm could not install the packages:\n${output.split('\n').slice(0, 40).join('\n')}`, 'What npm says above is the reason; run the same command again when it is gone.');
}

module.exports = { ensurePackages, npmCommand, readText };
