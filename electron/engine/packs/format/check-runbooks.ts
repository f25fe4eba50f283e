/** The runbooks of a pack: each valid by itself, and what they name there in the pack. */
import type { PackProblem } from '#shared/domain/pack/definition.ts';
import type { Action, Runbook, Step, UndoStep } from '#shared/domain/runbook/definition.ts';
import { didYouMean, nearest, readRunbookOnce, textHash } from '../../runbooks/format/index.ts';

export interface ReadRunbookFile {
  name: string;
  file: string;
  hash: string;
  runbook: Runbook | null;
  problems: PackProblem[];
}

export function readRunbookFile(name: string, file: string, text: string): ReadRunbookFile {
  const { runbook, problems } = readRunbookOnce(text);
  return { name, file, hash: textHash(text), runbook, problems: problems.map(({ line, column, severity, rule, message, fix }) => ({ file, line, column, severity, rule, message, fix })) };
}

const allSteps = ({ prerequisites, steps, rollback }: Runbook): Step[] => [...prerequisites, ...steps, ...(rollback?.steps ?? [])];

function calledBy(step: Step): { called: string; line: number }[] {
  const calls = (action: Action, line: number): { called: string; line: number }[] => (action.kind === 'runbook' ? [{ called: action.runbook, line }] : []);
  return [...calls(step.action, step.line), ...(step.undo ?? []).flatMap(({ action, line }: UndoStep) => calls(action, line))];
}

interface Names {
  hosts: ReadonlySet<string>;
  databases: ReadonlySet<string>;
  endpoints: ReadonlySet<string>;
  ids: ReadonlySet<string>;
}

/** @returns problems beyond those that each file has by itself */
export function checkRunbook({ name, file, runbook }: ReadRunbookFile, { hosts, databases, endpoints, ids }: Names): PackProblem[] {
  if (runbook === null) return [];
  const problem = (line: number, rule: string, message: string, severity: PackProblem['severity'] = 'error'): PackProblem => ({ file, line, column: 1, severity, rule, message, fix: null });
  const listed = (names: ReadonlySet<string>): string => (names.size === 0 ? 'there are none' : [...names].join(', '));
  return [
    ...(runbook.id === name ? [] : [problem(1, 'id', `The runbook "${runbook.id}" lies in a file of another name. Call the file ${runbook.id}.yaml, or write id: ${name}.`)]),
    ...runbook.targets.flatMap(({ name: target, kind, line, default: address }) => {
      if (kind === 'http') return endpoints.has(target) || address !== null ? [] : [problem(line, 'target-role', `No endpoint of the pack is called "${target}", so that no address is proposed for this target. Endpoints: ${listed(endpoints)}.`, 'warning')];
      const roles = kind === 'ssh' ? hosts : databases;
      return roles.has(target) ? [] : [problem(line, 'target-role', `The target "${target}" is no ${kind === 'ssh' ? 'host' : 'database'} of pack.yaml: ${listed(roles)}. Give the target the name of a role, or add the role.${didYouMean(nearest(target, roles))}`)];
    }),
    ...allSteps(runbook).flatMap(calledBy).flatMap(({ called, line }) => (ids.has(called) ? [] : [problem(line, 'unknown-runbook', `The runbook "${called}" that is called here is not in this pack.${didYouMean(nearest(called, ids))}`)])),
  ];
}
