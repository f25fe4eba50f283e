/** What the tests of a file about databases behind hosts share: a place with a shop, and on it an engine or a dump of their own. */
import { afterAll, beforeAll, beforeEach, onTestFinished } from 'vitest';
import type { ShopOptions } from './backed-up-shop.ts';
import { openFarDump, type FarDump } from './far-dump.ts';
import { createFarShop, openFarEngine, startFarPlace, type FarEngine, type FarPlace } from './far-shop.ts';
import { whyNoSshServer } from './ssh-server.ts';
import { temporaryFolder } from './temporary-folder.ts';

/**
 * Registers the hooks of a test file: one place for all of its tests, which are skipped where there can be none. What it
 * returns is filled in before the first of them.
 * @param options `missing`: why they cannot run for another reason; `furnish`: what there is besides the shop
 */
export function setFarPlace(options: NonNullable<Parameters<typeof startFarPlace>[0]> & { shop?: ShopOptions; missing?: string | null; furnish?: (place: FarPlace) => Promise<void> } = {}): FarPlace {
  const { shop, missing: another = null, furnish, ...settings } = options;
  const missing = whyNoSshServer() ?? another;
  const place: Partial<FarPlace> = {};
  beforeAll(async () => {
    if (missing !== null) return;
    const started = Object.assign(place, await startFarPlace(settings));
    await createFarShop(started, 'shop', shop);
    await furnish?.(started);
  });
  afterAll(() => place.stop?.());
  beforeEach((context) => {
    if (missing !== null) context.skip(missing);
  });
  return place as FarPlace;
}

/** The same for an engine that knows the place, a fresh one for each test. */
export function setFarEngine(place: FarPlace): FarEngine {
  const far: Partial<FarEngine> = {};
  beforeEach(async () => {
    const { engine } = Object.assign(far, await openFarEngine(place, await temporaryFolder('far-engine')));
    onTestFinished(() => engine.close());
  });
  return far as FarEngine;
}

/** The same for an engine whose line to the place can be cut. */
export function setFarDump(place: FarPlace): FarDump {
  const dump: Partial<FarDump> = {};
  beforeEach(async () => void Object.assign(dump, await openFarDump(place)));
  return dump as FarDump;
}
