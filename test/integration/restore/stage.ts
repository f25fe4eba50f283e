/** One server, one engine with the room of restores, and backups made by stock tools. */
import { rm } from 'node:fs/promises';
import { afterAll, beforeAll, afterEach } from 'vitest';
import type { Operation, Plan } from '#shared/contract/operations.ts';
import type { Ports } from '#engine/ports.ts';
import { createRestoreRoom, type RestoreRoom } from '#engine/restore/restore-room.ts';
import { createTestEngine, type TestEngine } from '#test/engine-parts.ts';
import { makeBackup, type HandMadeBackup } from '#test/hand-made-backup.ts';
import type { PostgresMajor } from '#test/postgres-binaries.ts';
import { startPostgres, type PostgresServer, type PostgresServerOptions } from '#test/postgres-server.ts';
import { makeShop } from '#test/shop.ts';
import { makeTemporaryFolder } from '#test/temporary-folder.ts';

export interface Stage {
  server: PostgresServer;
  engine: TestEngine;
  /** The room of the engine. */
  room: RestoreRoom;
  root: string;
  /** A fresh database with the shop in it, managed, under a name of its own. */
  shop(name: string, options?: { environment?: 'production' | 'development'; port?: number }): Promise<{ systemId: string; databaseId: string; name: string }>;
  /** `secret`: the password of the database's user, where that is not the superuser. */
  backup(databaseId: string, options?: Omit<Parameters<typeof makeBackup>[2], 'password'> & { secret?: string }): Promise<HandMadeBackup>;
  /** Backs up, restores beside, and says which restore that was. */
  restoreBeside(databaseId: string): Promise<{ restoreId: string; into: string }>;
  /** Restores beside, lets one more customer come, and puts the copy in place. */
  swapped(name: string): Promise<{ databaseId: string; restoreId: string; plan: Plan; operation: Operation }>;
  /** Closes the engine and opens its data folder again, as a start after a crash does. */
  reopen(ports?: Partial<Ports>): Promise<void>;
}

/** Registers the hooks of a test file. What it returns is filled in before the first test. */
export function setStage(options: { major?: PostgresMajor; ports?: Partial<Ports>; server?: Partial<PostgresServerOptions> } = {}): Stage {
  const passwords = new Map<string, string>();
  const stage: Stage = {
    server: undefined as unknown as PostgresServer,
    engine: undefined as unknown as TestEngine,
    room: undefined as unknown as RestoreRoom,
    root: '',
    async shop(name, { environment = 'development', port } = {}) {
      await makeShop(stage.server, name);
      const [row] = await stage.server.query<{ id: string }>('SELECT system_identifier::text AS id FROM pg_control_system()');
      const added = stage.engine.addDatabase({ name: `system ${name}`.slice(0, 60), environment, server: { ...stage.server, port: port ?? stage.server.port }, database: name, systemIdentifier: row?.id ?? null });
      passwords.set(added.databaseId, stage.server.password);
      return { ...added, name };
    },
    backup: (databaseId, { secret, ...backupOptions } = {}) => makeBackup(stage.engine.context, databaseId, { ...backupOptions, password: secret ?? stage.server.password, port: stage.server.port }),
    async restoreBeside(databaseId) {
      const { backup } = await stage.backup(databaseId);
      const { plan, into } = await stage.engine.call('restore.plan', { backupId: backup.id });
      const operation = await stage.engine.run(plan);
      if (operation.state !== 'succeeded') throw new Error(`The restore for this test ended ${operation.state}: ${operation.summary}`);
      return { restoreId: String(operation.result?.['restoreId']), into };
    },
    async swapped(name) {
      const { databaseId } = await stage.shop(name);
      const { restoreId } = await stage.restoreBeside(databaseId);
      await stage.server.query("INSERT INTO customers (name) VALUES ('before the swap')", [], { database: name });
      const { plan } = await stage.engine.call('restore.planSwap', { restoreId });
      return { databaseId, restoreId, plan, operation: await stage.engine.run(plan) };
    },
    async reopen(ports = options.ports ?? {}) {
      await stage.engine.close();
      stage.engine = open(ports);
      for (const [databaseId, password] of passwords) stage.engine.unlock(databaseId, password);
    },
  };
  const open = (ports: Partial<Ports>) => createTestEngine({ root: stage.root, ports, rooms: [(context) => (stage.room = createRestoreRoom(context))] });
  beforeAll(async () => {
    stage.root = await makeTemporaryFolder('restore');
    stage.server = await startPostgres({ major: options.major ?? 15, ...options.server });
    stage.engine = open(options.ports ?? {});
  });
  afterEach(async () => {
    const { operations, runner } = stage.engine.context;
    for (const { id } of operations.list({ active: true, limit: 100 })) await runner.finished(id);
  });
  afterAll(async () => {
    await stage.engine?.close();
    await stage.server?.stop();
    await rm(stage.root, { recursive: true, force: true });
  });
  return stage;
}
