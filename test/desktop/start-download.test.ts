import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { askedInstaller, begin, installElectron, installerOf, makeMachine, makeProject, painted, start, version } from '#test/desktop/start.ts';
import { isRunning } from '#test/processes.ts';
import { waitFor } from '#test/wait-for.ts';

const electronIn = (project: string, ...names: string[]) => join(project, 'node_modules', 'electron', ...names);
/** Everything is there but the last file, and then nothing comes any more; a child of its own goes on by itself. */
const stalls = installerOf(painted, `fs.writeFileSync(path.join(__dirname, 'child'), String(require('node:child_process').spawn(process.execPath, ['-e', 'setTimeout(() => {}, 60_000)']).pid)); setTimeout(() => {}, 60_000);`);
const closed = installerOf(painted, `console.error('TypeError: fetch failed\\n    at node:internal'); process.exit(1);`);

describe('an Electron that is not there yet', () => {
  it('is downloaded, and its window is opened', async () => {
    const { status, stdout, stderr } = await start(await makeProject({ installer: installerOf(painted) }));
    expect({ status, open: stdout.includes('the window is open'), stderr }).toEqual({ status: 0, open: true, stderr: expect.stringMatching(/^Downloading Electron 45\.5\.0 for the window, once.* s\nThe desktop is built\.\n$/) as string });
  });
  it('is not downloaded twice', async () => {
    const project = await makeProject({ installer: installerOf(painted) });
    await start(project);
    rmSync(electronIn(project, 'asked'));
    await start(project);
    expect(askedInstaller(project)).toBe(null);
  });
  it('is downloaded anew where another version was', async () => {
    const project = await makeProject({ electron: 'process.exit(9);', installer: installerOf(painted) });
    writeFileSync(electronIn(project, 'dist', 'version'), '44.0.0');
    expect((await start(project)).status).toBe(0);
  });
  it('is downloaded into a folder of the project, which is removed', async () => {
    const project = await makeProject({ installer: installerOf(painted) });
    await start(project);
    expect(existsSync(join(project, '.cache', 'electron-download'))).toBe(false);
  });
  it('shows on a terminal how much has come, as long as it comes', async () => {
    const slow = installerOf(painted, `fs.writeFileSync(path.join(process.env.TMPDIR, 'more'), Buffer.alloc(3 * 1024 ** 2)); setTimeout(finish, 1500);`);
    const { stderr } = await start(await makeProject({ installer: slow }), [], undefined, { NODE_OPTIONS: '--import=data:text/javascript,process.stderr.isTTY=true' });
    expect(stderr).toMatch(/once \(about 110 MiB\) … .*3 MiB (?:[\b] [\b]){6}\d+\.\d s\n/);
  });
  it('is taken from the folder that Electron’s own variable names', async () => {
    const project = await makeProject();
    const other = await makeProject({ electron: painted });
    const machine = await makeMachine();
    const environment = { ...machine.environment, ELECTRON_OVERRIDE_DIST_PATH: electronIn(other, 'dist') };
    expect((await start(project, [], { ...machine, environment })).status).toBe(0);
  });
});

describe('a download that fails', () => {
  it('is said in one line with the reason and how to try again, and the console runs on loopback', async () => {
    const { rest, stderr } = await start(await makeProject({ installer: closed }));
    expect({ rest, stderr }).toEqual({ rest: [], stderr: expect.stringMatching(/^Downloading.*\nNo window opens because Electron 45\.5\.0 could not be downloaded \(TypeError: fetch failed\): "npm start -- --window" tries it again now.*once a day\. The console runs in the browser instead\.\n$/) as string });
  });
  it('is ended with all it started when its time is over', async () => {
    const project = await makeProject({ installer: stalls });
    const { rest, stderr } = await start(project, [], await makeMachine({ downloadMs: 4000 }));
    const child = Number(readFileSync(electronIn(project, 'child'), 'utf8'));
    await waitFor('both processes to be gone', () => ![askedInstaller(project) ?? 0, child].some(isRunning));
    expect({ rest, said: stderr.includes('it did not come within 4 s') }).toEqual({ rest: [], said: true });
  });
  it('leaves nothing behind that looks installed', async () => {
    const project = await makeProject({ installer: stalls });
    await start(project, [], await makeMachine({ downloadMs: 4000 }));
    expect({ dist: existsSync(electronIn(project, 'dist')), path: existsSync(electronIn(project, 'path.txt')), cache: readdirSync(join(project, '.cache')) }).toEqual({ dist: false, path: false, cache: ['desktop.json'] });
  });
  it('takes away first what an earlier one has left, which it would have completed wrongly', async () => {
    const project = await makeProject({ electron: 'half', installer: installerOf(painted, `if (fs.existsSync(path.join(__dirname, 'dist', 'old'))) process.exit(1); finish();`) });
    writeFileSync(electronIn(project, 'dist', 'version'), '44.0.0');
    writeFileSync(electronIn(project, 'dist', 'old'), '');
    expect((await start(project)).status).toBe(0);
  });
  it('is not tried again for a day, and says so', async () => {
    const project = await makeProject({ installer: closed });
    await start(project);
    rmSync(electronIn(project, 'asked'));
    const { rest, stderr } = await start(project);
    expect({ rest, asked: askedInstaller(project), stderr }).toEqual({ rest: [], asked: null, stderr: expect.stringMatching(/^No window opens because Electron 45\.5\.0 could not be downloaded \(.*fetch failed\): "npm start -- --window".*\n$/) as string });
  });
  it('is tried again after a day', async () => {
    const project = await makeProject({ installer: closed });
    await start(project);
    const memory = join(project, '.cache', 'desktop.json');
    writeFileSync(memory, JSON.stringify({ download: { version, at: Date.now() - 25 * 3600 * 1000, why: 'of old' } }));
    rmSync(electronIn(project, 'asked'));
    await start(project);
    expect(askedInstaller(project)).not.toBe(null);
  });
  it('is tried again where the clock has gone back', async () => {
    const project = await makeProject({ installer: closed });
    await start(project);
    writeFileSync(join(project, '.cache', 'desktop.json'), JSON.stringify({ download: { version, at: Date.now() + 3600 * 1000, why: 'of tomorrow' } }));
    rmSync(electronIn(project, 'asked'));
    await start(project);
    expect(askedInstaller(project)).not.toBe(null);
  });
  it('is tried again for another version', async () => {
    const project = await makeProject({ installer: closed });
    await start(project);
    writeFileSync(join(project, '.cache', 'desktop.json'), JSON.stringify({ download: { version: '44.0.0', at: Date.now(), why: 'of old' } }));
    rmSync(electronIn(project, 'asked'));
    await start(project);
    expect(askedInstaller(project)).not.toBe(null);
  });
  it('is tried again at once with --window, and forgotten when it works', async () => {
    const project = await makeProject({ installer: closed });
    await start(project);
    writeFileSync(electronIn(project, 'install.js'), installerOf(painted));
    const { status } = await start(project, ['--window']);
    expect({ status, memory: readFileSync(join(project, '.cache', 'desktop.json'), 'utf8') }).toEqual({ status: 0, memory: '{}' });
  });
  it('may take longer with --window', async () => {
    const slow = installerOf(painted, `setTimeout(finish, 1500);`);
    expect((await start(await makeProject({ installer: slow }), ['--window'], await makeMachine({ downloadMs: 100 }))).status).toBe(0);
  });
  it('is tried where what was remembered cannot be read', async () => {
    const project = await makeProject({ installer: closed });
    await start(project);
    writeFileSync(join(project, '.cache', 'desktop.json'), '{"download":');
    rmSync(electronIn(project, 'asked'));
    await start(project);
    expect(askedInstaller(project)).not.toBe(null);
  });
});

it('a download that the person interrupts ends npm start, and leaves nothing running', async () => {
  const project = await makeProject({ installer: stalls });
  const { child, said, ended } = begin({ project, parameters: [], machine: await makeMachine() });
  await waitFor('the download to begin', () => existsSync(electronIn(project, 'child')));
  child.kill('SIGINT');
  const { status, rest } = await ended;
  await waitFor('the installer to be gone', () => !isRunning(askedInstaller(project) ?? 0));
  expect({ status, rest, said: said.stderr.includes('The download of Electron was interrupted'), dist: existsSync(electronIn(project, 'dist')) }).toEqual({ status: null, rest: null, said: true, dist: false });
});

it('two starts at once download once', async () => {
  const project = await makeProject({ installer: installerOf(painted, `fs.appendFileSync(path.join(__dirname, 'count'), 'x'); setTimeout(finish, 500);`) });
  const machine = await makeMachine();
  const outcomes = await Promise.all([start(project, [], machine), start(project, [], machine)]);
  expect([outcomes.map(({ status }) => status), readFileSync(electronIn(project, 'count'), 'utf8')]).toEqual([[0, 0], 'x']);
});

it('a binary that the person has put there is used as it is', async () => {
  const project = await makeProject();
  installElectron(project, painted);
  expect((await start(project)).status).toBe(0);
});
