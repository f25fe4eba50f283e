import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Plan } from '#shared/contract/operations.ts';
import { connectOrStart } from '#engine/attach/connect-or-start.ts';
import { silentLogger, silentNotifier, systemClock, systemRandom } from '#engine/ports.ts';
import { fingerprintOf } from '#engine/ssh/host-key.ts';
import { requireClientTool } from '#test/client-tools.ts';
import { startPostgres } from '#test/postgres-server.ts';
import { startSshServer, whyNoSshServer } from '#test/ssh-server.ts';
import { makeTemporaryFolder } from '#test/temporary-folder.ts';
import { fill, finish } from './bench-database.ts';
import { startConsole } from './console-process.ts';
import { median, ratioOfPairs, type Benchmark, type Figure } from './figure.ts';
import { optionsFor } from './openssh.ts';

const pairs = 5;
const seconds = (values: readonly number[]) => `${(median(values) / 1000).toFixed(2)} s`;

/** `ssh host pg_dump … > file`, as anybody would type it. */
function dumpOver(args: readonly string[], into: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const file = openSync(into, 'w');
    const child = spawn('ssh', args, { stdio: ['ignore', file, 'inherit'] });
    child.once('error', reject);
    child.once('exit', (status) => {
      closeSync(file);
      if (status === 0) resolve();
      else reject(new Error(`ssh ended with ${status}`));
    });
  });
}

/** A backup of about 300 MB to this computer by the pg_dump of a host, against the same pg_dump over ssh into a file. */
export const farBackup: Benchmark = async () => {
  const missing = whyNoSshServer();
  if (missing !== null) throw new Error(missing);
  const folder = await makeTemporaryFolder('bench-far');
  const [server, sshd] = await Promise.all([startPostgres({ major: 15, settings: { shared_buffers: '256MB', max_wal_size: '4GB' }, hba: ['host all all 127.0.0.1/32 trust'] }), startSshServer()]);
  const home = join(folder, 'home');
  const console = await startConsole(home);
  const connection = await connectOrStart({ root: home, ports: { clock: systemClock, random: systemRandom, logger: silentLogger, keyWrapping: null, notifier: silentNotifier, host: 'test' }, caller: 'bench' });
  const { client } = connection;
  try {
    await fill(server);
    const key = join(folder, 'key');
    await writeFile(key, sshd.hop().account.keys[0]?.text.reveal() ?? '', { mode: 0o600 });
    const { system } = await client.call('system.add', { name: 'Bench', environment: 'development' });
    const { host } = await client.call('host.add', { systemId: system.id, label: 'far', connection: { host: sshd.host, port: sshd.port, user: sshd.user, signIn: { keys: [{ path: key, passphrase: { source: 'none' } }], agent: false, password: { source: 'none' } }, viaId: null } });
    for (const known of sshd.knownKeys) await client.call('host.trustKey', { machine: { hostId: host.id }, keyType: known.type, key: known.key, fingerprint: fingerprintOf(known) });
    const { database } = await client.call('database.add', {
      systemId: system.id,
      connection: { host: server.host, port: server.port, database: 'bench', user: server.user, tls: { mode: 'disable' }, password: { source: 'none' }, viaId: host.id, tools: { where: 'host', access: { kind: 'plain' }, connect: null } },
    });
    const figures: Figure[] = [];
    const [size] = await server.query<{ bytes: string }>("SELECT pg_database_size('bench') AS bytes");
    const dump = requireClientTool('pg_dump').path;
    let round = 0;
    for (const compressLevel of [1, 0]) {
      const plans: Plan[] = [];
      for (let pair = 0; pair < pairs; pair++) plans.push((await client.call('backup.plan', { databaseId: database.id, options: { format: 'custom', jobs: 1, compressLevel, proof: 'L0' } })).plan);
      const command = `${dump} --format=custom --compress=${compressLevel} --host=${server.host} --port=${server.port} --username=${server.user} --no-password bench`;
      const { ratio, bareMs, oursMs } = await ratioOfPairs(
        pairs,
        async () => {
          const into = join(folder, `bare-${round++}`);
          await dumpOver([...optionsFor(sshd, folder), '-p', String(sshd.port), `${sshd.user}@${sshd.host}`, command], into);
          await rm(into);
        },
        async () => void (await finish(client, plans.pop() as Plan)),
      );
      figures.push({ name: `backup of ${Math.round(Number(size?.bytes) / 1e6)} MB over SSH, ${compressLevel === 0 ? 'uncompressed' : 'gzip 1'}, against ssh host pg_dump > file`, measured: ratio.toFixed(2), bound: '>= 0.95', ok: ratio >= 0.95, how: `${seconds(oursMs)} against ${seconds(bareMs)}, median of ${pairs} interleaved pairs; snapshot, counting, globals, hashing and reading all of it back (L0) included` });
    }
    return figures;
  } finally {
    await connection.close();
    await console.stop();
    await Promise.all([server.stop(), sshd.stop()]);
    await rm(folder, { recursive: true, force: true });
  }
};
