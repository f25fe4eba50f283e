/** What a job does on a host to dump, under the shells that servers have, with a stand-in for pg_dump that writes what it is told. */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { dumpScript, hashesName, jobStatus, readDumpedFiles, sizesName } from '#engine/backup/detached/dump-script.ts';
import { descendantsOf, processesMatching } from '#test/processes.ts';
import { temporaryFolder } from '#test/temporary-folder.ts';
import { waitFor } from '#test/wait-for.ts';

const shells: [string, readonly [string, ...string[]]][] = [['sh', ['/bin/sh']], ['bash', ['/bin/bash', '--posix']], ['BusyBox', ['busybox', 'sh']]];
const isThere = ([program]: readonly [string, ...string[]]): boolean => spawnSync('sh', ['-c', `command -v ${program}`]).status === 0;

/** Runs the script in a folder of its own. @param pgDump a script of `sh` that stands in for it */
async function run(shell: readonly [string, ...string[]], pgDump: string, options: { reserveBytes?: number; hashes?: 'sha256sum' | 'openssl' } = {}): Promise<{ folder: string; status: number | null; ms: number }> {
  const folder = await temporaryFolder('dump-script');
  const program = join(folder, 'pg_dump');
  writeFileSync(program, `#!/bin/sh\n${pgDump}\n`, { mode: 0o755 });
  writeFileSync(join(folder, 'command'), dumpScript({ argv: [program], environment: ['PGOPTIONS'], reserveBytes: options.reserveBytes ?? 0, hashes: options.hashes ?? 'sha256sum' }));
  const startedAt = performance.now();
  const [first, ...rest] = shell;
  const { status } = spawnSync(first, [...rest, 'command'], { cwd: folder, env: { PATH: process.env['PATH'] ?? '', PGOPTIONS: 'unwanted' } });
  return { folder, status, ms: performance.now() - startedAt };
}
const filesIn = (folder: string) => readDumpedFiles(readFileSync(join(folder, hashesName), 'utf8'), readFileSync(join(folder, sizesName), 'utf8'));

describe.each(shells)('the script of a job, under %s', (_name, shell) => {
  test.skipIf(!isThere(shell)).each(['sha256sum', 'openssl'] as const)('hashes what was dumped by %s', async (hashes) => {
    const { folder, status } = await run(shell, '[ -z "$PGOPTIONS" ] || exit 9\nmkdir dump && printf contents >dump/toc.dat && printf "" >dump/1.dat && printf rows >dump/2.dat.gz', { hashes });
    const sha = (text: string): string => execFileSync('sha256sum', { input: text, encoding: 'utf8' }).slice(0, 64);
    expect([status, filesIn(folder)]).toEqual([0, [{ name: '1.dat', sizeBytes: 0, sha256: sha('') }, { name: '2.dat.gz', sizeBytes: 4, sha256: sha('rows') }, { name: 'toc.dat', sizeBytes: 8, sha256: sha('contents') }]]);
  });
  test.skipIf(!isThere(shell))('ends as pg_dump does, and hashes nothing then', async () => {
    const { folder, status } = await run(shell, 'mkdir dump && printf contents >dump/toc.dat; exit 3');
    expect([status, existsSync(join(folder, hashesName))]).toEqual([3, false]);
  });
  test.skipIf(!isThere(shell))('watches the disk no longer than pg_dump is there, also where nobody is left to say so', async () => {
    const folder = await temporaryFolder('dump-script');
    const [program, command] = [join(folder, 'pg_dump'), join(folder, 'command')];
    writeFileSync(program, '#!/bin/sh\nexec sleep 600\n', { mode: 0o755 });
    writeFileSync(command, dumpScript({ argv: [program], environment: [], reserveBytes: 0, hashes: 'sha256sum' }));
    const [first, ...rest] = shell;
    const child = spawn(first, [...rest, command], { cwd: folder, stdio: 'ignore' });
    const begun = () => descendantsOf(child.pid ?? 0);
    const dump = (): number | undefined => begun().find(({ commandLine }) => commandLine === 'sleep 600')?.pid;
    // The dump, and whoever watches.
    await waitFor('both to be there', () => dump() !== undefined && processesMatching(command).length === 2);
    const pid = dump() ?? 0;
    child.kill('SIGKILL');
    await waitFor('the script to be gone', () => processesMatching(command).length === 1);
    process.kill(pid, 'SIGKILL');
    await waitFor('nobody to watch', () => processesMatching(command).length === 0);
  });
  test.skipIf(!isThere(shell))('ends pg_dump before the disk is full', async () => {
    const { folder, status, ms } = await run(shell, 'mkdir dump; exec sleep 30', { reserveBytes: 1e15 });
    expect([status, existsSync(join(folder, hashesName)), ms < 10_000]).toEqual([jobStatus.spaceLow, false, true]);
  });
});
