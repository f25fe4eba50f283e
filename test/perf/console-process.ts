/** The real console in a process of its own: `npm start -- --no-open`, with its memory watched. */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { waitFor } from '#test/wait-for.ts';

export interface ConsoleProcess {
  /** The one-time address. */
  link: string;
  pid: number;
  /** Bytes resident now. */
  memory(): number;
  /** The most that was resident since the last call. */
  peakMemory(): number;
  stop(): Promise<void>;
}

const main = join(import.meta.dirname, '..', '..', 'electron', 'loopback', 'main.ts');

export async function startConsole(home: string): Promise<ConsoleProcess> {
  const child = spawn(process.execPath, [main, '--no-open', '--home', home], { stdio: ['ignore', 'pipe', 'inherit'] });
  let link = '';
  createInterface({ input: child.stdout }).on('line', (line) => {
    link ||= /http:\/\/127\.0\.0\.1:\d+\/#token=\S+/.exec(line)?.[0] ?? '';
  });
  await waitFor('the address of the console', () => link !== '', { within: 30_000 });
  const pid = child.pid ?? 0;
  const memory = () => Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) * 1024;
  let peak = 0;
  const watch = setInterval(() => {
    if (child.exitCode === null) peak = Math.max(peak, memory());
  }, 100);
  return {
    link,
    pid,
    memory,
    peakMemory() {
      const most = peak;
      peak = 0;
      return most;
    },
    async stop() {
      clearInterval(watch);
      const gone = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      await gone;
    },
  };
}
