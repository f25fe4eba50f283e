/** The lines that paper gives for procedures of the console, typed into a shell: a dump, a restore beside, a swap, and back. */
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { Client } from 'pg';
import { expect, onTestFinished, test } from 'vitest';
import { byHand, type ByHand } from '#engine/runbooks/desk/by-hand.ts';
import type { CalledAction } from '#engine/runbooks/desk/called.ts';
import type { CalledProcedure } from '#shared/domain/runbook/definition.ts';
import { requireClientTool } from '#test/client-tools.ts';
import type { PostgresMajor } from '#test/postgres-binaries.ts';
import { startPostgres } from '#test/postgres-server.ts';
import { temporaryFolder } from '#test/temporary-folder.ts';

const tool = requireClientTool('pg_dump');
/** pg_dump reads servers up to its own version. */
const majors = ([13, 18, 15] as const).filter((major: PostgresMajor) => major <= tool.major).slice(0, 2);

test.each(majors)('on Postgres %i', async (major) => {
  const server = await startPostgres({ major });
  onTestFinished(() => server.stop());
  const folder = await temporaryFolder('by-hand');
  const name = `the "shop's"`;
  const quoted = `"${name.replaceAll('"', '""')}"`;
  await server.query(`CREATE DATABASE ${quoted}`);
  await server.query(`CREATE TABLE orders AS SELECT generate_series(1, 10) AS id; CREATE SCHEMA "odd 'one'"; CREATE TABLE "odd 'one'"."a.b" (n int)`, [], { database: name });

  const beside: CalledAction = { kind: 'procedure', procedure: 'restore.beside', with: {}, require: 'equal' };
  const lines = (procedure: CalledProcedure, more: Partial<ByHand> = {}): string => byHand({ action: { kind: 'procedure', procedure, with: {}, require: null }, made: beside, database: name, into: null, reached: server, of: (value) => value, ...more }).join('\n');
  const typed = (script: string) => {
    const { stdout, stderr } = spawnSync('bash', ['-c', script], { cwd: folder, encoding: 'utf8', env: { ...process.env, PATH: `${dirname(tool.path)}:${process.env.PATH ?? ''}`, PGPASSWORD: server.password } });
    return { stdout, stderr: stderr.replaceAll(/^NOTICE.*\n/gm, '') };
  };
  const databases = async () => (await server.query<{ datname: string }>(`SELECT datname FROM pg_database WHERE datname LIKE 'the%' ORDER BY datname COLLATE "C"`)).map(({ datname }) => datname.slice(name.length));
  const rows = async (suffix = '') => (await server.query<{ n: number }>('SELECT count(*)::int AS n FROM orders', [], { database: `${name}${suffix}` }))[0]?.n;

  expect(typed(lines('backup.run')).stderr).toBe('');
  const copies = readdirSync(folder).filter((file) => /\.(?:dump|part)$/.test(file));
  expect([copies, await databases()]).toEqual([[expect.stringMatching(/^the-shop-s-\d{8}T\d{6}Z\.dump$/)], ['']]);

  await server.query('INSERT INTO orders VALUES (11)', [], { database: name });
  const compared = typed(lines('restore.beside').replace('⟨path of the copy⟩', copies[0] ?? ''));
  expect([compared.stderr, compared.stdout.split('\n').filter((line) => /^[<>]/.test(line)), await databases()]).toEqual(['', ['< public.orders|11', '> public.orders|10'], ['', '__new']]);

  // Somebody who is connected still does not keep the names as they are.
  const somebody = new Client({ host: server.host, port: server.port, user: server.user, password: server.password, database: name });
  somebody.on('error', () => {});
  await somebody.connect();
  onTestFinished(() => somebody.end());
  expect(typed(lines('restore.swap')).stderr).toBe('');
  expect([await databases(), await rows(), await rows('__old')]).toEqual([['', '__old'], 10, 11]);

  expect(typed(lines('restore.undo')).stderr).toBe('');
  expect([await databases(), await rows(), await rows('__new')]).toEqual([['', '__new'], 11, 10]);
});
