/** What an installed application does with `supervise`: its own executable ends children on Windows. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { applicationScripts } from '#engine/node-scripts.ts';
import { temporaryFolder } from '#test/temporary-folder.ts';

const entry = join(import.meta.dirname, '..', '..', 'dist', 'desktop', 'entry.js');

/** Starts what was built with the words that the executable would be given, and a `taskkill` that does here what the real one does there. */
async function executable(...words: string[]): Promise<ChildProcess> {
  const folder = await temporaryFolder('taskkill');
  writeFileSync(join(folder, 'taskkill'), '#!/bin/sh\nkill -KILL "$2"\n', { mode: 0o755 });
  // As in an application that is installed, no script stands between the executable and what it is given.
  const start = ['--input-type=module', '-e', `await import(${JSON.stringify(pathToFileURL(entry).href)}); process.stdout.write('Electron goes on')`, ...words];
  return spawn(process.execPath, start, { env: { PATH: `${folder}${delimiter}${process.env['PATH'] ?? ''}` }, stdio: ['pipe', 'pipe', 'inherit', 'pipe'] });
}

describe('the executable that is told to supervise', () => {
  it('was built', () => {
    expect(existsSync(entry)).toBe(true);
  });
  it('runs the command and ends with its status', async () => {
    const child = await executable('supervise', '/bin/sh', '-c', 'cat; exit 7');
    let output = '';
    child.stdout?.on('data', (chunk: Buffer) => void (output += chunk.toString()));
    child.stdin?.end('through');
    expect([await once(child, 'close'), output]).toEqual([[7, null], 'through']);
  });
  it('ends the command when whoever started it lets go or dies', async () => {
    const child = await executable('supervise', '/bin/sh', '-c', 'echo $$; exec sleep 60');
    const [said] = (await once(child.stdout ?? child, 'data')) as [Buffer];
    child.stdio[3]?.destroy();
    await once(child, 'exit');
    expect(() => process.kill(Number(said.toString()), 0)).toThrow(expect.objectContaining({ code: 'ESRCH' }));
  });
  it('takes the words behind -- as they are, and no more than the first of them away', async () => {
    const { command, args } = applicationScripts({ command: 'pilothouse', args: [] }).command('supervise', ['/bin/echo', '--', 'postgres://shop', 'more']) ?? { command: '', args: [] };
    const child = await executable(...args);
    const [said] = (await once(child.stdout ?? child, 'data')) as [Buffer];
    await once(child, 'exit');
    expect([command, args.slice(0, 2), said.toString()]).toEqual(['pilothouse', ['supervise', '--'], '-- postgres://shop more\n']);
  });
  it('takes what looks like its own words as the words of the command', async () => {
    const child = await executable('supervise', '/bin/echo', 'cli', '--no-sandbox', 'supervise');
    const [said] = (await once(child.stdout ?? child, 'data')) as [Buffer];
    await once(child, 'exit');
    expect(said.toString()).toBe('cli --no-sandbox supervise\n');
  });
});
