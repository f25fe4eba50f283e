/** The programs as people start them: real processes, real signals. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { waitFor } from './wait-for.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

export interface Program {
  child: ChildProcess;
  pid: number;
  /** What it has said so far. */
  output(): { stdout: string; stderr: string };
  ended: Promise<{ status: number | null; signal: NodeJS.Signals | null }>;
}

/** Programs that outlive one test are ended with the process of the tests, however that ends in order. */
const stayed = new Set<ChildProcess>();
process.once('exit', () => stayed.forEach((child) => child.kill('SIGKILL')));

/**
 * Starts one of our programs. It is killed when the test is over, if it has not ended by then.
 * @param options.stays for hooks: it is killed only when all tests of the file are over
 */
export function startProgram(script: 'electron/loopback/main.ts' | 'electron/cli/main.ts', args: readonly string[], options: { stdin?: string; stays?: boolean } = {}): Program {
  const { PATH = '', HOME = '/', NODE_COMPILE_CACHE } = process.env;
  const child = spawn(process.execPath, [script, ...args], { cwd: root, stdio: 'pipe', env: { PATH, HOME, NODE_COMPILE_CACHE } });
  if (options.stays === true) stayed.add(child);
  else onTestFinished(() => void child.kill('SIGKILL'));
  const said = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      said[name] += text;
    });
  }
  child.stdin.end(options.stdin ?? '');
  const ended = once(child, 'close').then(([status, signal]) => ({ status: status as number | null, signal: signal as NodeJS.Signals | null }));
  return { child, pid: child.pid ?? 0, output: () => said, ended };
}

/** Starts the console on loopback and waits for its address. */
export async function startConsole(home: string, args: readonly string[] = [], options: { stays?: boolean } = {}): Promise<Program & { link: URL }> {
  const program = startProgram('electron/loopback/main.ts', ['--home', home, '--no-open', ...args], options);
  const link = await waitFor('the address of the console', () => /http:\/\/127\.0\.0\.1:\d+\/#token=\S+/.exec(program.output().stdout)?.[0], { within: 20_000 });
  return { ...program, link: new URL(link) };
}
