/** Writes a runbook of a guide as a file of runbook/1. */
import { plain, slug } from '#shared/domain/guide/plain.ts';
import { detectRisk, unknownIn } from '../../rules/index.ts';
import type { DraftAction, DraftRunbook, DraftStep } from './step.ts';
import { literalBraces, stepWithValues, type DraftParam } from './values.ts';
import { yamlText, type Fields } from './yaml-text.ts';

export interface WrittenRunbook {
  text: string;
  /** The line of the guide of each step, by its id. */
  lines: Map<string, number>;
}

interface About {
  id: string;
  title: string;
  tags: readonly string[];
  source: { file: string; lines: string; sha256: string };
}

const longestText = 19_000;
const cut = (text: string): string => (text.length <= longestText ? text : `${text.slice(0, longestText)}\n…`);
/** What is said to a person, who is told nothing by blanks and signs that nobody sees. */
const said = (text: string, title: string): string => (/[^\p{C}\p{Z}]/u.test(text) ? cut(text) : title);

class Writer {
  readonly params = new Map<string, DraftParam>();
  readonly lines = new Map<string, number>();
  readonly kinds = new Set<'server' | 'database'>();
  private readonly ids = new Set<string>();

  private idFor(title: string): string {
    const base = slug(title, 60) || 'step';
    let id = base;
    for (let number = 2; this.ids.has(id); number += 1) id = `${base}-${number}`;
    this.ids.add(id);
    return id;
  }

  private action(action: Exclude<DraftAction, { kind: 'decide' }>, title: string): Fields {
    switch (action.kind) {
      case 'manual':
        return { manual: said(action.text, title), confirm: 'checkbox' };
      case 'note':
        return { note: said(action.text, title) };
      case 'sh': {
        const { risk: known } = detectRisk('sh', action.script);
        // What nobody knows is not taken for one that only looks: that would be sent without being asked for.
        const risk = known === 'read' && unknownIn(action.script) !== null ? 'change' : known;
        this.kinds.add('server');
        return { target: 'server', sh: action.script, ...(action.shell === 'bash' ? { shell: 'bash' } : {}), risk, ...(risk === 'destructive' ? { pause: 'before' } : {}) };
      }
      case 'sql': {
        const { risk } = detectRisk('sql', action.statement);
        this.kinds.add('database');
        return { target: 'database', sql: action.statement, risk, ...(risk === 'destructive' ? { pause: 'before' } : {}) };
      }
      case 'http':
        if (action.through) this.kinds.add('server');
        return { http: { ...(action.method === 'GET' ? {} : { method: action.method }), url: action.url, ...(action.through ? { through: 'server' } : {}) }, risk: 'read' };
      default:
        return action satisfies never;
    }
  }

  private one(step: DraftStep, more: Fields = {}): { id: string; fields: Fields } {
    const id = this.idFor(step.title);
    this.lines.set(id, step.line);
    const why = cut(step.why.filter((each) => each !== step.title).join('\n').trim());
    const { action } = step;
    if (action.kind === 'decide') return { id, fields: {} };
    return { id, fields: { id, title: step.title, ...(why === '' ? {} : { why }), ...this.action(action, step.title), ...more } };
  }

  /** @param given steps in order; a decision is followed by its branches, each of which leads behind the last */
  steps(given: readonly DraftStep[]): Fields[] {
    const written: Fields[] = [];
    for (const raw of given.map((each) => stepWithValues(each, this.params))) {
      if (raw.action.kind !== 'decide') {
        written.push(this.one(raw).fields);
        continue;
      }
      const { id } = this.one(raw);
      const why = cut(raw.why.join('\n').trim());
      const choices: Record<string, string> = {};
      const branches: Fields[] = [];
      const after = this.idFor('none-of-these');
      const done = this.idFor('looked-again');
      for (const branch of raw.action.branches) {
        const steps = branch.steps.map((each) => this.one(each).fields);
        const [first] = steps;
        const last = steps.at(-1);
        if (first === undefined || last === undefined) continue;
        last['next'] = done;
        let label = literalBraces(plain(branch.label)).replaceAll('\n', ' ');
        for (let number = 2; label in choices; number += 1) label = `${label} (${number})`;
        choices[label] = String(first['id']);
        branches.push(...steps);
      }
      choices['None of these'] = after;
      this.lines.set(after, raw.line).set(done, raw.line);
      written.push({ id, title: raw.title, ...(why === '' ? {} : { why }), decide: { ask: raw.action.ask, choices } }, ...branches);
      written.push({ id: after, title: 'None of these', manual: 'None of the solutions of the guide fits. Note what was seen, and pass it on.', confirm: 'text' });
      written.push({ id: done, title: 'Look again', manual: 'Is what was seen in the beginning gone?', confirm: 'checkbox' });
    }
    return written;
  }
}

export function writeRunbook(draft: DraftRunbook, { id, title, tags, source }: About): WrittenRunbook {
  const writer = new Writer();
  const prerequisites = writer.steps(draft.prerequisites);
  const steps = writer.steps(draft.steps);
  const rollback = draft.rollback === null ? [] : writer.steps(draft.rollback.steps);
  // All that is done before is still something that is done.
  const main = steps.length > 0 ? steps : prerequisites.splice(0);
  if (main.length === 0) main.push(...rollback.splice(0));
  const summary = cut(literalBraces(draft.summary.join('\n').trim()));
  const targets = { ...(writer.kinds.has('server') ? { server: { kind: 'ssh', label: 'Server' } } : {}), ...(writer.kinds.has('database') ? { database: { kind: 'postgres', label: 'Database' } } : {}) };
  const params = Object.fromEntries([...writer.params].map(([name, { placeholder }]) => [name, { type: 'string', label: placeholder.replaceAll(/^[<:]|>$/g, ''), required: true }]));
  const file: Fields = {
    schema: 'runbook/1',
    id,
    title: title.slice(0, 200),
    version: '1.0.0',
    ...(summary === '' ? {} : { summary }),
    ...(tags.length === 0 ? {} : { tags }),
    source,
    ...(Object.keys(targets).length === 0 ? {} : { targets }),
    ...(Object.keys(params).length === 0 ? {} : { params }),
    ...(prerequisites.length === 0 ? {} : { prerequisites }),
    steps: main,
    ...(rollback.length === 0 ? {} : { rollback: { ...(draft.rollback?.trigger === null || draft.rollback?.trigger === undefined ? {} : { trigger: draft.rollback.trigger }), steps: rollback } }),
    ...(draft.contacts.length === 0 ? {} : { contacts: draft.contacts.map(({ role, email, phone }) => ({ role, ...(email === null ? {} : { email }), ...(phone === null ? {} : { phone }) })) }),
  };
  return { text: yamlText(file), lines: writer.lines };
}
