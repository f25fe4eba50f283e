import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { expect, it } from 'vitest';
import { createScrubber } from '#shared/domain/scrub.ts';
import { Secret } from '#shared/domain/secret.ts';
import { systemClock, systemRandom } from '#engine/ports.ts';
import { createVault } from '#engine/vault/index.ts';
import { temporaryFolder } from '#test/temporary-folder.ts';

const cost = { N: 2 ** 14, r: 1, p: 1 };
const project = resolve(import.meta.dirname, '../..');
const moduleUrl = (path: string): string => JSON.stringify(new URL(`../../${path}`, import.meta.url).href);

/** Writes one record again and again, and says when each is kept. */
const writer = (folder: string): string => `
  const { createVault } = await import(${moduleUrl('electron/engine/vault/index.ts')});
  const { systemClock, systemRandom } = await import(${moduleUrl('electron/engine/ports.ts')});
  const { Secret } = await import(${moduleUrl('shared/domain/secret.ts')});
  const vault = createVault({ folder: ${JSON.stringify(folder)}, ports: { clock: systemClock, random: systemRandom, keyWrapping: null }, scrubber: { register() {} }, cost: ${JSON.stringify(cost)} });
  await vault.unlock(new Secret('correct horse'));
  for (let count = 1; ; count += 1) { await vault.set('counter', new Secret(String(count))); process.stdout.write(count + '\\n'); }`;

it('a vault whose writer is killed at any moment holds what was last kept, or the one after', async () => {
  const folder = await temporaryFolder('vault-killed');
  const open = () => createVault({ folder, ports: { clock: systemClock, random: systemRandom, keyWrapping: null }, scrubber: createScrubber(), cost });
  await open().create(new Secret('correct horse'));
  for (let round = 0; round < 6; round += 1) {
    const child = spawn(process.execPath, ['--input-type=module', '-e', writer(folder)], { cwd: project, stdio: ['ignore', 'pipe', 'inherit'] });
    let said = '';
    child.stdout.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      // A different moment in each round, by what has been written and not by the clock.
      if (said.split('\n').length > 5 + round * 7) child.kill('SIGKILL');
    });
    await once(child, 'close');
    // What stands after the last line end was not said to its end.
    const kept = Number(said.split('\n').at(-2));
    const vault = open();
    await vault.unlock(new Secret('correct horse'));
    expect([kept, kept + 1]).toContain(Number((await vault.get('counter'))?.reveal()));
    vault.lock();
  }
});
