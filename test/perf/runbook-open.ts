import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { randomUUID } from 'node:crypto';
import { createEngine, type Engine } from '#engine/create-engine.ts';
import { silentLogger, silentNotifier, systemClock, systemRandom } from '#engine/ports.ts';
import { makeTemporaryFolder } from '#test/temporary-folder.ts';
import { median, percentile, timed, type Benchmark } from './figure.ts';
import { longRunbook, steps } from './runbook-format.ts';

const rounds = 15;
const starts = 5;
const boundMs = 100;
/** Of the walkthrough, by hand. */
const recorded = 60;

const open = (root: string): Promise<Engine> => createEngine({ root, ports: { clock: systemClock, random: systemRandom, logger: silentLogger, keyWrapping: null, notifier: silentNotifier, host: 'test' } });

/** A long runbook as somebody opens it who comes from the library, and its walkthrough half-way: by an engine that has it at hand, and by one that was just started. */
export const runbookOpen: Benchmark = async () => {
  const root = await makeTemporaryFolder('bench-runbook');
  mkdirSync(join(root, 'runbooks'), { recursive: true, mode: 0o700 });
  writeFileSync(join(root, 'runbooks', 'long.yaml'), longRunbook(), { mode: 0o600 });
  let engine = await open(root);
  const client = () => engine.client('console');
  const { runbooks } = await client().call('runbook.list', {});
  const hash = runbooks.find(({ ref }) => ref === 'own/long')?.hash ?? '';
  const getMs: number[] = [];
  for (let round = 0; round < rounds; round++) getMs.push(await timed(() => client().call('runbook.get', { ref: 'own/long' })));
  const { walkthroughId } = await client().call('walkthrough.start', { ref: 'own/long', hash, systemId: null, mode: 'paper' });
  for (let step = 0; step < recorded; step++) {
    const view = await client().call('walkthrough.get', { walkthroughId });
    const key = view.current ?? '';
    const act = view.steps[step]?.can.includes('answer') === true ? { kind: 'answer' as const, key, value: true, note: '' } : { kind: 'record' as const, key, worked: true, exitStatus: 0, output: 'as it should be', expectations: [true], captured: {}, doneAt: null, note: '' };
    await client().call('walkthrough.act', { walkthroughId, expectedSeq: view.run.seq, commandId: randomUUID(), act });
  }
  const warmMs: number[] = [];
  for (let round = 0; round < rounds; round++) warmMs.push(await timed(() => client().call('walkthrough.get', { walkthroughId })));
  const coldMs: number[] = [];
  for (let start = 0; start < starts; start++) {
    await engine.close();
    engine = await open(root);
    await engine.recovered;
    coldMs.push(await timed(() => client().call('walkthrough.get', { walkthroughId })));
  }
  await engine.close();
  const figure = (name: string, ms: readonly number[]) => ({ name, measured: `${median(ms).toFixed(0)} ms`, bound: `<= ${boundMs} ms`, ok: median(ms) <= boundMs, how: `median of ${ms.length}, p95 ${percentile(ms, 0.95).toFixed(0)} ms, through the contract` });
  return [figure(`a runbook of ${steps} steps opened`, getMs), figure(`a walkthrough of ${steps} steps opened, ${recorded} done`, warmMs), figure('the same, the first time after a start', coldMs)];
};
