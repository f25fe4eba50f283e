/** The ways to hand a password over that are never taken: an address on a command line, and PGPASSWORD. */
import { expect, test, vi } from 'vitest';
import { unwantedVariables } from '#engine/backup/run-tool.ts';
import { runChild } from '#engine/children/run-child.ts';
import { projectRoot } from '../../scripts/house/layers.ts';
import { nameOf, sourcesBelow, type SyntaxNode } from '#test/security/syntax.ts';

test('no source of ours sets PGPASSWORD, or gives a program the address of a database', () => {
  const sources = sourcesBelow(projectRoot, ['electron/engine', 'electron/cli']);
  const sets = sources.flatMap(({ file, nodes }) =>
    nodes.filter(({ type, key, left }) => (type === 'Property' && (nameOf(key) === 'PGPASSWORD' || (key as { value?: unknown }).value === 'PGPASSWORD')) || (type === 'AssignmentExpression' && nameOf(left).includes('PGPASSWORD'))).map(() => file),
  );
  const addresses = sources.flatMap(({ file, nodes }) =>
    nodes.filter(({ type, quasis }) => type === 'TemplateLiteral' && (quasis as { value: { raw: string } }[]).length > 1 && /postgres(?:ql)?:\/\//.test((quasis as { value: { raw: string } }[])[0]?.value.raw ?? '')).map((node: SyntaxNode) => `${file} ${node.start}`),
  );
  expect([sets, addresses]).toEqual([[], []]);
});

test('a PGPASSWORD of the account goes to no program of ours', async () => {
  vi.stubEnv('PGPASSWORD', 'canary-of-the-account');
  const { stdout } = await runChild({ command: 'env', args: [] });
  expect([stdout.includes('canary'), unwantedVariables.includes('PGPASSWORD')]).toEqual([false, true]);
});
