/** Programs and children on each system, as this one would find and start them if it were another. */
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { spawnOnLifeline, superviseBy } from '#engine/children/lifeline.ts';
import { runNow } from '#engine/children/run-now.ts';
import { applicationScripts, nodeScripts } from '#engine/node-scripts.ts';
import { hasProcessGroups, signalGroup, systemVariables, treeKiller } from '#engine/platform/children.ts';
import { filesOfCommand, howToInstallPostgres, postgresRoots, programFile, searchFolders } from '#engine/platform/programs.ts';
import { startOf, worksIn } from '#engine/platform/process-identity.ts';
import { temporaryFolder } from '#test/temporary-folder.ts';

describe('a command', () => {
  it.each([
    ['pg_dump', { PATH: '/usr/bin:bin::/opt/bin' }, 'linux', ['/usr/bin/pg_dump', '/opt/bin/pg_dump']],
    ['/opt/pg_dump', { PATH: '/usr/bin' }, 'linux', ['/opt/pg_dump']],
    ['pg_dump', { PATH: 'C:\\pg\\bin;.;"D:\\more pg"' }, 'win32', ['C:\\pg\\bin\\pg_dump.com', 'C:\\pg\\bin\\pg_dump.exe', 'D:\\more pg\\pg_dump.com', 'D:\\more pg\\pg_dump.exe']],
    ['pg_dump', { PATH: 'C:\\pg', PATHEXT: '.EXE;.BAT;.CMD;.JS' }, 'win32', ['C:\\pg\\pg_dump.exe']],
    ['pg_dump.EXE', { PATH: 'C:\\pg' }, 'win32', ['C:\\pg\\pg_dump.EXE']],
    ['C:\\pg\\pg_dump.exe', { PATH: '' }, 'win32', ['C:\\pg\\pg_dump.exe']],
    ['postgresql.17', { PATH: 'C:\\pg', PATHEXT: '.EXE' }, 'win32', ['C:\\pg\\postgresql.17.exe']],
  ] as const)('%s with %j on %s is looked for as a file that starts without a shell', (command, environment, platform, files) => {
    expect(filesOfCommand(command, environment, platform)).toEqual(files);
  });
  it('is looked for in no folder that depends on where we happen to be', () => {
    expect([searchFolders('.:/usr/bin:relative:', 'linux'), searchFolders('.;C:\\x;relative', 'win32')]).toEqual([['/usr/bin'], ['C:\\x']]);
  });
  it('that is run at once tells what it printed and how it ended', async () => {
    const file = join(await temporaryFolder('now'), 'speak');
    writeFileSync(file, '#!/bin/sh\npwd; echo problem >&2; exit 3\n', { mode: 0o755 });
    const { exitStatus, stdout, stderr } = runNow(file, [], { cwd: '/', timeoutMs: 10_000 });
    expect([exitStatus, stdout.toString(), stderr.toString()]).toEqual([3, '/\n', 'problem\n']);
  });
  it('that is run at once and does not end is ended, and has no status', async () => {
    const file = join(await temporaryFolder('now'), 'wait');
    writeFileSync(file, '#!/bin/sh\nexec sleep 60\n', { mode: 0o755 });
    expect(runNow(file, [], { timeoutMs: 100 }).exitStatus).toBeNull();
  });
});

describe("Postgres's programs", () => {
  it('are looked for where the packages of each system put them', () => {
    const person = { homeFolder: '/Users/ann', environment: { ProgramFiles: 'D:\\Programs' } };
    expect([postgresRoots(person, 'win32').map(({ root }) => root), postgresRoots(person, 'darwin').map(({ root }) => root)]).toEqual([['D:\\Programs\\PostgreSQL'], expect.arrayContaining(['/opt/homebrew/opt', '/Users/ann/Applications/Postgres.app/Contents/Versions'])]);
  });
  it('are files with an ending on Windows', () => {
    expect([programFile('pg_dump', 'win32'), programFile('pg_dump', 'linux')]).toEqual(['pg_dump.exe', 'pg_dump']);
  });
  it('are installed in the way of each system', () => {
    expect((['darwin', 'win32', 'linux'] as const).map((platform) => howToInstallPostgres(17, platform))).toEqual([expect.stringContaining('brew install postgresql@17'), expect.stringContaining('postgresql.org'), expect.stringContaining('postgresql-client-17')]);
  });
});

describe('a child', () => {
  it('is given what programs on Windows cannot start without, and no more of ours', () => {
    const environment = { SystemRoot: 'C:\\Windows', PATHEXT: '.EXE', PGPASSWORD: 'secret', AWS_SECRET: 'secret' };
    expect([systemVariables(environment, 'C:\\Temp', 'win32'), systemVariables(environment, '/tmp', 'linux')]).toEqual([{ TMPDIR: 'C:\\Temp', SystemRoot: 'C:\\Windows', PATHEXT: '.EXE', TEMP: 'C:\\Temp', TMP: 'C:\\Temp' }, { TMPDIR: '/tmp' }]);
  });
  it('leads a group but on Windows, where its tree is ended by force', () => {
    expect([hasProcessGroups('linux'), hasProcessGroups('darwin'), hasProcessGroups('win32'), treeKiller(7)]).toEqual([true, true, false, { command: 'taskkill', args: ['/PID', '7', '/T', '/F'] }]);
  });
});

describe('a group of processes', () => {
  const refusing = (code: string) => (): never => {
    throw Object.assign(new Error(code), { code });
  };
  it('gets a signal by the process that leads it', () => {
    const sent: unknown[] = [];
    expect([signalGroup(7, 'SIGTERM', (...what) => void sent.push(what)), sent]).toEqual([true, [[-7, 'SIGTERM']]]);
  });
  it.each(['ESRCH', 'EPERM'])('that is gone is nobody to send it to (%s)', (code) => {
    expect(signalGroup(7, 'SIGTERM', refusing(code))).toBe(false);
  });
  it('that cannot be signalled for any other reason is told', () => {
    expect(() => signalGroup(7, 'SIGTERM', refusing('EINVAL'))).toThrow('EINVAL');
  });
});

describe('a child on Windows', () => {
  afterEach(() => superviseBy(nodeScripts));
  const outputOf = async (command: string, ...args: string[]): Promise<[number | null, string]> => {
    const { process: child } = spawnOnLifeline({ command, args, cwd: undefined, env: { PATH: '/usr/bin:/bin' }, user: undefined, stdin: 'ignore' }, 'win32');
    let output = '';
    child.stdout?.on('data', (chunk: Buffer) => void (output += chunk.toString()));
    const [status] = (await once(child, 'close')) as [number | null];
    return [status, output];
  };
  it('runs under the supervisor, which is a script of Node', async () => {
    expect(await outputOf('/bin/sh', '-c', 'echo through; exit 7')).toEqual([7, 'through\n']);
  });
  it('runs under what an installed application starts as its supervisor', async () => {
    superviseBy(applicationScripts({ command: '/bin/echo', args: ['app.asar'] }));
    expect(await outputOf('pg_dump', '-Fc', 'shop')).toEqual([0, 'app.asar supervise -- pg_dump -Fc shop\n']);
  });
  it('has nothing to run the traffic of the practice shop beside the engine in an installed application', () => {
    expect(applicationScripts({ command: 'pilothouse', args: [] }).command('traffic', ['folder', '1'])).toBeNull();
  });
});

describe('a process', () => {
  it.each(['linux', 'darwin'] as const)('is told apart by when it started, as %s says it', async (platform) => {
    const started = await startOf(process.pid, platform);
    expect([started === (await startOf(process.pid, platform)), started === (await startOf(1, platform)), await startOf(2 ** 22 + 1, platform)]).toEqual([true, false, null]);
  });
  it('works in a folder that its command line names, where no system says more', async () => {
    const folder = await temporaryFolder('works');
    const child = spawnOnLifeline({ command: '/bin/sh', args: ['-c', 'echo ready; read line', 'sh', folder], cwd: undefined, env: { PATH: '/usr/bin:/bin' }, user: undefined, stdin: 'pipe' });
    if (child.process.stdout) await once(child.process.stdout, 'data');
    const found = await Promise.all([child.process.pid ?? 0, process.pid].map((pid) => worksIn(pid, folder, undefined, 'darwin')));
    child.signalGroup('SIGKILL');
    await once(child.process, 'exit');
    expect(found).toEqual([true, false]);
  });
});
