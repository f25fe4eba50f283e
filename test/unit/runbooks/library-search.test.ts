import { describe, expect, test } from 'vitest';
import type { Runbook } from '#shared/domain/runbook/definition.ts';
import type { LibraryFile } from '#engine/runbooks/library/index.ts';
import { createSearch } from '#engine/runbooks/library/search.ts';
import { aRunbook, aStep } from '#test/runbook-fixture.ts';

const fileOf = (ref: string, runbook: Runbook | null, text = ''): LibraryFile => ({ ref, file: `/${ref}.yaml`, origin: 'own', packTitle: null, text, hash: '', runbook, problems: [] });

const wal = fileOf(
  'own/wal',
  aRunbook({
    title: 'WAL fills the disk',
    summary: 'Find what keeps it: a slot that nobody reads, or an archive that fails.',
    tags: ['postgres', 'P1'],
    steps: [
      aStep({ id: 'space', title: 'How full it is', why: 'The last ten percent are for root.', action: { kind: 'sh', script: 'df -h {{ mount }}' }, probe: null }),
      aStep({ id: 'drop', title: 'Drop the slot', action: { kind: 'sql', statement: 'SELECT pg_drop_replication_slot(:slot)' }, undo: [{ ...aStep({ id: 'x' }), action: { kind: 'manual', text: 'Make the standby anew.' } }] }),
    ],
    rollback: { trigger: null, steps: [aStep({ id: 'tell', title: 'Tell the owner' })] },
  }),
);
const restart = fileOf('shop/restart', aRunbook({ id: 'restart', title: 'Restart', steps: [aStep({ id: 'stop', title: 'Stop', action: { kind: 'manual', text: 'Say that it is slotted in for tonight, whether the disk is full or not.' } })] }));
const draft = fileOf('own/draft', null, 'id: draft\nsteps: [ { sh: vacuumdb');
const files = [restart, draft, wal];
const find = (text: string) => createSearch().find(files, text);
const refs = (text: string): string[] => find(text).map(({ file }) => file.ref);

describe('searching the library', () => {
  test.each([
    ['the title', 'wal fills'],
    ['the summary', 'archive fails'],
    ['a tag', 'p1'],
    ['the id', 'wal-fills'],
    ['the title of a step', 'drop'],
    ['why a step is there', 'ten percent'],
    ['a command', 'df -h'],
    ['a statement', 'pg_drop_replication_slot'],
    ['the way back', 'standby'],
    ['a step of the rollback', 'tell owner'],
  ])('finds by %s', (_what, text) => {
    expect(refs(text)).toEqual(['own/wal']);
  });
  test('finds what a person is to do', () => {
    expect(refs('tonight')).toEqual(['shop/restart']);
  });
  test('wants all words, in any order, wherever they are', () => {
    expect([refs('percent wal'), refs('percent restart')]).toEqual([['own/wal'], []]);
  });
  test('makes no difference of capitals and accents', () => {
    expect(refs('ARCHÍVE Wal')).toEqual(['own/wal']);
  });
  test('puts what begins with the word before what has it inside, and titles before texts', () => {
    expect([refs('slot'), refs('full')]).toEqual([['own/wal', 'shop/restart'], ['own/wal', 'shop/restart']]);
    const [inside, begins] = [fileOf('a/inside', aRunbook({ id: 'a', title: 'Preslot' })), fileOf('b/begins', aRunbook({ id: 'b', title: 'Slots' }))];
    expect(createSearch().find([inside, begins], 'slot').map(({ file }) => file.ref)).toEqual(['b/begins', 'a/inside']);
  });
  test('says where, the best first, with what stands around it on one line', () => {
    expect(find('drop slot')[0]?.hits).toEqual([
      { where: 'step Drop the slot', text: 'Drop the slot' },
      { where: 'summary', text: 'Find what keeps it: a slot that nobody reads, or an archive that fails.' },
    ]);
  });
  test('tells of the id only where there is nothing else to tell', () => {
    const [both, alone] = [fileOf('own/a', aRunbook({ id: 'pool-full', title: 'Pool full' })), fileOf('own/b', aRunbook({ id: 'pool-full', title: 'x' }))];
    expect(createSearch().find([both, alone], 'pool').map(({ hits }) => hits)).toEqual([[{ where: 'title', text: 'Pool full' }], [{ where: 'id', text: 'pool-full' }]]);
  });
  test('shows a short part of a long text', () => {
    const long = fileOf('own/long', aRunbook({ title: 'x', summary: `${'a '.repeat(500)}needle\n\n${'b '.repeat(500)}` }));
    expect(createSearch().find([long], 'needle')[0]?.hits).toEqual([{ where: 'summary', text: `… ${'a '.repeat(30)}needle ${'b '.repeat(29).trim()} …` }]);
  });
  test('cuts no character in half', () => {
    const long = fileOf('own/long', aRunbook({ title: 'x', summary: `${'🙂'.repeat(100)} needle ${'🙂'.repeat(100)}` }));
    expect(createSearch().find([long], 'needle')[0]?.hits[0]?.text.isWellFormed()).toBe(true);
  });
  test('finds a text that is no runbook yet', () => {
    expect(find('vacuumdb')).toEqual([{ file: draft, hits: [{ where: 'text', text: 'id: draft steps: [ { sh: vacuumdb' }] }]);
  });
  test('shows all as they are without a word', () => {
    expect(find('  ')).toEqual(files.map((file) => ({ file, hits: [] })));
  });
});
