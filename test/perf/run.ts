/** `npm run bench [name …]`: every figure that was promised, measured here and now. Prints; never fails a build. */
import { backupAndRestore } from './backup-and-restore.ts';
import { calendar } from './calendar.ts';
import { events } from './events.ts';
import { farBackup } from './far-backup.ts';
import type { Benchmark, Figure } from './figure.ts';
import { guides } from './guides.ts';
import { hostHealth } from './host-health.ts';
import { log } from './log.ts';
import { runbookFormat } from './runbook-format.ts';
import { runbookLibrary } from './runbook-library.ts';
import { runbookOpen } from './runbook-open.ts';
import { scrub } from './scrub.ts';
import { search } from './search.ts';
import { ssh } from './ssh.ts';
import { startOfTheConsole } from './start-of-the-console.ts';
import { walkthroughs } from './walkthroughs.ts';
import { useDisk } from '#test/temporary-folder.ts';

const benchmarks: Record<string, Benchmark> = { events, scrub, log, search, console: startOfTheConsole, backup: backupAndRestore, ssh, 'far-backup': farBackup, 'host-health': hostHealth, 'runbook-format': runbookFormat, 'runbook-library': runbookLibrary, 'runbook-open': runbookOpen, walkthroughs, calendar, guides };

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !Object.hasOwn(benchmarks, name));
if (unknown.length > 0) {
  process.stderr.write(`There is no benchmark ${unknown.join(', ')}. There are: ${Object.keys(benchmarks).join(', ')}.\n`);
  process.exit(64);
}

useDisk();
const figures: Figure[] = [];
for (const [name, benchmark] of Object.entries(benchmarks)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  process.stderr.write(`${name} …\n`);
  try {
    figures.push(...(await benchmark()));
  } catch (error) {
    figures.push({ name, measured: 'not measured', bound: '', ok: false, how: error instanceof Error ? error.message : String(error) });
  }
}

const widths = { name: Math.max(...figures.map((figure) => figure.name.length)), measured: Math.max(...figures.map((figure) => figure.measured.length)), bound: Math.max(...figures.map((figure) => figure.bound.length)) };
for (const figure of figures) {
  process.stdout.write(`${figure.ok ? 'ok   ' : 'SHORT'}  ${figure.name.padEnd(widths.name)}  ${figure.measured.padStart(widths.measured)}  ${figure.bound.padEnd(widths.bound)}  ${figure.how}\n`);
}
process.exit(0);
