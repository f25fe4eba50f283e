/** What was decided about a guide outlives its next reading, and nothing else does. */
import { expect, it } from 'vitest';
import { imported, reimport } from '#engine/guides/reimport.ts';
import type { StoredGuideItem } from '#engine/store/guide-repository.ts';
import { readText } from '#test/read-fixture-guide.ts';

const restart = '## Restart it\n\n```bash\nsystemctl restart shop\n```\n';
const clear = '## Clear it\n\n```bash\nrm -rf /var/spool/shop\n```\n';
const read = (text: string) => readText(`# Shop\n\nHow it is kept.\n\n## Why\n\nIt earns money.\n\n${text}`).items;
const accepted = (items: readonly StoredGuideItem[]): StoredGuideItem[] => items.map((item) => ({ ...item, decision: 'accepted', decidedBy: 'me', decidedAt: 1, flags: item.flags.map((flag) => ({ ...flag, state: 'kept', reason: 'meant so' })) }));
const named = (items: readonly StoredGuideItem[], title: string) => items.find((item) => item.title === title);

it('what was decided is there again where a wrong file was read in between', () => {
  const before = accepted(imported(read(`${restart}\n${clear}`)));
  const wrong = reimport(before, readText('# Minutes of a meeting\n\nNobody came.\n').items);
  const again = reimport(wrong.items, read(`${restart}\n${clear}`));
  expect([wrong.gone.length > 0, again.new, named(again.items, 'Restart it'), named(again.items, 'Clear it')]).toMatchObject([true, [], { decision: 'accepted', standing: 'same' }, { decision: 'accepted', standing: 'same' }]);
});

it('what is gone is told once', () => {
  const first = reimport(imported(read(`${restart}\n${clear}`)), read(restart));
  const second = reimport(first.items, read(restart));
  expect([first.gone, second.gone, named(second.items, 'Clear it')?.standing]).toEqual([['Clear it'], [], 'gone']);
});

it('a text that was accepted stays, where something else is made of the same lines', () => {
  const [item] = accepted(imported(read(restart))).filter(({ kind }) => kind === 'runbook');
  if (item === undefined) throw new Error('There is no runbook.');
  const older = { ...item, draftText: item.draftText.replace('systemctl restart shop', 'systemctl reload shop') };
  expect(reimport([older], read(restart)).items.find(({ key }) => key === item.key)).toMatchObject({ decision: 'accepted', ownText: older.draftText, draftText: item.draftText });
  // What nobody has decided about is what is made of it now.
  expect(reimport([{ ...older, decision: 'open' }], read(restart)).items.find(({ key }) => key === item.key)?.ownText).toBeNull();
});

it('a text that only stands elsewhere, or beside another of its name, is the one that was accepted', () => {
  const before = accepted(imported(read(`${clear}\n${restart}`)));
  const moved = reimport(before, read(`A word before.\n\n## Restart it\n\n\`\`\`bash\nsystemctl stop other\n\`\`\`\n\n${clear}\n${restart}`));
  const same = moved.items.filter(({ title, standing }) => title === 'Restart it' && standing === 'same');
  expect([same.map(({ key, ownText, decision }) => [key, ownText, decision]), named(moved.items, 'Clear it')?.ownText]).toEqual([[['runbook/restart-it-2', null, 'accepted']], null]);
});

it('what somebody wrote of a piece that is gone is kept beside what has its name now', () => {
  const two = '## Restart it\n\n```bash\nsystemctl stop other\n```\n';
  const before = imported(read(`${two}\n${restart}`)).map((item) => (item.key === 'runbook/restart-it' ? { ...item, ownText: 'mine' } : item));
  const { items } = reimport(before, read(restart));
  expect(items.filter(({ title }) => title === 'Restart it').map(({ key, standing, ownText }) => [key, standing, ownText])).toEqual([['runbook/restart-it', 'same', null], ['runbook/restart-it-gone-2', 'gone', 'mine']]);
});
