import { createScrubber } from '#shared/domain/scrub.ts';
import type { Benchmark } from './figure.ts';

const lines = 100_000;

/** Every line that is logged passes the scrubber: how long that takes for short ones, with a few secrets known. */
export const scrub: Benchmark = async () => {
  const scrubber = createScrubber();
  for (let index = 0; index < 20; index += 1) scrubber.register(`${String.fromCharCode(97 + index)}Secret'${index * 7919}-value`);
  const line = 'pg_dump: dumping contents of table "public.orders" (32 of 118), password elsewhere';
  scrubber.scrub(line);
  const startedAt = performance.now();
  for (let index = 0; index < lines; index += 1) scrubber.scrub(line + index);
  const tookMs = performance.now() - startedAt;
  return [{ name: '100 000 lines scrubbed', measured: `${tookMs.toFixed(0)} ms`, bound: '<= 1000 ms', ok: tookMs <= 1000, how: 'short lines, 20 secrets known' }];
};
