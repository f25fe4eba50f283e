import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { delimiter, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '#test/temporary-folder.ts';

const supervisor = fileURLToPath(new URL('../../electron/engine/children/supervisor-main.ts', import.meta.url));

/** Runs the supervisor with a `taskkill` that does here what the real one does there. */
async function supervise(command: string, ...args: string[]): Promise<ChildProcess> {
  const folder = await temporaryFolder('taskkill');
  await writeFile(join(folder, 'taskkill'), '#!/bin/sh\nkill -KILL "$2"\n');
  await chmod(join(folder, 'taskkill'), 0o755);
  return spawn(process.execPath, [supervisor, command, ...args], { env: { PATH: `${folder}${delimiter}${process.env['PATH'] ?? ''}` }, stdio: ['pipe', 'pipe', 'ignore', 'pipe'] });
}

describe('the supervisor of children on Windows', () => {
  it('hands on input, output and exit status', async () => {
    const child = await supervise('/bin/sh', '-c', 'cat; exit 7');
    let output = '';
    child.stdout?.on('data', (chunk: Buffer) => void (output += chunk.toString()));
    child.stdin?.end('through');
    expect(await once(child, 'close')).toEqual([7, null]);
    expect(output).toBe('through');
  });

  it('ends the command when its lifeline ends', async () => {
    const child = await supervise('/bin/sh', '-c', 'echo ready; exec sleep 60');
    if (child.stdout) await once(child.stdout, 'data');
    child.stdio[3]?.destroy();
    expect(await once(child, 'exit')).toEqual([1, null]);
  });

  it('says when there is no such command', async () => {
    const child = await supervise('/no/such/command');
    expect((await once(child, 'exit'))[0]).toBe(127);
  });
});
