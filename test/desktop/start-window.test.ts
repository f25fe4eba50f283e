import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { begin, installElectron, makeMachine, makeProject, painted, start, stays } from '#test/desktop/start.ts';
import { isRunning } from '#test/processes.ts';
import { waitFor } from '#test/wait-for.ts';

/** Names its process, and one that it starts, as Electron starts its own. */
const withChild = `const child = require('node:child_process').spawn(process.execPath, ['-e', 'setTimeout(() => {}, 60_000)']); console.log('pids ' + process.pid + ' ' + child.pid);`;
const pids = (stdout: string): number[] => (/^pids (.*)$/m.exec(stdout)?.[1] ?? '').split(' ').map(Number);

/** One that was killed is gone a moment later. @returns how many there were */
async function allEnded(stdout: string): Promise<number> {
  await waitFor('both processes to be gone', () => !pids(stdout).some(isRunning));
  return pids(stdout).length;
}

describe('the window of npm start', () => {
  it('is what npm start waits for, and ends with', async () => {
    const { status, rest, stderr } = await start(await makeProject({ electron: `${painted} process.exitCode = 5;` }));
    expect({ status, rest, stderr }).toEqual({ status: 5, rest: null, stderr: 'The desktop is built.\n' });
  });
  it('has all it says passed on', async () => {
    const project = await makeProject({ electron: `console.log('before'); ${painted} console.log('after'); console.error('a warning');` });
    const { stdout, stderr } = await start(project);
    expect({ stdout: stdout.split('\n').slice(0, 3), stderr }).toEqual({ stdout: ['before', 'Pilothouse: the window is open.', 'after'], stderr: expect.stringContaining('a warning') as string });
  });
  it('is known to be painted by words that come in pieces', async () => {
    const project = await makeProject({ electron: `process.stdout.write('Pilothouse: the win'); setTimeout(() => { console.log('dow is open.'); process.exitCode = 4; }, 300);` });
    expect((await start(project)).status).toBe(4);
  });
  it('says its words in the main process as they are waited for here', () => {
    const text = (name: string) => readFileSync(join(import.meta.dirname, '..', '..', name), 'utf8');
    const words = [...text('scripts/bootstrap/window.cjs').matchAll(/: '(Pilothouse.*)',$/gm)].map(([, each]) => each ?? '');
    expect(words.map((each) => text('electron/main/main.ts').includes(each))).toEqual([true, true]);
  });
  it('is given the project, and no data folder where none was chosen', async () => {
    const project = await makeProject({ electron: `console.log(JSON.stringify(process.argv.slice(2))); ${painted}` });
    expect((await start(project)).stdout.split('\n')[0]).toBe(JSON.stringify([project]));
  });
  it.each([[['--home', 'my data']], [['--home=my data']]])('is given the data folder as a whole path: %j', async (parameters) => {
    const project = await makeProject({ electron: `console.log(JSON.stringify(process.argv.slice(2))); ${painted}` });
    expect((await start(project, parameters)).stdout.split('\n')[0]).toBe(JSON.stringify([project, '--home', join(process.cwd(), 'my data')]));
  });
  it('is no Node without windows, whatever a terminal of an editor says', async () => {
    const project = await makeProject({ electron: `console.log('as node: ' + process.env.ELECTRON_RUN_AS_NODE + ', home: ' + process.env.PILOTHOUSE_HOME); ${painted}` });
    expect((await start(project, [], undefined, { ELECTRON_RUN_AS_NODE: '1', PILOTHOUSE_HOME: '/data' })).stdout).toContain('as node: undefined, home: /data');
  });
  it('is never started without a sandbox', async () => {
    const project = await makeProject({ electron: `console.log(JSON.stringify(process.argv)); ${painted}` });
    expect((await start(project)).stdout).not.toContain('sandbox');
  });
  it('that is open already comes to the front, which ends the second start with 0', async () => {
    const { status, rest, stdout } = await start(await makeProject({ electron: `console.log('Pilothouse is open already: its window comes to the front.');` }));
    expect({ status, rest, said: stdout.includes('comes to the front') }).toEqual({ status: 0, rest: null, said: true });
  });
  it('is ended in order by Ctrl-C on the terminal: its main process is asked, and nobody else', async () => {
    const project = await makeProject({ electron: `${withChild} process.on('SIGINT', () => { console.log('child runs: ' + (child.exitCode === null && child.signalCode === null)); child.kill(); process.exit(0); }); ${painted}` });
    const { child, said, ended } = begin({ project, parameters: [], machine: await makeMachine() });
    await waitFor('the window', () => said.stdout.includes('is open'));
    process.kill(-(child.pid ?? 0), 'SIGINT');
    expect(await ended).toMatchObject({ status: 0, rest: null, stdout: expect.stringContaining('child runs: true') as string });
  });
  it('is asked once by a Ctrl-C that comes twice, from the terminal and from npm', async () => {
    const project = await makeProject({ electron: `let asked = 0; process.on('SIGINT', () => { asked += 1; console.log('heard'); setTimeout(() => { console.log('asked ' + asked); process.exit(0); }, 500); }); ${painted} ${stays}` });
    const { child, said, ended } = begin({ project, parameters: [], machine: await makeMachine() });
    await waitFor('the window', () => said.stdout.includes('is open'));
    child.kill('SIGINT');
    await waitFor('the main process to be asked', () => said.stdout.includes('heard'));
    child.kill('SIGINT');
    expect((await ended).stdout).toContain('asked 1\n');
  });
  it('ends at once, with all it started, when Ctrl-C is pressed again later', async () => {
    const project = await makeProject({ electron: `${withChild} process.on('SIGINT', () => console.log('busy')); ${painted} ${stays}` });
    const { child, said, ended } = begin({ project, parameters: [], machine: await makeMachine() });
    await waitFor('the window', () => said.stdout.includes('is open'));
    child.kill('SIGINT');
    await waitFor('the main process to be asked', () => said.stdout.includes('busy'));
    const asked = performance.now();
    await waitFor('more than a second to pass', () => performance.now() - asked > 1200);
    child.kill('SIGINT');
    const { status, stdout } = await ended;
    expect({ status, ended: await allEnded(stdout) }).toEqual({ status: 137, ended: 2 });
  });
  it('that is killed from outside is said to be', async () => {
    const project = await makeProject({ electron: `${painted} process.kill(process.pid, 'SIGKILL');` });
    expect(await start(project)).toMatchObject({ status: 137, rest: null, stderr: expect.stringContaining('ended from outside, by SIGKILL') as string });
  });
});

describe('a window that does not open', () => {
  const fails: [string, string, string][] = [
    ['ends before it is painted', `process.exit(3);`, 'it ended with status 3 before its window was painted'],
    ['ends as if all were well', ``, 'it ended with status 0 before its window was painted'],
    ['breaks down', `process.kill(process.pid, 'SIGSEGV');`, 'SIGSEGV ended it before its window was painted'],
    ['never says that it is painted', stays, 'its window was not painted within 1.5 s'],
    ['says so only when it is asked to end', `process.on('SIGTERM', () => { ${painted} process.exit(0); }); ${stays}`, 'its window was not painted within 1.5 s'],
  ];
  it.each(fails)('because it %s gives way to the console on loopback, with the reason in one line', async (_how, electron, why) => {
    const { rest, stderr } = await start(await makeProject({ electron }), ['--home', 'data'], await makeMachine({ paintMs: 1500 }));
    expect({ rest, lines: stderr.split('\n').slice(1) }).toEqual({ rest: ['--home', 'data'], lines: [`No window opens because Electron 45.5.0 did not start (${why}): "npm start -- --window" tries it again now; by itself that is tried once a day. The console runs in the browser instead.`, ''] });
  });
  it('because it cannot be run gives way too', async () => {
    const project = await makeProject();
    installElectron(project, '');
    writeFileSync(join(project, 'node_modules', 'electron', 'dist', 'electron'), '#!/lib/ld-of-another-system\n');
    expect(await start(project)).toMatchObject({ rest: [], stderr: expect.stringContaining('did not start (it could not be run: ') as string });
  });
  it('leaves nothing running, even where it does not heed being asked to end', async () => {
    const project = await makeProject({ electron: `${withChild} process.on('SIGTERM', () => {}); ${stays}` });
    const { rest, stdout } = await start(project, [], await makeMachine({ paintMs: 4000 }));
    expect({ rest, ended: await allEnded(stdout) }).toEqual({ rest: [], ended: 2 });
  });
  it('leaves nothing running that it started before it broke down', async () => {
    const project = await makeProject({ electron: `${withChild} setTimeout(() => process.exit(1), 200);` });
    const { stdout } = await start(project);
    expect(await allEnded(stdout)).toBe(2);
  });
  it('is not tried again for a day, and says so', async () => {
    const project = await makeProject({ electron: `require('node:fs').appendFileSync(__dirname + '/tries', 'x'); process.exit(3);` });
    await start(project);
    const { rest, stderr } = await start(project);
    const tries = readFileSync(join(project, 'node_modules', 'electron', 'dist', 'tries'), 'utf8');
    expect({ rest, tries, stderr }).toEqual({ rest: [], tries: 'x', stderr: expect.stringMatching(/^No window opens because Electron 45\.5\.0 did not start here \(.*status 3 before.*\): "npm start -- --window".*\n$/) as string });
  });
  it('is tried again with --window, and forgotten when it opens', async () => {
    const project = await makeProject({ electron: 'process.exit(3);' });
    await start(project);
    installElectron(project, painted);
    await start(project, ['--window']);
    expect((await start(project)).status).toBe(0);
  });
  it('because the person ended it is no reason to serve anything', async () => {
    const project = await makeProject({ electron: `console.log('begun'); process.on('SIGINT', () => process.exit(0)); ${stays}` });
    const { child, said, ended } = begin({ project, parameters: [], machine: await makeMachine() });
    await waitFor('it to begin', () => said.stdout.includes('begun'));
    child.kill('SIGINT');
    expect([await ended, existsSync(join(project, '.cache', 'desktop.json'))]).toEqual([expect.objectContaining({ status: 0, rest: null }), false]);
  });
});
