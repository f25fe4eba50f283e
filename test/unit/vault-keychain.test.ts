import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createScrubber } from '#shared/domain/scrub.ts';
import { Secret } from '#shared/domain/secret.ts';
import { systemRandom, type KeyWrapping } from '#engine/ports.ts';
import { createVault, type Vault } from '#engine/vault/index.ts';
import { temporaryFolder } from '#test/temporary-folder.ts';

const passphrase = new Secret('correct horse battery staple');
let folder = '';
let now = 0;

function openVault(keyWrapping: KeyWrapping | null = null): Vault {
  // What scrypt costs here is not what is looked at.
  return createVault({ folder, ports: { clock: { now: () => now }, random: systemRandom, keyWrapping }, scrubber: createScrubber(), cost: { N: 2 ** 14, r: 1, p: 1 } });
}
const file = (): string => join(folder, 'vault.json');

beforeEach(async () => {
  folder = await temporaryFolder('vault-keychain');
  now = Date.parse('2026-11-20T12:00:00Z');
});
afterEach(() => vi.useRealTimers());

describe('a vault with a keychain', () => {
  /** A keychain that turns bytes around; `works` says whether it answers. */
  function keychain(backend: string): KeyWrapping & { works: boolean } {
    const turn = async (key: Buffer): Promise<Buffer> => {
      if (!wrapping.works) throw new Error('the keychain is locked');
      return Buffer.from(key.map((byte) => byte ^ backend.length));
    };
    const wrapping = { backend, works: true, wrap: turn, unwrap: turn };
    return wrapping;
  }

  const stored = () => (JSON.parse(readFileSync(file(), 'utf8')) as { keychain: { backend: string; wrapped: string } | null }).keychain;
  const failed = { code: 'vault.keychain-failed' };
  /** Nobody waits for the keychain but these. */
  const hasKey = (backend: string) => vi.waitFor(() => expect(stored()?.backend).toBe(backend));
  const saysWhy = (vault: Vault) => vi.waitFor(() => expect(vault.status().keychain?.problem).not.toBeNull());
  /** A vault that was made where there was a keychain, which has its key. */
  const made = async (): Promise<Vault> => {
    const vault = openVault(keychain('kwallet6'));
    await vault.create(passphrase);
    await hasKey('kwallet6');
    return vault;
  };

  it('opens without a passphrase', async () => {
    await made();
    const again = openVault(keychain('kwallet6'));
    await again.unlockByKeychain();
    expect(again.status()).toMatchObject({ state: 'unlocked', keychain: { backend: 'kwallet6', opens: true, problem: null } });
  });

  it('keeps the name of the keychain beside what that wrapped', async () => {
    await made();
    expect(stored()?.backend).toBe('kwallet6');
  });

  it('opens by the keychain again after it has locked itself', async () => {
    const vault = await made();
    now += 31 * 60_000;
    expect(vault.status().state).toBe('locked');
    await vault.unlockByKeychain();
    expect(vault.status().state).toBe('unlocked');
  });

  it('asks for the passphrase when the keychain is another one, and is not made anew', async () => {
    const vault = await made();
    await vault.set('a', new Secret('hunter22'));
    const moved = openVault(keychain('gnome_libsecret'));
    await expect(moved.unlockByKeychain()).rejects.toMatchObject({ ...failed, message: 'The key of the vault lies in another keychain (kwallet6); that of this computer is gnome_libsecret now.' });
    await moved.unlock(passphrase);
    expect((await moved.get('a'))?.reveal()).toBe('hunter22');
  });

  it('opens by the new keychain once the passphrase was given', async () => {
    await made();
    await openVault(keychain('gnome_libsecret')).unlock(passphrase);
    await hasKey('gnome_libsecret');
    await expect(openVault(keychain('gnome_libsecret')).unlockByKeychain()).resolves.toBeUndefined();
  });

  it.each<[string, (wrapping: ReturnType<typeof keychain>) => KeyWrapping]>([
    ['is another one', () => keychain('gnome_libsecret')],
    ['fails', (own) => Object.assign(own, { works: false })],
    ['throws before it promises anything', (own) => ({ ...own, unwrap: () => { throw new Error('there is no bus'); } })],
    ['gives another key', (own) => ({ ...own, unwrap: async () => Buffer.alloc(32, 7) })],
    ['gives something shorter', (own) => ({ ...own, unwrap: async () => Buffer.alloc(3) })],
  ])('writes nothing when the keychain %s, nor while the passphrase is wrong', async (_, broken) => {
    await made();
    const before = readFileSync(file());
    const vault = openVault(broken(keychain('kwallet6')));
    await expect(vault.unlockByKeychain()).rejects.toMatchObject(failed);
    await expect(vault.unlock(new Secret('wrong'))).rejects.toMatchObject({ code: 'vault.wrong-passphrase' });
    expect([vault.status().state, readFileSync(file()).equals(before)]).toEqual(['locked', true]);
  });

  it('opens by the passphrase where the keychain fails, leaves what that has as it was, and says why', async () => {
    await made();
    const before = readFileSync(file());
    const vault = openVault(Object.assign(keychain('kwallet6'), { works: false }));
    await vault.unlock(passphrase);
    await saysWhy(vault);
    expect([vault.status(), readFileSync(file()).equals(before)]).toMatchObject([{ state: 'unlocked', keychain: { opens: true, problem: 'The keychain of this computer (kwallet6) failed: the keychain is locked.' } }, true]);
  });

  it('gives the key anew to a keychain that was reset, once the passphrase was right', async () => {
    await made();
    const flip = async (key: Buffer): Promise<Buffer> => Buffer.from(key.map((byte) => byte ^ 99));
    const reset = { backend: 'kwallet6', wrap: flip, unwrap: flip };
    const before = stored()?.wrapped;
    await openVault(reset).unlock(passphrase);
    await vi.waitFor(() => expect(stored()?.wrapped).not.toBe(before));
    await expect(openVault(reset).unlockByKeychain()).resolves.toBeUndefined();
  });

  it('is made under its passphrase alone where the keychain fails, and says so', async () => {
    const vault = openVault(Object.assign(keychain('kwallet6'), { works: false }));
    await vault.create(passphrase);
    await saysWhy(vault);
    expect([stored(), vault.status()]).toMatchObject([null, { state: 'unlocked', keychain: { opens: false, problem: 'The keychain of this computer (kwallet6) failed: the keychain is locked.' } }]);
  });

  it('trusts no keychain that does not give back what it was given', async () => {
    const vault = openVault({ ...keychain('kwallet6'), unwrap: async () => Buffer.alloc(32) });
    await vault.create(passphrase);
    await saysWhy(vault);
    expect([stored(), vault.status().keychain?.opens]).toEqual([null, false]);
  });

  it('keeps what a keychain has where the engine runs without one, through a new passphrase too', async () => {
    await made();
    await openVault().changePassphrase(passphrase, new Secret('another one'));
    await expect(openVault(keychain('kwallet6')).unlockByKeychain()).resolves.toBeUndefined();
  });

  it('says that there is no keychain where there is none', async () => {
    await made();
    const vault = openVault();
    await expect(vault.unlockByKeychain()).rejects.toMatchObject(failed);
    expect(vault.status()).toMatchObject({ state: 'locked', keychain: null });
  });

  describe('that hangs', () => {
    /** One that answers when the test says so. */
    function slow() {
      let answer = (): void => {};
      const inner = keychain('kwallet6');
      return { ...inner, unwrap: async (wrapped: Buffer) => { await new Promise<void>((resolve) => { answer = resolve; }); return inner.unwrap(wrapped); }, answer: () => answer() };
    }
    const lockedVault = async () => {
      await made();
      const wrapping = slow();
      return { wrapping, vault: openVault(wrapping) };
    };

    it('is given up after half a minute, and asked no second time meanwhile', async () => {
      const { vault } = await lockedVault();
      vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
      const first = vault.unlockByKeychain().catch((error: unknown) => error);
      await vi.waitFor(() => expect(vi.getTimerCount()).toBe(1));
      await expect(vault.unlockByKeychain()).rejects.toMatchObject({ message: 'The keychain of this computer (kwallet6) has not answered yet.' });
      await vi.advanceTimersByTimeAsync(30_000);
      expect([await first, vault.status().state]).toMatchObject([{ ...failed, message: 'The keychain of this computer (kwallet6) did not answer within 30 s.' }, 'locked']);
    });

    it('does not keep the passphrase from opening it', async () => {
      const { vault } = await lockedVault();
      void vault.unlockByKeychain().catch(() => {});
      await vault.unlock(passphrase);
      expect(vault.status().state).toBe('unlocked');
    });

    it('keeps nobody waiting who makes a vault', async () => {
      const vault = openVault({ ...slow(), wrap: () => new Promise(() => {}) });
      await vault.create(passphrase);
      await vault.set('a', new Secret('hunter22'));
      expect([vault.status().state, (await vault.get('a'))?.reveal()]).toEqual(['unlocked', 'hunter22']);
    });

    it('opens nothing that somebody locked before it answered', async () => {
      const { vault, wrapping } = await lockedVault();
      const opening = vault.unlockByKeychain();
      await vault.unlock(passphrase);
      vault.lock();
      wrapping.answer();
      await opening;
      expect(vault.status().state).toBe('locked');
    });
  });
});
