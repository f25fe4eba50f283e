/** An engine that is killed at each point of a walkthrough: the next one knows what is known, and nothing is sent twice. */
import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addFarDatabase, bySocket, openFarEngine, startFarPlace, type FarPlace } from '#test/far-shop.ts';
import { doneIn, walkToEnd, writeRunbooks } from '#test/runbook-to-kill.ts';
import { sampleOf } from '#test/sample.ts';
import { whyNoSshServer } from '#test/ssh-server.ts';
import { makeTemporaryFolder } from '#test/temporary-folder.ts';
import { createWalkthroughRepository } from '#engine/store/walkthrough-repository.ts';
import Sqlite from 'better-sqlite3';

const unavailable = whyNoSshServer();
let place: FarPlace;

beforeAll(async () => {
  if (unavailable !== null) return;
  place = await startFarPlace();
});
afterAll(() => place?.stop());

interface Stage {
  root: string;
  folder: string;
  databaseId: string;
}

/** A data folder that knows the place, with nothing walked, and an empty folder and table for the steps to write to. */
async function stage(): Promise<Stage> {
  const root = await makeTemporaryFolder('killed');
  const folder = join(root, 'there');
  const far = await openFarEngine(place, root);
  const databaseId = await addFarDatabase(far, place, 'postgres', bySocket(place));
  await far.client.call('database.test', { databaseId });
  await far.engine.close();
  writeRunbooks(root);
  mkdirSync(folder);
  chmodSync(folder, 0o777);
  await place.postgres.query('DROP TABLE IF EXISTS walked');
  await place.postgres.query('CREATE TABLE walked (word text)');
  return { root, folder, databaseId };
}

interface Said {
  points: string[];
  state: string;
}

function runEngine({ root, folder, databaseId }: Stage, rollsBack: boolean, at: number): Promise<{ signal: string | null; said: string; errors: string }> {
  const { sockets, keyFiles, bastion, host } = place;
  const orders = { root, folder, databaseId, rollsBack, at, place: { sockets, keyFiles, bastion, host } };
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join(import.meta.dirname, '../../support/runbook-engine-to-kill.ts'), JSON.stringify(orders)], { stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    let errors = '';
    child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
    child.once('error', reject);
    child.once('close', (_status, signal) => resolve({ signal, said, errors }));
  });
}

const rowsOf = async (word: string): Promise<number> => Number((await place.postgres.query(`SELECT count(*) AS n FROM walked WHERE word = '${word}'`))[0]?.['n']);

/** Kills at a point, starts again, walks to the end, and says what the world has seen. */
async function killAndGoOn(rollsBack: boolean, at: number): Promise<Record<string, unknown>> {
  const here = await stage();
  const killed = await runEngine(here, rollsBack, at);
  const far = await openFarEngine(place, here.root);
  try {
    await far.engine.recovered;
    const { runs } = await far.client.call('walkthrough.list', {});
    const [run] = runs;
    // Before its first event was kept there is none, and nothing was sent.
    if (run === undefined) return { killed: killed.signal, run: null, done: doneIn(here.folder) };
    const view = await walkToEnd(far.client, run.id, async (step) => {
      const { job, direct, jobUndone, directUndone } = doneIn(here.folder);
      const happened: Record<string, boolean> = { job: job > 0, direct: direct > 0, row: (await rowsOf('there')) > 0 };
      const undone: Record<string, boolean> = { job: jobUndone > 0, direct: directUndone > 0, row: (await rowsOf('undone')) > 0 };
      return (step.key.startsWith('undo:') ? undone : happened)[step.stepId] ?? false;
    });
    const repository = createWalkthroughRepository(new Sqlite(join(here.root, 'pilothouse.db'), { readonly: true }));
    return {
      killed: killed.signal,
      state: view.run.state,
      runs: runs.length,
      done: doneIn(here.folder),
      rows: [await rowsOf('there'), await rowsOf('undone')],
      chain: repository.verifyChain(run.id),
      left: view.steps.filter(({ state }) => state === 'unknown' || state === 'dispatched' || state === 'pending').map(({ key }) => key),
    };
  } finally {
    await far.engine.close();
  }
}

describe.skipIf(unavailable !== null)('an engine that is killed while a runbook is walked', () => {
  for (const rollsBack of [false, true]) {
    const what = rollsBack ? 'a runbook that rolls back' : 'a runbook';
    test(`at every point of ${what}: the next goes on, and nothing has happened twice`, { timeout: 1_800_000 }, async () => {
      const whole = await runEngine(await stage(), rollsBack, 0);
      expect(whole.errors).toBe('');
      const { points, state } = JSON.parse(whole.said) as Said;
      expect(state).toBe(rollsBack ? 'rolled-back' : 'succeeded-with-skips');
      // Each commit has two sides, and each sent step four points of its own.
      expect(points.filter((name) => name === 'walkthrough:append').length).toBe(points.filter((name) => name === 'walkthrough:appended').length);
      for (const name of ['walkthrough:before-dispatch', 'walkthrough:dispatched', 'walkthrough:sent', 'walkthrough:ended']) expect(points).toContain(name);

      for (const [index, name] of sampleOf([...points.entries()], 3)) {
        const found = await killAndGoOn(rollsBack, index + 1);
        const where = `killed at point ${index + 1} of ${points.length}, ${name}`;
        if (found['run'] === null) {
          expect({ where, ...found }).toEqual({ where, killed: 'SIGKILL', run: null, done: { job: 0, direct: 0, jobUndone: 0, directUndone: 0 } });
          continue;
        }
        expect({ where, ...found }).toEqual({
          where,
          killed: 'SIGKILL',
          state: rollsBack ? 'rolled-back' : 'succeeded-with-skips',
          runs: 1,
          done: { job: 1, direct: 1, jobUndone: rollsBack ? 1 : 0, directUndone: rollsBack ? 1 : 0 },
          rows: [1, rollsBack ? 1 : 0],
          chain: null,
          left: [],
        });
      }
    });
  }
});
