/** Placeholders that somebody left: what stands for a value that is to be filled in. `{{ }}` and variables of a shell are values already. */
import { define } from './define.ts';
import type { Hit } from './types.ts';

const patterns: readonly RegExp[] = [
  /(?<![\w${.'-])[A-Z][A-Z0-9_]*_ID(?![\w=}])/g,
  /(?<![\w${.-])(?:YOUR_)?(?:[A-Z]+_)?TOKEN(?![\w=}])/g,
  /<[a-z][a-z0-9]*(?:[-_ ][a-z0-9]+)*>(?!\()/gi,
  /\byour-[a-z0-9-]+/gi,
  /(?<!\w)X{3,}(?!\w)/g,
  /(?:[\w-]+\.)*(?<![\w-])example\.(?:com|org|net)\b/g,
  /\$2[aby]\$\d\d?\$\.{3}/g,
  /(?<![\w/.-])(?:backup|dump)_file(?:\.(?:sql|dump|gz))?(?!\w)/g,
];

export interface Placeholder {
  text: string;
  from: number;
  to: number;
}

export function placeholdersIn(text: string): Placeholder[] {
  return patterns.flatMap((pattern) => [...text.matchAll(pattern)].map((found) => ({ text: found[0], from: found.index, to: found.index + found[0].length })));
}

/** "ORDER_ID" → "order_id", as a parameter would be called. */
export const asName = (placeholder: string): string =>
  placeholder
    .replaceAll(/[^A-Za-z0-9]+/g, '_')
    .replaceAll(/^_+|_+$/g, '')
    .toLowerCase()
    .replace(/^(\d)/, 'value_$1');

/** How it is said of one. */
export const placeholderMessage = (placeholder: string): string => `${placeholder} looks like a placeholder. Make it a parameter (one click: ${asName(placeholder)}) or mark it literal.`;

export const placeholderRules = [
  define({
    id: 'placeholder',
    title: 'A placeholder that was left',
    explanation: 'It stands for a value that somebody has to fill in: sent as it is, the command does something else than it says. A parameter asks for the value before the start.',
    class: 'placeholder',
    kinds: ['block'],
    languages: ['sh', 'sql', 'ini', 'yaml', 'crontab'],
    look: ({ text, language }) => placeholdersIn(text).map(({ text: placeholder, from, to }): Hit => {
      const use = language === 'sql' ? `:${asName(placeholder)}` : `{{ ${asName(placeholder)} }}`;
      return { from, to, message: placeholderMessage(placeholder), fix: `Write ${use}, or a comment "# literal: ${placeholder}" where it is meant so.` };
    }),
  }),
];
