import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import { afterEach, describe, expect, it } from 'vitest';
import { startPostgres } from '#test/postgres-server.ts';
import type { PostgresServer, PostgresServerOptions } from '#test/postgres-server.ts';
import { testedMajors } from '#test/postgres-binaries.ts';
import { isRunning, processesMatching } from '#test/processes.ts';
import { waitFor } from '#test/wait-for.ts';

const servers: PostgresServer[] = [];
async function start(options: PostgresServerOptions): Promise<PostgresServer> {
  const server = await startPostgres(options);
  servers.push(server);
  return server;
}
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.stop()));
});

const identity = 'select system_identifier::text as id from pg_control_system()';

describe('a private Postgres server', () => {
  it.each(testedMajors)('of major %i answers a query', async (major) => {
    const server = await start({ major });
    const [row] = await server.query<{ major: number }>(`select current_setting('server_version_num')::int / 10000 as major`);
    expect(row?.major).toBe(major);
  });

  it('takes settings', async () => {
    const server = await start({ major: 18, settings: { work_mem: `'7MB'` } });
    expect(await server.query('show work_mem')).toEqual([{ work_mem: '7MB' }]);
  });

  it('refuses a wrong password', async () => {
    const server = await start({ major: 18 });
    await expect(server.query('select 1', [], { password: 'wrong' })).rejects.toMatchObject({ code: '28P01' });
  });

  it('serves TLS with a certificate that its authority signed', async () => {
    const server = await start({ major: 18, tls: true });
    const client = new Client({ host: 'localhost', port: server.port, user: 'postgres', password: server.password, database: 'postgres', ssl: { ca: await readAuthority(server) } });
    await client.connect();
    const result = await client.query<{ ssl: boolean }>('select ssl from pg_stat_ssl where pid = pg_backend_pid()');
    await client.end();
    expect(result.rows).toEqual([{ ssl: true }]);
  });

  it('has the identity of its template unless it is given its own', async () => {
    const [one, two, other] = await Promise.all([start({ major: 18 }), start({ major: 18 }), start({ major: 18, ownIdentity: true })]);
    const [first, second, third] = await Promise.all([one, two, other].map((server) => server.query(identity)));
    expect([first, third]).toEqual([second, expect.not.objectContaining(first ?? {})]);
  });

  it('says why it does not start', async () => {
    await expect(startPostgres({ major: 18, settings: { work_mem: `'much'` } })).rejects.toThrow(/invalid value for parameter "work_mem"/);
  });

  it('is gone after a crash, and leaves no process', async () => {
    const server = await start({ major: 13 });
    await server.kill();
    await waitFor('every process of the server to end', () => processesMatching(server.dataFolder).filter(({ commandLine }) => !commandLine.includes('postgres-keeper')).length === 0);
    expect(isRunning(server.pid)).toBe(false);
  });

  it('removes its data when it is stopped', async () => {
    const server = await start({ major: 18 });
    await server.stop();
    expect(existsSync(server.dataFolder)).toBe(false);
  });

  it('ends, with its data, when the process that started it is killed', async () => {
    const owner = spawn(process.execPath, [join(import.meta.dirname, 'own-a-server.ts')], { stdio: ['ignore', 'pipe', 'inherit'] });
    const line = await new Promise<string>((resolve) => owner.stdout.once('data', (chunk: Buffer) => resolve(chunk.toString())));
    const { pid, dataFolder } = JSON.parse(line) as { pid: number; dataFolder: string };
    expect(isRunning(pid)).toBe(true);
    owner.kill('SIGKILL');
    await waitFor('the server to end and its data to be removed', () => !isRunning(pid) && !existsSync(dataFolder), { within: 5000 });
  });
});

async function readAuthority(server: PostgresServer): Promise<string> {
  const { readFile } = await import('node:fs/promises');
  return readFile(server.certificates?.caFile ?? '', 'utf8');
}
