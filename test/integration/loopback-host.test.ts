import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import { attach } from '#engine/attach/attach-client.ts';
import { acquireLock } from '#engine/attach/lock.ts';
import { openHome } from '#engine/home.ts';
import { descendantsOf } from '#test/processes.ts';
import { startConsole, startProgram } from '#test/processes-of-ours.ts';
import { temporaryFolder } from '#test/temporary-folder.ts';
import { browserHeaders } from '#test/transports.ts';
import { waitFor } from '#test/wait-for.ts';

const exchange = (link: URL): Promise<Response> => fetch(new URL('/api/session', link), { method: 'POST', headers: browserHeaders(link.origin), body: JSON.stringify({ token: link.hash.slice('#token='.length) }) });

describe('the console on loopback', () => {
  test('prints an address that lets in, and where the data lives', async () => {
    const home = await temporaryFolder('console');
    const { link, output } = await startConsole(home);
    expect([(await exchange(link)).status, output().stdout.includes(home)]).toEqual([200, true]);
  });
  test('serves the page that was built', async () => {
    const { link } = await startConsole(await temporaryFolder('console'));
    expect(await (await fetch(link)).text()).toContain('<div id="root">');
  });
  test('is started a second time by asking the running one for a fresh address', async () => {
    const home = await temporaryFolder('console');
    const first = await startConsole(home);
    const second = await startConsole(home);
    expect([(await second.ended).status, second.link.origin, second.link.hash === first.link.hash]).toEqual([0, first.link.origin, false]);
    expect([(await exchange(second.link)).status, (await exchange(first.link)).status]).toEqual([200, 200]);
  });
  test('waits for a command line that holds the data folder', async () => {
    const home = await temporaryFolder('console');
    const commandLine = startProgram('electron/cli/main.ts', ['--home', home, 'call', 'changes.follow']);
    await waitFor('the command line to run its engine', () => existsSync(join(home, 'engine.sock')), { within: 20_000 });
    const starting = startConsole(home);
    // It says that it waits before it gets in.
    commandLine.child.kill('SIGINT');
    expect([(await commandLine.ended).status, (await starting).link.protocol]).toEqual([0, 'http:']);
  });
  test('ends with Ctrl-C, and lets go of everything', async () => {
    const home = await temporaryFolder('console');
    const { child, pid, ended } = await startConsole(home);
    child.kill('SIGINT');
    expect(await ended).toEqual({ status: 0, signal: null });
    acquireLock(home).release();
    expect([existsSync(join(home, 'engine.sock')), descendantsOf(pid)]).toEqual([false, []]);
  });
  test('prints how the work ended that it cut short, for the browser hears of nothing any more', async () => {
    const silent = createServer(() => {}).listen(0, '127.0.0.1');
    onTestFinished(() => void silent.close());
    await once(silent, 'listening');
    const home = await temporaryFolder('console');
    const { child, ended, output } = await startConsole(home);
    const client = await attach(openHome(home), 'test');
    if (client === null) throw new Error('The engine is not there.');
    const { system } = await client.call('system.add', { name: 'Shop', environment: 'staging' });
    await client.call('database.add', { systemId: system.id, connection: { host: '127.0.0.1', port: (silent.address() as AddressInfo).port, database: 'shop', user: 'ann', tls: { mode: 'disable' }, password: { source: 'none' } } });
    const { plan } = await client.call('health.plan', { systemId: system.id });
    await client.call('operation.run', { planId: plan.id, token: plan.token });
    client.close();
    child.kill('SIGINT');
    await ended;
    expect(output().stdout).toContain(`${plan.title}: Stopped because Pilothouse was closed.`);
  });
  test('says how it is started again on the same data folder, in the terminal and in the page', async () => {
    const home = await temporaryFolder('console');
    const { link, output } = await startConsole(home);
    const command = `npm start -- --home ${home} --browser`;
    await waitFor('the line after the address', () => output().stdout.includes(' again prints'));
    expect([output().stdout.includes(`"${command}" again`), (await (await fetch(link)).text()).includes(`content="${command}"`)]).toEqual([true, true]);
  });
  test('tells browsers that it ends', async () => {
    const { child, link } = await startConsole(await temporaryFolder('console'));
    const { session } = (await (await exchange(link)).json()) as { session: string };
    const socket = new WebSocket(`ws://${link.host}/api/socket`, { origin: link.origin });
    const code = new Promise<number>((resolve) => socket.once('close', resolve));
    await new Promise((resolve) => socket.once('open', resolve));
    socket.send(JSON.stringify({ session }));
    child.kill('SIGTERM');
    expect(await code).toBe(1001);
  });
  test('comes up again at once after it was killed', async () => {
    const home = await temporaryFolder('console');
    const first = await startConsole(home);
    first.child.kill('SIGKILL');
    await first.ended;
    const { link } = await startConsole(home);
    expect((await exchange(link)).status).toBe(200);
  });
  test('knows no session of an earlier run', async () => {
    const home = await temporaryFolder('console');
    const first = await startConsole(home);
    first.child.kill('SIGTERM');
    await first.ended;
    const port = first.link.port;
    const second = await startConsole(home, ['--port', port]);
    expect((await exchange(new URL(first.link.hash, second.link))).status).toBe(401);
  });
  test('names a port that is taken, and leaves no engine behind', async () => {
    const first = await startConsole(await temporaryFolder('console'));
    const home = await temporaryFolder('console');
    const second = startProgram('electron/loopback/main.ts', ['--home', home, '--no-open', '--port', first.link.port]);
    expect([(await second.ended).status, second.output().stderr.includes(first.link.port)]).toEqual([1, true]);
    acquireLock(home).release();
  });
  test('says how it is used when it is not understood', async () => {
    const program = startProgram('electron/loopback/main.ts', ['--port', '70000']);
    expect([(await program.ended).status, program.output().stderr.includes('Usage')]).toEqual([64, true]);
  });
  test('says what to do where its data folder cannot be used', async () => {
    const file = join(await temporaryFolder('console'), 'file');
    await writeFile(file, '');
    const program = startProgram('electron/loopback/main.ts', ['--home', join(file, 'home'), '--no-open']);
    expect([(await program.ended).status, program.output().stderr.includes('--home DIR')]).toEqual([1, true]);
  });
  test('keeps its log to its owner', async () => {
    const home = await temporaryFolder('console');
    const { child, ended } = await startConsole(home);
    child.kill('SIGTERM');
    await ended;
    const [name = ''] = await readdir(join(home, 'logs'));
    expect([name, ((await stat(join(home, 'logs', name))).mode & 0o777).toString(8)]).toEqual(['pilothouse.log', '600']);
  });
  test('writes neither tokens nor sessions into its log', async () => {
    const home = await temporaryFolder('console');
    const { child, ended, link } = await startConsole(home);
    const { session } = (await (await exchange(link)).json()) as { session: string };
    await exchange(link);
    child.kill('SIGTERM');
    await ended;
    const log = await readFile(join(home, 'logs', 'pilothouse.log'), 'utf8');
    expect([log.includes(session), log.includes(link.hash.slice(7)), log.includes('refused')]).toEqual([false, false, true]);
  });
});
