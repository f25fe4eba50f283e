/** What stands on paper for a procedure of the console: commands that the rule book finds nothing wrong with. */
import { describe, expect, test } from 'vitest';
import type { CalledAction } from '#engine/runbooks/desk/called.ts';
import { previewOf, type PreviewContext } from '#engine/runbooks/desk/preview.ts';
import { findWrongs } from '#engine/rules/index.ts';
import type { CalledProcedure } from '#shared/domain/runbook/definition.ts';
import { aRunbook, aStep } from '#test/runbook-fixture.ts';

const called = (procedure: CalledProcedure, given: Record<string, string> = {}, require: string | null = null): CalledAction => ({ kind: 'procedure', procedure, with: given, require });
const steps = [
  aStep({ id: 'save', target: 'db', action: called('backup.run', { proof: 'L3' }) }),
  aStep({ id: 'beside', target: 'db', action: called('restore.beside', { max_age: '{{ age }}' }, 'equal') }),
  aStep({ id: 'swap', action: called('restore.swap', { from: 'beside' }), undo: [{ ...aStep({ id: 'undo' }), action: called('restore.undo', { from: 'swap' }) }] }),
  aStep({ id: 'look', action: called('health.check', { only: 'disk, load' }) }),
];
const context = (of: { database?: string; values?: Record<string, string>; known?: boolean; onPaper?: boolean } = {}): PreviewContext => ({
  scope: { values: of.values ?? { age: '26h' }, secrets: new Map(), secretNames: new Set(), bindings: of.known === false ? {} : { db: { kind: 'postgres', databaseId: 'd1', label: 'shop', database: of.database ?? 'shop', systemIdentifier: null } } },
  binder: { words: () => 'shop on db-1:5432' },
  titleOfRunbook: () => null,
  ...(of.onPaper === false ? {} : { reachedBy: () => ({ host: 'db-1', port: 5432, user: 'shop_owner' }) }),
});
const shown = (stepId: string, of: PreviewContext = context()) => previewOf(aRunbook({ steps }), { key: stepId, stepId, section: 'steps', item: null, target: null, undo: null }, of);
const commands = (text: string): string => text.split('By hand:\n')[1] ?? '';

describe('a procedure of the console, on paper', () => {
  test('says what it is first, and then how it is done by hand with what is known', () => {
    expect(shown('beside').text).toMatch(/^Restore a copy beside, and compare it, of shop on db-1:5432\nmax_age: 26h\nhas to be: equal\nPilothouse does it\. By hand:\n#.*\nexport PGHOST=db-1 PGPORT=5432 PGUSER=shop_owner\n# .*proven, not older than 26h.*\n/);
  });
  test('is what the console does and nothing else, elsewhere', () => {
    expect([shown('beside', context({ onPaper: false })).text, shown('swap', context({ onPaper: false })).undo]).toEqual(['Restore a copy beside, and compare it, of shop on db-1:5432\nmax_age: 26h\nhas to be: equal', ['Take the swap back\nfrom: swap']]);
  });
  test.each([['what is known', context()], ['nothing known', context({ known: false, values: {} })], ['a name with quotes', context({ database: `o'x "y"` })]])('has no command that the rule book finds wrong, with %s', (_what, of) => {
    const { text, undo } = shown('swap', of);
    const all = [shown('save', of).text, shown('beside', of).text, text, ...(undo ?? [])].map(commands);
    const wrongs = all.flatMap((each) => findWrongs(each, { language: 'sh' })).filter(({ rule }) => rule !== 'changing' && rule !== 'destructive');
    expect([all.map((each) => each.split('\n').length > 6), wrongs]).toEqual([[true, true, true, true], []]);
  });
  test('exchanges the names of the database that was restored, and back', () => {
    const { text, undo } = shown('swap', context({ values: { age: '26h', 'beside.database': 'shop_copy' } }));
    const renamed = (of: string | undefined) => [...(of ?? '').matchAll(/ALTER DATABASE (\S+) RENAME TO ("\w+")/g)].map(([, from, to]) => `${from} ${to}`);
    expect([renamed(text), renamed(undo?.[0])]).toEqual([['"shop" "shop__old"', '"shop_copy" "shop"'], ['"shop" "shop_copy"', '"shop__old" "shop"']]);
  });
  test('proves as much as it has to', () => {
    const proofs = (action: CalledAction) => [/pg_restore --list/, /\/dev\/null "\$copy"/, /createdb/].map((each) => each.test(previewOf(aRunbook({ steps: [aStep({ id: 'save', target: 'db', action })] }), { key: 'save', stepId: 'save', section: 'steps', item: null, target: null, undo: null }, context()).text));
    expect([proofs(called('backup.run', { proof: 'L1' })), proofs(called('backup.run', {}, 'L2')), proofs(called('backup.run', { proof: 'L3' }))]).toEqual([[true, false, false], [true, true, false], [true, true, true]]);
  });
  test('names the checks, and that the console does them as soon as it can', () => {
    expect(shown('look').text).toMatch(/It is done as soon as Pilothouse reaches the server\. Until then look at disk, load, each by hand/);
  });
  test('takes no command from a value', () => {
    const { text } = shown('beside', context({ database: 'a\ntouch /b', values: { age: '26h\ntouch /c' } }));
    expect(commands(text).split('\n').filter((line) => line.startsWith('touch'))).toEqual([]);
  });
});
