/**
 * Writes fields as YAML that every reader reads alike: what version 1.1 takes for something else stands in quotes, and
 * no line is broken. A guide of 10 000 lines has a thousand of them, for which a library that knows all of YAML takes most
 * of a second.
 */

export type Fields = Record<string, unknown>;

/** Texts by the path to them that stand in quotes for people's eyes, too. */
const quoted = new Set(['version', 'starts', 'source.lines']);

/** What readers of version 1.1 take for true, false or nothing. */
const trap = /^(?:y|n|yes|no|on|off|true|false|null)$/i;
/** Without quotes: it begins with a letter, and nothing in it ends it or begins a comment; "e0" is a number to some readers. */
const plain = /^(?![eE][0-9])\p{L}(?:(?!: |:$| #)[^\n])*(?<! )$/u;

/** "1h30m", as people write it. */
const duration = /^(?:\d+(?:ms|[smhdw]))+$/;

/** Signs that no file of YAML may hold, and blanks at the ends of lines, which nobody sees. */
const clean = (text: string): string => text.replaceAll('\r', '').replaceAll(/[^\S\n]+$/gm, '').replaceAll('\t', '    ').replaceAll(/[\u0000-\u0008\u000B-\u001F\u007F-\u009F\u2028\u2029\uFEFF\uFFFE\uFFFF]/g, ' ').toWellFormed();

/** @param indent of the lines of a text that has several */
function scalar(value: string, indent: string, path: string): string {
  const text = clean(value);
  if (text.includes('\n')) {
    const end = /\n*$/.exec(text)?.[0].length ?? 0;
    // What begins with blanks would be read with other ones.
    if (end < 2 && !/^\s/.test(text)) return `|${end === 0 ? '-' : ''}\n${text.slice(0, text.length - end).split('\n').map((line) => (line === '' ? '' : `${indent}${line}`)).join('\n')}`;
    return JSON.stringify(text);
  }
  return !quoted.has(path) && ((plain.test(text) && !trap.test(text)) || duration.test(text)) ? text : JSON.stringify(text);
}

function node(value: unknown, indent: string, path: string): string {
  if (typeof value === 'string') return ` ${scalar(value, indent, path)}`;
  if (Array.isArray(value)) {
    if (value.length === 0) return ' []';
    return value.map((item) => {
      // The first field of a group stands on the line of its dash.
      const text = node(item, `${indent}  `, `${path}[]`);
      return text.startsWith('\n') ? `\n${indent}- ${text.slice(1 + indent.length + 2)}` : `\n${indent}-${text}`;
    }).join('');
  }
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value);
    if (entries.length === 0) return ' {}';
    return entries.map(([key, item]) => {
      const name = scalar(key.replaceAll('\n', ' ').trim() || '-', '', '');
      return `\n${indent}${name}:${node(item, `${indent}  `, path === '' ? key : `${path}.${key}`)}`;
    }).join('');
  }
  return ` ${JSON.stringify(value)}`;
}

/** Fields as a document of their own. */
export const yamlText = (fields: Fields): string => `${node(fields, '', '').slice(1)}\n`;
