/** Every runbook of the shop and of ZbInnovation, walked on paper; with all tests until each of its choices was taken: each way has an end, and each step is on one. */
import { readdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { Socket } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, onTestFinished, vi } from 'vitest';
import type { EngineClient } from '#shared/contract/index.ts';
import { createEngine, type Engine } from '#engine/create-engine.ts';
import { silentLogger, silentNotifier, systemClock, systemRandom } from '#engine/ports.ts';
import { defaultPacksFolder } from '#engine/runbooks/library/index.ts';
import { makeTemporaryFolder } from '#test/temporary-folder.ts';
import { walkAllWays } from '#test/walk-all-ways.ts';

/** All ways of all of them take a minute. */
const every = process.env['PILOTHOUSE_FULL'] === '1';

let root: string;
let engine: Engine;
let client: EngineClient;
beforeAll(async () => {
  root = await makeTemporaryFolder('all-ways');
  engine = await createEngine({ root, ports: { clock: systemClock, random: systemRandom, logger: silentLogger, keyWrapping: null, notifier: silentNotifier, host: 'test' } });
  client = engine.client('test');
});
afterAll(async () => {
  await engine.close();
  await rm(root, { recursive: true, force: true });
});

const files = { recipient: 'age1qqqqqqqq', bucket: 'shop-backups/application' };
const store = { store: 's3://shop-backups/database' };
const incident = { incident: 'INC-7', declared_at: '2026-11-26T21:00' };
const token = { secrets: { token: 'secret' } };
/** What a person would type, for those that ask for more than is proposed. */
const typed: Record<string, Pick<Parameters<typeof walkAllWays>[2], 'values' | 'secrets'>> = {
  'ecommerce-cod/users-cannot-log-in': { values: { cross_site: true, site_url: 'https://shop.example' } },
  'ecommerce-cod/orders-not-updating': { values: { try_update: true, order: '7', new_status: 'confirmed' }, ...token },
  'ecommerce-cod/workflow-not-executing': { values: { workflow: '7' }, ...token },
  'ecommerce-cod/slow-frontend': { values: { site_url: 'https://shop.example', asset_url: 'https://shop.example/a.js', cdn: true, bucket: 'shop-files' } },
  'ecommerce-cod/weekly-maintenance': { values: { uploads: true, reload: true, elsewhere: true, ...files } },
  'ecommerce-cod/unused-uploads': { values: files },
  'ecommerce-cod/log-cleanup': { values: { kept: true } },
  'ecommerce-cod/application-backup': { values: { logs: true, ...files } },
  'ecommerce-cod/update-dependencies': { values: { release: 'v1.2.3' } },
  'ecommerce-cod/database-backup': { values: store },
  'ecommerce-cod/monthly-backup': { values: store },
  'ecommerce-cod/monthly-maintenance': { values: store },
  'ecommerce-cod/point-in-time-recovery': { values: { moment: '2026-01-31 14:30:00+00' } },
  'ecommerce-cod/connection-pool-exhausted': { values: { role: 'shop', application: 'checkout' } },
  'ecommerce-cod/critical-incident': { values: incident },
  'zbinnovation/critical-incident': { values: { ...incident, reporter: 'a user' } },
  'zbinnovation/database-maintenance': { values: { report: true, webhook: 'https://monitoring.example/reports' }, ...token },
  'zbinnovation/weekly-report': { values: { week: '2026-11-23' } },
};
/** What is done instead of another step, by what a person said at the start. */
const instead: Record<string, string[]> = {
  'ecommerce-cod/full-restore': ['stop-systemd', 'stop-by-hand', 'start-systemd', 'start-by-hand'],
};

const refs = ['ecommerce-cod', 'zbinnovation'].flatMap((pack) => readdirSync(join(defaultPacksFolder(), pack, 'runbooks')).map((file) => `${pack}/${file.replace('.yaml', '')}`));

it.each(refs)('%s', async (ref) => {
  const connect = vi.spyOn(Socket.prototype, 'connect');
  onTestFinished(() => connect.mockRestore());
  const { states, neverReached } = await walkAllWays(client, ref, { ...typed[ref], every, instead: instead[ref] ?? [] });
  expect({ states: [...new Set(states)], neverReached: every ? neverReached : [], connections: connect.mock.calls.length }).toEqual({ states: ['succeeded'], neverReached: [], connections: 0 });
});
