/** `npm run cli`, and `pilothouse cli` of an installed application: the engine over argv. */
import { applicationScripts } from '#engine/node-scripts.ts';
import { errorOf, paragraph } from './failures.ts';
import { outliveReaders, processIo } from './io.ts';
import { runCli } from './program.ts';

/** Electron's executable is no Node for others: it is told by its first argument what to be. */
const scripts = process.versions['electron'] === undefined ? undefined : applicationScripts({ command: process.execPath, args: [] });

outliveReaders(processIo);
try {
  process.exitCode = await runCli(process.argv.slice(2), processIo, scripts);
} catch (error) {
  process.stderr.write(`${paragraph(errorOf(error))}\n`);
  process.exitCode = 1;
}
