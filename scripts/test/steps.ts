import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

export interface StepsOutcome {
  passed: number;
  failures: string[];
}

const layers = ['shared', 'electron', 'electron/preload', 'renderer', 'scripts', 'test'];

/** Runs what is checked without running the product. Each step counts as one; what it says is shown where it fails. */
export function runSteps(project: string): StepsOutcome {
  const steps = [
    { name: 'lint', parameters: [join(project, 'node_modules/oxlint/bin/oxlint')] },
    ...layers.map((layer) => ({ name: `types of ${layer}`, parameters: [join(project, 'node_modules/typescript/bin/tsc'), '-p', layer] })),
    { name: 'build of the console', parameters: [join(project, 'scripts/bootstrap.cjs'), 'build', '--if-changed'] },
  ];
  const failures = steps.filter(({ name, parameters }) => !runStep(project, name, parameters)).map(({ name }) => name);
  return { passed: steps.length - failures.length, failures };
}

function runStep(project: string, name: string, parameters: readonly string[]): boolean {
  const begun = performance.now();
  const { status, error, stdout, stderr } = spawnSync(process.execPath, parameters, { cwd: project, encoding: 'utf8', maxBuffer: 64 * 1024 ** 2 });
  const passed = status === 0;
  process.stdout.write(`${passed ? 'passed' : 'FAILED'}  ${name}  ${((performance.now() - begun) / 1000).toFixed(1)} s\n`);
  if (!passed) process.stdout.write(`${stdout ?? ''}${stderr ?? ''}${error?.message ?? ''}\n`);
  return passed;
}
