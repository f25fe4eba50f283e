/** An engine with the health room and one system, for tests on real servers. */
import { rm } from 'node:fs/promises';
import { onTestFinished } from 'vitest';
import type { HealthResult, HealthRun } from '#shared/contract/health.ts';
import type { Operation } from '#shared/contract/operations.ts';
import type { AskLimits } from '#engine/health/ask.ts';
import { createHealthRoom } from '#engine/health/health-room.ts';
import { createTestEngine, type TestEngine } from './engine-parts.ts';
import { makeTemporaryFolder } from './temporary-folder.ts';

export interface Looked {
  operation: Operation;
  run: HealthRun | null;
  results: HealthResult[];
  /** The result of a check, of a target that begins so where there are several. */
  find(check: string, target?: string): HealthResult | undefined;
}

export interface HealthEngine {
  engine: TestEngine;
  systemId: string;
  databaseId: string;
  /** Plans a check of the system, runs it to its end, and reads what is shown after it. */
  look(only?: string[]): Promise<Looked>;
}

export interface HealthEngineOptions {
  server: { host: string; port: number; password: string };
  database?: string;
  user?: string;
  password?: string;
  systemIdentifier?: string;
  limits?: AskLimits;
  /** Whether a database that cannot be reached is on a practice server that is stopped. */
  isStopped?: () => Promise<boolean>;
}

/** Closed, and its folder removed, when the current test is over. */
export async function healthEngine(options: HealthEngineOptions): Promise<HealthEngine> {
  const root = await makeTemporaryFolder('health');
  const engine = createTestEngine({ root, rooms: [(context) => createHealthRoom(context, { limits: options.limits, isStopped: options.isStopped })] });
  onTestFinished(async () => {
    await engine.close();
    await rm(root, { recursive: true, force: true });
  });
  const { limits: _limits, isStopped: _isStopped, ...address } = options;
  const { systemId, databaseId } = engine.addDatabase({ name: 'Shop', database: 'postgres', ...address });
  return {
    engine,
    systemId,
    databaseId,
    async look(only) {
      const { plan } = await engine.call('health.plan', { systemId, ...(only === undefined ? {} : { only }) });
      const operation = await engine.run(plan);
      const { run, results } = await engine.call('health.latest', { systemId });
      return { operation, run, results, find: (check, target = '') => results.find((result) => result.check === check && result.target.startsWith(target)) };
    },
  };
}
