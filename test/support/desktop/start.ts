/** A project with an Electron of scripts, on a machine that is made up, to see what `npm start` does with them. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import { descendantsOf } from '../processes.ts';
import { temporaryFolder } from '../temporary-folder.ts';

/** `root`: where /proc and the loader of glibc are looked for; the limits are milliseconds. */
export interface Machine {
  platform: string;
  arch: string;
  uid: number;
  environment: Record<string, string>;
  root: string;
  paintMs: number;
  downloadMs: number;
}

export interface StartRequest {
  project: string;
  parameters: string[];
  machine: Machine;
}

export const version = '45.5.0';

/** Lines of the scripts that stand for Electron's main process. */
export const painted = `console.log('Pilothouse: the window is open.');`;
/** By itself it ends after a minute, should a test that fails leave it behind. */
export const stays = `setTimeout(() => {}, 60_000);`;

function write(file: string, text: string, mode = 0o644): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  chmodSync(file, mode);
}

/** What a downloaded and unpacked Electron consists of here. */
export function installElectron(project: string, script: string): void {
  const folder = join(project, 'node_modules', 'electron');
  write(join(folder, 'dist', 'electron'), `#!${process.execPath}\n${script}\n`, 0o755);
  write(join(folder, 'dist', 'version'), version);
  write(join(folder, 'path.txt'), 'electron');
}

/**
 * A project whose Electron is a script of Node: `electron`, null where it was not downloaded yet. `installer` stands
 * for Electron's own install.js.
 */
export async function makeProject({ electron = null, installer = 'process.exit(1);' }: { electron?: string | null; installer?: string } = {}): Promise<string> {
  const project = join(await temporaryFolder('start'), 'a path with spaces');
  const folder = join(project, 'node_modules', 'electron');
  write(join(folder, 'package.json'), JSON.stringify({ name: 'electron', version }));
  write(join(folder, 'checksums.json'), JSON.stringify({ [`electron-v${version}-linux-x64.zip`]: '', [`electron-v${version}-darwin-arm64.zip`]: '', [`electron-v${version}-win32-x64.zip`]: '' }));
  write(join(folder, 'install.js'), installer);
  if (electron !== null) installElectron(project, electron);
  return project;
}

/** The installer's work as a script: it takes down what it is given, as Electron's does, and `first` happens before its last step. */
export function installerOf(script: string, first = ''): string {
  return `
const fs = require('node:fs');
const path = require('node:path');
fs.writeFileSync(path.join(process.env.TMPDIR, 'electron.zip'), 'x'.repeat(1000));
fs.mkdirSync(path.join(__dirname, 'dist'), { recursive: true });
fs.writeFileSync(path.join(__dirname, 'dist', 'version'), ${JSON.stringify(version)});
fs.writeFileSync(path.join(__dirname, 'dist', 'electron'), ${JSON.stringify(`#!${process.execPath}\n${script}\n`)}, { mode: 0o755 });
fs.writeFileSync(path.join(__dirname, 'asked'), String(process.pid));
const finish = () => fs.writeFileSync(path.join(__dirname, 'path.txt'), 'electron');
${first === '' ? 'finish();' : first}
`;
}

/** A desktop with Linux, on which Electron would open a window. `sysctl`: settings of the kernel that are different. */
export async function makeMachine({ sysctl = {}, ...changes }: Partial<Machine> & { sysctl?: Record<string, string> } = {}): Promise<Machine> {
  const root = await temporaryFolder('machine');
  write(join(root, 'lib64', 'ld-linux-x86-64.so.2'), '');
  write(join(root, 'proc', 'self', 'ns', 'user'), '');
  for (const [name, value] of Object.entries({ 'user/max_user_namespaces': '96365', ...sysctl })) write(join(root, 'proc', 'sys', name), `${value}\n`);
  return { platform: 'linux', arch: 'x64', uid: 1000, environment: { DISPLAY: ':0' }, root, paintMs: 10_000, downloadMs: 10_000, ...changes };
}

export interface Started {
  child: ChildProcess;
  /** What it said so far. */
  said: { stdout: string; stderr: string };
  /** `status`: the window's own, null where the console on loopback takes over with `rest`; or where it was killed. */
  ended: Promise<{ status: number | null; rest: string[] | null; stdout: string; stderr: string }>;
}

/**
 * Begins `npm start` of a project, without the set-up before it and the console on loopback after it. It leads a group
 * of its own, to which a terminal would give its Ctrl-C.
 */
export function begin(request: StartRequest, variables: NodeJS.ProcessEnv = {}): Started {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'start-driver.ts'), JSON.stringify(request)], { stdio: ['ignore', 'pipe', 'pipe'], detached: true, env: { ...process.env, ...variables } });
  onTestFinished(() => {
    for (const { pid } of descendantsOf(child.pid ?? 0)) process.kill(pid, 'SIGKILL');
    child.kill('SIGKILL');
  });
  const said = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) child[name].setEncoding('utf8').on('data', (text: string) => (said[name] += text));
  const ended = once(child, 'close').then(() => {
    const outcome = JSON.parse(/^outcome (.*)$/m.exec(said.stdout)?.[1] ?? '{}') as { status?: number; rest?: string[] };
    return { status: outcome.status ?? null, rest: outcome.rest ?? null, ...said };
  });
  return { child, said, ended };
}

/** `npm start` of a project to its end. */
export async function start(project: string, parameters: string[] = [], machine?: Machine, variables?: NodeJS.ProcessEnv): Promise<Awaited<Started['ended']>> {
  return begin({ project, parameters, machine: machine ?? (await makeMachine()) }, variables).ended;
}

/** How often the installer of a project was asked: its process's number, null where it never was. */
export function askedInstaller(project: string): number | null {
  const file = join(project, 'node_modules', 'electron', 'asked');
  return existsSync(file) ? Number(readFileSync(file, 'utf8')) : null;
}
