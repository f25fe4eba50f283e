import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, rm, stat, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished, test } from 'vitest';
import { claimAddress, findAddress, releaseAddress } from '#engine/attach/address.ts';
import { attach, requestLink } from '#engine/attach/attach-client.ts';
import { startAttachServer, type AttachServer, type HostRequests } from '#engine/attach/attach-server.ts';
import { connectOrStart, startEngine } from '#engine/attach/connect-or-start.ts';
import { openHome, type Home } from '#engine/home.ts';
import { silentLogger, silentNotifier, systemClock, systemRandom, type Ports } from '#engine/ports.ts';
import { draft } from '#test/core.ts';
import { createProbe, type Probe } from '#test/probe.ts';
import { temporaryFolder } from '#test/temporary-folder.ts';
import { waitFor } from '#test/wait-for.ts';

const ports: Ports = { clock: systemClock, random: systemRandom, logger: silentLogger, keyWrapping: null, notifier: silentNotifier, host: 'test' };
const script = fileURLToPath(new URL('../support/attach-process.ts', import.meta.url));

interface Started {
  child: ChildProcess;
  said: Promise<{ attached: boolean }>;
  /** Leaves the engine and ends. Resolves with the exit status. */
  end(): Promise<number | null>;
}

function startProcess(root: string): Started {
  const child = spawn(process.execPath, [script, root], { stdio: ['pipe', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const lines = createInterface({ input: child.stdout });
  return {
    child,
    said: once(lines, 'line').then(([line]) => JSON.parse(String(line)) as { attached: boolean }),
    async end() {
      const ended = once(child, 'exit');
      child.stdin.end();
      return ((await ended) as [number | null])[0];
    },
  };
}

async function serveProbe(home: Home, probe: Probe, hostRequests?: HostRequests): Promise<AttachServer> {
  const server = await startAttachServer({ home, ports, dispatcher: probe.dispatcher, ...(hostRequests === undefined ? {} : { hostRequests }) });
  onTestFinished(() => server.close());
  return server;
}

async function openProbe(root: string): Promise<Probe> {
  const probe = createProbe(root);
  onTestFinished(() => probe.close());
  return probe;
}

describe('several processes on one data folder', () => {
  test('that start at the same moment end with one engine', async () => {
    const root = await temporaryFolder('race');
    const started = [startProcess(root), startProcess(root), startProcess(root)];
    const said = await Promise.all(started.map((one) => one.said));
    expect(said.filter(({ attached }) => !attached)).toHaveLength(1);
    // Whoever is attached leaves first: the engine waits for its guests.
    const [owners, guests] = [started.filter((_one, index) => said[index]?.attached === false), started.filter((_one, index) => said[index]?.attached === true)];
    for (const one of [...guests, ...owners]) expect(await one.end()).toBe(0);
  });
  test('go on with a new engine after the first was killed', async () => {
    const root = await temporaryFolder('killed');
    const first = startProcess(root);
    await first.said;
    first.child.kill('SIGKILL');
    await once(first.child, 'exit');
    const second = await connectOrStart({ root, ports, caller: 'test' });
    expect(second.attached).toBe(false);
    await second.close();
  });
  test('see the same systems', async () => {
    const root = await temporaryFolder('same');
    const owner = await connectOrStart({ root, ports, caller: 'test' });
    const guest = await connectOrStart({ root, ports, caller: 'test' });
    await guest.client.call('system.add', { name: 'Shop', environment: 'staging' });
    expect((await owner.client.call('system.list', {})).systems.map((system) => system.name)).toEqual(['Shop']);
    await guest.close();
    await owner.close();
  });
  test('keep the engine alive until the last guest has left', async () => {
    const root = await temporaryFolder('guests');
    const owner = await connectOrStart({ root, ports, caller: 'test' });
    const guest = await connectOrStart({ root, ports, caller: 'test' });
    let closed = false;
    const closing = owner.close().then(() => {
      closed = true;
    });
    expect([await guest.client.call('system.list', {}), closed]).toEqual([{ systems: [] }, false]);
    await guest.close();
    await closing;
  });
  test('are let in while the engine waits for an earlier guest to leave', async () => {
    const root = await temporaryFolder('third');
    const owner = await connectOrStart({ root, ports, caller: 'test' });
    const guest = await connectOrStart({ root, ports, caller: 'test' });
    const closing = owner.close();
    const third = await connectOrStart({ root, ports, caller: 'test' });
    expect([third.attached, await third.client.call('system.list', {})]).toEqual([true, { systems: [] }]);
    await guest.close();
    await third.close();
    await closing;
  });
  test('find the folder free again after the engine has closed', async () => {
    const root = await temporaryFolder('free');
    await (await connectOrStart({ root, ports, caller: 'test' })).close();
    const again = await connectOrStart({ root, ports, caller: 'test' });
    expect(again.attached).toBe(false);
    await again.close();
  });
  test('are told when an engine holds the folder and cannot be attached to', async () => {
    const root = await temporaryFolder('silent');
    const served = await startEngine({ root, ports });
    await served.attachServer.close();
    let now = 0;
    const impatient: Ports = { ...ports, clock: { now: () => (now += 10_000) } };
    await expect(connectOrStart({ root, ports: impatient, caller: 'test' })).rejects.toMatchObject({ code: 'store.locked' });
    await served.engine.close();
  });
});

describe('an engine that waits for its guests', () => {
  /** A guest of a server that is about to close, with no time left for guests who do nothing. */
  async function served() {
    const probe = await openProbe(await temporaryFolder('drain'));
    const server = await serveProbe(probe.core.home, probe);
    const client = await attach(probe.core.home, 'test');
    if (client === null) throw new Error('Nobody answers.');
    onTestFinished(() => client.close());
    return { probe, client, drain: () => server.drain(0) };
  }

  test('does not wait for one that only listens', async () => {
    const { client, drain } = await served();
    const listening = client.follow('changes.follow', {})[Symbol.asyncIterator]().next();
    await client.call('system.list', {});
    await drain();
    await expect(listening).rejects.toMatchObject({ code: 'contract.disconnected' });
  });
  test('waits for the end of an operation that one follows', async () => {
    const { probe, client, drain } = await served();
    const { operationId, tell, end } = probe.startOperation();
    onTestFinished(end);
    const following = client.follow('operation.follow', { operationId })[Symbol.asyncIterator]();
    tell('It is begun.');
    await following.next();
    const draining = drain();
    expect(await client.call('system.list', {})).toEqual({ systems: [] });
    end();
    while ((await following.next()).done !== true);
    await draining;
  });
  test('waits for an answer', async () => {
    const { probe, client, drain } = await served();
    const asking = new AbortController();
    const call = client.call('practice.status', {}, { signal: asking.signal }).catch(() => {});
    await waitFor('the call to be under way', () => probe.waiting() === 1);
    const draining = drain();
    expect(await client.call('system.list', {})).toEqual({ systems: [] });
    asking.abort();
    await Promise.all([call, draining]);
  });
});

describe('the attach socket', () => {
  test('can be reached by its owner only', async () => {
    const probe = await openProbe(await temporaryFolder('mode'));
    const { path } = await serveProbe(probe.core.home, probe);
    expect(((await stat(path)).mode & 0o777).toString(8)).toBe('600');
  });
  test('is gone after the engine has closed', async () => {
    const probe = await openProbe(await temporaryFolder('gone'));
    const server = await serveProbe(probe.core.home, probe);
    await server.close();
    await expect(stat(server.path)).rejects.toMatchObject({ code: 'ENOENT' });
  });
  test('stands elsewhere, in a folder of its owner alone, when the data folder lies deep', async () => {
    const root = join(await temporaryFolder('deep'), 'x'.repeat(120));
    await mkdir(root);
    const probe = await openProbe(root);
    const { path } = await serveProbe(probe.core.home, probe);
    const folder = await stat(dirname(path));
    expect([path.startsWith(root), (folder.mode & 0o777).toString(8)]).toEqual([false, '700']);
  });
  test('is found in a deep data folder whatever the environment of the caller', async () => {
    const root = join(await temporaryFolder('deep'), 'x'.repeat(120));
    await mkdir(root);
    const probe = await openProbe(root);
    await serveProbe(probe.core.home, probe);
    const client = await attach(probe.core.home, 'test');
    expect(await client?.call('system.list', {})).toEqual({ systems: [] });
    client?.close();
  });
  test('is not knocked at where its folder has become open to others', async () => {
    const runtime = await temporaryFolder('runtime');
    const root = join(await temporaryFolder('deep'), 'x'.repeat(120));
    const path = claimAddress(openHome(root), 'random', { XDG_RUNTIME_DIR: runtime });
    await chmod(dirname(path), 0o755);
    expect(findAddress(openHome(root))).toBeNull();
  });
  test('is a pipe of an unknown name on Windows, which the data folder tells until it is released', async () => {
    const home = openHome(await temporaryFolder('pipe'));
    const path = claimAddress(home, 'unknown', {}, false);
    const found = findAddress(home, false);
    releaseAddress(home, path, false);
    expect([path, found, findAddress(home, false)]).toEqual([`\\\\.\\pipe\\pilothouse-${home.key}-unknown`, path, null]);
  });
  test('is not made in a folder that is open to others', async () => {
    const runtime = await temporaryFolder('runtime');
    await mkdir(join(runtime, `pilothouse-${process.getuid?.() ?? 0}`), { mode: 0o755 });
    const root = join(await temporaryFolder('deep'), 'x'.repeat(120));
    expect(() => claimAddress(openHome(root), 'random', { XDG_RUNTIME_DIR: runtime })).toThrow(expect.objectContaining({ code: 'store.unwritable' }));
  });
  test('does not take the place of a file', async () => {
    const root = await temporaryFolder('occupied');
    await writeFile(join(root, 'engine.sock'), 'mine');
    await expect(startEngine({ root, ports })).rejects.toMatchObject({ code: 'store.unwritable' });
    await rm(join(root, 'engine.sock'));
    // The engine that could not be reached has let go of the folder.
    const again = await connectOrStart({ root, ports, caller: 'test' });
    await again.close();
  });

  const speak = async (path: string, text: string): Promise<string> => {
    const socket = connect(path);
    let heard = '';
    socket.setEncoding('utf8');
    socket.on('data', (chunk) => {
      heard += String(chunk);
    });
    socket.on('error', () => {});
    socket.write(text);
    await new Promise((resolve) => socket.once('close', resolve));
    return heard;
  };
  test.each([
    ['nonsense', 'hello\n'],
    ['a call before the greeting', '{"type":"call","id":1,"method":"system.list","input":{}}\n'],
    ['a greeting of another kind', '{"hello":"host.shutdown"}\n'],
    ['a caller that would forge the log', '{"hello":"contract","caller":"cli\\nroot"}\n'],
    ['a long greeting', `{"hello":"contract","caller":"${'x'.repeat(5000)}"}\n`],
    ['an endless line', 'x'.repeat(9 * 1024 * 1024)],
  ])('hangs up on %s', async (_what, text) => {
    const probe = await openProbe(await temporaryFolder('greeting'));
    const { path } = await serveProbe(probe.core.home, probe);
    expect(await speak(path, text)).toBe('');
  });
  test('hangs up on whoever says nothing for five seconds', async () => {
    const probe = await openProbe(await temporaryFolder('silence'));
    const { path } = await serveProbe(probe.core.home, probe);
    expect(await speak(path, '')).toBe('');
  });
  test('records who asked', async () => {
    const probe = await openProbe(await temporaryFolder('caller'));
    await serveProbe(probe.core.home, probe);
    const { operationId, end } = probe.startOperation();
    end();
    const client = await attach(probe.core.home, 'cli');
    await waitFor('the operation to end', async () => (await client?.call('operation.get', { operationId }))?.operation.state === 'succeeded');
    const plan = probe.core.desk.issue('health.check', draft());
    const ran = await client?.call('operation.run', { planId: plan.id, token: plan.token });
    expect(probe.core.operations.get(ran?.operationId ?? '').requestedBy).toBe('cli');
    client?.close();
  });
});

describe('a fresh address of the console', () => {
  test('is given over the socket', async () => {
    const probe = await openProbe(await temporaryFolder('link'));
    await serveProbe(probe.core.home, probe, { link: () => 'http://127.0.0.1:1/#token=x' });
    expect(await requestLink(probe.core.home)).toBe('http://127.0.0.1:1/#token=x');
  });
  test('is refused in words by a host without a console', async () => {
    const probe = await openProbe(await temporaryFolder('link'));
    await serveProbe(probe.core.home, probe);
    await expect(requestLink(probe.core.home)).rejects.toMatchObject({ code: 'operation.busy' });
  });
  test('is nobody\'s to give where no engine runs', async () => {
    expect(await requestLink(openHome(await temporaryFolder('link')))).toBeNull();
  });
  test('cannot be asked for by the contract', async () => {
    const probe = await openProbe(await temporaryFolder('link'));
    await expect(probe.dispatcher.call('host.link', {}, { caller: 'test' })).rejects.toMatchObject({ code: 'contract.unknown-method' });
  });
});
