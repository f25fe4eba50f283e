/**
 * `npm run smoke:desktop`: walks the README's tour in the real window, in a data folder of its own, and prints what it
 * saw. It ends with 0 only when all of it is well.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { arch, release, tmpdir, type } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import packageJson from '../../package.json' with { type: 'json' };
import { appOrigin } from '#shared/contract/desktop.ts';
import { wrongFuses } from '../dist/fuses.ts';
import { projectRoot } from '../house/layers.ts';
import { letsPlaywrightIn, ownElectron, packagedExecutable, readFuses } from './executable.ts';
import { openByPlaywright, openByPort } from './open.ts';
import { printReport, problemsOf, type Report } from './report.ts';
import { smoke } from './smoke.ts';

const usage = 'Usage: npm run smoke:desktop -- [--app PATH] [--out DIR] [--patience N]';

function systemName(): string {
  const linux = process.platform === 'linux' ? /^PRETTY_NAME="?([^"\n]*)/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1] : undefined;
  return `${linux === undefined ? '' : `${linux}, `}${type()} ${release()}, ${arch()}`;
}

/** The project's own code in its newest state; a packaged application brings its own. */
function build(): void {
  const { status } = spawnSync(process.execPath, [join(projectRoot, 'scripts', 'bootstrap.cjs'), 'build', '--if-changed'], { stdio: 'inherit' });
  if (status !== 0) throw new Error('the project could not be built.');
}

/** The practice system outlives the window. @returns what could not be cleared away */
function clearAway(home: string): string[] {
  const { status, stderr } = spawnSync(process.execPath, [join(projectRoot, 'electron', 'cli', 'main.ts'), '--home', home, 'practice', 'remove', '--yes', '--confirm', 'Practice'], { encoding: 'utf8' });
  if (status !== 0) return [`The practice system in ${home} could not be removed: ${stderr.trim().split('\n').at(-1)}`];
  rmSync(home, { recursive: true, force: true, maxRetries: 3 });
  return [];
}

async function main(): Promise<number> {
  const { values } = parseArgs({ options: { app: { type: 'string' }, out: { type: 'string' }, patience: { type: 'string' } } });
  const patience = Number(values.patience ?? '1');
  if (!(patience >= 1)) throw new Error(`--patience takes a number from 1 on, not "${values.patience}".`);
  const found = values.app === undefined ? ownElectron() : packagedExecutable(values.app);
  if ('why' in found) {
    console.error(found.why);
    return 1;
  }
  if (process.getuid?.() === 0) {
    console.error('Chromium has no sandbox for root, and the smoke test looks at it: start it from your own account.');
    return 1;
  }
  if (values.app === undefined) build();
  const { executable } = found;
  const fuses = await readFuses(executable);
  const folder = values.out === undefined ? mkdtempSync(join(tmpdir(), 'pilothouse-smoke-')) : resolve(values.out);
  mkdirSync(folder, { recursive: true });
  const home = mkdtempSync(join(tmpdir(), 'pilothouse-smoke-home-'));
  const application = { executable, args: values.app === undefined ? [projectRoot] : [], home };
  const way = letsPlaywrightIn(fuses) ? 'playwright' : 'port';
  let left: string[] | null = null;
  const tidy = (): string[] => (left ??= clearAway(home));
  // Also where the person has enough of it.
  process.once('exit', tidy);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
  let seen: Awaited<ReturnType<typeof smoke>>;
  const startedAt = Date.now();
  try {
    seen = await smoke(await (way === 'playwright' ? openByPlaywright(application) : openByPort(application)), { startedAt, origin: appOrigin, folder, patience });
  } catch (error) {
    throw new Error([error instanceof Error ? error.message : String(error), ...tidy()].join('\n'), { cause: error });
  }
  const report: Report = { at: new Date(startedAt).toISOString(), executable, isPackaged: values.app !== undefined, way, pilothouse: packageJson.version, system: systemName(), fuses, wrongFuses: await wrongFuses(executable), left: tidy(), folder, ...seen };
  const text = printReport(report);
  writeFileSync(join(folder, 'report.txt'), `${text}\n`);
  writeFileSync(join(folder, 'report.json'), `${JSON.stringify(report, null, 2)}\n`);
  console.log(text);
  return problemsOf(report).length === 0 ? 0 : 1;
}

main().then(
  (status) => process.exit(status),
  (error: unknown) => {
    console.error(`The smoke test could not be made: ${error instanceof Error ? error.message : String(error)}\n${usage}`);
    process.exit(1);
  },
);
