/** Programs of the operating system that the project uses but npm cannot bring. */
'use strict';

const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { Refusal, say, stage } = require('./progress.cjs');
const { runQuietly } = require('./runtime.cjs');

/** `notOn`: platforms that have none; the tests that use it are skipped there. */
const needs = {
  pg_dump: {
    purpose: 'backups and restores',
    names: ['pg_dump'],
    folders: postgresFolders,
    debian: 'postgresql-client',
    elsewhere: 'Fedora: dnf install postgresql; Alpine: apk add postgresql-client; macOS: brew install libpq',
  },
  chromium: {
    purpose: 'the tests of the console',
    // The first has no window of its own, and opens a page in three quarters of the time.
    names: ['chromium-headless-shell', 'chromium', 'chromium-browser', 'google-chrome'],
    folders: () => ['/Applications/Chromium.app/Contents/MacOS'],
    debian: 'chromium-headless-shell',
    debianElse: 'chromium',
    elsewhere: 'Fedora: dnf install chromium; Alpine: apk add chromium; macOS: brew install --cask chromium',
  },
  openssl: {
    purpose: 'the certificates of the tests',
    names: ['openssl'],
    folders: () => [],
    debian: 'openssl',
    elsewhere: 'Fedora: dnf install openssl; Alpine: apk add openssl; macOS: brew install openssl',
  },
  sshd: {
    purpose: 'the tests of SSH',
    names: ['sshd'],
    folders: () => ['/usr/sbin'],
    debian: 'openssh-server',
    elsewhere: 'Fedora: dnf install openssh-server; Alpine: apk add openssh; macOS has it',
    notOn: ['win32'],
  },
  sudo: {
    purpose: 'the tests of commands as another account',
    names: ['sudo'],
    folders: () => [],
    debian: 'sudo',
    elsewhere: 'Fedora: dnf install sudo; Alpine: apk add sudo; macOS has it',
    notOn: ['win32'],
  },
  dropbear: {
    purpose: 'the tests of SSH servers other than OpenSSH',
    names: ['dropbear'],
    folders: () => ['/usr/sbin'],
    debian: 'dropbear-bin',
    elsewhere: 'Fedora: dnf install dropbear; Alpine: apk add dropbear; macOS: brew install dropbear',
    notOn: ['win32'],
  },
  busybox: {
    purpose: 'the tests of what is sent to servers with BusyBox',
    names: ['busybox'],
    folders: () => [],
    debian: 'busybox',
    elsewhere: 'Fedora: dnf install busybox; Alpine has it',
    notOn: ['darwin', 'win32'],
  },
  gpg: {
    purpose: 'the tests of runbooks that encrypt what they keep',
    names: ['gpg'],
    folders: () => [],
    debian: 'gnupg',
    elsewhere: 'Fedora: dnf install gnupg2; Alpine: apk add gnupg; macOS: brew install gnupg',
    notOn: ['win32'],
  },
};

/** Every place where the engine looks too (electron/engine/postgres/tools.ts): what it finds is not to be installed. */
function postgresFolders() {
  const homebrew = ['/opt/homebrew/opt', '/usr/local/opt', '/home/linuxbrew/.linuxbrew/opt'].map((root) => [root, /^(?:postgresql(?:@\d+)?|libpq)$/, 'bin']);
  const roots = [
    ['/usr/lib/postgresql', /^\d/, 'bin'],
    ['/usr', /^pgsql-\d/, 'bin'],
    ['/usr/libexec', /^postgresql\d+$/, ''],
    ...homebrew,
    ['/Applications/Postgres.app/Contents/Versions', /^\d/, 'bin'],
    [path.join(os.homedir(), 'Applications/Postgres.app/Contents/Versions'), /^\d/, 'bin'],
    ['/Library/PostgreSQL', /^\d/, 'bin'],
    [path.join(process.env.ProgramFiles || 'C:\\Program Files', 'PostgreSQL'), /^\d/, 'bin'],
  ];
  return [].concat(...roots.map(([root, pattern, below]) => namesIn(root).filter((name) => pattern.test(name)).map((name) => path.join(root, name, below))));
}

function namesIn(folder) {
  try {
    return fs.readdirSync(folder);
  } catch {
    // Most of these places exist on no one computer.
    return [];
  }
}

function isThere(need) {
  const folders = (process.env.PATH || '').split(path.delimiter).concat(need.folders());
  const endings = process.platform === 'win32' ? ['.exe'] : [''];
  return folders.some((folder) => need.names.some((name) => endings.some((ending) => fs.existsSync(path.join(folder, name + ending)))));
}

function mayInstall() {
  return typeof process.getuid === 'function' && process.getuid() === 0 && fs.existsSync('/etc/debian_version') && fs.existsSync('/usr/bin/apt-get');
}

/**
 * Installs what is missing where that is ours to do: as root on Debian and its kin. Elsewhere it names what is
 * missing and how to get it.
 *
 * @param {{ required: boolean }} options whether to refuse to go on without
 */
async function ensurePrograms(names, { required }) {
  const missing = () => names.map((name) => needs[name]).filter((need) => !(need.notOn || []).includes(process.platform) && !isThere(need));
  if (missing().length > 0 && mayInstall()) await installDebian(missing(), required);
  const still = missing();
  if (still.length === 0) return;
  const lines = still.map((need) => `${need.debianElse ?? need.names[0]} is not on this machine; it is needed for ${need.purpose}.\n  Debian, Ubuntu: apt-get install ${need.debianElse ?? need.debian}; ${need.elsewhere}`);
  if (required) throw new Refusal(lines.join('\n'), 'Install what is named above and run the same command again.');
  for (const line of lines) say(line);
}

async function installDebian(wanted, required) {
  const apt = (...parameters) => runQuietly('/usr/bin/apt-get', ['-q', '-y', ...parameters], { cwd: '/', env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } });
  const update = () => stage('Reading the lists of Debian packages', () => apt('update'));
  try {
    if (!hasPackageLists()) await update();
    const packages = [];
    for (const need of wanted) packages.push(need.debianElse !== undefined && !(await isPackage(need.debian)) ? need.debianElse : need.debian);
    await stage(`Installing ${packages.join(', ')}`, async () => {
      const first = await apt('install', '--no-install-recommends', ...packages);
      if (first.status === 0) return;
      // Old lists name files that are gone from the mirrors.
      await apt('update');
      const second = await apt('install', '--no-install-recommends', ...packages);
      if (second.status !== 0) throw new Refusal(`apt-get could not install ${packages.join(', ')}:\n${second.output.trim()}`, 'What apt-get says above is the reason; run the same command again when it is gone.');
    });
  } catch (error) {
    if (required || !(error instanceof Refusal)) throw error;
    say(error.message);
  }
}

/** Whether apt knows it: releases and kin of Debian differ. */
async function isPackage(name) {
  return (await runQuietly('/usr/bin/apt-cache', ['show', name], { cwd: '/' })).status === 0;
}

function hasPackageLists() {
  const folder = '/var/lib/apt/lists';
  return fs.existsSync(folder) && fs.readdirSync(folder).some((name) => name.includes('_Packages'));
}

module.exports = { ensurePrograms };
