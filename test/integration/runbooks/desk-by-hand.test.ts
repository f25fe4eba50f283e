/** Where a procedure of the console is shown: on paper with what a person does by hand, elsewhere without. */
import { expect, test } from 'vitest';
import { deskStage, runbookText } from '#test/desk-stage.ts';

test('commands to do it by hand stand on what is printed and walked on paper, and nowhere else', async () => {
  const stage = await deskStage();
  const bindings = { db: { databaseId: stage.addDatabase(stage.addSystem('shop'), 'shop') } };
  const ref = stage.write('called', runbookText('  - { id: save, title: Save, target: db, call: { procedure: backup.run, with: { proof: L1 } }, pause: before }\n', { targets: 'targets:\n  db: { kind: postgres, label: Database }\n' }));
  const { call } = stage.engine;
  const given = { ref, systemId: 'shop', bindings, values: {} };
  const live = await stage.begin(ref, given);
  const paper = await stage.begin(ref, { ...given, mode: 'paper' });
  const walked = async (walkthroughId: string) => JSON.stringify((await call('walkthrough.get', { walkthroughId })).steps);
  const shown = {
    preview: JSON.stringify((await call('runbook.preview', given)).steps),
    live: await walked(live),
    print: JSON.stringify((await call('runbook.preview', { ...given, onPaper: true })).steps),
    checklist: (await call('runbook.checklist', given)).content,
    paper: await walked(paper),
    'checklist of a live one': (await call('walkthrough.export', { walkthroughId: live, format: 'checklist' })).content,
  };
  expect(Object.entries(shown).map(([where, text]) => [where, /PGPORT=\d+/.test(text) && text.includes('pg_restore --list')])).toEqual([['preview', false], ['live', false], ['print', true], ['checklist', true], ['paper', true], ['checklist of a live one', true]]);
});
