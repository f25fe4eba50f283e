import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { Backup } from '#shared/contract/backups.ts';
import { requireClientTool } from '#test/client-tools.ts';
import { backUp, engineOf } from '#test/backed-up-shop.ts';
import { testedMajors } from '#test/postgres-binaries.ts';
import { startPostgres, type PostgresServer } from '#test/postgres-server.ts';
import { temporaryFolder } from '#test/temporary-folder.ts';

const dumpMajor = requireClientTool('pg_dump').major;

describe.each([...new Set([...testedMajors, 15 as const])].filter((major) => major <= dumpMajor))('a backup of Postgres %d whose role speaks LATIN1', (major) => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgres({ major });
    await server.query("CREATE DATABASE world ENCODING 'UTF8' LOCALE 'C' TEMPLATE template0");
    // A name that LATIN1 has, and a value that it has not.
    await server.query(`CREATE TABLE "Bücher" (id serial, title text); INSERT INTO "Bücher" (title) VALUES ('Γεια'), ('世界')`, [], { database: 'world' });
    await server.query(`CREATE ROLE "Ωμέγα"`);
    await server.query("ALTER ROLE postgres SET client_encoding = 'LATIN1'");
  });
  afterAll(() => server.stop());

  test.each(['directory', 'custom'] as const)('has every character and name as they are, roles included, and is proven (%s)', async (format) => {
    const { engine, databaseId } = engineOf(await temporaryFolder('encoding'), server, 'world');
    onTestFinished(() => engine.close());
    expect(await backUp(engine, databaseId, { format })).toMatchObject({ state: 'succeeded' });
    const [backup] = (await engine.call('backup.list', {})).backups;
    expect(backup).toMatchObject({ proof: 'L3', rows: 2 });
    expect(readFileSync(join((backup as Backup).path, 'globals.sql'), 'utf8')).toContain('Ωμέγα');
  });
});
