/** Placeholders that somebody left in a command: what stands for a value that is to be filled in. */
import { references } from '#shared/domain/runbook/template.ts';
import { asName, placeholderMessage, placeholdersIn } from '../../../rules/index.ts';
import { nearest } from '../nearest.ts';
import { textsOf, type Ground, type Written } from './ground.ts';

const inText = /(?:^|\.)(?:sh|sql|env|stdin|http\.(?:path|url|headers|body)|transfer\.(?:upload|download|to)|cwd|database)$/;

/** What the author says is meant as it stands: a comment `# literal: ORDER_ID`. */
function literals(text: string): ReadonlySet<string> {
  return new Set([...text.matchAll(/#[ \t]*literal:[ \t]*([^\n\r]+)/g)].flatMap(([, list = '']) => list.split(',').map((each) => each.trim())));
}

function lintText(ground: Ground, { text, span, path }: Written, meant: ReadonlySet<string>): void {
  const { faults, source, params, captures } = ground;
  const values = references(text);
  for (const { text: placeholder, from, to } of placeholdersIn(text)) {
    // In a statement a column may be called so, and a type of a cast stands in brackets.
    if (meant.has(placeholder) || values.some((value) => value.from < to && from < value.to)) continue;
    const name = asName(placeholder);
    const known = params.has(name) || captures.has(name) ? name : null;
    const inSql = path.endsWith('sql');
    faults.add(source.within(span, text, { from, to }), {
      rule: 'placeholder',
      message: placeholderMessage(placeholder),
      fix: `Write ${inSql ? `:${known ?? nearest(name, params.keys()) ?? name}` : `{{ ${known ?? nearest(name, params.keys()) ?? name} }}`}, or a comment "# literal: ${placeholder}" where it is meant so.`,
      edit: known === null ? null : { title: `Write ${inSql ? `:${known}` : `{{ ${known} }}`}`, text: inSql ? `:${known}` : `{{ ${known} }}` },
    });
  }
}

export function lintPlaceholders(ground: Ground): void {
  const meant = literals(ground.source.text);
  for (const place of ground.places) for (const written of textsOf(place)) if (inText.test(written.path)) lintText(ground, written, meant);
}
