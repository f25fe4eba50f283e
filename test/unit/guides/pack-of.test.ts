/** What was accepted of a guide becomes a pack, whole, or none. */
import { expect, it } from 'vitest';
import { problemsOf } from '#engine/guides/check-item.ts';
import { packOf } from '#engine/guides/pack-of.ts';
import { imported } from '#engine/guides/reimport.ts';
import { readPack } from '#engine/packs/format/index.ts';
import { knownChecks } from '#engine/packs/known-checks.ts';
import { readText } from '#test/read-fixture-guide.ts';

const named = { name: 'shop', title: 'Shop', version: '1.0.0' };
const packed = (text: string) => {
  const items = imported(readText(text).items);
  const { texts } = packOf({ fileName: 'shop.md', title: 'Shop' }, items, named);
  return { items, texts, cards: [...texts].filter(([file]) => file.startsWith('cards/')), problems: readPack({ name: 'shop', texts, problems: [] }, knownChecks).problems };
};

it('prose that is longer than a card is on as many as it needs, word by word', () => {
  const parts = Array.from({ length: 700 }, (_value, index) => `## Part ${index}\n\nWhat is worth knowing of part ${index}, which goes on for a while so that there is something to read in it.\n`);
  const { cards, problems } = packed(`# Shop\n\n${parts.join('\n')}`);
  const all = cards.map(([, text]) => text).join('\n');
  expect([problems, cards.length > 1, parts.filter((_part, index) => !all.includes(`What is worth knowing of part ${index},`))]).toEqual([[], true, []]);
});

it('a guide of one endless line can be accepted, and is there to the last word', () => {
  const { items, cards, problems } = packed(`# Shop\n\n${'🦫 word '.repeat(12_000)}the last word`);
  const wrong = items.flatMap(({ kind, key, draftText }) => problemsOf(kind, key.slice(key.indexOf('/') + 1), draftText, knownChecks));
  expect([wrong, problems, cards.length, cards.at(-1)?.[1].includes('the last word'), cards.every(([, text]) => text.isWellFormed())]).toEqual([[], [], 3, true, true]);
});

it('two runbooks of one id are no pack: neither is dropped for the other', () => {
  const items = imported(readText('# Shop\n\n## Stop it\n\n```bash\nsystemctl stop shop\n```\n\n## Start it\n\n```bash\nsystemctl start shop\n```\n').items).map((item) => ({ ...item, ownText: item.draftText.replace(/^id: .*$/m, 'id: same') }));
  expect(() => packOf({ fileName: 'shop.md', title: 'Shop' }, items, named)).toThrow(/Two runbooks of the guide have the id same; one of them is "Start it"/);
});
