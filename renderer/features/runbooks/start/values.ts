/** What stands in the fields of the start form, and what is sent of it. Pure. */
import type { MethodOutput } from '#shared/contract/index.ts';
import { isPilothouseError } from '#shared/domain/errors.ts';
import { isTrue } from '#shared/domain/runbook/expression.ts';

/** As the contract carries it. */
export type Value = string | number | boolean | string[];
export type Param = MethodOutput<'runbook.get'>['params'][number] & { proposed?: Value | null };
export type Role = MethodOutput<'runbook.prepare'>['targets'][number];
export type Choice = Role['candidates'][number]['choice'];

/** As it is typed, by the name of the parameter. A list has one item a line, a switch is "true" or "false". */
export type Texts = Readonly<Record<string, string>>;

/** An instant with its zone as a field for local time shows it: "2026-01-31T22:00". */
function localText(text: string): string {
  const at = new Date(text);
  if (!/(?:Z|[+-]\d{2}:\d{2})$/.test(text) || Number.isNaN(at.getTime())) return text;
  const two = (figure: number): string => String(figure).padStart(2, '0');
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}T${two(at.getHours())}:${two(at.getMinutes())}`;
}

/** A local time is sent as the instant that it is: whoever receives it knows nothing of the zone here. */
function instantOf(text: string): string {
  const at = new Date(text);
  return Number.isNaN(at.getTime()) ? text : at.toISOString().replace('.000Z', 'Z');
}

function textOf({ type }: Param, value: Value | null | undefined): string {
  if (value === null || value === undefined) return '';
  if (type === 'datetime' && typeof value === 'string') return localText(value);
  return typeof value === 'object' ? value.join('\n') : String(value);
}

/** What a field says, as its type wants it; null where nothing was said. What is no number goes as it was typed: the engine says what is wrong with it. */
export function valueOf({ type }: Param, text: string): Value | null {
  const trimmed = text.trim();
  if (trimmed === '') return null;
  switch (type) {
    case 'bool': return trimmed === 'true';
    case 'datetime': return instantOf(trimmed);
    case 'int':
    case 'number': return Number.isFinite(Number(trimmed)) ? Number(trimmed) : trimmed;
    case 'list': return trimmed.split('\n').map((line) => line.trim()).filter((line) => line !== '');
    case 'text':
    case 'secret': return text;
    default: return trimmed;
  }
}

/** What is shown in a field that nobody has touched. */
export function shownText(param: Param, texts: Texts): string {
  return texts[param.name] ?? textOf(param, param.proposed ?? param.default);
}

/** A parameter is asked for only where its condition holds; one about a value that is not there yet does not. */
function isAsked({ when }: Param, values: Readonly<Record<string, Value>>): boolean {
  if (when === null) return true;
  try {
    return isTrue(when, values);
  } catch (error) {
    if (isPilothouseError(error)) return false;
    throw error;
  }
}

/** The parameters that are asked for, in their order, and the values of those that are no secrets. */
export function askedFor(params: readonly Param[], texts: Texts): { asked: Param[]; values: Record<string, Value> } {
  const values: Record<string, Value> = {};
  const asked: Param[] = [];
  for (const param of params) {
    if (!isAsked(param, values)) continue;
    asked.push(param);
    const value = param.type === 'secret' ? null : valueOf(param, shownText(param, texts));
    if (value !== null) values[param.name] = value;
  }
  return { asked, values };
}

export const keyOf = (choice: Choice | null | undefined): string => (choice === null || choice === undefined ? '' : JSON.stringify(choice));

/** What the roles are given to: what was chosen, else what is proposed. */
export function bindingsOf(roles: readonly Role[], chosen: Readonly<Record<string, Choice | null>>): Record<string, Choice> {
  return Object.fromEntries(roles.flatMap((role) => {
    const choice = role.name in chosen ? chosen[role.name] : role.proposed;
    return choice === null || choice === undefined ? [] : [[role.name, choice] as const];
  }));
}

/** An address that is being typed is nothing yet. */
export function urlChoice(text: string): Choice | null {
  const trimmed = text.trim();
  return /^https?:\/\/\S+$/.test(trimmed) && URL.canParse(trimmed) ? { url: trimmed } : null;
}
