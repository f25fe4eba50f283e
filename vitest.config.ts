import { defineConfig } from 'vitest/config';

/** One project per kind of test, in the order they run. Real servers and browsers leave room for few files at once. */
const kinds = [
  { name: 'unit', workers: 2, timeout: 30_000 },
  { name: 'property', workers: 2, timeout: 60_000 },
  { name: 'contract', workers: 2, timeout: 60_000 },
  { name: 'integration', workers: 2, timeout: 120_000 },
  { name: 'security', workers: 1, timeout: 120_000 },
  { name: 'web', workers: 1, timeout: 120_000 },
];

export default defineConfig({
  test: {
    retry: 0,
    projects: kinds.map(({ name, workers, timeout }, groupOrder) => ({
      test: {
        name,
        include: [`test/${name}/**/*.test.ts`],
        environment: 'node',
        pool: 'forks',
        maxWorkers: workers,
        testTimeout: timeout,
        hookTimeout: timeout,
        teardownTimeout: 20_000,
        sequence: { groupOrder },
        unstubEnvs: true,
        restoreMocks: true,
      },
    })),
  },
});
