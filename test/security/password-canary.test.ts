import { fromHere } from '#shared/contract/systems.ts';
import { noLines } from '../support/no-lines.ts';
import { readFileSync, readdirSync, rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CommandRecord } from '#shared/contract/operations.ts';
import { createScrubber } from '#shared/domain/scrub.ts';
import { Secret } from '#shared/domain/secret.ts';
import { runChild } from '#engine/children/run-child.ts';
import { silentLogger } from '#engine/ports.ts';
import { createPostgres } from '#engine/postgres/index.ts';
import { createRunFolder } from '#engine/postgres/run-folder.ts';
import type { PostgresTarget } from '#engine/postgres/types.ts';
import { startPostgres, type PostgresServer } from '#test/postgres-server.ts';
import { temporaryFolder } from '#test/temporary-folder.ts';
import { waitFor } from '#test/wait-for.ts';

const canary = 'canary-7f3a9c41d2';
let server: PostgresServer;
beforeAll(async () => {
  server = await startPostgres({ major: 15, settings: { password_encryption: `'scram-sha-256'` } });
  await server.query(`CREATE ROLE ann LOGIN PASSWORD '${canary}'`);
});
afterAll(() => server.stop());

/** The command lines and environments of every process here. */
function everyProcess(): string {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) =>
      ['cmdline', 'environ'].map((file) => {
        try {
          return readFileSync(`/proc/${pid}/${file}`, 'latin1');
        } catch {
          // It ended meanwhile, or is not ours to read.
          return '';
        }
      }),
    )
    .join('\n');
}

describe.skipIf(process.platform !== 'linux')('a password', () => {
  it('is on no command line, in no environment and in no record of what was sent, while it is used', async () => {
    const root = await temporaryFolder('canary');
    const postgres = createPostgres({ ports: { logger: silentLogger }, lines: noLines, home: { root, key: 'canary' }, scrubber: createScrubber(), typed: () => null, fromVault: () => Promise.reject(new Error('no vault here')) });
    const target: PostgresTarget = { databaseId: null, label: 'postgres', systemIdentifier: null, password: new Secret(canary), connection: { host: '127.0.0.1', port: server.port, database: 'postgres', user: 'ann', tls: { mode: 'prefer', ca: null }, password: { source: 'ask' }, ...fromHere } };
    const records: CommandRecord[] = [];
    const session = await postgres.connect(target, { applicationName: 'pilothouse canary', onStatement: (record) => records.push(record) });
    await session.query('SELECT nothing').catch((error: unknown) => records.push(error as CommandRecord));
    const stop = new AbortController();
    const seen = await postgres.withConninfo(target, { applicationName: 'pilothouse canary psql' }, async (conninfo) => {
      const running = runChild({ command: 'psql', args: ['-X', '-w', '-c', 'SELECT pg_sleep(60)', conninfo], signal: stop.signal });
      await waitFor('psql to be connected', async () => (await server.query(`SELECT 1 FROM pg_stat_activity WHERE application_name = 'pilothouse canary psql' AND wait_event = 'PgSleep'`)).length === 1);
      const processes = everyProcess();
      stop.abort();
      const { stdout, stderr } = await running;
      return { processes, output: stdout + stderr };
    });
    await session.close();
    rmSync(createRunFolder({ root, key: 'canary' }).path(), { recursive: true });
    expect(seen.processes).toContain('pilothouse canary psql');
    expect(JSON.stringify([seen, records])).not.toContain(canary);
  });

  it('is in no error of a server that refuses it', async () => {
    const root = await temporaryFolder('canary');
    const postgres = createPostgres({ ports: { logger: silentLogger }, lines: noLines, home: { root, key: 'canary' }, scrubber: createScrubber(), typed: () => null, fromVault: () => Promise.reject(new Error('no vault here')) });
    const target: PostgresTarget = { databaseId: null, label: 'postgres', systemIdentifier: null, password: new Secret(`${canary}-wrong`), connection: { host: '127.0.0.1', port: server.port, database: 'postgres', user: 'ann', tls: { mode: 'prefer', ca: null }, password: { source: 'ask' }, ...fromHere } };
    const error = await postgres.connect(target, { applicationName: 'pilothouse canary' }).catch((caught: Error) => caught);
    expect(`${JSON.stringify(error)} ${String((error as Error).stack)} ${JSON.stringify((error as Error).cause)}`).not.toContain(canary);
  });
});
