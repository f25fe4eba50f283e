import { defineConfig } from 'vitest/config';

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
];

export default defineConfig({
  test: {
    retry: 0,
    projects: kinds.map(({ name, group, workers, timeout }) => ({
      test: {
        name,
        include: [`test/${name}/**/*.test.ts`],
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
