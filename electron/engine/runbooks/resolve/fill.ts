/** Texts with their values, each in the way of the place where it stands: a value never says more than itself. */
import type { Value } from '#shared/domain/runbook/definition.ts';
import { fill, templateParts, valueText } from '#shared/domain/runbook/template.ts';

/** What a name stands for. Of what is not known or secret it is what is shown instead. */
export type TextOf = (name: string) => Value;

export type Filled = { text: string } | { fault: string };

/** A text on one line: a path, a name, a header. */
export function fillLine(text: string, of: TextOf, what: string): Filled {
  const filled = fill(text, (name) => valueText(of(name)));
  return /[\u0000-\u001f\u007f]/.test(filled) ? { fault: `${what} has a control character in it: it is one line.` } : { text: filled };
}

/**
 * A path or an address of http. A value in front is taken as it is (the address itself), one in the name of the machine
 * may only be such a name, and anywhere else it is one piece, with its slashes and question marks written out.
 */
export function fillAddress(text: string, of: TextOf): Filled {
  let filled = '';
  for (const part of templateParts(text)) {
    if (part.kind === 'text') filled += part.text;
    else if (part.kind === 'braces') filled += '{{';
    else if (part.kind === 'fault') return { fault: part.message };
    else {
      const value = valueText(of(part.name));
      if (filled === '' && /^https?:\/\//i.test(value)) filled += value.replace(/\/+$/, '');
      else if (/^https?:\/\/[^/?#]*$/i.test(filled)) {
        if (!/^[A-Za-z0-9._:[\]-]*$/.test(value)) return { fault: `"${part.name}" stands for the name of a machine, and is none.` };
        filled += value;
      } else if (value === '.' || value === '..') return { fault: `"${part.name}" is "${value}", which would lead to another path.` };
      else filled += encodeURIComponent(value);
    }
  }
  return { text: filled };
}

/** Whether a text breaks off inside a string of JSON. */
function isInString(json: string): boolean {
  let inside = false;
  for (let at = 0; at < json.length; at += 1) {
    if (json[at] === '\\' && inside) at += 1;
    else if (json[at] === '"') inside = !inside;
  }
  return inside;
}

/**
 * The body of a request. In JSON a value is the inside of a string, or a value of its own; in a form it is written out as
 * forms are; anywhere else it stands as it is.
 */
export function fillBody(text: string, of: TextOf, mediaType: string | null): string {
  const isJson = mediaType === null ? /^\s*[{[]/.test(text) : /[/+]json\b/i.test(mediaType);
  const isForm = mediaType !== null && /x-www-form-urlencoded/i.test(mediaType);
  let written = '';
  for (const part of templateParts(text)) {
    if (part.kind === 'use') {
      const value = of(part.name);
      if (isForm) written += encodeURIComponent(valueText(value));
      else if (!isJson) written += valueText(value);
      else if (isInString(written)) written += JSON.stringify(valueText(value)).slice(1, -1);
      else written += JSON.stringify(value);
    } else written += part.kind === 'braces' ? '{{' : text.slice(part.from, part.to);
  }
  return written;
}
