/** What a schema found in an item, as a sentence for people. */
import type { z } from 'zod';

type Issue = z.core.$ZodIssue;

/** What stands at a path; undefined where nothing does. */
export function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((within, name) => (typeof within === 'object' && within !== null ? (within as Record<PropertyKey, unknown>)[name] : undefined), value);
}

const amount = (count: number | bigint, origin: string): string => (origin === 'string' ? `${count} characters` : origin === 'array' ? `${count} entries` : `${count}`);

function formWords(issue: Extract<Issue, { code: 'invalid_format' }>, found: unknown): string {
  switch (issue.format) {
    case 'url':
      return 'is no address that begins with http:// or https://';
    case 'email':
      return 'is no address such as name@example.com';
    case 'regex':
      if (issue.path.at(-1) === 'phone') return typeof found === 'string' && /\p{L}/u.test(found) ? 'has letters in it: a telephone number is written in digits, as it is dialled' : 'is no telephone number as it is dialled, as in "+1 555 0100"';
      return issue.message.startsWith('Invalid') ? 'has another form than it can have' : `has another form: ${issue.message}`;
    default:
      return 'has another form than it can have';
  }
}

/**
 * @param value what was looked at as a whole
 * @returns what goes on after the name of the field: `"url" is no address that …`
 */
export function issueWords(issue: Issue, value: unknown): string {
  const found = valueAt(value, issue.path);
  const shown = typeof found === 'string' ? `: "${found.slice(0, 80)}"` : '';
  if (found === undefined && issue.code !== 'unrecognized_keys') return 'is missing';
  switch (issue.code) {
    case 'invalid_format':
      return `${formWords(issue, found)}${shown}`;
    case 'invalid_type':
      return `is not ${{ string: 'a text', number: 'a number', int: 'a whole number', boolean: 'true or false', array: 'a list', object: 'a group of fields', record: 'a group of names' }[issue.expected as string] ?? `of the type ${issue.expected}`}`;
    case 'invalid_value':
      return `is not one of ${issue.values.map(String).join(', ')}${shown}`;
    case 'too_small':
      if (issue.origin === 'string') return Number(issue.minimum) === 1 ? 'is empty' : `has fewer than ${amount(issue.minimum, issue.origin)}`;
      return issue.origin === 'array' ? `has fewer than ${amount(issue.minimum, issue.origin)}` : `is less than ${issue.inclusive === false ? 'or equal to ' : ''}${amount(issue.minimum, issue.origin)}`;
    case 'too_big':
      return issue.origin === 'string' || issue.origin === 'array' ? `has more than ${amount(issue.maximum, issue.origin)}` : `is more than ${amount(issue.maximum, issue.origin)}`;
    case 'unrecognized_keys':
      return `has fields that are not known: ${issue.keys.join(', ')}`;
    case 'invalid_union':
      return 'is none of what can stand here';
    default:
      return `cannot be this: ${issue.message}`;
  }
}
