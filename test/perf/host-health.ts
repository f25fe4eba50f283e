import { spawn } from 'node:child_process';
import { connect as connectTo, createServer, type AddressInfo, type Socket } from 'node:net';
import { pieces, scriptOf, secondsBetween, type PieceId } from '#engine/health/host/index.ts';
import { watch } from '#engine/health/look-at-host.ts';
import { connectChain, type SshConnection } from '#engine/ssh/chain.ts';
import { execOrFail } from '#engine/ssh/exec.ts';
import { startSshServer, whyNoSshServer } from '#test/ssh-server.ts';
import { median, timed, type Benchmark } from './figure.ts';

const pairs = 5;
/** Milliseconds that the long line takes there and back. */
const tripMs = 200;
const mark = 'ph0123456789';
/** What reckons for seconds on a machine without a cache of packages, and differently long each time. */
const slow: ReadonlySet<string> = new Set<PieceId>(['apt', 'dnf', 'apk']);
const quick = new Set(pieces.map(({ id }) => id).filter((id) => !slow.has(id)));

/** A line on which every byte is under way for half of `tripMs`. */
async function longLine(port: number): Promise<{ port: number; close(): void }> {
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    const far = connectTo(port, '127.0.0.1');
    for (const [from, to] of [[near, far], [far, near]] as const) {
      sockets.add(from);
      from.setNoDelay(true);
      from.on('data', (chunk) => void setTimeout(() => to.destroyed || to.write(chunk), tripMs / 2));
      from.on('error', () => to.destroy());
      from.on('close', () => void setTimeout(() => to.destroy(), tripMs / 2));
    }
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    close() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

/** The script on the host itself, without any line. */
const here = (wanted?: ReadonlySet<PieceId>): Promise<void> =>
  new Promise((resolve, reject) => {
    const child = spawn('/bin/sh', ['-s'], { stdio: ['pipe', 'ignore', 'ignore'] });
    child.once('error', reject);
    child.once('exit', () => resolve());
    child.stdin.end(scriptOf(mark, wanted));
  });

async function look(connection: SshConnection, wanted?: ReadonlySet<PieceId>): Promise<void> {
  const { cutBy } = await watch(connection, { signal: new AbortController().signal, mark, now: Date.now, ...(wanted === undefined ? {} : { wanted }) });
  if (cutBy !== null) throw new Error(`The look ended early: ${cutBy}`);
}

/** Every check of a host by one channel: what it costs over the host's own work, in ways there and back. */
export const hostHealth: Benchmark = async () => {
  const missing = whyNoSshServer();
  if (missing !== null) throw new Error(missing);
  const server = await startSshServer();
  const line = await longLine(server.port);
  try {
    const near = await connectChain([server.hop()]);
    const far = await connectChain([server.hop({ port: line.port })]);
    const taken = { full: [] as number[], own: [] as number[], near: [] as number[], far: [] as number[], trip: [] as number[] };
    for (let pair = 0; pair < pairs; pair++) {
      taken.trip.push(await timed(() => execOrFail(near, 'exit 0')));
      taken.full.push(await timed(() => look(near)));
      taken.own.push(await timed(() => here(quick)));
      taken.near.push(await timed(() => look(near, quick)));
      taken.far.push(await timed(() => look(far, quick)));
    }
    near.close();
    far.close();
    const second = secondsBetween * 1000;
    const [full, own, short, long] = [taken.full, taken.own, taken.near, taken.far].map(median) as [number, number, number, number];
    const trips = (long - short) / tripMs;
    const over = short - own;
    const work = own - second;
    return [
      { name: 'full host health in one channel, ways there and back', measured: trips.toFixed(1), bound: '<= 4.0', ok: trips <= 4, how: `over a line of ${tripMs} ms against loopback, median of ${pairs}: one to open the channel, one to begin the shell, one for the script and what it prints` },
      { name: 'full host health in one channel, over its script on the host itself', measured: `${over.toFixed(0)} ms`, bound: '<= 150 ms', ok: over <= 150, how: `${pieces.length} pieces: ${work.toFixed(0)} ms of the host's own work beside the second between the readings, without the package manager; with it ${(full - second).toFixed(0)} ms; an empty command takes ${median(taken.trip).toFixed(0)} ms` },
    ];
  } finally {
    line.close();
    await server.stop();
  }
};
