import { rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadAssets } from '#engine/console/assets.ts';
import { writeManifest } from '#engine/console/manifest.ts';
import { startLoopbackServer, type LoopbackServer } from '../../electron/loopback/server.ts';
import { createProbe, type Probe } from '#test/probe.ts';
import { rawRequest, requestText } from '#test/raw-request.ts';
import { makeTemporaryFolder, temporaryFolder } from '#test/temporary-folder.ts';
import { writeConsole } from '#test/transports.ts';

const canary = 'canary-of-a-file-outside';
let root: string;
let probe: Probe;
let server: LoopbackServer;

beforeAll(async () => {
  root = await makeTemporaryFolder('files');
  probe = createProbe(join(root, 'home'));
  const folder = writeConsole(join(root, 'console'));
  writeConsole(join(root, 'console-sibling'));
  await writeFile(join(root, 'secret.js'), canary);
  await writeFile(join(root, 'console-sibling', 'assets', 'main-Ab12_Cd9.js'), canary);
  await symlink(join(root, 'secret.js'), join(folder, 'assets', 'linked.js'));
  await writeFile(join(folder, 'assets', 'main-Ab12_Cd9.js.map'), canary);
  server = await startLoopbackServer({ ports: probe.core.ports, dispatcher: probe.dispatcher, assets: loadAssets(folder), port: 0 });
  // Appears after the start: it is in no manifest.
  await writeFile(join(folder, 'late.js'), canary);
});
afterAll(async () => {
  await server.close();
  await probe.close();
  await rm(root, { recursive: true, force: true });
});

const get = (path: string) => rawRequest(server.port, Buffer.from(requestText(`GET ${path} HTTP/1.1`, [['Host', `127.0.0.1:${server.port}`], ['Connection', 'close']]), 'latin1'));
const served = ['/', '/assets/main-Ab12_Cd9.js', '/mark.svg'];

describe('files of the console', () => {
  test('are served by their exact path', async () => {
    expect((await get('/assets/main-Ab12_Cd9.js')).body).toBe('export {};');
  });
  test.each([
    '/../secret.js',
    '/assets/../../secret.js',
    '/..%2fsecret.js',
    '/%2e%2e/secret.js',
    '/%2e%2e%2fsecret.js',
    '/..\\secret.js',
    '/..%5csecret.js',
    '/../console-sibling/assets/main-Ab12_Cd9.js',
    '/assets/main-Ab12_Cd9.js%00.svg',
    '/assets//main-Ab12_Cd9.js',
    '//assets/main-Ab12_Cd9.js',
    '/./mark.svg',
    '/assets/linked.js',
    '/assets/main-Ab12_Cd9.js.map',
    '/late.js',
    '/mark.svg?x=1',
    '/mark.svg/',
    '/MARK.svg',
    '/assets',
    '/assets/',
    '/?/../secret.js',
    '/index.html',
    '/manifest.json',
  ])('are not found by %s', async (path) => {
    const answer = await get(path);
    expect([answer.status, answer.body.includes(canary)]).toEqual([404, false]);
  });
  test('are found by no other path, however it is written', async () => {
    const piece = fc.constantFrom('..', '.', '%2e', '%2E%2e', '%252e', '\\', '%5c', '/', '%2f', '//', '%00', '\u0000', 'assets', 'main-Ab12_Cd9.js', 'secret.js', 'console-sibling', 'console', 'index.html', ';', '#', '?', '\u00ff');
    await fc.assert(
      fc.asyncProperty(fc.array(fc.oneof(piece, fc.string({ maxLength: 4 })), { maxLength: 8 }), async (pieces) => {
        const path = `/${pieces.join('').replaceAll(/[\r\n ]/g, '')}`;
        const answer = await get(path);
        expect(answer.body).not.toContain(canary);
        expect(answer.status === 200 && !served.includes(path)).toBe(false);
      }),
      { numRuns: 400 },
    );
  });
  test('are not served at all before they are built', async () => {
    const folder = await temporaryFolder('unbuilt');
    expect(() => loadAssets(folder)).toThrow('The console has not been built');
  });
  test('are not served when one of them is not what was built', async () => {
    const folder = writeConsole(join(await temporaryFolder('changed'), 'console'));
    await writeFile(join(folder, 'assets', 'main-Ab12_Cd9.js'), `export {}; ${canary}`);
    expect(() => loadAssets(folder)).toThrow('The console is not what was built');
  });
  test('are not served with a page that has no place for the nonce', async () => {
    const folder = await temporaryFolder('without-nonce');
    await writeFile(join(folder, 'index.html'), '<title>Pilothouse</title>');
    writeManifest(folder);
    expect(() => loadAssets(folder)).toThrow('The console has not been built');
  });
});

describe('a connection that goes on for too long', () => {
  let impatient: LoopbackServer;
  beforeAll(async () => {
    impatient = await startLoopbackServer({ ports: probe.core.ports, dispatcher: probe.dispatcher, assets: loadAssets(join(root, 'console')), port: 0, longestRequestMs: 200 });
  });
  afterAll(() => impatient.close());

  test('is closed without a word where nothing was asked on it, so that no browser takes that for an answer', async () => {
    expect(await rawRequest(impatient.port, '')).toMatchObject({ status: 0, body: '' });
  });
  test('is answered where something was asked by half', async () => {
    expect(await rawRequest(impatient.port, 'GET / HTTP/1.1\r\nHost: ')).toMatchObject({ status: 400 });
  });
});
