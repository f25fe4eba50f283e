import { readGuide } from '#engine/guides/read-guide.ts';
import { fixtureText } from '../support/read-fixture-guide.ts';
import { median, type Benchmark } from './figure.ts';

const lines = 10_000;
const rounds = 5;
const boundMs = 1000;

/** Guides as people write them, one after the other, each of which has something of everything. */
function longGuide(): string {
  const all = (['kubernetes-shop', 'postgres-deutsch', 'prose-and-tables'] as const).map((name) => fixtureText(name)).join('\n');
  const once = all.split('\n');
  return Array.from({ length: lines }, (_value, index) => once[index % once.length] ?? '').join('\n');
}

/** What a person waits for who imports a guide: from its text to items, drafts and flags. */
export const guides: Benchmark = async () => {
  const text = longGuide();
  const times: number[] = [];
  let items = 0;
  for (let round = 0; round < rounds; round += 1) {
    const from = performance.now();
    items = readGuide({ fileName: 'long.md', text, timeZone: 'Europe/Berlin', now: 0 }).items.length;
    times.push(performance.now() - from);
  }
  if (items < 500) throw new Error(`Only ${items} items were made of the guide of the bench.`);
  const ms = median(times);
  return [{ name: `a guide of ${lines} lines read`, measured: `${ms.toFixed(0)} ms`, bound: `<= ${boundMs} ms`, ok: ms <= boundMs, how: `${items} items, median of ${rounds}, the first ${(times[0] ?? 0).toFixed(0)} ms` }];
};
