import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { hasCode } from '#shared/domain/errors.ts';
import { createScrubber } from '#shared/domain/scrub.ts';
import { Secret } from '#shared/domain/secret.ts';
import { systemClock, systemRandom } from '#engine/ports.ts';
import { createVault, type Vault } from '#engine/vault/index.ts';
import { temporaryFolder } from '#test/temporary-folder.ts';

const cost = { N: 2 ** 14, r: 1, p: 1 };
const passphrase = new Secret('correct horse');

function openVault(folder: string): Vault {
  return createVault({ folder, ports: { clock: systemClock, random: systemRandom, keyWrapping: null }, scrubber: createScrubber(), cost });
}

it('a flipped bit anywhere is never taken for a wrong passphrase, gives no other secret, and changes nothing in the file', async () => {
  const folder = await temporaryFolder('vault-bits');
  const file = join(folder, 'vault.json');
  const vault = openVault(folder);
  await vault.create(passphrase);
  await vault.set('database:1', new Secret('hunter22'));
  await vault.set('database:2', new Secret('hunter23'));
  const whole = readFileSync(file);
  await fc.assert(
    fc.asyncProperty(fc.nat(whole.length - 1), fc.nat(7), async (at, bit) => {
      const flipped = Buffer.from(whole);
      flipped[at] = (flipped[at] ?? 0) ^ (1 << bit);
      writeFileSync(file, flipped);
      const again = openVault(folder);
      const outcomes: string[] = [];
      try {
        await again.unlock(passphrase);
        for (const id of ['database:1', 'database:2']) outcomes.push(await again.get(id).then((secret) => secret?.reveal() ?? 'none', (error: { code: string }) => error.code));
        await again.set('database:3', new Secret('x')).catch((error: { code: string }) => expect(error.code).toBe('vault.damaged'));
      } catch (error) {
        if (!hasCode(error, 'vault.damaged')) throw error;
      }
      again.lock();
      for (const [index, outcome] of outcomes.entries()) expect([`hunter2${index + 2}`, 'vault.damaged']).toContain(outcome);
      // Where everything could still be read, the flip was in a bit that says nothing, and writing is allowed.
      if (outcomes.length === 0 || outcomes.includes('vault.damaged')) expect(readFileSync(file).equals(flipped)).toBe(true);
    }),
    { numRuns: 250 },
  );
}, 120_000);

it('whatever was kept last is what is read', async () => {
  const folder = await temporaryFolder('vault-model');
  const vault = openVault(folder);
  await vault.create(passphrase);
  const id = fc.constantFrom('a', 'b', 'toString', 'constructor', 'z:ü');
  const step = fc.oneof(fc.record({ set: id, to: fc.string() }), fc.record({ delete: id }));
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 8 }), async (steps) => {
      const model = new Map<string, string>();
      for (const recordId of ['a', 'b', 'toString', 'constructor', 'z:ü']) await vault.delete(recordId);
      for (const change of steps) {
        if ('set' in change) {
          await vault.set(change.set, new Secret(change.to));
          model.set(change.set, change.to);
        } else {
          await vault.delete(change.delete);
          model.delete(change.delete);
        }
      }
      const again = openVault(folder);
      await again.unlock(passphrase);
      for (const recordId of ['a', 'b', 'toString', 'constructor', 'z:ü']) expect((await again.get(recordId))?.reveal()).toBe(model.get(recordId)?.toWellFormed());
      again.lock();
    }),
    { numRuns: 20 },
  );
}, 120_000);
