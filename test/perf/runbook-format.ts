import { readRunbook } from '#engine/runbooks/format/index.ts';
import { median, percentile, type Benchmark } from './figure.ts';

export const steps = 500;
const rounds = 15;
const boundMs = 100;

/** Steps as people write them: commands with values, expectations, some statements, some that wait for a person. */
export function longRunbook(): string {
  const each = Array.from({ length: steps }, (_value, index) => {
    if (index % 5 === 4) return `  - { id: step-${index}, title: Look at number ${index}, manual: Nobody complains., confirm: checkbox }\n`;
    if (index % 5 === 3) return `  - id: step-${index}\n    title: Count ${index}\n    target: db\n    sql: SELECT count(*) FROM orders WHERE unit = :unit\n    risk: read\n    expect: [{ rows: "value > 0", say: There are orders }]\n`;
    return `  - id: step-${index}\n    title: Restart number ${index}\n    target: web\n    sh: systemctl restart {{ unit }}-${index} && systemctl is-active {{ unit }}-${index}\n    risk: change\n    timeout: 1m\n    expect: [{ exit: 0, say: It runs }]\n`;
  });
  return `schema: runbook/1\nid: long\ntitle: Long\nversion: "1.0.0"\ntargets: { web: { kind: ssh }, db: { kind: postgres } }\nparams: { unit: { type: identifier, default: app } }\nsteps:\n${each.join('')}`;
}

/** Reading a long runbook and saying what is wrong in it, as at each pause of somebody who writes. */
export const runbookFormat: Benchmark = async () => {
  const text = longRunbook();
  const found = readRunbook(text);
  if (found.runbook?.steps.length !== steps || found.problems.length > 0) throw new Error(`The runbook that the bench made is not sound: ${found.problems[0]?.message ?? 'steps are missing'}`);
  const times = Array.from({ length: rounds }, () => {
    const from = performance.now();
    readRunbook(text);
    return performance.now() - from;
  });
  const ms = median(times);
  return [{ name: `a runbook of ${steps} steps read and checked`, measured: `${ms.toFixed(0)} ms`, bound: `<= ${boundMs} ms`, ok: ms <= boundMs, how: `${Math.round(text.length / 1024)} KiB, median of ${rounds}, p95 ${percentile(times, 0.95).toFixed(0)} ms` }];
};
