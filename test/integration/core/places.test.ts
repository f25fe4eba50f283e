import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createPlaces } from '#engine/settings/places.ts';
import { closeDatabase } from '#engine/store/database.ts';
import { createCore, type Core } from '#test/core.ts';
import { temporaryFolder } from '#test/temporary-folder.ts';

describe('where the person at the console was', () => {
  let root: string;
  let core: Core;
  const places = () => createPlaces(core.settings, core.systems);
  const addSystem = (id: string) => core.systems.insert({ id, name: id, environment: 'staging', policy: { thresholds: {}, backupAgeHours: { warn: 26, critical: 50 } }, at: core.clock.now() });

  beforeEach(async () => {
    root = await temporaryFolder('places');
    core = createCore(root);
    addSystem('shop');
  });
  afterEach(() => closeDatabase(core.store));

  test('is nowhere in a new data folder', () => {
    expect(places().read()).toEqual({ last: null, systems: {} });
  });
  test('is in the data folder, for the next engine on it', () => {
    places().remember({ place: '/systems/shop/health', systemId: 'shop', screen: true });
    closeDatabase(core.store);
    core = createCore(root);
    expect(places().read()).toEqual({ last: '/systems/shop/health', systems: { shop: '/systems/shop/health' } });
  });
  test('does not lead back into a detail of a system by its name', () => {
    places().remember({ place: '/systems/shop/backups', systemId: 'shop', screen: true });
    places().remember({ place: '/systems/shop/backups/b1', systemId: 'shop', screen: false });
    expect(places().read()).toEqual({ last: '/systems/shop/backups/b1', systems: { shop: '/systems/shop/backups' } });
  });
  test('is forgotten with its system', () => {
    places().remember({ place: '/systems/shop/health', systemId: 'shop', screen: true });
    core.systems.remove('shop');
    expect(places().read()).toEqual({ last: null, systems: {} });
  });
  test('may be no system at all', () => {
    places().remember({ place: '/history', systemId: null, screen: false });
    expect(places().read()).toEqual({ last: '/history', systems: {} });
  });
  test('is none where it cannot be read', () => {
    core.settings.writeFact('places', ['of another version']);
    expect(places().read()).toEqual({ last: null, systems: {} });
  });
});
