/** `npm run cli`: the engine over argv. */
import { paragraph } from './failures.ts';
import { processIo } from './io.ts';
import { runCli } from './program.ts';

try {
  process.exitCode = await runCli(process.argv.slice(2), processIo);
} catch (error) {
  process.stderr.write(`${paragraph(error)}\n`);
  process.exitCode = 1;
}
