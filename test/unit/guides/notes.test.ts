import { expect, it } from 'vitest';
import { noteText } from '#engine/guides/as-note.ts';
import { afterDeciding } from '#engine/guides/decide.ts';
import { readGuide } from '#engine/guides/read-guide.ts';
import { imported, reimport } from '#engine/guides/reimport.ts';

const text = '# Shop\n\n## Clear it\n\n```bash\nrm -rf /var/spool/old\n```\n';
const read = (of: string) => readGuide({ fileName: 'shop.md', text: of, timeZone: 'UTC', now: 0 }).items;
const who = { by: 'me', at: 1, problems: () => [] };

function keptAsNote() {
  const item = imported(read(text)).find(({ kind }) => kind === 'runbook');
  if (item === undefined) throw new Error('There is no runbook in the guide.');
  return { item, note: afterDeciding(item, { decision: 'note', text: noteText(item, text) }, who) };
}

it('a runbook that is kept as a note is its lines, with no flag left', () => {
  const { note } = keptAsNote();
  expect([note.kind, note.decision, note.ownText?.includes('rm -rf /var/spool/old'), note.flags.some(({ state }) => state === 'open')]).toEqual(['note', 'edited', true, false]);
});

it('what is looked at anew is what it was, with its flags', () => {
  const { item, note } = keptAsNote();
  expect(afterDeciding(note, { decision: 'reopen', text: null }, who)).toEqual(item);
});

it('what is a note stays one when its guide is read again, and is decided anew where its lines changed', () => {
  const { note } = keptAsNote();
  const [same] = reimport([note], read(text)).items.filter(({ key }) => key === note.key);
  const [changed] = reimport([note], read(text.replace('old', 'new'))).items.filter(({ key }) => key === note.key);
  expect([same?.kind, same?.decision, changed?.kind, changed?.decision, changed?.ownText]).toEqual(['note', 'edited', 'runbook', 'open', null]);
});
