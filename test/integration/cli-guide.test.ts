/** Guides on a terminal: drafts beside the console, and a pack from one that was looked at. */
import { copyFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { lintDocument, runbookImportDocument } from '../../electron/cli/documents.ts';
import { cliSession, type CliSession } from '#test/cli-session.ts';
import { makeTemporaryFolder } from '#test/temporary-folder.ts';

let home: string;
let cli: CliSession;
const guide = join(import.meta.dirname, '..', 'support', 'guides', 'kubernetes-shop.md');

beforeAll(async () => {
  home = await makeTemporaryFolder('cli-guide');
  cli = cliSession(home);
});
afterAll(() => rm(home, { recursive: true, force: true }));

test('drafts are written that nobody can start by mistake, and nothing is written over', async () => {
  const out = join(home, 'drafts');
  const document = await cli.read(runbookImportDocument, 'runbook', 'import', guide, '--out', out);
  expect(document.runbooks.map(({ id, steps, manual, commands, blocked }) => [id, steps, manual, commands, blocked])).toEqual([
    ['restart-the-checkout', 9, 4, 5, 4],
    ['remove-a-stuck-pod', 3, 0, 3, 1],
    ['problem-orders-are-not-paid', 8, 5, 3, 2],
  ]);
  expect([document.calendar.length, document.thresholds.length, document.contacts.length, readdirSync(out).length]).toEqual([2, 2, 2, 3]);
  // Nothing of the guide is left unsaid.
  expect(document.rest.filter(({ kind }) => kind === 'note' || kind === 'severity').map(({ kind, key }) => `${kind}/${key}`)).toEqual(expect.arrayContaining(['note/operating-the-lindenhof-shop', 'severity/critical']));
  const linted = lintDocument.parse((await cli.run('runbook', 'lint', join(out, 'restart-the-checkout.yaml'))).document());
  expect(linted.problems.filter(({ severity }) => severity === 'error').map(({ rule }) => rule)).toEqual(['draft']);
  expect(readFileSync(join(out, 'restart-the-checkout.yaml'), 'utf8')).toContain('# look: line 31 of the guide:');
  expect((await cli.fail('runbook', 'import', guide, '--out', out)).message).toContain('There is a file');
});

test('a guide is imported, shown, accepted and published', async () => {
  copyFileSync(guide, join(home, 'plain.md'));
  expect((await cli.run('guide', 'import', join(home, 'plain.md'))).status).toBe(0);
  const listed = (await cli.run('guide', 'list')).document() as { guides: { id: string; counts: { undecided: number } }[] };
  const accepted = (await cli.run('guide', 'accept', listed.guides[0]?.id ?? '')).document() as { accepted: number; left: number };
  expect(accepted.accepted + accepted.left).toBe(listed.guides[0]?.counts.undecided);
  expect((await cli.fail('guide', 'publish', listed.guides[0]?.id ?? '')).code).toBe('guide.not-reviewed');
});

test('a guide that changed is read again, and what was accepted stays so', async () => {
  const path = join(home, 'changing.md');
  writeFileSync(path, '# Bakery\n\n## Oven\n\nThe oven is old.\n\n## Doors\n\nThey stay shut.\n');
  await cli.run('guide', 'import', path);
  await cli.run('guide', 'accept', 'Bakery');
  writeFileSync(path, '# Bakery\n\n## Oven\n\nThe oven is old.\n\n## Doors\n\nThey stand open.\n');
  const { changes, guide: read } = (await cli.run('guide', 'import', path, '--again', 'Bakery')).document() as { changes: { same: number; new: string[]; changed: string[] }; guide: { counts: { undecided: number } } };
  const { guides } = (await cli.run('guide', 'list')).document() as { guides: { title: string }[] };
  expect([changes.same > 0, changes.changed.length + changes.new.length, read.counts.undecided, guides.filter(({ title }) => title === 'Bakery').length]).toEqual([true, 1, 1, 1]);
});
