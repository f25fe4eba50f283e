import { join } from 'node:path';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { createEngine, type Engine } from '#engine/create-engine.ts';
import { silentLogger, silentNotifier, systemClock, systemRandom, type KeyWrapping, type Ports } from '#engine/ports.ts';
import { temporaryFolder } from '#test/temporary-folder.ts';
import { waitFor } from '#test/wait-for.ts';

const turn = async (key: Buffer): Promise<Buffer> => Buffer.from(key.map((byte) => byte ^ 7));
const working: KeyWrapping = { backend: 'kwallet6', wrap: turn, unwrap: turn };

describe('a vault that was made where there is a keychain', () => {
  let root = '';
  const start = async (keyWrapping: KeyWrapping | null, more: Partial<Ports> = {}): Promise<Engine> => {
    const engine = await createEngine({ root, ports: { clock: systemClock, random: systemRandom, logger: silentLogger, keyWrapping, notifier: silentNotifier, host: 'test', ...more } });
    onTestFinished(() => engine.close());
    return engine;
  };
  const stateOf = async (engine: Engine) => (await engine.client('test').call('vault.status', {})).state;

  beforeEach(async () => {
    root = await temporaryFolder('keychain');
    const engine = await start(working);
    await engine.client('test').call('vault.create', { passphrase: 'a long passphrase' });
    await engine.close();
  });

  test('is open when the engine has started', async () => {
    expect(await stateOf(await start(working))).toBe('unlocked');
  });

  test('is open then too where it was closed before the keychain had its key', async () => {
    root = await temporaryFolder('keychain-late');
    let taken = (): void => {};
    const taking = new Promise<void>((resolve) => {
      taken = resolve;
    });
    const engine = await start({ ...working, wrap: async (key) => { await taking; return turn(key); } });
    await engine.client('test').call('vault.create', { passphrase: 'a long passphrase' });
    const closing = engine.close();
    taken();
    await closing;
    expect(await stateOf(await start(working))).toBe('unlocked');
  });

  test('is opened by the keychain once more after somebody locked it', async () => {
    const client = (await start(working)).client('test');
    await client.call('vault.lock', {});
    expect(await client.call('vault.unlockByKeychain', {})).toMatchObject({ state: 'unlocked', keychain: { opens: true } });
  });

  test('is locked where the engine has no keychain, and says so to whoever asks for that', async () => {
    const engine = await start(null);
    await expect(engine.client('test').call('vault.unlockByKeychain', {})).rejects.toMatchObject({ code: 'vault.keychain-failed', hint: 'Open the vault with its passphrase.' });
    expect(await stateOf(engine)).toBe('locked');
  });

  test('does not hold up the start where the keychain hangs, and opens once that answers', async () => {
    let answer = (): void => {};
    const asked = new Promise<void>((resolve) => {
      answer = resolve;
    });
    const engine = await start({ ...working, unwrap: async (wrapped) => { await asked; return turn(wrapped); } });
    expect(await stateOf(engine)).toBe('locked');
    answer();
    await waitFor('the keychain to open it', async () => (await stateOf(engine)) === 'unlocked');
  });
});

test('what the host cannot do is among what a person should know about the installation, and so is where its data and its logs are', async () => {
  const root = await temporaryFolder('notices');
  const engine = await createEngine({ root, ports: { clock: systemClock, random: systemRandom, logger: silentLogger, keyWrapping: null, notifier: silentNotifier, host: 'test', notices: ['The keychain of this desktop is not closed to others.'] } });
  onTestFinished(() => engine.close());
  const about = await engine.client('test').call('app.about', {});
  expect([about.notices.includes('The keychain of this desktop is not closed to others.'), about.home, about.logs]).toEqual([true, root, join(root, 'logs')]);
});
