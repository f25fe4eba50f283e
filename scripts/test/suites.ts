import { join } from 'node:path';
import { startVitest } from 'vitest/node';
import type { Reporter, TestModule } from 'vitest/node';
import type { SkippedTest } from './skips.ts';

export interface SuitesOutcome {
  passed: number;
  /** One line each: a failed test, a file or a hook that failed outside any test, an error nobody caught. */
  failures: string[];
  skipped: SkippedTest[];
}

/** Runs every project of vitest.config.ts, with vitest's own report on standard output. */
export async function runSuites(project: string): Promise<SuitesOutcome> {
  const outcome: SuitesOutcome = { passed: 0, failures: [], skipped: [] };
  const counter: Reporter = {
    onTestRunEnd(modules, unhandledErrors, reason) {
      for (const module of modules) count(module, outcome);
      for (const error of unhandledErrors) outcome.failures.push(`an error outside every test: ${error.message}`);
      if (reason === 'interrupted') outcome.failures.push('the run was interrupted');
    },
  };
  const vitest = await startVitest('test', [], { run: true, watch: false, root: project, config: join(project, 'vitest.config.ts'), reporters: ['default', counter] });
  await vitest.close();
  return outcome;
}

function count(module: TestModule, outcome: SuitesOutcome): void {
  const file = `${module.project.name} > ${module.relativeModuleId}`;
  for (const error of module.errors()) outcome.failures.push(`${file}: ${error.message}`);
  for (const suite of module.children.allSuites()) {
    for (const error of suite.errors()) outcome.failures.push(`${file} > ${suite.fullName}: ${error.message}`);
  }
  for (const test of module.children.allTests()) {
    const name = `${file} > ${test.fullName}`;
    const result = test.result();
    if (result.state === 'passed') outcome.passed += 1;
    else if (result.state === 'failed') outcome.failures.push(name);
    else outcome.skipped.push({ name, reason: result.state === 'skipped' ? (result.note ?? null) : 'it was never run' });
  }
}
