/**
 * What stands in double braces: `{{ order_id }}`, `{{ order_id | raw }}`, `{{ table | ident }}`. Two braces that are meant
 * as such (templates of kubectl) are written `{{ "{{" }}`; two that close need nothing. Pure.
 */

/** `raw` is pasted as it is, which is what makes a step destructive; `ident` quotes a name of SQL. */
export const filters = ['raw', 'ident'] as const;
export type Filter = (typeof filters)[number];

/** How values are called: as a variable of a shell may be, in small letters. */
export const valueName = /^[a-z][a-z0-9_]{0,62}$/;

/** A value in a text. Offsets count UTF-16 units from 0; `to` is behind its last brace. */
export interface Reference {
  name: string;
  filter: Filter | null;
  from: number;
  to: number;
}

export interface TemplateFault {
  message: string;
  from: number;
  to: number;
}

/** A text in its pieces, in order and without gaps. */
export type TemplatePart =
  | ({ kind: 'use' } & Reference)
  | { kind: 'text'; text: string; from: number; to: number }
  /** Two braces that are meant as such. */
  | { kind: 'braces'; from: number; to: number }
  | ({ kind: 'fault' } & TemplateFault);

/** Characters within which braces have to be closed. */
const longest = 400;

function partAt(text: string, from: number): Exclude<TemplatePart, { kind: 'text' }> {
  const line = /^[^\n]*/.exec(text.slice(from, from + longest))?.[0] ?? '';
  const braces = /^\{\{[ \t]*(?:"\{\{"|'\{\{')[ \t]*\}\}/.exec(line);
  if (braces !== null) return { kind: 'braces', from, to: from + braces[0].length };
  const end = line.indexOf('}}', 2);
  const again = line.indexOf('{{', 2);
  const fault = (to: number, message: string) => ({ kind: 'fault', message, from, to }) as const;
  if (end === -1 || (again !== -1 && again < end)) return fault(from + 2, 'This {{ is not closed on its line. Write {{ name }}; two braces that are meant as such are written {{ "{{" }}.');
  const to = from + end + 2;
  const inside = line.slice(2, end).trim();
  if (inside === '') return fault(to, 'There is no name between these braces. Write {{ name }}.');
  const [name = '', filter, ...more] = inside.split('|').map((piece) => piece.trim());
  if (!/^[A-Za-z_]\w*$/.test(name)) return fault(to, `"${name}" is not a name of a value: these are of letters, digits and _. Two braces that are meant as such are written {{ "{{" }}.`);
  if (filter === undefined) return { kind: 'use', name, filter: null, from, to };
  const known = filters.find((each) => each === filter);
  if (known === undefined || more.length > 0) return fault(to, `"${[filter, ...more].join(' | ')}" is not a filter. There are raw and ident.`);
  return { kind: 'use', name, filter: known, from, to };
}

/** Takes a text apart; what is wrong in it is a piece of its own. */
export function templateParts(text: string): readonly TemplatePart[] {
  const parts: TemplatePart[] = [];
  let at = 0;
  while (at < text.length) {
    const next = text.indexOf('{{', at);
    if (next !== at) {
      const to = next === -1 ? text.length : next;
      parts.push({ kind: 'text', text: text.slice(at, to), from: at, to });
      at = to;
      continue;
    }
    const part = partAt(text, at);
    parts.push(part);
    at = part.to;
  }
  return parts;
}

/** The values that a text names, in order; one that stands twice is there twice. */
export function references(text: string): readonly Reference[] {
  return templateParts(text).flatMap((part) => (part.kind === 'use' ? [{ name: part.name, filter: part.filter, from: part.from, to: part.to }] : []));
}

/** What is wrong in the braces of a text: not closed, empty, no name, no such filter. */
export function problemsOfTemplate(text: string): readonly TemplateFault[] {
  return templateParts(text).flatMap((part) => (part.kind === 'fault' ? [{ message: part.message, from: part.from, to: part.to }] : []));
}

/** A plain text with its values. What is wrong in it stays as it stands. Never for a script or a statement: these have ways of their own. */
export function fill(text: string, of: (name: string, filter: Filter | null) => string): string {
  return templateParts(text)
    .map((part) => {
      if (part.kind === 'use') return of(part.name, part.filter);
      if (part.kind === 'braces') return '{{';
      return part.kind === 'text' ? part.text : text.slice(part.from, part.to);
    })
    .join('');
}

/** How a value that nobody knows yet stands in a text for people. */
export function unknownText(name: string, setBy: string | null): string {
  return setBy === null ? `⟨${name}⟩` : `⟨set by step ${setBy}⟩`;
}

/** How a value stands in a plain text: of a list its words one after another. */
export function valueText(value: string | number | boolean | readonly string[]): string {
  return typeof value === 'object' ? value.join(', ') : String(value);
}
