import { spawn } from 'node:child_process';
import { randomFillSync } from 'node:crypto';
import { closeSync, openSync, statSync, writeSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { systemClock, systemRandom } from '#engine/ports.ts';
import { connectChain } from '#engine/ssh/chain.ts';
import { execOrFail } from '#engine/ssh/exec.ts';
import { fetchFile } from '#engine/ssh/fetch.ts';
import { createHandshakes } from '#engine/ssh/handshakes.ts';
import { createSshPool } from '#engine/ssh/pool.ts';
import { startSshServer, whyNoSshServer, type SshServer } from '#test/ssh-server.ts';
import { makeTemporaryFolder } from '#test/temporary-folder.ts';
import { optionsFor } from './openssh.ts';
import { median, ratioOfPairs, type Benchmark, type Figure } from './figure.ts';

const pairs = 5;
const fileBytes = 300_000_000;
const servers = 5;
const hosts = 50;
const commands = 10;

/** Bytes that no line compresses. */
function fill(path: string): void {
  const file = openSync(path, 'w');
  const block = Buffer.alloc(4_000_000);
  for (let left = fileBytes; left > 0; left -= block.length) writeSync(file, randomFillSync(block), 0, Math.min(left, block.length));
  closeSync(file);
}

function bare(command: string, args: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'inherit'] });
    child.once('error', reject);
    child.once('exit', (status) => (status === 0 ? resolve() : reject(new Error(`${command} ended with ${status}`))));
  });
}

const seconds = (values: readonly number[]) => `${(median(values) / 1000).toFixed(2)} s`;

async function fetching(server: SshServer, folder: string): Promise<Figure> {
  const remote = join(folder, 'there');
  const local = join(folder, 'here');
  fill(remote);
  const options = optionsFor(server, folder);
  const { signal } = new AbortController();
  const whole = () => {
    if (statSync(local).size !== fileBytes) throw new Error('The file did not come whole.');
  };
  const { ratio, bareMs, oursMs } = await ratioOfPairs(
    pairs,
    async () => {
      await bare('scp', ['-q', ...options, '-P', String(server.port), `${server.user}@127.0.0.1:${remote}`, local]);
      whole();
    },
    async () => {
      const connection = await connectChain([server.hop()]);
      await fetchFile(connection, { remote, local, signal });
      connection.close();
      whole();
    },
    () => rm(local),
  );
  return { name: `fetch of ${fileBytes / 1e6} MB, against scp`, measured: ratio.toFixed(2), bound: '>= 0.65', ok: ratio >= 0.65, how: `${seconds(oursMs)} against ${seconds(bareMs)}, median of ${pairs} interleaved pairs, each from the connection to its end, ours with a sync to the disk` };
}

async function manyHosts(targets: readonly SshServer[], folder: string): Promise<Figure> {
  const all = Array.from({ length: hosts }, (_value, index) => targets[index % targets.length] as SshServer);
  const options = new Map(targets.map((server) => [server, optionsFor(server, folder)]));
  const words = Array.from({ length: commands }, (_value, index) => `echo ${index}`);
  const { ratio, bareMs, oursMs } = await ratioOfPairs(
    pairs,
    () => Promise.all(all.map((server) => bare('ssh', [...(options.get(server) ?? []), '-p', String(server.port), `${server.user}@127.0.0.1`, words.join('; ')]))),
    async () => {
      const handshakes = createHandshakes({ random: systemRandom });
      const pool = createSshPool({
        now: () => systemClock.now(),
        connect: (hostId, signal) => {
          const server = all[Number(hostId)] as SshServer;
          return handshakes.run(String(server.port), () => connectChain([server.hop()], { signal }), signal);
        },
      });
      await Promise.all(all.map(async (_server, index) => {
        for (const word of words) await pool.use(String(index), (connection) => execOrFail(connection, word));
      }));
      await pool.close();
    },
  );
  return { name: `${hosts} hosts, ${commands} commands on each, against ${hosts} ssh processes`, measured: ratio.toFixed(2), bound: '>= 1.00', ok: ratio >= 1, how: `${seconds(oursMs)} against ${seconds(bareMs)}, median of ${pairs} interleaved pairs, on ${targets.length} sshd; ours one channel for each command, ssh all of them in one shell` };
}

/** What goes over SSH, against OpenSSH's own programs, on its own server. */
export const ssh: Benchmark = async () => {
  const missing = whyNoSshServer();
  if (missing !== null) throw new Error(missing);
  const folder = await makeTemporaryFolder('bench-ssh');
  const targets = await Promise.all(Array.from({ length: servers }, () => startSshServer()));
  try {
    return [await fetching(targets[0] as SshServer, folder), await manyHosts(targets, folder)];
  } finally {
    await Promise.all(targets.map((server) => server.stop()));
    await rm(folder, { recursive: true, force: true });
  }
};
