import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { constants } from 'node:os';
import { join } from 'node:path';
import { freePort } from '#test/free-port.ts';
import { makeFakeElectron } from '#test/package/fake-electron.ts';
import { temporaryFolder } from '#test/temporary-folder.ts';
import { waitFor } from '#test/wait-for.ts';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { parse } from 'yaml';
import { kindsOf, parseCall } from '../../scripts/dist/call.ts';
import { watchDownloads } from '../../scripts/dist/downloads.ts';
import { makePackages } from '../../scripts/dist/make-packages.ts';
import { hostTarget } from '../../scripts/dist/targets.ts';
import { projectRoot } from '../../scripts/house/layers.ts';

const target = hostTarget();
const { version } = JSON.parse(readFileSync(join(projectRoot, 'node_modules', 'electron', 'package.json'), 'utf8')) as { version: string };

/** Where Electron's releases are looked for, instead of where they are; and nothing that was downloaded before. */
async function releasesAt(address: string): Promise<void> {
  const cache = await temporaryFolder();
  for (const [name, value] of Object.entries({ ELECTRON_MIRROR: address, XDG_CACHE_HOME: cache, LOCALAPPDATA: cache, HOME: cache, ELECTRON_BUILDER_CACHE: cache })) vi.stubEnv(name, value);
}

/** @returns its address, once it listens; it is closed with the test */
async function listening(server: Server): Promise<string> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => sockets.add(socket.on('error', () => {})));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

const make = async (output: string, patience = 60_000) => await makePackages({ project: projectRoot, target, kinds: ['dir'], output, electron: null, patience });
const sentence = (why: string) => `The packages for ${target.platform}-${target.architecture} could not be made: Electron ${version} for ${target.platform}-${target.architecture} could not be downloaded (${why}), which needs a network that reaches the place of its releases; nothing half-made is left.`;

describe('npm run dist', () => {
  it('makes all kinds for this machine where nothing is said', () => {
    expect(parseCall([])).toEqual({ target, kinds: kindsOf[target.platform] });
  });

  it('makes what is named', () => {
    expect(parseCall(['--linux', 'deb', '--arm64'])).toEqual({ target: { platform: 'linux', architecture: 'arm64' }, kinds: ['deb'] });
    expect(parseCall(['--linux', 'appimage', 'rpm', '--x64'])).toEqual({ target: { platform: 'linux', architecture: 'x64' }, kinds: ['AppImage', 'rpm'] });
    expect(parseCall(['--mac', '--arm64'])).toEqual({ target: { platform: 'darwin', architecture: 'arm64' }, kinds: ['dmg'] });
    expect(parseCall(['--win', '--dir', '--x64'])).toEqual({ target: { platform: 'win32', architecture: 'x64' }, kinds: ['dir'] });
  });

  it('says how it is called where a call makes no sense', () => {
    const calls = [['--linux', 'exe'], ['--linux', '--mac'], ['--x64', '--arm64'], ['--publish', 'always'], ['--dir', 'deb', '--linux'], ['--win', 'dmg']];
    for (const call of calls) expect(parseCall(call), call.join(' ')).toEqual({ usage: expect.stringContaining('usage: npm run dist') });
  });

  it('knows the kinds that the configuration names', () => {
    const configuration = parse(readFileSync(join(projectRoot, 'electron-builder.yml'), 'utf8')) as Record<'linux' | 'mac' | 'win', { target: string[] }>;
    expect(kindsOf).toEqual({ linux: configuration.linux.target, darwin: configuration.mac.target, win32: configuration.win.target });
  });
});

describe('where Electron cannot be downloaded', () => {
  it('the whole command stops within half a minute, in one sentence, and leaves nothing', { timeout: 120_000 }, async () => {
    await releasesAt(`http://127.0.0.1:${await freePort()}/`);
    const command = spawn(process.execPath, [join(projectRoot, 'scripts', 'dist', 'run.ts')], { cwd: projectRoot, stdio: ['ignore', 'ignore', 'pipe'] });
    let said = '';
    let begun = Number.NaN;
    command.stderr.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      if (Number.isNaN(begun) && said.includes('Making packages')) begun = performance.now();
    });
    const [status] = (await once(command, 'close')) as [number];
    expect({ status, last: said.trim().split('\n').at(-1) }).toEqual({ status: 1, last: sentence('ECONNREFUSED') });
    expect(performance.now() - begun).toBeLessThan(30_000);
    expect(existsSync(join(projectRoot, 'dist', 'installers.partial'))).toBe(false);
  });

  it('because the place has no such release, it says so, and what was made before stays', async () => {
    await releasesAt(await listening(createHttpServer((_request, response) => response.writeHead(404).end())));
    const folder = await temporaryFolder();
    const output = join(folder, 'installers');
    mkdirSync(output);
    writeFileSync(join(output, 'Pilothouse-0.0.9.deb'), 'of before');
    expect(await make(output)).toEqual({ problem: sentence('ERR_NON_2XX_3XX_RESPONSE') });
    expect([readdirSync(folder), readdirSync(output)]).toEqual([['installers'], ['Pilothouse-0.0.9.deb']]);
  });

  it('because the line takes everything and gives nothing, it waits no longer than it should', async () => {
    await releasesAt(await listening(createServer()));
    const folder = await temporaryFolder();
    expect(await make(join(folder, 'installers'), 2000)).toEqual({ problem: sentence('nothing came') });
    expect(readdirSync(folder)).toEqual([]);
  });

  it('a person who ends it waits for nothing, and nothing is left', async () => {
    await releasesAt(await listening(createServer()));
    const command = spawn(process.execPath, [join(projectRoot, 'scripts', 'dist', 'run.ts')], { cwd: projectRoot, stdio: 'ignore' });
    const unfinished = join(projectRoot, 'dist', 'installers.partial');
    await waitFor('the packer to begin', () => existsSync(join(unfinished, 'temporary')), { within: 60_000 });
    const ended = once(command, 'close');
    command.kill('SIGTERM');
    expect(await ended).toEqual([128 + constants.signals.SIGTERM, null]);
    expect(existsSync(unfinished)).toBe(false);
  });
});

describe('where packing fails', () => {
  it('says why, with the last that electron-builder said, and leaves nothing', async () => {
    const folder = await temporaryFolder();
    const electron = makeFakeElectron(join(folder, 'electron'), { fuses: '1011000111' });
    const made = await makePackages({ project: projectRoot, target: { platform: 'linux', architecture: target.architecture }, kinds: ['dir'], output: join(folder, 'installers'), electron, patience: 60_000 });
    expect(made).toEqual({ problem: expect.stringMatching(/strictlyRequireAllFuses[\s\S]*Nothing half-made is left\.$/) });
    expect(readdirSync(folder)).toEqual(['electron']);
  });
});

describe('the watch over downloads', () => {
  it('is patient as long as something comes, and forgets the time in which nothing was downloaded', async () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const temporary = await temporaryFolder();
    const stalled = vi.fn<() => void>();
    const end = watchDownloads(temporary, 10_000, stalled);
    await vi.advanceTimersByTimeAsync(60_000);
    const file = join(mkdtempSync(join(temporary, 'electron-download-')), 'electron.zip');
    for (const size of [1, 2, 3, 4]) {
      writeFileSync(file, 'x'.repeat(size));
      await vi.advanceTimersByTimeAsync(9000);
    }
    expect(stalled).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(2000);
    expect(stalled).toHaveBeenCalledOnce();
    end();
  });
});
