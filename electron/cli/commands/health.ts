import type { z } from 'zod';
import type { HealthResult } from '#shared/contract/health.ts';
import { PilothouseError } from '#shared/domain/errors.ts';
import { fewNames } from '#shared/domain/few-names.ts';
import { compareHealth, type HealthState } from '#shared/domain/health-state.ts';
import { compareNames } from '#shared/domain/natural-order.ts';
import { listOption, required, textOption, type Register } from '../command.ts';
import type { healthDocument } from '../documents.ts';
import { findSystem } from '../find.ts';
import { runPlanToSuccess } from '../run-plan.ts';
import { prepareHosts, prepareSecrets } from '../secrets.ts';
import { table } from '../text.ts';

type Results = z.infer<typeof healthDocument>['results'];

/** Who looked at nothing knows nothing: a run whose checks were all skipped is unknown, and so is its status here. */
const statusOf: Record<HealthState, number> = { ok: 0, warn: 1, critical: 2, unknown: 3, skipped: 3 };

function rowsOf(results: readonly HealthResult[]): Results {
  return results
    .map(({ check, target, status, value, unit, warn, critical, summary, evidence, fix }) => ({ check, target, status, value, unit, warn, critical, summary, evidence, fix }))
    .sort((a, b) => compareHealth(a.status, b.status) || a.check.localeCompare(b.check) || compareNames(a.target, b.target));
}

/** A line for each result; what could not be seen for one reason is one line, with the checks and the targets it is about. */
function linesOf(results: Results): string {
  const lines = new Map<string, Results>();
  for (const result of results) {
    const same = result.status === 'unknown' ? `unknown: ${result.summary}` : String(lines.size);
    lines.set(same, [...(lines.get(same) ?? []), result]);
  }
  const rows = [...lines.values()].map((alike) => {
    const checks = [...new Set(alike.map(({ check }) => check))];
    return [alike[0]?.status ?? '', checks.length > 3 ? `${checks.length} checks` : checks.join(', '), fewNames([...new Set(alike.map(({ target }) => target))]), alike[0]?.summary ?? ''];
  });
  return table(['STATUS', 'CHECK', 'TARGET', ''], rows, 'Never looked at.');
}

export const registerHealth: Register = (program, act) => {
  program
    .command('health <system>')
    .description('look at a system; exit status 0 ok, 1 warn, 2 critical, 3 unknown (also when it could not look at all)')
    .option('--only <ids>', 'only these checks, by id, separated by commas')
    .option('--explain <id>', 'what a check asks, means and needs, with its newest results; nothing is run')
    .action(
      act(async (session, [name], options) => {
        const system = await findSystem(session, required(name));
        const explain = textOption(options, 'explain');
        if (explain !== undefined) {
          const { checks } = await session.call('health.catalogue', {});
          const check = checks.find((one) => one.id === explain);
          if (check === undefined) throw new PilothouseError('health.unknown-check', `There is no check called ${explain}.`, { hint: `There are: ${checks.map((one) => one.id).join(', ')}.` });
          const latest = await session.call('health.latest', { systemId: system.id });
          const results = rowsOf(latest.results.filter((result) => result.check === explain));
          const text = [`${check.title} (${check.id})`, check.question, check.meaning, `Usual causes: ${check.causes.join('; ')}`, `Limits: warn ${check.warn ?? 'none'}, critical ${check.critical ?? 'none'} (${check.unit}). ${check.source}`, `Needs: ${check.needs}`, '', check.sql ?? check.script ?? '', '', linesOf(results)];
          return { document: { check, results }, text: text.join('\n') };
        }
        await prepareSecrets(session, system.databases);
        const { hosts } = await session.call('host.list', { systemId: system.id });
        await prepareHosts(session, hosts.map(({ id }) => id));
        const only = listOption(options, 'only');
        const { plan } = await session.call('health.plan', { systemId: system.id, ...(only === undefined ? {} : { only }) });
        // Its findings are the result, told below in their order.
        const operation = await runPlanToSuccess(session, plan, 'phases');
        const { run, results } = await session.call('health.run', { runId: String(operation.result?.['runId']) });
        const document: z.infer<typeof healthDocument> = { system: system.name, startedAt: run.startedAt, durationMs: run.durationMs, status: run.status, results: rowsOf(results) };
        return { document, text: [`${system.name}: ${run.status}`, linesOf(document.results)].join('\n'), status: statusOf[run.status] };
      }),
    );
};
