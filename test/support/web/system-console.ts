/**
 * The built console on a real engine whose system was made of a pack: nothing of it is reached, and all that is known
 * without reaching it is there: handbook, calendar, an incident, a guide that waits to be looked at.
 */
import { readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { EngineClient } from '#shared/contract/index.ts';
import { loadAssets } from '#engine/console/assets.ts';
import { createEngine } from '#engine/create-engine.ts';
import { silentLogger, silentNotifier, systemClock, systemRandom, type Ports } from '#engine/ports.ts';
import { startLoopbackServer, type LoopbackServer } from '../../../electron/loopback/server.ts';
import { makeTemporaryFolder } from '../temporary-folder.ts';
import { builtConsole } from './fixture-console.ts';

export interface SystemConsole {
  client: EngineClient;
  server: LoopbackServer;
  /** With what stands in the place of ":system", ":incident" and ":guide". */
  path(path: string): string;
  close(): Promise<void>;
}

const ports: Ports = { clock: systemClock, random: systemRandom, logger: silentLogger, keyWrapping: null, notifier: silentNotifier, host: 'loopback' };
export const shopGuide = fileURLToPath(new URL('../guides/kubernetes-shop.md', import.meta.url));

export interface BareConsole {
  client: EngineClient;
  server: LoopbackServer;
  /** Its data folder. */
  root: string;
  close(): Promise<void>;
}

/** An engine that knows nothing yet. */
export async function startBareConsole(purpose: string): Promise<BareConsole> {
  const root = await makeTemporaryFolder(purpose);
  const engine = await createEngine({ root, ports });
  const server = await startLoopbackServer({ ports, dispatcher: engine.dispatcher, assets: loadAssets(builtConsole), port: 0 });
  return {
    client: engine.client('test'),
    server,
    root,
    async close() {
      await server.close();
      await engine.close();
      await rm(root, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}

export async function startSystemConsole(): Promise<SystemConsole> {
  const { client, server, close } = await startBareConsole('system-console');
  // With the zone its calendar is there; other questions stay open, and are said to be.
  const { systemId } = await client.call('pack.adopt', { pack: 'neff-paving', system: { name: 'Neff Paving', environment: 'production' }, answers: { zone: 'America/New_York', process: 'neff-paving' } });
  await client.call('item.save', { systemId, kind: 'contact', key: 'admin', value: { title: 'Dana Neff', about: 'Host and services', phone: '+1 555 0100' } });
  const { incidentId } = await client.call('incident.open', { commandId: 'open-the-incident', title: 'Nobody can pay', systemId, severity: 'critical', seen: 'Stripe answers 500 since ten past.' });
  const { guide } = await client.call('guide.import', { fileName: 'kubernetes-shop.md', text: readFileSync(shopGuide, 'utf8') });
  return { client, server, close, path: (path) => path.replace(':system', systemId).replace(':incident', incidentId).replace(':guide', guide.id) };
}
