import { mkdirSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { readRunbook, textHash } from '#engine/runbooks/format/index.ts';
import { createLibrary } from '#engine/runbooks/library/index.ts';
import { makeTemporaryFolder } from '#test/temporary-folder.ts';
import { median, percentile, type Benchmark } from './figure.ts';

const total = 1000;
const stepsOfEach = 30;
const things = ['the slot', 'the queue', 'the archive', 'the pool', 'the replica', 'the cache', 'the worker', 'the certificate'];
const verbs = ['Look at', 'Stop', 'Drain', 'Restart', 'Compare', 'Measure', 'Restore', 'Announce'];

function textOf(number: number): string {
  const steps = Array.from({ length: stepsOfEach }, (_value, index) => {
    const title = `${verbs[(number + index) % verbs.length]} ${things[(number * 3 + index) % things.length]}`;
    return `  - id: step-${index}\n    title: ${title} ${index}\n    why: Number ${number} needs it before anything else is changed on this host.\n    target: web\n    sh: systemctl status unit-${number}-${index} && journalctl -u unit-${number}-${index} --since "10 min ago"\n    risk: read\n`;
  });
  return `schema: runbook/1\nid: runbook-${number}\ntitle: ${verbs[number % verbs.length]} ${things[number % things.length]} ${number}\nversion: "1.0.0"\nsummary: What to do about ${things[number % things.length]} when ${number === 456 ? 'needle' : 'it'} fails.\ntags: [tag-${number % 20}, postgres]\ntargets:\n  web: { kind: ssh, label: Web }\nsteps:\n${steps.join('')}`;
}

/** Search over a large library, as a person types it: with the look at every file that comes before it. */
export const runbookLibrary: Benchmark = async () => {
  const root = await makeTemporaryFolder('bench-library');
  try {
    const folder = join(root, 'runbooks');
    mkdirSync(folder);
    for (let number = 0; number < total; number++) writeFileSync(join(folder, `runbook-${number}.yaml`), textOf(number));
    const library = createLibrary({ folder, packsFolder: null, clock: { now: () => 0 }, reader: { readRunbook, textHash } });
    const readFrom = performance.now();
    const read = library.list().filter(({ runbook }) => runbook !== null).length;
    const readMs = performance.now() - readFrom;
    if (read !== total) throw new Error(`${total - read} of the runbooks that the bench made are none.`);
    const searches = ['needle', 'slot', 's', 'restart queue', 'journalctl unit-77', 'nothing-like-it', 'tag-7 postgres', 'archive compare measure', ''];
    const indexFrom = performance.now();
    library.search('first');
    const indexMs = performance.now() - indexFrom;
    const times = searches.flatMap((text) =>
      Array.from({ length: 3 }, () => {
        const from = performance.now();
        library.search(text);
        return { text, ms: performance.now() - from };
      }),
    );
    const all = times.map(({ ms }) => ms);
    const slowest = times.toSorted((a, b) => b.ms - a.ms)[0];
    return [{ name: 'search over 1 000 runbooks, 95th percentile', measured: `${percentile(all, 0.95).toFixed(0)} ms`, bound: '< 100 ms', ok: percentile(all, 0.95) < 100, how: `${searches.length} searches three times over ${total} runbooks of ${stepsOfEach} steps, median ${median(all).toFixed(1)} ms, slowest ${slowest?.ms.toFixed(0)} ms for "${slowest?.text}"; all of them read in ${readMs.toFixed(0)} ms, the first search ${indexMs.toFixed(0)} ms` }];
  } finally {
    await rm(root, { recursive: true, force: true });
  }
};
