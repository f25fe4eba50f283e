/** What keeps a job on a server, under the shells that servers have: nothing of it goes on when the job is gone. */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { heartbeatSeconds, keeperScript } from '#engine/ssh/jobs/scripts.ts';
import { descendantsOf, processesMatching } from '#test/processes.ts';
import { temporaryFolder } from '#test/temporary-folder.ts';
import { waitFor } from '#test/wait-for.ts';

const shells: [string, readonly [string, ...string[]]][] = [['dash', ['dash']], ['bash', ['bash', '--posix']], ['BusyBox', ['busybox', 'sh']]];
const isThere = ([program]: readonly [string, ...string[]]): boolean => spawnSync('sh', ['-c', `command -v ${program}`]).status === 0;

/** A keeper whose parent buries nobody, as the first process of a container does: what of it has ended stays in the list. */
async function keep(shell: readonly [string, ...string[]]): Promise<{ keeper: string; pid: number; command: number }> {
  const folder = await temporaryFolder('keeper');
  const keeper = join(folder, 'keeper');
  // With signs of life every second: nothing else of it is another.
  writeFileSync(keeper, keeperScript.replace(`sleep ${heartbeatSeconds} `, 'sleep 1 '));
  writeFileSync(join(folder, 'command'), 'exec sleep 600\n');
  writeFileSync(join(folder, 'input'), '');
  const parent = spawn('sh', ['-c', '"$@" & exec sleep 600', 'sh', ...shell, keeper, folder], { stdio: 'ignore' });
  const started = (): number[] => descendantsOf(parent.pid ?? 0).map(({ pid }) => pid);
  const seen = new Set<number>();
  onTestFinished(() => {
    for (const pid of [...started(), ...seen]) spawnSync('kill', ['-KILL', String(pid)]);
    parent.kill('SIGKILL');
  });
  await waitFor('a sign of life', () => existsSync(join(folder, 'beat')));
  const pid = Number(readFileSync(join(folder, 'pid'), 'utf8'));
  const command = descendantsOf(pid).find(({ commandLine }) => commandLine === 'sleep 600')?.pid ?? 0;
  seen.add(command);
  return { keeper, pid, command };
}

describe.each(shells)('the signs of life of a job, under %s,', (_name, shell) => {
  test.skipIf(!isThere(shell))('end with its keeper, also where that is never buried', async () => {
    const { keeper, pid } = await keep(shell);
    process.kill(pid, 'SIGKILL');
    await waitFor('nobody to go on in its name', () => processesMatching(keeper).length === 0, { within: 15_000 });
  });
  test.skipIf(!isThere(shell))('end with its command, also where the keeper cannot say so', async () => {
    const { keeper, pid, command } = await keep(shell);
    process.kill(pid, 'SIGSTOP');
    process.kill(command, 'SIGKILL');
    await waitFor('nobody but the keeper to be there', () => processesMatching(keeper).every((each) => each.pid === pid), { within: 15_000 });
    process.kill(pid, 'SIGCONT');
    await waitFor('how it ended', () => existsSync(join(keeper, '..', 'exit')));
    expect(readFileSync(join(keeper, '..', 'exit'), 'utf8')).toBe('137 none\n');
  });
});
