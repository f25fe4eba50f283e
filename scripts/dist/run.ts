/**
 * Makes the packages of the desktop, which is built by now, into dist/installers:
 *
 *   npm run dist [-- [--linux|--mac|--win [KIND…]] [--x64|--arm64] [--dir]]
 *
 * Without anything: all kinds that this machine's platform has, for its own architecture. The exit status is 0 where
 * all were made, 1 where not, 64 for a call that makes no sense.
 */
import { statSync } from 'node:fs';
import { constants } from 'node:os';
import { join, relative } from 'node:path';
import { projectRoot } from '../house/layers.ts';
import { makePackages } from './make-packages.ts';
import { parseCall } from './call.ts';
import { writeLicences } from './licences.ts';
import { nameOf, whatIsMissing } from './targets.ts';

/** How long a download may give nothing, in milliseconds. */
const patience = 15_000;

const say = (line: string): void => void process.stderr.write(`${line}\n`);

async function main(): Promise<number> {
  const call = parseCall(process.argv.slice(2));
  if ('usage' in call) {
    say(call.usage);
    return 64;
  }
  const { target, kinds } = call;
  const problem = whatIsMissing(projectRoot, target);
  if (problem !== null) {
    say(problem);
    return 1;
  }
  say(`Collecting licences … ${await writeLicences(projectRoot, target)}`);
  say(`Making packages for ${nameOf(target)}: ${kinds.join(', ')} …`);
  const made = await makePackages({ project: projectRoot, target, kinds, output: join(projectRoot, 'dist', 'installers'), electron: null, patience });
  if ('signal' in made) return 128 + constants.signals[made.signal];
  if ('problem' in made) {
    say(made.problem);
    return 1;
  }
  for (const file of made.files) console.log(`${relative(projectRoot, file)}${statSync(file).isFile() ? `  ${(statSync(file).size / 1024 ** 2).toFixed(1)} MiB` : ''}`);
  return 0;
}

try {
  process.exitCode = await main();
} catch (error) {
  say(`The packages could not be made: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
