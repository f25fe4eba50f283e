/** An engine that is killed while it works on files: what the next start finds, here and there. */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import type { Operation } from '#shared/contract/operations.ts';
import { openFilesEngine, startFilesHost, whyNoFilesHost, type FilesEngine, type FilesHost } from '#test/files-host.ts';
import { processesMatching } from '#test/processes.ts';
import { sampleOf } from '#test/sample.ts';
import { temporaryFolder } from '#test/temporary-folder.ts';
import { waitFor } from '#test/wait-for.ts';

const missing = whyNoFilesHost();
let host: FilesHost;
let tree: string;
beforeAll(async () => {
  if (missing !== null) return;
  host = await startFilesHost();
  tree = join(host.ground, 'tree');
  mkdirSync(tree);
  writeFileSync(join(tree, 'first'), 'one\n');
  writeFileSync(join(tree, 'second'), 'two\n');
});
afterAll(() => host?.stop());
beforeEach((context) => {
  if (missing !== null) context.skip(missing);
});

const foldersIn = (root: string): string[] => {
  const folder = join(root, 'backups', 'Far', '+files', 'configuration');
  return existsSync(folder) ? readdirSync(folder) : [];
};

describe('an engine that is killed', () => {
  interface Orders {
    root: string;
    at: string;
    what: 'run' | 'delete' | 'here' | 'host';
    setId?: string;
    backupId?: string;
  }
  const killedAt = (orders: Orders): Promise<NodeJS.Signals | null> =>
    new Promise((resolve, reject) => {
      const child = spawn(process.execPath, [join(import.meta.dirname, 'engine-to-kill.ts'), JSON.stringify({ ...orders, host: { server: host.server, keyFile: host.keyFile, ground: host.ground } })], { stdio: ['ignore', 'inherit', 'inherit'] });
      child.once('error', reject);
      child.once('close', (_status, signal) => resolve(signal));
    });
  async function prepared(copies = 0): Promise<{ root: string; setId: string; backupId: string }> {
    const root = await temporaryFolder('files');
    const at = await openFilesEngine(host, root);
    const set = await at.add({ paths: [tree] });
    for (let index = 0; index < copies; index += 1) await at.backUp(set, index === 0 ? 'L0' : 'L3');
    const oldest = (await at.backups()).at(-1)?.id ?? '';
    await at.engine.close();
    return { root, setId: set.id, backupId: oldest };
  }
  async function startAgain(root: string): Promise<{ at: FilesEngine; operation: Operation }> {
    const at = await openFilesEngine(host, root);
    onTestFinished(() => at.engine.close());
    await at.engine.recovered;
    const { operations } = await at.client.call('operation.list', { limit: 1 });
    return { at, operation: operations[0] as Operation };
  }

  test.each(sampleOf(['files:looked', 'files:read', 'files:before-rename'], 1))('at %s leaves nothing after the next start', async (point) => {
    const { root, setId } = await prepared();
    expect(await killedAt({ root, at: point, what: 'run', setId })).toBe('SIGKILL');
    await waitFor('tar to be gone there', () => processesMatching('tar -c -f -').length === 0);
    const { at, operation } = await startAgain(root);
    expect([operation.state, operation.advice?.includes('No copy came of it.'), await at.backups(), foldersIn(root)]).toEqual(['interrupted', true, [], []]);
  });
  test.each(sampleOf([['files:renamed', null], ['files:proof:L1', 'L0'], ['files:proof:L3', 'L2'], ['files:extracting', 'L2'], ['files:extracted', 'L2']] as const, 1))('at %s keeps the copy, at %s, and removes what was brought out', async (point, proof) => {
    const { root, setId } = await prepared();
    expect(await killedAt({ root, at: point, what: 'run', setId })).toBe('SIGKILL');
    const { at, operation } = await startAgain(root);
    expect([operation.state, (await at.backups()).map((backup) => [backup.proof, backup.damaged]), foldersIn(root).filter((name) => name.endsWith('.partial'))]).toEqual(['interrupted', [[proof, null]], []]);
  });
  test('while it deletes a copy has it deleted at the next start', async () => {
    const { root, backupId } = await prepared(2);
    expect(await killedAt({ root, at: 'files:delete-renamed', what: 'delete', backupId })).toBe('SIGKILL');
    const { at, operation } = await startAgain(root);
    expect([operation.advice?.includes('The copy is deleted.'), (await at.backups()).map(({ id }) => id === backupId), foldersIn(root).length]).toEqual([true, [false], 1]);
  });
  test.each(sampleOf([['files:restored', 'here'], ['files:folder-there', 'host'], ['files:sent', 'host']] as const, 1))('at %s, bringing back to %s, leaves nothing of it', async (point, what) => {
    const { root, backupId } = await prepared(1);
    expect(await killedAt({ root, at: point, what, backupId })).toBe('SIGKILL');
    const { operation } = await startAgain(root);
    expect([operation.state, readdirSync(join(root, 'exports')), readdirSync(host.ground)]).toEqual(['interrupted', [], ['tree']]);
  });
});
