/** A line that is cut before, while and after a step is sent: the step is done once, or somebody is asked, and nothing is sent twice. */
import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addFarDatabase, bySocket, openFarEngine, startFarPlace, type FarPlace } from '#test/far-shop.ts';
import { startProxy, type TcpProxy } from '#test/proxy.ts';
import { doneIn, refOf, walkToEnd, writeRunbooks } from '#test/runbook-to-kill.ts';
import { sampleOf } from '#test/sample.ts';
import { whyNoSshServer } from '#test/ssh-server.ts';
import { makeTemporaryFolder } from '#test/temporary-folder.ts';

const unavailable = whyNoSshServer();
let place: FarPlace;
let line: TcpProxy;

beforeAll(async () => {
  if (unavailable !== null) return;
  place = await startFarPlace();
  line = await startProxy(place.bastion.port);
});
afterAll(async () => {
  await line?.close();
  await place?.stop();
});

/** Sent steps of the runbook, in order, with those of its rollback. */
const steps = ['look', 'job', 'direct', 'row', 'last', 'undo:row:0', 'undo:direct:0', 'undo:job:0'];
/** When the line is cut: before anything is sent, after so many bytes of what the server answers, or when the answer is there. */
const moments = ['before', 0, 100, 400, 1000, 2500, 6000, 'after'] as const;

interface Cut {
  key: string;
  moment: (typeof moments)[number];
}

const cuts: Cut[] = steps.flatMap((key) => moments.map((moment) => ({ key, moment })));

/** Walks the runbook with one cut, and says what the world has seen. */
async function walkWithCut({ key, moment }: Cut): Promise<Record<string, unknown>> {
  const root = await makeTemporaryFolder('cut');
  const folder = join(root, 'there');
  mkdirSync(folder);
  chmodSync(folder, 0o777);
  await place.postgres.query('DROP TABLE IF EXISTS walked');
  await place.postgres.query('CREATE TABLE walked (word text)');
  let walkthroughId = '';
  let isCut = false;
  const cutAt = async (name: string): Promise<void> => {
    if (isCut || walkthroughId === '') return;
    const { current } = await far.client.call('walkthrough.get', { walkthroughId });
    const isNow = name === 'walkthrough:before-dispatch' ? moment === 'before' : name === 'walkthrough:dispatched' ? typeof moment === 'number' : name === 'walkthrough:sent' && moment === 'after';
    if (current !== key || !isNow) return;
    isCut = true;
    if (typeof moment === 'number' && moment > 0) line.cutAfter(moment);
    else line.cut();
  };
  const far = await openFarEngine({ ...place, bastion: { ...place.bastion, port: line.port } }, root, { checkpoint: cutAt });
  try {
    const databaseId = await addFarDatabase(far, place, 'postgres', bySocket(place));
    await far.client.call('database.test', { databaseId });
    writeRunbooks(root);
    const ref = refOf(true);
    const { card } = await far.client.call('runbook.prepare', { ref, systemId: far.systemId });
    ({ walkthroughId } = await far.client.call('walkthrough.start', { ref, hash: card.hash, systemId: far.systemId, mode: 'live', bindings: { web: { hostId: far.hostId }, db: { databaseId } }, values: { folder } }));
    const count = async (word: string): Promise<number> => Number((await place.postgres.query(`SELECT count(*) AS n FROM walked WHERE word = '${word}'`))[0]?.['n']);
    const view = await walkToEnd(far.client, walkthroughId, async (step) => {
      const { job, direct, jobUndone, directUndone } = doneIn(folder);
      const seen: Record<string, boolean> = step.key.startsWith('undo:') ? { job: jobUndone > 0, direct: directUndone > 0, row: (await count('undone')) > 0 } : { job: job > 0, direct: direct > 0, row: (await count('there')) > 0 };
      return seen[step.stepId] ?? false;
    });
    const { entries } = await far.client.call('walkthrough.timeline', { walkthroughId });
    // Sent again only after it was known that it had not happened, or by whoever looked.
    const sentTwice = steps.filter((each) => entries.filter((entry) => entry.kind === 'dispatched' && entry.key === each).length > 1 + entries.filter((entry) => entry.kind === 'reopened' && entry.key === each).length);
    return { isCut, state: view.run.state, done: doneIn(folder), rows: [await count('there'), await count('undone')], sentTwice, left: view.steps.filter(({ state }) => state === 'unknown' || state === 'pending' || state === 'dispatched').map((step) => step.key) };
  } finally {
    await far.engine.close();
  }
}

describe.skipIf(unavailable !== null)('a line that is cut while a runbook is walked', () => {
  for (const cut of sampleOf(cuts, 5)) {
    test(`at ${cut.key}, ${typeof cut.moment === 'number' ? `after ${cut.moment} bytes` : cut.moment}: each step has happened once`, { timeout: 120_000 }, async () => {
      const { state, ...found } = await walkWithCut(cut);
      expect(found).toEqual({ isCut: true, done: { job: 1, direct: 1, jobUndone: 1, directUndone: 1 }, rows: [1, 1], sentTwice: [], left: [] });
      expect(state).toBe('rolled-back');
    });
  }
});
