import { readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createScrubber, type Scrubber } from '#shared/domain/scrub.ts';
import { Secret } from '#shared/domain/secret.ts';
import { systemRandom } from '#engine/ports.ts';
import { createVault, type Vault } from '#engine/vault/index.ts';
import { temporaryFolder } from '#test/temporary-folder.ts';

/** What scrypt costs here is not what is looked at. */
const cost = { N: 2 ** 14, r: 1, p: 1 };
const passphrase = new Secret('correct horse battery staple');
let folder = '';
let now = 0;
let scrubber: Scrubber;

function openVault(): Vault {
  return createVault({ folder, ports: { clock: { now: () => now }, random: systemRandom, keyWrapping: null }, scrubber, cost });
}
const file = (): string => join(folder, 'vault.json');
interface Content {
  passphrase: Record<string, unknown>;
  records: Record<string, { nonce: string }>;
  roll: { nonce: string };
}
const content = (): Content => JSON.parse(readFileSync(file(), 'utf8')) as Content;

beforeEach(async () => {
  folder = await temporaryFolder('vault');
  now = Date.parse('2026-11-20T12:00:00Z');
  scrubber = createScrubber();
});
afterEach(() => vi.useRealTimers());

describe('a vault', () => {
  it('keeps a record over a restart', async () => {
    const vault = openVault();
    await vault.create(passphrase);
    await vault.set('database:1', new Secret('hünter22'));
    vault.lock();
    const again = openVault();
    await again.unlock(passphrase);
    expect((await again.get('database:1'))?.reveal()).toBe('hünter22');
  });

  it('opens by the same passphrase typed on another system', async () => {
    await openVault().create(new Secret('gr\u00fcn und lang'));
    await expect(openVault().unlock(new Secret('gru\u0308n und lang'))).resolves.toBeUndefined();
  });

  it('costs whoever guesses what it should, where nothing else is said', async () => {
    await createVault({ folder, ports: { clock: { now: () => now }, random: systemRandom, keyWrapping: null }, scrubber }).create(passphrase);
    const { N, r, p, salt, wrapped } = content().passphrase as unknown as { N: number; r: number; p: number; salt: string; wrapped: { nonce: string } };
    expect([N, r, p]).toEqual([2 ** 17, 8, 1]);
    expect([salt, wrapped.nonce, content().roll.nonce].map((text) => Buffer.from(text, 'base64').length)).toEqual([16, 12, 12]);
    expect(statSync(file()).mode & 0o777).toBe(0o600);
  });

  it('is absent, then open, then locked', async () => {
    const vault = openVault();
    const seen = [vault.status().state];
    await vault.create(passphrase);
    seen.push(vault.status().state);
    vault.lock();
    seen.push(vault.status().state);
    expect(seen).toEqual(['absent', 'unlocked', 'locked']);
  });

  it('is a file for its owner alone, and leaves no other', async () => {
    const vault = openVault();
    await vault.create(passphrase);
    await vault.set('a', new Secret('x'));
    expect(statSync(file()).mode & 0o777).toBe(0o600);
    expect(readdirSync(folder)).toEqual(['vault.json']);
  });

  it('never holds a secret in the clear', async () => {
    const vault = openVault();
    await vault.create(passphrase);
    await vault.set('a', new Secret('hunter22-canary'));
    expect(readFileSync(file(), 'utf8')).not.toMatch(/hunter22|horse/);
    expect(readFileSync(file(), 'utf8')).not.toContain(Buffer.from('hunter22-canary').toString('base64'));
  });

  it('draws a nonce anew each time it writes', async () => {
    const vault = openVault();
    await vault.create(passphrase);
    const nonces: string[] = [];
    for (const text of ['one', 'one']) {
      await vault.set('a', new Secret(text));
      nonces.push(content().records['a']?.nonce ?? '', content().roll.nonce);
    }
    expect(new Set(nonces).size).toBe(4);
  });

  it('refuses a wrong passphrase, and stays as it is', async () => {
    await openVault().create(passphrase);
    const before = readFileSync(file());
    await expect(openVault().unlock(new Secret('wrong'))).rejects.toMatchObject({ code: 'vault.wrong-passphrase', retryable: true });
    expect(readFileSync(file()).equals(before)).toBe(true);
  });

  it('is not made over another one', async () => {
    await openVault().create(passphrase);
    const before = readFileSync(file());
    await expect(openVault().create(new Secret('another'))).rejects.toMatchObject({ code: 'vault.exists' });
    expect(readFileSync(file()).equals(before)).toBe(true);
  });

  it('gives nothing while it is absent', async () => {
    await expect(openVault().get('a')).rejects.toMatchObject({ code: 'vault.absent' });
    await expect(openVault().unlock(passphrase)).rejects.toMatchObject({ code: 'vault.absent' });
  });

  it('gives nothing while it is locked', async () => {
    const vault = openVault();
    await vault.create(passphrase);
    vault.lock();
    await expect(vault.get('a')).rejects.toMatchObject({ code: 'vault.locked' });
    await expect(vault.set('a', new Secret('x'))).rejects.toMatchObject({ code: 'vault.locked' });
  });

  it('tells a record that was never kept from one that is there', async () => {
    const vault = openVault();
    await vault.create(passphrase);
    await vault.set('a', new Secret('x'));
    await vault.delete('a');
    await vault.delete('never');
    expect([await vault.get('a'), await vault.has('a'), vault.status().records]).toEqual([null, false, 0]);
  });

  it('loses no record when several are written at once', async () => {
    const vault = openVault();
    await vault.create(passphrase);
    await Promise.all(Array.from({ length: 20 }, (_, index) => vault.set(`record ${index}`, new Secret(`${index}`))));
    expect(Object.keys(content().records)).toHaveLength(20);
  });

  it('takes another passphrase without touching a record, and forgets the old one', async () => {
    const vault = openVault();
    await vault.create(passphrase);
    await vault.set('a', new Secret('hunter22'));
    const before = content().records;
    await vault.changePassphrase(passphrase, new Secret('a new one'));
    expect(content().records).toEqual(before);
    await expect(openVault().unlock(passphrase)).rejects.toMatchObject({ code: 'vault.wrong-passphrase' });
    const again = openVault();
    await again.unlock(new Secret('a new one'));
    expect((await again.get('a'))?.reveal()).toBe('hunter22');
  });

  it('changes no passphrase for one who does not know it', async () => {
    const vault = openVault();
    await vault.create(passphrase);
    await expect(vault.changePassphrase(new Secret('wrong'), new Secret('mine'))).rejects.toMatchObject({ code: 'vault.wrong-passphrase' });
    await expect(openVault().unlock(passphrase)).resolves.toBeUndefined();
  });

  it('locks after its minutes without use, and says until when it is open', async () => {
    const vault = openVault();
    vault.setAutoLockMinutes(10);
    await vault.create(passphrase);
    now += 9 * 60_000;
    await vault.has('a');
    expect(vault.status().locksAt).toBe(new Date(now + 10 * 60_000).toISOString());
    now += 10 * 60_000;
    expect(vault.status().state).toBe('locked');
  });

  it('is not kept open by what the engine looks up unasked', async () => {
    const vault = openVault();
    await vault.create(passphrase);
    vault.setAutoLockMinutes(10);
    const { locksAt } = vault.status();
    now += 5 * 60_000;
    await vault.get('a', { unasked: true });
    expect(vault.status().locksAt).toBe(locksAt);
  });

  it('locks although nobody asks it anything', async () => {
    const vault = openVault();
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    await vault.create(passphrase);
    let told = 0;
    vault.onChange(() => void (told += 1));
    now += 31 * 60_000;
    vi.advanceTimersByTime(5000);
    expect(told).toBe(1);
  });

  it('does not stay open for longer because the clock was set back', async () => {
    const vault = openVault();
    vault.setAutoLockMinutes(10);
    await vault.create(passphrase);
    now -= 86_400_000;
    vault.status();
    now += 10 * 60_000;
    expect(vault.status().state).toBe('locked');
  });

  it('stays open where it was told to', async () => {
    const vault = openVault();
    vault.setAutoLockMinutes(0);
    await vault.create(passphrase);
    now += 1e9;
    expect(vault.status()).toMatchObject({ state: 'unlocked', locksAt: null });
  });

  it('makes what it gives out known to the scrubber', async () => {
    const vault = openVault();
    await vault.create(passphrase);
    await vault.set('a', new Secret('hunter22'));
    expect(scrubber.scrub('hunter22 and correct horse battery staple')).toBe('[redacted] and [redacted]');
  });

  it('does not stall the process while it computes a key', async () => {
    const vault = createVault({ folder, ports: { clock: { now: () => now }, random: systemRandom, keyWrapping: null }, scrubber });
    let turns = 0;
    const counting = setInterval(() => void (turns += 1), 5);
    await vault.create(passphrase);
    clearInterval(counting);
    expect(turns).toBeGreaterThan(5);
  });

  it.each([
    ['a cost that would fill the memory', { N: 2 ** 30 }],
    ['a cost that is no power of two', { N: 100_000 }],
    ['a block size that would fill the memory', { r: 1_000_000 }],
    ['a parallelism without end', { p: 1_000_000 }],
    ['a cost of nothing', { N: 2 }],
    ['a salt of another length', { salt: 'AAAA' }],
  ])('computes nothing from a file that asks for %s', async (_, change) => {
    await openVault().create(passphrase);
    const asked = content();
    writeFileSync(file(), JSON.stringify({ ...asked, passphrase: { ...asked.passphrase, ...change } }));
    await expect(openVault().unlock(passphrase)).rejects.toMatchObject({ code: 'vault.damaged' });
  });

  it.each([['nothing', ''], ['half of it', '{"format":"pilothouse-vault","vers'], ['something else', '{"hello": "world"}'], ['another version', '{"format":"pilothouse-vault","version":2}']])('is damaged, not absent, when its file holds %s', async (_, text) => {
    writeFileSync(file(), text);
    await expect(openVault().unlock(passphrase)).rejects.toMatchObject({ code: 'vault.damaged' });
    await expect(openVault().create(passphrase)).rejects.toMatchObject({ code: 'vault.exists' });
    expect(readFileSync(file(), 'utf8')).toBe(text);
  });

  it('notices that a record was taken out of its file', async () => {
    const vault = openVault();
    await vault.create(passphrase);
    await vault.set('a', new Secret('hunter22'));
    await vault.set('b', new Secret('hunter23'));
    const whole = content();
    delete whole.records['a'];
    writeFileSync(file(), JSON.stringify(whole));
    const again = openVault();
    await again.unlock(passphrase);
    await expect(again.get('a')).rejects.toMatchObject({ code: 'vault.damaged' });
    await expect(again.set('c', new Secret('x'))).rejects.toMatchObject({ code: 'vault.damaged' });
    expect((await again.get('b'))?.reveal()).toBe('hunter23');
  });

  it('notices that one record was put in the place of another', async () => {
    const vault = openVault();
    await vault.create(passphrase);
    await vault.set('a', new Secret('hunter22'));
    await vault.set('b', new Secret('hunter23'));
    const swapped = content();
    const { a, b } = swapped.records;
    Object.assign(swapped.records, { a: b, b: a });
    writeFileSync(file(), JSON.stringify(swapped));
    const again = openVault();
    await again.unlock(passphrase);
    await expect(again.get('a')).rejects.toMatchObject({ code: 'vault.damaged' });
  });

  it('removes what a write that was killed left behind', () => {
    writeFileSync(join(folder, 'vault.json.abc.tmp'), 'half');
    openVault();
    expect(readdirSync(folder)).toEqual([]);
  });
});
