import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { makeProject, painted } from '#test/desktop/start.ts';

const whyNoElectron = process.platform === 'linux' && process.arch === 'x64' ? null : 'The Electron of this test is one for Linux on x64.';
const checkout = join(import.meta.dirname, '..', '..');

/** The real set-up in a project of its own, with bundlers and a console on loopback that say that they were run. */
async function wholeProject({ electron = `console.log('window ' + JSON.stringify(process.argv.slice(3))); ${painted} process.exitCode = 5;`, loopback = '' } = {}): Promise<string> {
  const project = await makeProject({ electron });
  for (const name of ['bootstrap.cjs', 'bootstrap']) cpSync(join(checkout, 'scripts', name), join(project, 'scripts', name), { recursive: true });
  const bundler = `const fs = require('node:fs'); const folder = process.argv.find((each) => each.endsWith('.new')); fs.mkdirSync(folder, { recursive: true }); for (const name of ['index.html', 'manifest.json', 'entry.js', 'preload.cjs']) fs.writeFileSync(folder + '/' + name, '');`;
  const files = {
    'package.json': '{}',
    'package-lock.json': '{"packages":{}}',
    'node_modules/.package-lock.json': '{"packages":{}}',
    'tsconfig.base.json': '{}',
    'renderer/main.tsx': '',
    'shared/index.ts': '',
    'electron/engine/console/manifest.ts': '',
    'electron/loopback/main.ts': `console.log('loopback ' + JSON.stringify(process.argv.slice(2))); ${loopback}`,
    'node_modules/vite/bin/vite.js': bundler,
    'scripts/build/desktop.ts': bundler,
    // Whoever the tests run as, the set-up takes them for this account.
    'account.cjs': `process.getuid = () => Number(process.env.TEST_UID);`,
  };
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(project, name)), { recursive: true });
    writeFileSync(join(project, name), text);
  }
  return project;
}

function bootstrap(project: string, parameters: readonly string[], variables: NodeJS.ProcessEnv) {
  const { INIT_CWD: _folder, WAYLAND_DISPLAY: _wayland, DISPLAY: _display, ...environment } = process.env;
  return spawnSync(process.execPath, ['--require', './account.cjs', 'scripts/bootstrap.cjs', ...parameters], { cwd: project, encoding: 'utf8', env: { ...environment, ...variables } });
}

it('npm start opens the window of the project, once its code is built, and ends with its status', async (context) => {
  if (whyNoElectron !== null) return context.skip(whyNoElectron);
  const project = await wholeProject();
  const { status, stdout } = bootstrap(project, ['start', '--window', '--home', 'data'], { DISPLAY: ':0', TEST_UID: '1000' });
  expect({ status, stdout, built: existsSync(join(project, 'dist', 'desktop', 'entry.js')) }).toEqual({ status: 5, stdout: `window ${JSON.stringify(['--home', join(project, 'data')])}\nPilothouse: the window is open.\n`, built: true });
});

it('npm start serves the console on loopback for root, after the reason, and builds no desktop', async () => {
  const project = await wholeProject();
  const { status, stdout, stderr } = bootstrap(project, ['start', '--home', 'data'], { DISPLAY: ':0', TEST_UID: '0' });
  expect({ status, stdout, said: stderr.includes('No window opens for root'), built: existsSync(join(project, 'dist', 'desktop')) }).toEqual({ status: 0, stdout: 'loopback ["--home","data"]\n', said: true, built: false });
});

describe('a window that did not open', () => {
  const remembered = async (loopback: string): Promise<unknown> => {
    const project = await wholeProject({ electron: 'process.exit(1);', loopback });
    bootstrap(project, ['start', '--window'], { DISPLAY: ':0', TEST_UID: '1000' });
    return JSON.parse(readFileSync(join(project, '.cache', 'desktop.json'), 'utf8'));
  };
  it('is remembered where the console on loopback starts', async (context) => {
    if (whyNoElectron !== null) return context.skip(whyNoElectron);
    expect(await remembered('')).toHaveProperty('start');
  });
  it('is no reason not to try again where that does not start either', async (context) => {
    if (whyNoElectron !== null) return context.skip(whyNoElectron);
    expect(await remembered('process.exit(1);')).toEqual({});
  });
});
