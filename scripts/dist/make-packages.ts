/** Makes packages beside where they belong, and puts them there when all of them are made: what fails leaves nothing. */
import { fork, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { watchDownloads } from './downloads.ts';
import type { FromPacker } from './packer.ts';
import { nameOf, type Target } from './targets.ts';

export interface MakeOptions {
  project: string;
  target: Target;
  /** As electron-builder names them; empty: all that the configuration names. */
  kinds: readonly string[];
  /** Where the packages are put, absolute. */
  output: string;
  /** The folder of an unpacked Electron; null: the one that is downloaded, or was before. */
  electron: string | null;
  /** How long a download may give nothing, in milliseconds. */
  patience: number;
}

export type Made = { files: string[] } | { problem: string } | { signal: NodeJS.Signals };

/** What a line that is cut, closed or bent says of itself; those that download count statuses of HTTP among them. */
const network = /\b(?:ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|EPIPE|EPROTO|ERR_TLS_\w+|CERT_\w+|\w+_CERT\w*|ERR_NON_2XX_3XX_RESPONSE|ERR_SOCKET\w*)\b|Response code \d+|socket hang up/;

const signals: readonly NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];

export async function makePackages(options: MakeOptions): Promise<Made> {
  const unfinished = `${options.output}.partial`;
  const temporary = join(unfinished, 'temporary');
  const calledOff = new AbortController();
  const callOff = (signal: NodeJS.Signals): void => calledOff.abort(signal);
  for (const signal of signals) process.on(signal, callOff);
  try {
    rmSync(unfinished, { recursive: true, force: true });
    mkdirSync(temporary, { recursive: true });
    const made = await runPacker(options, { unfinished, temporary, calledOff: calledOff.signal });
    if (!('files' in made)) return made;
    mkdirSync(options.output, { recursive: true });
    return { files: made.files.map((file) => putInPlace(file, options.output)) };
  } finally {
    rmSync(unfinished, { recursive: true, force: true });
    for (const signal of signals) process.off(signal, callOff);
  }
}

function putInPlace(file: string, folder: string): string {
  const place = join(folder, basename(file));
  rmSync(place, { recursive: true, force: true });
  renameSync(file, place);
  return place;
}

interface Place {
  /** Where electron-builder makes what it makes. */
  unfinished: string;
  temporary: string;
  /** With the signal by which somebody ended it. */
  calledOff: AbortSignal;
}

async function runPacker({ project, target, kinds, electron, patience }: MakeOptions, { unfinished, temporary, calledOff }: Place): Promise<Made> {
  const packer = fork(join(import.meta.dirname, 'packer.ts'), [JSON.stringify({ project, target, kinds, output: unfinished, electron })], {
    cwd: project,
    // In a group of its own, so that what it starts ends with it.
    detached: process.platform !== 'win32',
    env: { ...process.env, TMPDIR: temporary, TEMP: temporary, TMP: temporary },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  let hasElectron = electron !== null;
  let said = '';
  let told: FromPacker | null = null;
  let stalled = false;
  packer.on('message', (message: FromPacker) => {
    if (message.type === 'electron') hasElectron = true;
    else told = message;
  });
  for (const stream of [packer.stdout, packer.stderr]) stream?.on('data', (chunk: Buffer) => (said = (said + chunk.toString()).slice(-20_000)));
  const endWatch = watchDownloads(temporary, patience, () => {
    stalled = true;
    endGroup(packer);
  });
  const end = (): void => endGroup(packer);
  calledOff.addEventListener('abort', end);
  await new Promise<void>((resolve) => packer.once('close', () => resolve()));
  calledOff.removeEventListener('abort', end);
  endWatch();

  if (calledOff.aborted) return { signal: calledOff.reason as NodeJS.Signals };
  if (stalled) return { problem: notDownloaded(project, target, hasElectron, 'nothing came') };
  return judge(told, said, (why) => notDownloaded(project, target, hasElectron, why), target, unfinished);
}

function judge(told: FromPacker | null, said: string, missing: (why: string) => string, target: Target, unfinished: string): Made {
  if (told?.type === 'made') return { files: told.files.length > 0 ? told.files : [join(unfinished, unpackedName(target))] };
  const failure = told?.type === 'failed' ? told : { code: null, message: 'electron-builder ended without a word' };
  const why = network.exec(failure.code ?? '')?.[0] ?? network.exec(failure.message)?.[0];
  if (why !== undefined) return { problem: missing(why) };
  const lines = said.trim().split('\n').slice(-12).join('\n');
  return { problem: `${lines}\n\nThe packages for ${nameOf(target)} could not be made: ${failure.message}\nNothing half-made is left.` };
}

/** The folder that electron-builder makes where nothing is packed any further. */
const unpackedName = ({ platform, architecture }: Target): string => `${{ linux: 'linux', darwin: 'mac', win32: 'win' }[platform]}${architecture === 'x64' ? '' : `-${architecture}`}${platform === 'darwin' ? '' : '-unpacked'}`;

function notDownloaded(project: string, target: Target, hasElectron: boolean, why: string): string {
  const { version } = JSON.parse(readFileSync(join(project, 'node_modules', 'electron', 'package.json'), 'utf8')) as { version: string };
  const what = hasElectron ? 'a tool with which electron-builder makes packages' : `Electron ${version} for ${nameOf(target)}`;
  return `The packages for ${nameOf(target)} could not be made: ${what} could not be downloaded (${why}), which needs a network that reaches the place of its releases; nothing half-made is left.`;
}

/** Ends it and what it has started. */
function endGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  if (process.platform === 'win32') {
    spawnSync('taskkill', ['/pid', String(child.pid), '/T', '/F'], { stdio: 'ignore' });
    return;
  }
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch (error) {
    // It ended by itself just now.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
