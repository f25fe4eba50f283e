import { spawn } from 'node:child_process';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { BackupOptions } from '#shared/contract/backups.ts';
import type { Plan } from '#shared/contract/operations.ts';
import { connectOrStart } from '#engine/attach/connect-or-start.ts';
import { silentLogger, silentNotifier, systemClock, systemRandom } from '#engine/ports.ts';
import { requireClientTool } from '#test/client-tools.ts';
import { startPostgres } from '#test/postgres-server.ts';
import { makeTemporaryFolder } from '#test/temporary-folder.ts';
import { startConsole } from './console-process.ts';
import { fill, finish } from './bench-database.ts';
import { median, ratioOfPairs, type Benchmark, type Figure } from './figure.ts';

const pairs = 4;
const jobs = 2;
const memoryBound = 200_000_000;

/** A program as anybody would call it, to compare with. */
function bare(command: string, args: string[], passfile: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'inherit'], env: { PATH: process.env['PATH'], PGPASSFILE: passfile } });
    child.once('error', reject);
    child.once('exit', (status) => (status === 0 ? resolve() : reject(new Error(`${command} ended with ${status}`))));
  });
}

const seconds = (values: readonly number[]) => `${(median(values) / 1000).toFixed(2)} s`;

/** Backups and restores of about 300 MB by the console, against Postgres's own programs with the same options. */
export const backupAndRestore: Benchmark = async () => {
  const figures: Figure[] = [];
  const folder = await makeTemporaryFolder('bench-backup');
  const server = await startPostgres({ major: 15, settings: { shared_buffers: '256MB', max_wal_size: '4GB', fsync: 'on', synchronous_commit: 'on', full_page_writes: 'on' } });
  const home = join(folder, 'home');
  const console = await startConsole(home);
  const ports = { clock: systemClock, random: systemRandom, logger: silentLogger, keyWrapping: null, notifier: silentNotifier, host: 'test' as const };
  const connection = await connectOrStart({ root: home, ports, caller: 'bench' });
  const { client } = connection;
  try {
    await fill(server);
    const [size] = await server.query<{ bytes: string }>("SELECT pg_database_size('bench') AS bytes");
    const passfile = join(folder, 'passfile');
    await writeFile(passfile, `${server.host}:${server.port}:*:${server.user}:${server.password}\n`, { mode: 0o600 });
    const { system } = await client.call('system.add', { name: 'Bench', environment: 'development' });
    const { database } = await client.call('database.add', {
      systemId: system.id,
      connection: { host: server.host, port: server.port, database: 'bench', user: server.user, tls: { mode: 'disable' }, password: { source: 'passfile', path: passfile } },
    });
    await client.call('database.test', { databaseId: database.id });
    const target = ['--host', server.host, '--port', String(server.port), '--username', server.user, '--no-password'];
    const dump = requireClientTool('pg_dump').path;
    const restoreTool = requireClientTool('pg_restore').path;

    let round = 0;
    for (const format of ['directory', 'custom'] as const) {
      const options: BackupOptions = { format, jobs: format === 'directory' ? jobs : 1, compressLevel: 1, proof: 'L0' };
      const plans: Plan[] = [];
      for (let pair = 0; pair < pairs; pair++) plans.push((await client.call('backup.plan', { databaseId: database.id, options })).plan);
      const { ratio, bareMs, oursMs } = await ratioOfPairs(
        pairs,
        async () => {
          const into = join(folder, `bare-${round++}`);
          await bare(dump, [...target, '--format', format, ...(format === 'directory' ? ['--jobs', String(jobs)] : []), '--compress', '1', '--file', into, 'bench'], passfile);
          await rm(into, { recursive: true });
        },
        async () => {
          await finish(client, plans.pop() as Plan);
        },
      );
      figures.push({ name: `backup of ${Math.round(Number(size?.bytes) / 1e6)} MB, ${format}, against pg_dump`, measured: ratio.toFixed(2), bound: '>= 0.95', ok: ratio >= 0.95, how: `${seconds(oursMs)} against ${seconds(bareMs)}, median of ${pairs} interleaved pairs, from the run to its end: counting, hashing and reading all of it back (L0) included` });
    }
    const whileBackingUp = console.peakMemory();

    const { backups } = await client.call('backup.list', { databaseId: database.id });
    const source = backups.find((backup) => backup.format === 'directory');
    if (source === undefined) throw new Error('There is no directory backup to restore.');
    const archive = join(folder, 'bare-archive');
    await bare(dump, [...target, '--format', 'directory', '--jobs', String(jobs), '--compress', '1', '--file', archive, 'bench'], passfile);
    const dropRestored = async () => {
      await server.query('DROP DATABASE IF EXISTS bench_bare');
      const { restores } = await client.call('restore.list', { systemId: system.id });
      for (const restore of restores.filter((each) => each.state === 'beside')) {
        const { plan } = await client.call('restore.planDrop', { restoreId: restore.id, which: 'restored' });
        await finish(client, plan);
      }
      await server.query('CHECKPOINT');
    };
    const { ratio, bareMs, oursMs } = await ratioOfPairs(
      pairs,
      async () => {
        await server.query('CREATE DATABASE bench_bare TEMPLATE template0');
        await bare(restoreTool, [...target, '--dbname', 'bench_bare', '--jobs', String(jobs), '--exit-on-error', archive], passfile);
      },
      async () => {
        const { plan } = await client.call('restore.plan', { backupId: source.id, jobs });
        await finish(client, plan);
      },
      dropRestored,
    );
    figures.push({ name: 'restore, against pg_restore -j', measured: ratio.toFixed(2), bound: '>= 0.95', ok: ratio >= 0.95, how: `${seconds(oursMs)} against ${seconds(bareMs)}, median of ${pairs} interleaved pairs, with its plan: hashing before and counting after included` });
    const peak = Math.max(whileBackingUp, console.peakMemory());
    figures.push({ name: 'memory of the engine meanwhile, peak', measured: `${Math.round(peak / 1_000_000)} MB`, bound: '< 200 MB', ok: peak > 0 && peak < memoryBound, how: 'resident, over all backups and restores above' });
    return figures;
  } finally {
    await connection.close();
    await console.stop();
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  }
};
