/** Placeholders that somebody left in a command: what stands for a value that is to be filled in. */
import { references } from '#shared/domain/runbook/template.ts';
import { nearest } from '../nearest.ts';
import { textsOf, type Ground, type Written } from './ground.ts';

/** `{{ }}` and variables of a shell are values already. */
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

const inText = /(?:^|\.)(?:sh|sql|env|stdin|http\.(?:path|url|headers|body)|transfer\.(?:upload|download|to)|cwd|database)$/;

/** "ORDER_ID" → "order_id", as a parameter would be called. */
export const asName = (placeholder: string): string =>
  placeholder
    .replaceAll(/[^A-Za-z0-9]+/g, '_')
    .replaceAll(/^_+|_+$/g, '')
    .toLowerCase()
    .replace(/^(\d)/, 'value_$1');

/** What the author says is meant as it stands: a comment `# literal: ORDER_ID`. */
function literals(text: string): ReadonlySet<string> {
  return new Set([...text.matchAll(/#[ \t]*literal:[ \t]*([^\n\r]+)/g)].flatMap(([, list = '']) => list.split(',').map((each) => each.trim())));
}

function lintText(ground: Ground, { text, span, path }: Written, meant: ReadonlySet<string>): void {
  const { faults, source, params, captures } = ground;
  const values = references(text);
  for (const pattern of patterns) {
    for (const found of text.matchAll(pattern)) {
      const [placeholder] = found;
      const [from, to] = [found.index, found.index + found[0].length];
      // In a statement a column may be called so, and a type of a cast stands in brackets.
      if (meant.has(placeholder) || values.some((value) => value.from < to && from < value.to)) continue;
      const name = asName(placeholder);
      const known = params.has(name) || captures.has(name) ? name : null;
      const inSql = path.endsWith('sql');
      faults.add(source.within(span, text, { from, to }), {
        rule: 'placeholder',
        message: `${placeholder} looks like a placeholder. Make it a parameter (one click: ${name}) or mark it literal.`,
        fix: `Write ${inSql ? `:${known ?? nearest(name, params.keys()) ?? name}` : `{{ ${known ?? nearest(name, params.keys()) ?? name} }}`}, or a comment "# literal: ${placeholder}" where it is meant so.`,
        edit: known === null ? null : { title: `Write ${inSql ? `:${known}` : `{{ ${known} }}`}`, text: inSql ? `:${known}` : `{{ ${known} }}` },
      });
    }
  }
}

export function lintPlaceholders(ground: Ground): void {
  const meant = literals(ground.source.text);
  for (const place of ground.places) for (const written of textsOf(place)) if (inText.test(written.path)) lintText(ground, written, meant);
}
