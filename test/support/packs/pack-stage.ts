/** The room of packs on a real store, with the yard as the pack that ships. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { HostConnection } from '#shared/contract/hosts.ts';
import type { ItemKind } from '#shared/contract/items.ts';
import { createHealthRoom } from '#engine/health/health-room.ts';
import { createPackRoom } from '#engine/packs/pack-room.ts';
import { createRunbookRoom } from '#engine/runbooks/runbook-room.ts';
import { createHostRepository } from '#engine/store/host-repository.ts';
import { createTestEngine, type TestEngine } from '../engine-parts.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { yardTexts } from './yard.ts';

export interface PackStage {
  engine: TestEngine;
  /** Writes a pack that ships; null takes a file of it away. */
  put(changes?: Readonly<Record<string, string | null>>, name?: string): void;
  /** The value of an item of a system; undefined where it is not there. */
  value(systemId: string, kind: ItemKind, key: string): Promise<Record<string, unknown> | undefined>;
  adopt(answers?: Record<string, string>): Promise<string>;
  addHost(systemId: string, label: string): string;
  folders: { shipped: string; imported: string };
}

export const goodAnswers = { 'api-url': 'https://api.yard.example', zone: 'Europe/Berlin', fast: '2h' };

/** Closed when the current test is over. */
export async function packStage(): Promise<PackStage> {
  const root = await temporaryFolder('packs');
  const folders = { shipped: join(root, 'shipped'), imported: join(root, 'home', 'packs') };
  const engine = createTestEngine({ root: join(root, 'home'), rooms: [(context) => createHealthRoom(context), (context) => createPackRoom(context, { packsFolder: folders.shipped }), (context) => createRunbookRoom(context, { ask: () => { throw new Error('Nothing is asked of others here.'); }, hosts: { sudoPassword: async () => null }, appVersion: '0.1.0', packsFolder: folders.shipped })] });
  onTestFinished(() => engine.close());
  const stage: PackStage = {
    engine,
    folders,
    put(changes = {}, name = 'yard') {
      rmSync(join(folders.shipped, name), { recursive: true, force: true });
      for (const [file, text] of Object.entries({ ...yardTexts, ...changes })) {
        if (text === null) continue;
        const path = join(folders.shipped, name, file);
        mkdirSync(dirname(path), { recursive: true });
        writeFileSync(path, text);
      }
    },
    async value(systemId, kind, key) {
      const { items } = await engine.call('item.list', { systemId, kind });
      return items.find((item) => item.key === key)?.value;
    },
    async adopt(answers = goodAnswers) {
      const { systemId } = await engine.call('pack.adopt', { pack: 'yard', system: { name: 'The yard', environment: 'staging' }, answers });
      return systemId;
    },
    addHost(systemId, label) {
      const connection: HostConnection = { host: `${label}.example`, port: 22, user: 'admin', signIn: { keys: [], agent: true, password: { source: 'none' } }, viaId: null };
      return createHostRepository(engine.context.store).insert({ id: label, systemId, label, connection, at: 0 }).id;
    },
  };
  stage.put();
  return stage;
}
