import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { sampleOf } from './test/support/sample.ts';

/**
 * One project per kind of test. The kinds of a group run together, one group after the other: what is quick, and says
 * most about what is wrong, comes first. Real servers and browsers leave room for few files at once.
 */
const kinds = [
  { name: 'unit', group: 0, workers: 2, timeout: 30_000 },
  { name: 'property', group: 0, workers: 2, timeout: 60_000 },
  { name: 'contract', group: 0, workers: 2, timeout: 60_000 },
  { name: 'integration', group: 1, workers: 3, timeout: 120_000 },
  { name: 'security', group: 1, workers: 3, timeout: 120_000 },
  { name: 'web', group: 1, workers: 3, timeout: 120_000 },
  { name: 'desktop', group: 1, workers: 3, timeout: 120_000 },
];

/**
 * Files that are about faults alone, or about a rule that all screens keep. A full run has all of them, else some of each
 * kind have their turn every day; what works when nothing goes wrong is in the files beside them, which always run.
 */
const turns = [
  { files: ['after-kill', 'cancelled', 'continue', 'disks', 'host', 'killed', 'line', 'no-sftp', 'reached'].map((name) => `test/integration/far/detached-${name}.test.ts`), each: 2 },
  { files: ['test/integration/restore/bad-days.test.ts', 'test/integration/restore/killed.test.ts', 'test/integration/backup/backup-bad-days.test.ts', 'test/integration/backup/backup-killed.test.ts', 'test/integration/practice/crash.test.ts', 'test/integration/files/bad-days.test.ts'], each: 1 },
  { files: ['confirm', 'double-click', 'focus', 'forced-colors', 'keyboard', 'live-log', 'lost-engine', 'plain-words', 'said-failures', 'trouble', 'typed-figures'].map((name) => `test/web/${name}.test.ts`), each: 3 },
  // All that dialogs and screens make of what is wrong; the way from nothing to a proven backup, a swap and back is walked every day.
  { files: ['connection', 'home-hosts', 'host-questions', 'hosts', 'import', 'passwords-needed'].map((name) => `test/web/${name}.test.ts`), each: 2 },
  { files: ['copies', 'failed-restore', 'files', 'restore-decision', 'unfinished'].map((name) => `test/web/${name}.test.ts`), each: 2 },
  { files: ['test/integration/ssh/bad-days-connection.test.ts', 'test/integration/ssh/asleep.test.ts', 'test/integration/far/bad-days.test.ts'], each: 2 },
  { files: ['cut', 'killed', 'steps-hosts', 'steps-lost'].map((name) => `test/integration/runbooks/${name}.test.ts`), each: 2 },
  // All runbooks of the packs are walked on paper every day; live, on what stands in for their systems, by turns.
  { files: ['packs-practice', 'packs-probes', 'packs-tools'].map((name) => `test/integration/runbooks/${name}.test.ts`), each: 1 },
  // On answers that are made up; what is walked on a real engine always runs.
  { files: ['runbooks-editor', 'runbooks-library', 'runbooks-start', 'walkthrough', 'walkthrough-states'].map((name) => `test/web/${name}.test.ts`), each: 1 },
  // What a system that was made of a pack has beyond it; adopting one and what stands in its handbook is walked every day.
  { files: ['calendar', 'endpoints', 'guides', 'incidents'].map((name) => `test/web/${name}.test.ts`), each: 1 },
  { files: ['runbooks-engine', 'walkthrough-live', 'window', 'health-hosts'].map((name) => `test/web/${name}.test.ts`), each: 1 },
  // Real hosts and real shells, each group by one of its sides a day.
  { files: ['test/integration/ssh/jobs.test.ts', 'test/integration/ssh/hosts.test.ts', 'test/integration/far/host-tools.test.ts', 'test/integration/health/hosts.test.ts', 'test/integration/runbooks/steps-sh.test.ts'], each: 2 },
  { files: ['test/integration/practice/traffic-inside.test.ts', 'test/integration/practice/host.test.ts', 'test/integration/cli-practice.test.ts'], each: 1 },
  { files: ['test/integration/restore/beside.test.ts', 'test/integration/restore/swap.test.ts'], each: 1 },
  { files: ['test/integration/cli-host.test.ts', 'test/integration/loopback-host.test.ts'], each: 1 },
  { files: ['engine', 'package', 'window'].map((name) => `test/desktop/${name}.test.ts`), each: 1 },
  { files: ['packs-all-ways', 'packs-removal', 'packs-statements'].map((name) => `test/integration/runbooks/${name}.test.ts`), each: 2 },
  { files: ['test/integration/calendar/cli-calendar.test.ts', 'test/integration/incidents/cli-incident.test.ts', 'test/integration/cli-guide.test.ts', 'test/integration/cli-pack.test.ts', 'test/integration/cli-rules.test.ts', 'test/integration/cli-endpoint.test.ts'], each: 2 },
  { files: ['attached-work', 'browser-beside-window', 'engine-life', 'engine-notice', 'engine-start', 'keychain', 'package-dist', 'smoke', 'start-download', 'start-window', 'window-empty', 'window-life', 'window-on-mac', 'window-on-windows', 'work'].map((name) => `test/desktop/${name}.test.ts`), each: 4 },
];
const notToday = turns.flatMap(({ files, each }) => files.filter((file) => !sampleOf(files, each).includes(file)));
// A file that is named is meant.
const isNamed = process.argv.some((argument) => argument.includes('.test.ts'));

const electronDouble = fileURLToPath(new URL('test/support/electron/double.ts', import.meta.url));

export default defineConfig({
  test: {
    retry: 0,
    projects: kinds.map(({ name, group, workers, timeout }) => ({
      // Electron's own module would download its binary: a test that imports one file of the desktop gets the double.
      resolve: { alias: [{ find: /^electron$/, replacement: electronDouble }] },
      test: {
        name,
        include: [`test/${name}/**/*.test.ts`],
        exclude: isNamed ? [] : notToday,
        environment: 'node',
        pool: 'forks',
        maxWorkers: workers,
        testTimeout: timeout,
        hookTimeout: timeout,
        teardownTimeout: 20_000,
        sequence: { groupOrder: group },
        unstubEnvs: true,
        restoreMocks: true,
      },
    })),
  },
});
