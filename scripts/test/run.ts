/**
 * Everything that has to pass: lint, the types of every layer, the build of the console, and every suite. The last
 * line of its output is the count over everything; its exit status is 0 only where nothing failed.
 *
 *   node scripts/test/run.ts [--full]
 */
import { join } from 'node:path';
import { runSteps } from './steps.ts';
import { runSuites } from './suites.ts';
import { isContinuousIntegration, judgeSkips, readAllowedSkips } from './skips.ts';

const project = join(import.meta.dirname, '..', '..');
const known = ['--full'];
const unknown = process.argv.slice(2).filter((parameter) => !known.includes(parameter));
if (unknown.length > 0) {
  process.stderr.write(`usage: npm test | npm run test:full (not ${unknown.join(' ')}); to run one test see CONTRIBUTING.md\n`);
  process.exit(64);
}
if (process.argv.includes('--full')) process.env.PILOTHOUSE_FULL = '1';

const steps = runSteps(project);
const suites = await runSuites(project);
const skips = judgeSkips(suites.skipped, readAllowedSkips(project), isContinuousIntegration(process.env.CI));

for (const line of skips.lines) process.stdout.write(`${line}\n`);
const failures = [...steps.failures, ...suites.failures, ...skips.failures];
if (suites.passed + suites.failures.length === 0) failures.push('no test was executed');
if (failures.length > 0) process.stdout.write(`\nFailed:\n${failures.map((failure) => `  ${failure}`).join('\n')}\n`);
process.stdout.write(`\n${steps.passed + suites.passed} passed, ${failures.length} failed, ${suites.skipped.length - skips.failures.length} skipped\n`);
process.exit(failures.length === 0 ? 0 : 1);
