/** Placeholders of a guide that clearly stand for a value become parameters; the others stay, and are told. */
import { shellUses, whyNoVariable, whyNotHere } from '#shared/domain/runbook/shell-context.ts';
import { bindNames } from '#shared/domain/runbook/sql-text.ts';
import { valueName } from '#shared/domain/runbook/template.ts';
import { asName, placeholdersIn } from '../../rules/index.ts';
import type { DraftAction, DraftStep } from './step.ts';

export interface DraftParam {
  name: string;
  /** As the guide writes it. */
  placeholder: string;
}

/** Two braces that the guide means as such. */
export const literalBraces = (text: string): string => text.replaceAll('{{', '{{ "{{" }}');

const isClear = (placeholder: string): boolean => /^[A-Z][A-Z0-9_]*_ID$/.test(placeholder) || /^<[a-z][\w -]*>$/i.test(placeholder);
const isSecret = (name: string): boolean => /token|secret|password|passwd|key$|api_key/.test(name);

/** Names that can be used, of the clear placeholders of a text. How a script is called is told in its own words. */
function namesIn(text: string): DraftParam[] {
  const quoted = [...text.matchAll(/'([A-Z][A-Z0-9_]*_ID)'/g)].map(([, name = '']) => ({ text: name }));
  const usage = (placeholder: string): boolean => text.split('\n').every((line) => !line.includes(placeholder) || /\busage\b/i.test(line));
  return [...placeholdersIn(text), ...quoted]
    .filter(({ text: placeholder }) => isClear(placeholder) && !usage(placeholder))
    .map(({ text: placeholder }) => ({ name: asName(placeholder), placeholder }))
    .filter(({ name }) => valueName.test(name) && whyNoVariable(name) === null && !isSecret(name));
}

/** Writes one parameter into a script wherever a value may stand; null where it may not somewhere. */
function intoScript(script: string, { name, placeholder }: DraftParam): string | null {
  const text = script.replaceAll(placeholder, `{{ ${name} }}`);
  const uses = shellUses(text).filter((use) => use.name === name);
  return uses.length > 0 && uses.every((use) => whyNotHere(use) === null) ? text : null;
}

function intoStatement(statement: string, { name, placeholder }: DraftParam): string | null {
  const text = statement.replaceAll(`'${placeholder}'`, `:${name}`).replaceAll(placeholder, `:${name}`);
  return bindNames(text).some((bind) => bind.name === name) && !text.includes(placeholder) ? text : null;
}

/** What a script takes from its command line is asked before the start: `FILE=$1` at its top. */
function withArguments(script: string, found: Map<string, DraftParam>): string {
  return script.replaceAll(/^([A-Za-z_]\w*)=(["']?)\$\{?([1-9])(?::?-[^}"']*)?\}?\2(?=[ \t]*(?:#.*)?$)/gm, (all, variable: string) => {
    const name = asName(variable);
    if (!valueName.test(name) || whyNoVariable(name) !== null || isSecret(name)) return all;
    found.set(name, { name, placeholder: variable });
    return `${variable}={{ ${name} }}`;
  });
}

function withValues(action: DraftAction, found: Map<string, DraftParam>): DraftAction {
  const apply = (text: string, into: (text: string, param: DraftParam) => string | null): string => {
    let result = text;
    for (const param of namesIn(text)) {
      const next = result.includes(param.placeholder) ? into(result, param) : null;
      if (next === null) continue;
      result = next;
      found.set(param.name, param);
    }
    return result;
  };
  switch (action.kind) {
    case 'sh':
      return { ...action, script: apply(withArguments(literalBraces(action.script), found), intoScript) };
    case 'sql': {
      for (const { name } of bindNames(action.statement)) if (valueName.test(name)) found.set(name, { name, placeholder: `:${name}` });
      return { ...action, statement: apply(action.statement, intoStatement) };
    }
    case 'http':
      return { ...action, url: apply(literalBraces(action.url), (text, { name, placeholder }) => text.replaceAll(placeholder, `{{ ${name} }}`)) };
    case 'decide':
      return { ...action, branches: action.branches.map((branch) => ({ ...branch, steps: branch.steps.map((each) => stepWithValues(each, found)) })) };
    default:
      return { ...action, text: literalBraces(action.text) };
  }
}

export function stepWithValues(step: DraftStep, found: Map<string, DraftParam>): DraftStep {
  return { ...step, title: literalBraces(step.title), why: step.why.map(literalBraces), action: withValues(step.action, found) };
}
