/** Starts the application in a process of its own, to which the double is Electron. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { connectCalls, type Caller } from './calls.ts';
import type { Hands } from './double.ts';
import { surroundingsVariable, usualSurroundings, type Surroundings } from './surroundings.ts';
import type { ScreenSide } from './to-screen.ts';

export interface BrowserProcess {
  pid: number;
  hands: Caller<Hands>;
  /** What it and its processes have said so far. */
  output(): { stdout: string; stderr: string };
  isRunning(): boolean;
  ended: Promise<{ status: number | null; signal: NodeJS.Signals | null }>;
  /** What an operating system sends, and what nobody can refuse. */
  signal(signal: NodeJS.Signals): void;
}

export interface StartOptions {
  /** The file that package.json's "main" names. */
  entry: string;
  args: readonly string[];
  surroundings?: Partial<Omit<Surroundings, 'keychain'>> & { keychain?: Partial<Surroundings['keychain']> };
  /** Added to PATH and HOME, which are all that it is given of ours. */
  env?: Record<string, string>;
  cwd?: string;
}

const register = fileURLToPath(new URL('register.ts', import.meta.url));

/** Those that a test left are ended with the process of the tests. */
const started = new Set<ChildProcess>();
process.once('exit', () => started.forEach((child) => child.kill('SIGKILL')));

export function startBrowserProcess(options: StartOptions, screen: { [Name in keyof ScreenSide]: (...args: Parameters<ScreenSide[Name]>) => unknown }): BrowserProcess {
  const { PATH = '', HOME = '/', NODE_COMPILE_CACHE } = process.env;
  const usual = usualSurroundings();
  const surroundings: Surroundings = { ...usual, ...options.surroundings, keychain: { ...usual.keychain, ...options.surroundings?.keychain } };
  const child = spawn(process.execPath, ['--import', register, options.entry, ...options.args], {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    serialization: 'advanced',
    env: { PATH, HOME, ...(NODE_COMPILE_CACHE === undefined ? {} : { NODE_COMPILE_CACHE }), [surroundingsVariable]: JSON.stringify(surroundings), ...options.env },
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  });
  started.add(child);
  const said = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]?.setEncoding('utf8').on('data', (text: string) => {
      said[name] += text;
    });
  }
  const hands = connectCalls<Hands>(
    {
      send: (message) => {
        if (child.connected) child.send(message as object, () => {}); // What it was told last may come too late; the call is rejected when it ends.
      },
      onMessage: (listener) => void child.on('message', listener),
      onClose: (listener) => void child.on('disconnect', listener),
    },
    screen,
  );
  const ended = once(child, 'close').then(([status, signal]) => ({ status: status as number | null, signal: signal as NodeJS.Signals | null }));
  void ended.then(() => started.delete(child));
  return { pid: child.pid ?? 0, hands, output: () => said, isRunning: () => child.exitCode === null && child.signalCode === null, ended, signal: (signal) => void child.kill(signal) };
}
