/** What a step of a file does, as text: what is searched, and what two versions are told apart by. */
import type { Action } from '#shared/domain/runbook/definition.ts';

const listed = (entries: Readonly<Record<string, string>>): string => Object.entries(entries).map(([name, value]) => `${name}: ${value}`).join('\n');
const lines = (...parts: readonly (string | null)[]): string => parts.filter((part) => part !== null && part !== '').join('\n');

export function actionText(action: Action): string {
  switch (action.kind) {
    case 'manual':
    case 'note':
      return action.text;
    case 'sh':
      return action.script;
    case 'sql':
      return action.statement;
    case 'http':
      return lines(`${action.method} ${action.url ?? action.path ?? ''}`, action.through === null ? null : `through ${action.through}`, listed(action.headers), action.body);
    case 'transfer':
      return `${action.direction} here: ${action.here} there: ${action.there}`;
    case 'wait':
      return `wait ${action.forMs} ms`;
    case 'decide':
      return lines(action.ask, ...action.choices.map(({ label, to }) => `${label}: ${to}`));
    case 'approve':
      return lines(`by ${action.by.join(', ')}`, action.show.length === 0 ? null : `shows ${action.show.join(', ')}`);
    case 'runbook':
      return lines(action.runbook, listed(action.with), `require ${action.require}`, action.withinMs === null ? null : `within ${action.withinMs} ms`);
    case 'procedure':
      return lines(action.procedure, listed(action.with), action.require === null ? null : `require ${action.require}`);
    case 'undo-completed':
      return 'undo what was completed or started';
  }
}
