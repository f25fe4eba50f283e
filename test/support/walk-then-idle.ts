/** Started by a test, which kills it: an engine in which somebody begins a runbook and does some of it by hand, and then puts the laptop away. */
import { randomUUID } from 'node:crypto';
import type { WalkthroughAct } from '#shared/contract/walkthroughs.ts';
import { systemClock } from '#engine/ports.ts';
import { openFarEngine, type FarPlace } from '#test/far-shop.ts';

interface Orders {
  root: string;
  place: Pick<FarPlace, 'sockets' | 'keyFiles' | 'bastion' | 'host'>;
  ref: string;
  databaseId: string;
  acts: WalkthroughAct[];
}

const { root, place, ref, databaseId, acts } = JSON.parse(process.argv[2] ?? '{}') as Orders;
const { client, systemId, hostId } = await openFarEngine(place as FarPlace, root, { clock: systemClock });
const { card } = await client.call('runbook.prepare', { ref, systemId });
const { walkthroughId } = await client.call('walkthrough.start', { ref, hash: card.hash, systemId, mode: 'paper', bindings: { app: { hostId }, db: { databaseId } }, values: {} });
for (const act of acts) {
  const { run } = await client.call('walkthrough.get', { walkthroughId });
  const { outcome } = await client.call('walkthrough.act', { walkthroughId, expectedSeq: run.seq, commandId: randomUUID(), act });
  if (outcome !== 'done') throw new Error(`${act.kind} was ${outcome}.`);
}
process.stdout.write(`${walkthroughId}\n`);
setInterval(() => {}, 60_000);
