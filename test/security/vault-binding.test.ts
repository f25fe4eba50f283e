/** What the vault's seals are bound to, and how its file is replaced. */
import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createScrubber } from '#shared/domain/scrub.ts';
import { Secret } from '#shared/domain/secret.ts';
import { systemClock, systemRandom } from '#engine/ports.ts';
import { headerSumOf, recordContext, wrapContext, type VaultFile } from '#engine/vault/format.ts';
import { createVault } from '#engine/vault/index.ts';
import { seal, unseal } from '#engine/vault/sealing.ts';
import { temporaryFolder } from '#test/temporary-folder.ts';

const key = Buffer.alloc(32, 1);
const parameters = { N: 2 ** 14, r: 8, p: 1, salt: 'AAAA' };

test.each<[string, string, string]>([
  ['its record', recordContext('vault', 'database:1'), recordContext('vault', 'database:2')],
  ['its vault', recordContext('vault', 'database:1'), recordContext('other', 'database:1')],
  ['the vault of its key', wrapContext('vault', parameters), wrapContext('other', parameters)],
  ['N', wrapContext('vault', parameters), wrapContext('vault', { ...parameters, N: 2 ** 15 })],
  ['r', wrapContext('vault', parameters), wrapContext('vault', { ...parameters, r: 4 })],
  ['p', wrapContext('vault', parameters), wrapContext('vault', { ...parameters, p: 2 })],
  ['its salt', wrapContext('vault', parameters), wrapContext('vault', { ...parameters, salt: 'BBBB' })],
  ['what it is: a key is no record', wrapContext('vault', parameters), recordContext('vault', 'key')],
])('what is sealed is bound to %s', (_what, own, other) => {
  const sealed = seal(key, Buffer.from('hunter22'), own, systemRandom);
  expect([unseal(key, sealed, own)?.toString(), unseal(key, sealed, other)]).toEqual(['hunter22', null]);
});

test('what is sealed is bound to the version of the format', () => {
  expect([recordContext('vault', 'a'), wrapContext('vault', parameters)].map((context) => (JSON.parse(context) as unknown[]).slice(0, 3))).toEqual([['pilothouse-vault', 1, 'aes-256-gcm'], ['pilothouse-vault', 1, 'aes-256-gcm']]);
});

test('a cost that was lowered is refused before anything is computed, though its checksum fits', async () => {
  const folder = await temporaryFolder('vault-cost');
  const open = () => createVault({ folder, ports: { clock: systemClock, random: systemRandom, keyWrapping: null }, scrubber: createScrubber(), cost: { N: 2 ** 14, r: 1, p: 1 } });
  await open().create(new Secret('correct horse battery'));
  const file = join(folder, 'vault.json');
  const content = JSON.parse(readFileSync(file, 'utf8')) as VaultFile;
  content.passphrase.N = 2;
  writeFileSync(file, JSON.stringify({ ...content, headerSum: headerSumOf(content) }));
  await expect(open().unlock(new Secret('correct horse battery'))).rejects.toMatchObject({ code: 'vault.damaged' });
});

test('a vault that is written anew is another file: who has the old one open reads all of it', async () => {
  const folder = await temporaryFolder('vault-replaced');
  const vault = createVault({ folder, ports: { clock: systemClock, random: systemRandom, keyWrapping: null }, scrubber: createScrubber(), cost: { N: 2 ** 14, r: 1, p: 1 } });
  await vault.create(new Secret('correct horse battery'));
  const file = join(folder, 'vault.json');
  const before = readFileSync(file, 'utf8');
  const open = openSync(file, 'r');
  onTestFinished(() => closeSync(open));
  await vault.set('database:1', new Secret('hunter22'));
  expect([readFileSync(open, 'utf8') === before, readFileSync(file, 'utf8') === before]).toEqual([true, false]);
});
