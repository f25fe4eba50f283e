/** What is said of a runbook, as on a terminal, and how small ones are written in a test. */
import type { Problem } from '#shared/domain/runbook/definition.ts';
import { problemText, readRunbook } from '#engine/runbooks/format/index.ts';

export const told = (text: string): string[] => readRunbook(text).problems.map((problem) => problemText(problem));

/** The problems of one rule. */
export const ofRule = (text: string, rule: string): Problem[] => readRunbook(text).problems.filter((problem) => problem.rule === rule);

/** The text with what one click writes. */
export function clicked(text: string, { line, column, endLine, endColumn, edit }: Problem): string {
  const lines = text.split('\n');
  const at = (row: number, place: number): number => lines.slice(0, row - 1).reduce((sum, each) => sum + each.length + 1, 0) + place - 1;
  return `${text.slice(0, at(line, column))}${edit?.text ?? ''}${text.slice(at(endLine, endColumn))}`;
}

interface Parts {
  version?: string;
  targets?: string;
  params?: string;
  rollback?: string;
  contacts?: string;
  prerequisites?: string;
}

/** A runbook with these steps, from its line 8 on: `web` is a host, `db` a database, `api` an address; `order` is a text. */
export const withSteps = (steps: string, { version = '"1.0.0"', targets = '', params = '', rollback = '', contacts = '', prerequisites = '' }: Parts = {}): string =>
  [
    'schema: runbook/1',
    'id: small',
    'title: Small',
    `version: ${version}`,
    `targets: { web: { kind: ssh }, db: { kind: postgres }, api: { kind: http, default: "https://api.shop.test" }${targets} }`,
    `params: { order: { type: string }${params} }`,
    'steps:',
    steps,
    ...[rollback === '' ? [] : ['rollback:', '  steps:', rollback], contacts === '' ? [] : ['contacts:', contacts], prerequisites === '' ? [] : ['prerequisites:', prerequisites]].flat(),
    '',
  ].join('\n');

/** A step that runs a script. */
export const shStep = (script: string, more = 'risk: read', id = 'one'): string => `  - id: ${id}\n    title: One\n    target: web\n    sh: |\n${script.split('\n').map((line) => `      ${line}`).join('\n')}\n${more.split('\n').map((line) => `    ${line}`).join('\n')}`;

export const sqlStep = (statement: string, more = 'risk: read'): string => `  - id: one\n    title: One\n    target: db\n    sql: |\n      ${statement}\n    ${more}`;
