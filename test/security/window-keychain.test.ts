/** The keychain of the desktop: which back ends count, what it is given, and where the key of the vault never is. */
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { attach } from '#engine/attach/attach-client.ts';
import { openHome } from '#engine/home.ts';
import { askKeychain, findKeychain } from '../../electron/main/keychain.ts';
import { projectRoot } from '../../scripts/house/layers.ts';
import { app } from '#test/electron/app.ts';
import { keychainHands, safeStorage } from '#test/electron/safe-storage.ts';
import { startScreen, type Screen } from '#test/electron/screen.ts';
import { usualSurroundings, type LinuxKeychain, type Surroundings } from '#test/electron/surroundings.ts';
import { descendantsOf } from '#test/processes.ts';
import { builtDesktop, missingForDesktop } from '#test/security/open-desktop.ts';
import { calleeOf, importsOf, sourcesBelow } from '#test/security/syntax.ts';
import { makeTemporaryFolder, temporaryFolder } from '#test/temporary-folder.ts';
import { waitFor } from '#test/wait-for.ts';

vi.mock('electron', () => import('#test/electron/double.ts'));

const missing = missingForDesktop() ?? (process.platform === 'linux' ? null : 'These are the back ends of Linux.');
const passphrase = 'a passphrase of the vault';
beforeAll(() => app.becomeReady());
beforeEach((context) => {
  if (missing !== null) context.skip(missing);
});

interface Running {
  screen: Screen;
  /** The engine of the window, by its private socket. */
  client: NonNullable<Awaited<ReturnType<typeof attach>>>;
  end(): Promise<void>;
}

/** The desktop with a keychain, in the dark. */
async function start(home: string, keychain: Partial<Surroundings['keychain']>): Promise<Running> {
  const screen = startScreen(null, { entry: join(builtDesktop, 'entry.js'), args: ['--home', home], surroundings: { keychain } });
  const client = await waitFor('the engine', () => attach(openHome(home), 'test').catch(() => null), { within: 20_000 });
  return {
    screen,
    client,
    end: async () => {
      client.close();
      await screen.end();
    },
  };
}
const vaultOf = (home: string): string => readFileSync(join(home, 'vault.json'), 'utf8');

describe('a keychain of Linux', () => {
  beforeEach(() => keychainHands.changeKeychain({ ...usualSurroundings().keychain }));

  test.each<LinuxKeychain>(['gnome_libsecret', 'kwallet', 'kwallet5', 'kwallet6'])('counts: %s', async (backend) => {
    keychainHands.changeKeychain({ backend });
    expect(await findKeychain('linux')).toEqual({ backend, notice: null });
  });
  test.each<LinuxKeychain>(['basic_text', 'unknown'])('that protects nothing does not count, and that is said: %s', async (backend) => {
    keychainHands.changeKeychain({ backend });
    expect(await findKeychain('linux')).toEqual({ backend: null, notice: expect.stringContaining(`no keychain that protects anything (${backend})`) as string });
  });
  test.each(['something_new', '', 'GNOME_LIBSECRET', 'kwallet7'])('that nobody has looked at yet does not count: %s', async (backend) => {
    keychainHands.changeKeychain({ backend: backend as LinuxKeychain });
    expect((await findKeychain('linux')).backend).toBeNull();
  });
  test('that encrypts by a password that everybody knows does not count, whatever it is called', async () => {
    vi.spyOn(safeStorage, 'encryptStringAsync').mockResolvedValue(Buffer.from('v10 by a password that everybody knows'));
    expect((await findKeychain('linux')).backend).toBeNull();
  });
  test('that is locked does not count, and that is said', async () => {
    keychainHands.changeKeychain({ answers: 'locked' });
    const { backend, notice } = await findKeychain('linux');
    expect([backend, notice?.includes('cannot be used now')]).toEqual([null, true]);
  });
  test('that is silent does not keep the window from opening, and nothing is given to it before it was tried', async () => {
    let answer = (_isThere: boolean): void => {};
    vi.spyOn(safeStorage, 'isAsyncEncryptionAvailable').mockImplementation(() => new Promise((resolve) => (answer = resolve)));
    const from = performance.now();
    expect([await findKeychain('linux'), performance.now() - from < 5000]).toEqual([{ backend: 'gnome_libsecret', notice: null }, true]);
    const asked = vi.spyOn(safeStorage, 'encryptStringAsync');
    const wrapped = askKeychain('wrap', 'a2V5');
    wrapped.catch(() => {});
    await setImmediate();
    expect(asked).not.toHaveBeenCalled();
    answer(true);
    expect(await askKeychain('unwrap', await wrapped)).toBe('a2V5');
  });
  test('that turns out to protect nothing is given nothing', async () => {
    vi.spyOn(safeStorage, 'encryptStringAsync').mockResolvedValue(Buffer.from('v10 by a password that everybody knows'));
    await findKeychain('linux');
    await expect(askKeychain('wrap', 'a2V5')).rejects.toThrow('cannot be used now');
  });
});

describe('a vault that a keychain opens', () => {
  let home: string;
  let made: string;
  beforeAll(async () => {
    if (missing !== null) return;
    home = await makeTemporaryFolder('keychain');
    const { client, end } = await start(home, { backend: 'gnome_libsecret' });
    await client.call('vault.create', { passphrase });
    await end();
    made = vaultOf(home);
  });
  afterAll(() => {
    if (home !== undefined) rmSync(home, { recursive: true, force: true });
  });

  test('has its key wrapped by it, under the name of the keychain', () => {
    expect((JSON.parse(made) as { keychain: { backend: string } | null }).keychain?.backend).toBe('gnome_libsecret');
  });
  test('is open at the next start', async () => {
    const { client, end } = await start(home, { backend: 'gnome_libsecret' });
    onTestFinished(end);
    expect(await waitFor('the vault to be open', async () => (await client.call('vault.status', {})).state === 'unlocked')).toBe(true);
  });
  test.each<[string, Partial<Surroundings['keychain']>]>([
    ['is another one', { backend: 'kwallet6' }],
    ['is one that protects nothing', { backend: 'basic_text' }],
    ['was reset', { backend: 'gnome_libsecret', secret: 'of another computer' }],
  ])('asks for the passphrase where the keychain %s, and stays as it was', async (_what, keychain) => {
    const { client, end } = await start(home, keychain);
    onTestFinished(end);
    await expect(client.call('vault.unlock', { passphrase: 'not the passphrase' })).rejects.toMatchObject({ code: 'vault.wrong-passphrase' });
    await expect(client.call('vault.unlockByKeychain', {})).rejects.toMatchObject({ code: 'vault.keychain-failed' });
    expect([(await client.call('vault.status', {})).state, vaultOf(home) === made]).toEqual(['locked', true]);
  });
});

test('the key of the vault is on no command line, in no environment, no log and no other file, from the first start to the next', async () => {
  const home = await temporaryFolder('keychain-canary');
  const seen: string[] = [];
  const look = (pid: number): void => {
    for (const each of [pid, ...descendantsOf(pid).map((child) => child.pid)]) {
      for (const file of ['cmdline', 'environ']) {
        try {
          seen.push(readFileSync(`/proc/${each}/${file}`, 'latin1'));
        } catch {
          continue; // It ended meanwhile.
        }
      }
    }
  };
  for (const time of ['made', 'opened']) {
    const { screen, client, end } = await start(home, { backend: 'kwallet6' });
    const watching = setInterval(() => look(screen.process.pid), 20);
    onTestFinished(() => clearInterval(watching));
    if (time === 'made') await client.call('vault.create', { passphrase });
    await waitFor('the vault to be open', async () => (await client.call('vault.status', {})).state === 'unlocked');
    look(screen.process.pid);
    clearInterval(watching);
    await end();
  }
  const { keychain } = JSON.parse(vaultOf(home)) as { keychain: { wrapped: string } };
  // The double of this process is the keychain of the same computer, once it is the same back end.
  keychainHands.changeKeychain({ ...usualSurroundings().keychain, backend: 'kwallet6' });
  const { result } = await safeStorage.decryptStringAsync(Buffer.from(keychain.wrapped, 'base64'));
  const key = Buffer.from(result, 'base64');
  const forms = [result, result.replace(/=+$/, ''), key.toString('base64url'), key.toString('hex'), key.toString('latin1')];
  const files = readdirSync(home, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1'));
  const foundIn = (texts: readonly string[]): boolean => texts.some((text) => forms.some((form) => text.includes(form)));
  expect([key.length, seen.some((text) => text.includes('utility')), foundIn(seen), foundIn(files)]).toEqual([32, true, false, false]);
});

test('the keychain is spoken to by one file of the main process, and by no other process', () => {
  const sources = sourcesBelow(projectRoot, ['electron']);
  const users = sources.filter((source) => importsOf(source).some(({ from, names }) => from === 'electron' && names.includes('safeStorage'))).map(({ file }) => file);
  const calls = sources.flatMap(({ file, nodes }) => nodes.filter((node) => calleeOf(node).startsWith('safeStorage.')).map(() => file));
  expect([users, [...new Set(calls)]]).toEqual([['electron/main/keychain.ts'], ['electron/main/keychain.ts']]);
});
