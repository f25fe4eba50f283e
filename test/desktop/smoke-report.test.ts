import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { letsPlaywrightIn, ownElectron, packagedExecutable, readFuses } from '../../scripts/smoke/executable.ts';
import { openByPort } from '../../scripts/smoke/open.ts';
import { printReport, problemsOf, type Report } from '../../scripts/smoke/report.ts';
import { makeProject } from '#test/desktop/start.ts';
import { descendantsOf, isRunning } from '#test/processes.ts';
import { temporaryFolder } from '#test/temporary-folder.ts';
import { waitFor } from '#test/wait-for.ts';
import { browserPath } from '#test/web/browser-path.ts';

const checkout = join(import.meta.dirname, '..', '..');

const well: Report = {
  at: '2026-11-26T12:00:00.000Z',
  executable: '/project/node_modules/electron/dist/electron',
  isPackaged: false,
  way: 'playwright',
  pilothouse: '0.1.0',
  system: 'Debian GNU/Linux 12, Linux 6.1.0, x64',
  versions: { electron: '45.5.0', chrome: '152.0.0.0', node: '24.21.0' },
  times: [{ name: 'First paint', ms: 900, budgetMs: 1500 }],
  steps: [{ name: 'Check its health', ms: 4000, problem: null }],
  sandbox: { words: 'on, with a seccomp filter', isInForce: true },
  keychain: 'gnome_libsecret',
  memory: [{ process: 'engine', idleBytes: 80 * 1024 ** 2, afterBytes: 120 * 1024 ** 2 }],
  fuses: [{ name: 'RunAsNode', isOn: true }],
  wrongFuses: ['RunAsNode'],
  origins: ['app://pilothouse'],
  ownOrigin: 'app://pilothouse',
  complaints: [],
  seenOfNode: [],
  exitStatus: 0,
  left: [],
  folder: '/tmp/smoke',
};

describe('the report of the smoke test', () => {
  it('reads from top to bottom, its last line the outcome', () => {
    expect(printReport(well)).toBe(`Pilothouse 0.1.0, from its folder, on Debian GNU/Linux 12, Linux 6.1.0, x64
Electron 45.5.0, Chrome 152.0.0.0, Node 24.21.0
/project/node_modules/electron/dist/electron, 2026-11-26T12:00:00.000Z

ok        0.9 s  First paint (budget 1.5 s)
ok        4.0 s  Check its health

sandbox      on, with a seccomp filter
keychain     gnome_libsecret
memory       engine: 80 MiB at first, 120 MiB after the tour
fuses        RunAsNode on
requests to  app://pilothouse
complaints   none
pictures     /tmp/smoke

All is well.`);
  });
  it('marks what failed, and says what it was', () => {
    const text = printReport({ ...well, steps: [{ name: 'The step after "Check its health"', ms: 90_000, problem: 'Waited in vain.' }] });
    expect(text.split('\n').filter((line) => /FAILED|^-|well/.test(line))).toEqual(['FAILED   90.0 s  The step after "Check its health": Waited in vain.', '- "The step after "Check its health"" failed: Waited in vain.', '1 thing is not well.']);
  });
  it('says plainly what was not looked at, and why, where the fuses keep debuggers out', () => {
    const text = printReport({ ...well, way: 'port', isPackaged: true, wrongFuses: [], versions: null, sandbox: null, keychain: null, memory: null });
    expect([text.split('\n').filter((line) => line.includes('not looked at')).length, text.includes('nodeCliInspect is off'), text.endsWith('All is well.')]).toEqual([4, true, true]);
  });
  it.each<[string, Partial<Report>, string]>([
    ['a fuse of a packaged application that is not as decided', { isPackaged: true }, 'Fuses are not as decided: RunAsNode.'],
    ['requests that were never seen', { origins: [] }, 'No request of the page was seen, so nothing is known of where it asks.'],
    ['a request elsewhere', { origins: ['app://pilothouse', 'https://example.org'] }, 'The page asked elsewhere than app://pilothouse: https://example.org.'],
    ['a time that could not be measured', { times: [{ name: 'First paint', ms: Number.NaN, budgetMs: 1500 }] }, 'First paint came after NaN s; the budget is 1.5 s.'],
    ['what could not be cleared away', { left: ['The practice system could not be removed.'] }, 'The practice system could not be removed.'],
  ])('is not content with %s', (_what, changes, problem) => {
    expect(problemsOf({ ...well, ...changes })).toEqual([problem]);
  });
});

describe('the application of the smoke test', () => {
  /** Electron's fuses stand in its program after these words: the version, how many there are, and one figure each. */
  const program = async (wire: string): Promise<string> => {
    const file = join(await temporaryFolder('smoke'), 'pilothouse');
    writeFileSync(file, Buffer.concat([Buffer.from('ELF'), Buffer.from('dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX'), Buffer.from([1, wire.length]), Buffer.from(wire)]));
    return file;
  };
  it('is driven by Playwright where the fuse for Node’s inspector is on', async () => {
    expect(letsPlaywrightIn(await readFuses(await program('000100000')))).toBe(true);
  });
  it('is walked by Chromium’s port where that fuse is off', async () => {
    expect(letsPlaywrightIn(await readFuses(await program('111011111')))).toBe(false);
  });
  it('is refused where the file holds no Electron', async () => {
    const file = join(await temporaryFolder('smoke'), 'installer');
    writeFileSync(file, 'MZ');
    await expect(readFuses(file)).rejects.toThrow('Could not find sentinel');
  });
  it('is what is inside, of a folder of macOS', async () => {
    const inside = join(await temporaryFolder('smoke'), 'Pilothouse.app', 'Contents', 'MacOS');
    mkdirSync(inside, { recursive: true });
    writeFileSync(join(inside, 'Pilothouse'), '');
    expect(packagedExecutable(join(inside, '..', '..'))).toEqual({ executable: join(inside, 'Pilothouse') });
  });
  it('is found in the project', async () => {
    const project = await makeProject({ electron: '' });
    expect(ownElectron(project)).toEqual({ executable: join(project, 'node_modules', 'electron', 'dist', 'electron') });
  });
  it('is named where it is not there, in one sentence with what to do', async () => {
    const { status, stdout, stderr } = spawnSync(process.execPath, ['scripts/bootstrap.cjs', 'smoke'], { encoding: 'utf8', cwd: checkout, env: { ...process.env, ELECTRON_OVERRIDE_DIST_PATH: '/nowhere' } });
    expect({ status, stdout, stderr }).toEqual({ status: 1, stdout: '', stderr: expect.stringMatching(/^The binary of Electron \d+\.\d+\.\d+ is not here.*"npx install-electron" downloads it.*\n$/) as string });
  });
  /** The command itself; whoever the tests run as, it takes them for this account. */
  const smokeDesktop = async (uid: number, parameters: string[]) => {
    const folder = await temporaryFolder('smoke');
    const temporary = join(folder, 'temporary');
    mkdirSync(temporary);
    writeFileSync(join(folder, 'account.cjs'), `process.getuid = () => ${uid};`);
    const { status, stdout, stderr } = spawnSync(process.execPath, ['--require', join(folder, 'account.cjs'), 'scripts/smoke/desktop.ts', ...parameters], { encoding: 'utf8', cwd: checkout, env: { ...process.env, TMPDIR: temporary } });
    return { status, stdout, stderr, left: readdirSync(temporary).filter((name) => name.includes('home')) };
  };
  it('is not started by root, for whom there is no sandbox', async () => {
    const { status, stderr } = await smokeDesktop(0, ['--app', await program('000100000')]);
    expect({ status, stderr }).toEqual({ status: 1, stderr: 'Chromium has no sandbox for root, and the smoke test looks at it: start it from your own account.\n' });
  });
  it('that ends at once is said to, and its data folder is taken away', async () => {
    const file = await program('010011001');
    writeFileSync(file, `#!/bin/sh\nexit 3\n${readFileSync(file, 'latin1')}`, 'latin1');
    chmodSync(file, 0o755);
    expect(await smokeDesktop(1000, ['--app', file])).toEqual({ status: 1, stdout: '', stderr: expect.stringContaining("The smoke test could not be made: The application did not open Chromium's port") as string, left: [] });
  });
  it('that is packaged is named where it is not there', async () => {
    const { status, stderr } = await smokeDesktop(1000, ['--app', '/nowhere/pilothouse']);
    expect({ status, stderr }).toEqual({ status: 1, stderr: 'There is nothing at /nowhere/pilothouse: name the application with --app PATH.\n' });
  });
  it('shows its page by Chromium’s port, and closes', async (context) => {
    const chromium = browserPath();
    if (chromium === null) return context.skip('There is no Chromium: apt-get install chromium');
    const folder = await temporaryFolder('smoke');
    const executable = join(folder, 'pilothouse');
    writeFileSync(executable, `#!/bin/sh\nexec '${chromium}' --headless --no-sandbox --disable-gpu --user-data-dir='${folder}/profile' "$1" 'data:text/html,<title>The console</title>'\n`);
    chmodSync(executable, 0o755);
    const desktop = await openByPort({ executable, args: [], home: join(folder, 'home') });
    const pid = desktop.process().pid ?? 0;
    // On Debian Chromium is started by a script, which passes no signal on.
    const started = descendantsOf(pid).filter(({ parentPid }) => parentPid === pid);
    onTestFinished(async () => {
      for (const each of [...started, { pid }]) if (isRunning(each.pid)) process.kill(each.pid, 'SIGKILL');
      await waitFor('Chromium to be gone', () => !started.some((each) => isRunning(each.pid)));
    });
    const page = await desktop.firstWindow();
    const title = await page.title();
    await desktop.close();
    expect([title, isRunning(pid)]).toEqual(['The console', false]);
  });
  it('that ends at once is no window', async () => {
    const executable = join(await temporaryFolder('smoke'), 'pilothouse');
    writeFileSync(executable, '#!/bin/sh\nexit 3\n', { mode: 0o755 });
    await expect(openByPort({ executable, args: [], home: '/nowhere' })).rejects.toThrow("did not open Chromium's port");
  });
});
