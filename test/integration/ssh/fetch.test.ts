/** Files brought from a real sshd, through cuts. */
import { createHash, randomBytes } from 'node:crypto';
import { appendFileSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { connectChain, type SshConnection } from '#engine/ssh/chain.ts';
import { fetchFile } from '#engine/ssh/fetch.ts';
import { mountSmallDisk, whyNoSmallDisk } from '#test/full-disk.ts';
import { startMuteServer } from '#test/mute-server.ts';
import { startProxy } from '#test/proxy.ts';
import { cutConnections, startSshServer, whyNoSshServer, type SshServer } from '#test/ssh-server.ts';
import { temporaryFolder } from '#test/temporary-folder.ts';

const missing = whyNoSshServer();
let server: SshServer;
const signal = new AbortController().signal;
beforeEach((context) => {
  if (missing !== null) context.skip(missing);
});
beforeAll(async () => {
  if (missing === null) server = await startSshServer();
});
afterAll(() => server?.stop());

async function connect(port = server.port): Promise<SshConnection> {
  const connection = await connectChain([server.hop({ port })]);
  onTestFinished(() => connection.close());
  return connection;
}
const hashOf = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex');
async function place(bytes: number): Promise<{ remote: string; local: string }> {
  const folder = await temporaryFolder('fetch');
  writeFileSync(join(folder, "it's there"), randomBytes(bytes));
  return { remote: join(folder, "it's there"), local: join(folder, 'here') };
}

describe('a file of a server', () => {
  test.each([0, 1, 261_120, 30_000_001])('of %d bytes comes whole', async (bytes) => {
    const { remote, local } = await place(bytes);
    const seen: number[] = [];
    const fetched = await fetchFile(await connect(), { remote, local, signal, onBytes: (here) => void seen.push(here) });
    expect([fetched, hashOf(local) === hashOf(remote), seen.at(-1)]).toEqual([{ sizeBytes: bytes, keptBytes: 0 }, true, bytes]);
  });
  test('is brought on where a cut connection left it', async () => {
    const { remote, local } = await place(30_000_000);
    const cutting = fetchFile(await connect(), { remote, local, signal, onBytes: (here) => { if (here > 10_000_000) cutConnections(server); } });
    await expect(cutting).rejects.toMatchObject({ code: 'ssh.connection-lost', retryable: true });
    const left = statSync(local).size;
    const fetched = await fetchFile(await connect(), { remote, local, signal });
    expect([left > 5_000_000 && left < 30_000_000, fetched.keptBytes, hashOf(local) === hashOf(remote)]).toEqual([true, left, true]);
  });
  test('is brought anew where what is here is not its beginning', async () => {
    const { remote, local } = await place(3_000_000);
    writeFileSync(local, randomBytes(1_000_000));
    expect([await fetchFile(await connect(), { remote, local, signal }), hashOf(local) === hashOf(remote)]).toEqual([{ sizeBytes: 3_000_000, keptBytes: 0 }, true]);
  });
  test('is brought anew where more is here than there', async () => {
    const { remote, local } = await place(1_000_000);
    writeFileSync(local, readFileSync(remote));
    appendFileSync(local, 'more');
    expect([(await fetchFile(await connect(), { remote, local, signal })).keptBytes, hashOf(local) === hashOf(remote)]).toEqual([0, true]);
  });
  test('that is here already is not brought again', async () => {
    const { remote, local } = await place(1_000_000);
    writeFileSync(local, readFileSync(remote));
    expect((await fetchFile(await connect(), { remote, local, signal })).keptBytes).toBe(1_000_000);
  });
  test('that cannot be read there says so', async () => {
    const { remote, local } = await place(10);
    rmSync(remote);
    await expect(fetchFile(await connect(), { remote, local, signal })).rejects.toMatchObject({ code: 'ssh.command-failed', message: expect.stringContaining("it's there cannot be read") as string });
  });
  test('that is opened there and then cannot be read says so, and is no line that was lost: that would be asked again for ever', async () => {
    const { remote, local } = await place(1);
    // A folder can be opened, and has no bytes.
    await expect(fetchFile(await connect(), { remote: dirname(remote), local, signal })).rejects.toMatchObject({ code: 'ssh.command-failed', retryable: false, message: expect.stringContaining('cannot be read on from byte 0') as string });
  });
  test('on a line that swallows everything is given up', async () => {
    const { remote, local } = await place(30_000_000);
    const proxy = await startProxy(server.port);
    onTestFinished(() => proxy.close());
    let stalled = false;
    const fetching = fetchFile(await connect(proxy.port), { remote, local, signal, stallMs: 300, onBytes: (here) => { if (here > 5_000_000 && !stalled) { stalled = true; proxy.stall(); } } });
    await expect(fetching).rejects.toMatchObject({ code: 'ssh.connection-lost', message: expect.stringContaining('no byte of the file came') as string });
  });
  test('for which the disk here is too small says so, and what came stays the beginning', async (context) => {
    const why = whyNoSmallDisk();
    if (why !== null) context.skip(why);
    const disk = await mountSmallDisk(1_500_000);
    onTestFinished(() => disk.remove());
    const { remote } = await place(3_000_000);
    const local = join(disk.folder, 'here');
    await expect(fetchFile(await connect(), { remote, local, signal })).rejects.toMatchObject({ code: 'ENOSPC' });
    const here = readFileSync(local);
    expect([here.length > 500_000, readFileSync(remote).subarray(0, here.length).equals(here)]).toEqual([true, true]);
  });
  test('can be cancelled, and what came stays the beginning', async () => {
    const { remote, local } = await place(30_000_000);
    const leaving = new AbortController();
    const fetching = fetchFile(await connect(), { remote, local, signal: leaving.signal, onBytes: (here) => { if (here > 5_000_000) leaving.abort(new Error('enough')); } });
    await expect(fetching).rejects.toThrow('enough');
    const here = readFileSync(local);
    expect(readFileSync(remote).subarray(0, here.length).equals(here)).toBe(true);
  });
});

test.each([
  ['is given up when nobody wants it any more', () => AbortSignal.timeout(300), 60_000, { message: expect.stringContaining('timeout') as string }],
  ['counts as lost after a while', () => signal, 300, { code: 'ssh.connection-lost', retryable: true, message: expect.stringContaining('0.3 s') as string }],
] as const)('a file of which the server says nothing %s', async (_what, signalOf, stallMs, error) => {
  const mute = await startMuteServer();
  onTestFinished(() => mute.close());
  const connection = await connectChain([mute.hop]);
  onTestFinished(() => connection.close());
  await expect(fetchFile(connection, { remote: '/a/file', local: join(await temporaryFolder('fetch'), 'here'), signal: signalOf(), stallMs })).rejects.toMatchObject(error);
}, 5000);
