/** Statements of the runbooks of a pack, and how they are sent to a real Postgres. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Client } from 'pg';
import type { Step, Value } from '#shared/domain/runbook/definition.ts';
import { judge, type Seen } from '#shared/domain/runbook/judge.ts';
import { compileSql } from '#shared/domain/runbook/sql-text.ts';
import type { Verdict } from '#shared/domain/runbook/walkthrough.ts';
import { readRunbook } from '#engine/runbooks/format/index.ts';
import { defaultPacksFolder } from '#engine/runbooks/library/index.ts';

export type Values = Readonly<Record<string, Value>>;

export interface Statement {
  /** "neff-paving/retention audit-delete". */
  name: string;
  statement: string;
  step: Step;
  values: Values;
}

/** @param given what a person, or a step before, would have given; else the proposals of the runbook stand */
export function runbookOf(pack: string, name: string, given: Values): { steps: readonly Step[]; values: Values } {
  const { runbook } = readRunbook(readFileSync(join(defaultPacksFolder(), pack, 'runbooks', `${name}.yaml`), 'utf8'));
  if (runbook === null) throw new Error(`${pack}/${name} is not read.`);
  const proposed = Object.fromEntries(runbook.params.flatMap(({ name: param, default: value }): [string, Value][] => (value === null ? [] : [[param, value]])));
  return { steps: [...runbook.prerequisites, ...runbook.steps, ...(runbook.rollback?.steps ?? [])], values: { ...proposed, ...given } };
}

/** Those of steps, of their probes and of their ways back; of a list that is gone over its first. */
export function statementsOf(pack: string, given: Values): Statement[] {
  return readdirSync(join(defaultPacksFolder(), pack, 'runbooks')).flatMap((file) => {
    const name = file.replace('.yaml', '');
    const { steps, values } = runbookOf(pack, name, given);
    return steps.flatMap((step) => {
      const list = step.forEach?.over === 'items' ? values[step.forEach.param] : undefined;
      const all = Array.isArray(list) ? { ...values, item: String(list[0]) } : values;
      const parts = [{ part: step.id, action: step.action }, ...(step.probe === null ? [] : [{ part: `${step.id}, whether it happened`, action: step.probe.action }]), ...(step.undo ?? []).map(({ action }) => ({ part: `${step.id}, taken back`, action }))];
      return parts.flatMap(({ part, action }): Statement[] => (action.kind === 'sql' ? [{ name: `${pack}/${name} ${part}`, statement: action.statement, step, values: all }] : []));
    });
  });
}

export async function ask(session: Client, { statement, step, values }: Pick<Statement, 'statement' | 'step' | 'values'>): Promise<{ rows: Record<string, unknown>[]; verdicts: readonly Verdict[] }> {
  const sql = compileSql(statement, values);
  if ('fault' in sql) throw new Error(sql.fault);
  const { rows } = await session.query<Record<string, unknown>>(sql.statement, [...sql.parameters]);
  const seen: Seen = { kind: 'sql', exitStatus: null, stdout: '', stderr: '', rows: { columns: Object.keys(rows[0] ?? {}), rows: rows.map((row) => Object.values(row)), count: rows.length }, status: null, answer: null, truncated: false };
  return { rows, verdicts: judge(step.expect, seen, values) };
}
