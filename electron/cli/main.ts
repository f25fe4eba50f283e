/** `npm run cli`: the engine over argv. */
import { errorOf, paragraph } from './failures.ts';
import { outliveReaders, processIo } from './io.ts';
import { runCli } from './program.ts';

outliveReaders(processIo);
try {
  process.exitCode = await runCli(process.argv.slice(2), processIo);
} catch (error) {
  process.stderr.write(`${paragraph(errorOf(error))}\n`);
  process.exitCode = 1;
}
