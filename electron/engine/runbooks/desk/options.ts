/** Choices of a parameter, asked of the target that the runbook names. Sends what the person was shown, which only reads. */
import { PilothouseError } from '#shared/domain/errors.ts';
import type { Param, Runbook, Value } from '#shared/domain/runbook/definition.ts';
import type { EngineContext } from '../../engine-context.ts';
import { resolveAction } from '../resolve/index.ts';
import type { StepRunner } from '../steps/index.ts';
import { readGiven } from './beginning.ts';
import type { Binder, BindingChoice } from './binding.ts';
import { requireSameTarget } from './identity.ts';

/** The databases of a server, for a parameter of that type. */
const databasesQuery = 'SELECT datname FROM pg_database WHERE datallowconn AND NOT datistemplate ORDER BY datname';
/** Of one answer. */
const mostOptions = 500;

/** What lists choices of a parameter when somebody asks; null where nothing does. */
export function optionsSource({ optionsFrom, type, of }: Pick<Param, 'optionsFrom' | 'type' | 'of'>): Param['optionsFrom'] {
  return optionsFrom ?? (type === 'database' && of !== null ? { target: of, kind: 'sql', text: databasesQuery } : null);
}

/** @throws runbook.value-invalid where there is nothing to ask; what asking throws */
export async function readOptionsOf(
  dependencies: { context: EngineContext; binder: Binder; runner: StepRunner },
  asked: { runbook: Runbook; param: string; bindings: Readonly<Record<string, BindingChoice>>; values: Readonly<Record<string, Value>>; operator: string },
  signal: AbortSignal,
): Promise<{ options: string[] }> {
  const { context, binder, runner } = dependencies;
  const { runbook } = asked;
  const param = runbook.params.find(({ name }) => name === asked.param);
  const source = param === undefined ? null : optionsSource(param);
  if (param === undefined || source === null) throw new PilothouseError('runbook.value-invalid', `Nothing lists choices for ${asked.param}.`, { hint: 'Type it.' });
  const read = readGiven(context, binder, runbook, { systemId: null, bindings: asked.bindings, values: asked.values, secrets: new Set() }, asked.operator);
  const binding = read.bindings[source.target];
  if (binding === undefined) throw new PilothouseError('runbook.value-invalid', `Choose ${source.target} first: its choices come from there.`, { hint: 'Then ask again.' });
  await requireSameTarget(context, binder, binding, signal);
  const action = source.kind === 'sh' ? ({ kind: 'sh', script: source.text } as const) : ({ kind: 'sql', statement: source.text } as const);
  const sent = resolveAction({ action, risk: 'read', target: source.target, database: null, cwd: null, sudo: null, shell: 'sh', env: {}, stdin: null }, { values: read.values, secrets: new Map(), secretNames: new Set(), item: null, bindings: read.bindings }, { jobId: null });
  if (sent.kind !== 'sh' && sent.kind !== 'sql') throw new PilothouseError('internal', 'Choices are listed by a command or a statement.');
  const options = await runner.readOptions(sent, signal);
  return { options: [...new Set(options)].slice(0, mostOptions) };
}
