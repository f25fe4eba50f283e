/** The tests of a file by their titles, read from its source: nothing of it is run. */
import { parseSync } from 'vite';

/** What a title holds where the source does not say: a value of a table, a variable. */
export const unknownPart = '%s';

interface SyntaxNode {
  type: string;
  [field: string]: unknown;
}

const isNode = (value: unknown): value is SyntaxNode => typeof value === 'object' && value !== null && typeof (value as SyntaxNode).type === 'string';

/** `describe`, `test` or `it`, however it is called: `test.each(…)(…)`, `describe.skipIf(…)(…)`. Null for anything else. */
function kindOf(callee: unknown): 'suite' | 'test' | null {
  if (!isNode(callee)) return null;
  if (callee.type === 'Identifier') return callee.name === 'describe' ? 'suite' : callee.name === 'test' || callee.name === 'it' ? 'test' : null;
  if (callee.type === 'MemberExpression') return kindOf(callee.object);
  return callee.type === 'CallExpression' || callee.type === 'TaggedTemplateExpression' ? kindOf(callee.callee ?? callee.tag) : null;
}

function titleOf(node: unknown): string | null {
  if (!isNode(node)) return null;
  if (node.type === 'Literal' && typeof node.value === 'string') return node.value;
  if (node.type !== 'TemplateLiteral') return null;
  return (node.quasis as { value: { cooked: string } }[]).map(({ value }) => value.cooked).join(unknownPart);
}

const isFunction = (node: unknown): boolean => isNode(node) && (node.type === 'ArrowFunctionExpression' || node.type === 'FunctionExpression');

/**
 * Every test of a source text, as `suite > suite > test`. Places of `test.each` stand as they are written.
 * @throws Error where the text cannot be parsed
 */
export function titlesIn(file: string, source: string): string[] {
  const { program, errors } = parseSync(file, source);
  if (errors.length > 0) throw new Error(`${file} cannot be read: ${errors[0]?.message ?? ''}`);
  const titles: string[] = [];
  const look = (value: unknown, suites: readonly string[]): void => {
    if (Array.isArray(value)) return value.forEach((item) => look(item, suites));
    if (!isNode(value)) return;
    if (value.type === 'CallExpression') {
      const given = value.arguments as unknown[];
      const kind = given.some(isFunction) ? kindOf(value.callee) : null;
      const title = titleOf(given[0]) ?? unknownPart;
      if (kind === 'test') titles.push([...suites, title].join(' > '));
      if (kind === 'suite') return given.slice(1).forEach((item) => look(item, [...suites, title]));
    }
    for (const child of Object.values(value)) look(child, suites);
  };
  look(program, []);
  return titles;
}
