/** What is run on a server is made in one way: words that were quoted, or a text of ours; everything longer goes over standard input. */
import { describe, expect, test } from 'vitest';
import { projectRoot } from '../../scripts/house/layers.ts';
import { calleeOf, importsOf, isNode, nameOf, sourcesBelow, type SourceFile, type SyntaxNode } from '#test/security/syntax.ts';

const sources = sourcesBelow(projectRoot, ['electron/engine']);
const callsIn = ({ file, text, nodes }: SourceFile, names: readonly string[]) =>
  nodes.filter((node) => names.includes(calleeOf(node))).map((node) => ({ file, given: node.arguments as SyntaxNode[], text: text.slice(node.start, node.end) }));

/** Texts of the file that hold no value: constants at its top, made of nothing but letters and constants of the same kind. */
function constantsOf({ nodes }: SourceFile): Set<string> {
  const constants = new Set<string>();
  for (const node of nodes) {
    const { init } = node as { init?: unknown };
    if (node.type !== 'VariableDeclarator' || !isNode(init)) continue;
    const isText = init.type === 'Literal' || (init.type === 'TemplateLiteral' && (init.expressions as SyntaxNode[]).every((part) => constants.has(nameOf(part))));
    if (isText) constants.add(nameOf(node.id));
  }
  return constants;
}

/** Whether an expression is a quoted command line, or a text of ours. */
function isMade(node: SyntaxNode | undefined, constants: ReadonlySet<string>): boolean {
  if (node === undefined) return false;
  if (node.type === 'Literal' || (node.type === 'Identifier' && constants.has(nameOf(node)))) return true;
  if (node.type === 'CallExpression' && calleeOf(node) === 'quoteCommand') return true;
  // Words that come first are quoted one by one.
  return node.type === 'TemplateLiteral' && (node.expressions as SyntaxNode[]).every((part) => constants.has(nameOf(part)) || isJoinedQuotes(part));
}
function isJoinedQuotes(node: SyntaxNode): boolean {
  const { callee } = node as { callee?: SyntaxNode };
  const mapped = callee?.object as SyntaxNode | undefined;
  return node.type === 'CallExpression' && isNode(callee?.property) && callee.property.name === 'join' && isNode(mapped) && isNode(mapped.callee) && nameOf(mapped.callee).endsWith('.map') && nameOf((mapped.arguments as SyntaxNode[])[0]) === 'quoteWord';
}

describe('a command for a server', () => {
  test('leaves by one place', () => {
    const asked = sources.flatMap((source) => (importsOf(source).some(({ from }) => from === 'ssh2') || source.file.startsWith('electron/engine/ssh/') ? callsIn(source, ['client.exec', 'connection.client.exec', 'client.shell', 'client.subsys']) : []));
    expect(asked.map(({ file }) => file)).toEqual(['electron/engine/ssh/exec.ts']);
  });
  test('is a quoted argument vector or a text of ours, wherever it is made', () => {
    const made = sources.filter((source) => importsOf(source).some(({ from, names }) => from.endsWith('exec.ts') && names.some((name) => name === 'exec' || name === 'execOrFail')));
    const calls = made.flatMap((source) => callsIn(source, ['exec', 'execOrFail']).map((call) => ({ ...call, isMade: isMade(call.given[1], constantsOf(source)) })));
    expect([calls.length >= 7, calls.filter((call) => !call.isMade).map(({ file, text }) => `${file}: ${text}`)]).toEqual([true, []]);
  });
});

test('nothing that a server sends is run here: no text becomes code', () => {
  const all = sourcesBelow(projectRoot, ['electron', 'shared', 'renderer']);
  const code = all.flatMap(({ file, text, nodes }) => nodes.filter((node) => ['eval', 'Function'].includes(calleeOf(node))).map((node) => `${file}: ${text.slice(node.start, node.end)}`));
  const machines = all.flatMap((source) => importsOf(source).filter(({ from }) => /^(?:node:)?vm$/.test(from)).map(({ names }) => ({ source, names })));
  expect([code, machines.map(({ source, names }) => `${source.file}: ${names.join()}`)]).toEqual([[], ['electron/engine/runbooks/desk/in-time.ts: createContext,Script']]);
  // The one that is there for its time limit runs one word of ours, whatever it is given to work on.
  const run = machines.flatMap(({ source: { nodes, text } }) => nodes.filter((node) => calleeOf(node) === 'Script').map((node) => (node.arguments as SyntaxNode[]).map(({ start, end }) => text.slice(start, end)).join()));
  expect(run).toEqual(["'work()'"]);
});

test('a shell of this computer is given no text: children are argument vectors', () => {
  const here = sourcesBelow(projectRoot, ['electron/engine/children']);
  const shells = here.flatMap(({ file, nodes }) => nodes.filter((node) => node.type === 'Property' && nameOf(node.key) === 'shell').map(() => file));
  const calls = here.flatMap((source) => source.nodes.filter((node) => /^(?:exec|execSync)$/.test(calleeOf(node))).map((node) => `${source.file} ${calleeOf(node)}`));
  expect([shells, calls]).toEqual([[], []]);
});
