import { createScrubber } from '#shared/domain/scrub.ts';
import type { Benchmark, Figure } from './figure.ts';

const lines = 100_000;
const boundMs = 1000;

/** What makes most of looking far for marks that never come: words that announce a password, and marks that open only. */
const hostileLines = [`password='''p\n`, `password '''p\n`, `password E'''p\n`, 'password """p\n', 'password $a$\n'];

function figure(name: string, tookMs: number, how: string): Figure {
  return { name, measured: `${tookMs.toFixed(0)} ms`, bound: `<= ${boundMs} ms`, ok: tookMs <= boundMs, how };
}

function timeOf(work: () => void): number {
  const startedAt = performance.now();
  work();
  return performance.now() - startedAt;
}

/** All that is logged passes the scrubber: how long that takes for short lines with a few secrets known, and at worst. */
export const scrub: Benchmark = async () => {
  const scrubber = createScrubber();
  for (let index = 0; index < 20; index += 1) scrubber.register(`${String.fromCharCode(97 + index)}Secret'${index * 7919}-value`);
  const line = 'pg_dump: dumping contents of table "public.orders" (32 of 118), password elsewhere';
  scrubber.scrub(line);
  const shortMs = timeOf(() => {
    for (let index = 0; index < lines; index += 1) scrubber.scrub(line + index);
  });
  const hostileMs = hostileLines.map((hostile) => timeOf(() => scrubber.scrub(hostile.repeat(Math.ceil(1e6 / hostile.length)))));
  return [
    figure('100 000 lines scrubbed', shortMs, 'short lines, 20 secrets known'),
    figure('a hostile megabyte scrubbed', Math.max(...hostileMs), 'marks that open and never close; the worst of several'),
  ];
};
