/** What is found on a host, by a real sshd, a real Postgres, and the shells that hosts have. */
import { spawnSync } from 'node:child_process';
import { chmodSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { connectChain } from '#engine/ssh/chain.ts';
import { detect, detectScript, readFindings } from '#engine/ssh/detect/index.ts';
import { startPostgres, type PostgresServer } from '#test/postgres-server.ts';
import { findClientTools } from '#test/client-tools.ts';
import { startSshServer, whyNoSshServer, type SshServer, type SshServerOptions } from '#test/ssh-server.ts';
import { temporaryFolder } from '#test/temporary-folder.ts';

const missing = whyNoSshServer();
let postgres: PostgresServer;
beforeAll(async () => {
  if (missing === null) postgres = await startPostgres({ major: 18, settings: { unix_socket_directories: `'/tmp'` }, hba: ['local all all trust', 'host all all 127.0.0.1/32 scram-sha-256'] });
});
afterAll(() => postgres?.stop());
beforeEach((context) => {
  if (missing !== null) context.skip(missing);
});

async function look(options: SshServerOptions = {}) {
  const server: SshServer = await startSshServer(options);
  const connection = await connectChain([server.hop()]);
  onTestFinished(async () => {
    connection.close();
    await server.stop();
  });
  return detect(connection);
}
const own = (found: Awaited<ReturnType<typeof look>>) => found.postgres.find(({ ways }) => ways.some(({ port }) => port === postgres.port));

/** Programs in front of those of the host: stand-ins that say what docker, kubectl and sudo would say. */
async function standIns(programs: Record<string, string>): Promise<SshServerOptions> {
  const folder = await temporaryFolder('stand-ins');
  for (const [name, script] of Object.entries(programs)) {
    writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`);
    chmodSync(join(folder, name), 0o755);
  }
  return { settings: { SetEnv: `PATH=${folder}:/usr/bin:/bin` } };
}

describe('on a real host', () => {
  test('a server of Postgres is found with its socket, its port and its folder', async () => {
    const found = own(await look());
    expect([found?.ways.map(({ kind, host }) => `${kind} ${host}`).sort(), found?.dataFolder]).toEqual([['socket /tmp', 'tcp 127.0.0.1'], postgres.dataFolder]);
  });
  test('its version and its databases are told where the account is let in', async (context) => {
    if (findClientTools('psql').length === 0) return context.skip('there is no psql on this machine');
    await postgres.query('CREATE DATABASE seen_from_here');
    const found = own(await look({ settings: { SetEnv: 'PGUSER=postgres' } }));
    expect([found?.version?.split('.')[0], found?.databases, found?.letsIn]).toEqual(['18', expect.arrayContaining(['seen_from_here']), expect.arrayContaining([{ by: 'account', user: 'postgres', host: '/tmp', port: postgres.port }])]);
  });
  test('a shell that talks before the script is in nobody\'s way', async () => {
    expect(own(await look({ settings: { ForceCommand: 'echo Welcome; eval "$SSH_ORIGINAL_COMMAND"' } }))).toBeDefined();
  });
  test('an account that runs nothing is told with what it said', async () => {
    await expect(look({ settings: { ForceCommand: 'echo This account is not available' } })).rejects.toMatchObject({ code: 'ssh.command-failed', message: expect.stringContaining('not available') as string });
  });
  test('nothing is left behind in its home', async () => {
    const server = await startSshServer();
    const connection = await connectChain([server.hop()]);
    onTestFinished(async () => {
      connection.close();
      await server.stop();
    });
    await detect(connection);
    expect(readdirSync(join(server.folder, 'home'))).toEqual([]);
  });
});

describe('with stand-ins for programs that cannot run here', () => {
  test('docker tells of its containers, and of nothing else than those of Postgres', async () => {
    const options = await standIns({ docker: 'case $1 in ps) printf "shop-db\\tpostgres:16\\t0.0.0.0:5439->5432/tcp\\nweb\\tnginx:1\\t\\n" ;; exec) echo "pg_dump (PostgreSQL) 16.4" ;; inspect) echo "172.17.0.9 " ;; esac' });
    const { postgres: servers, tools } = await look(options);
    expect([servers.filter(({ container }) => container !== null).map(({ container, version, ways }) => [container, version, ways.length]), tools.filter(({ access }) => access.kind === 'docker')]).toEqual([[['shop-db', '16.4', 2]], [{ access: { kind: 'docker', container: 'shop-db' }, version: '16.4' }]]);
  });
  test('kubectl tells of its pods', async () => {
    const options = await standIns({ kubectl: 'printf "prod\\tshop-0\\tdb=postgres:16\\n"' });
    expect((await look(options)).tools.filter(({ access }) => access.kind === 'kubectl')).toEqual([{ access: { kind: 'kubectl', namespace: 'prod', pod: 'shop-0', container: 'db' }, version: '16' }]);
  });
  test('a docker that refuses is named, and the rest is found', async () => {
    const found = await look(await standIns({ docker: 'echo permission denied >&2; exit 1' }));
    expect([found.blind.filter((each) => each.startsWith('Containers')).length, own(found) === undefined]).toEqual([1, false]);
  });
  test('one that never answers is given up, and the rest is found', async () => {
    expect(own(await look(await standIns({ docker: 'exec sleep 60' })))).toBeDefined();
  });
});

describe('the script', () => {
  test.each([['dash', ['dash', '-s']], ['BusyBox', ['busybox', 'sh', '-s']], ['bash as sh', ['bash', '--posix', '-s']]] as const)('runs under %s', (_name, [program, ...args]) => {
    const { stdout, status } = spawnSync(program, args, { input: detectScript, encoding: 'utf8' });
    expect([status, readFindings(stdout).postgres.some(({ ways }) => ways.some(({ port }) => port === postgres.port))]).toEqual([0, true]);
  });
  test('does nothing where only a part of it arrived', () => {
    const { stdout } = spawnSync('dash', ['-s'], { input: detectScript.slice(0, -20), encoding: 'utf8' });
    expect(stdout).toBe('');
  });
});

test('a shell that never begins is told with its machine and what to do', async () => {
  const server = await startSshServer({ settings: { ForceCommand: 'exec sleep 60' } });
  const connection = await connectChain([server.hop()]);
  onTestFinished(async () => {
    connection.close();
    await server.stop();
  });
  await expect(detect(connection, undefined, 300)).rejects.toMatchObject({ code: 'ssh.timeout', details: { hop: connection.label }, hint: expect.stringContaining('.bashrc') as string });
});
