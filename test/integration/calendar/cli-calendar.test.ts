import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import * as documents from '../../../electron/cli/documents.ts';
import { cliSession, type CliSession } from '#test/cli-session.ts';
import { makeTemporaryFolder } from '#test/temporary-folder.ts';

let home: string;
let cli: CliSession;
let imported: ReturnType<typeof documents.calendarImportDocument.parse>;
beforeAll(async () => {
  home = await makeTemporaryFolder('cli-calendar');
  cli = cliSession(home);
  await cli.run('system', 'add', 'Shop', '--environment', 'staging');
  const file = join(home, 'work.ics');
  const now = `${new Date().toISOString().slice(0, 16).replaceAll(/[-:]/g, '')}00Z`;
  const event = (uid: string, summary: string, ...lines: string[]) => ['BEGIN:VEVENT', `UID:${uid}`, `SUMMARY:${summary}`, `DTSTART:${now}`, ...lines, 'END:VEVENT'];
  await writeFile(file, ['BEGIN:VCALENDAR', ...event('1', 'Rotate logs'), ...event('2', 'Twice a day', 'RRULE:FREQ=DAILY;BYHOUR=2,14'), ...event('3', 'Look at disks'), 'END:VCALENDAR'].join('\r\n'));
  imported = await cli.read(documents.calendarImportDocument, 'calendar', 'import', file, 'Shop', '--tz', 'UTC');
});
afterAll(() => rm(home, { recursive: true, force: true }));

const due = async () => (await cli.read(documents.calendarDueDocument, 'calendar', 'due')).due.map(({ key, state }) => [key, state]);

test('events are taken in, and what cannot be is named', () => {
  expect([imported.imported, imported.events.flatMap(({ problem }) => problem ?? [])]).toEqual([['rotate-logs', 'look-at-disks'], ['Its rule FREQ=DAILY;BYHOUR=2,14: BYHOUR is not known here. Write one entry for each hour.']]);
});

test('what is due is done or left out from the command line, from process to process', async () => {
  const before = await due();
  await cli.read(documents.calendarMarkedDocument, 'calendar', 'done', 'Shop', 'rotate-logs', '--by', 'Ada');
  await cli.read(documents.calendarMarkedDocument, 'calendar', 'skip', 'Shop', 'Look at disks', '--reason', 'Holiday');
  const { last } = await cli.read(documents.calendarEntryDocument, 'calendar', 'show', 'Shop', 'rotate-logs');
  expect([before, await due(), last.map(({ state, mark }) => [state, mark?.by])]).toEqual([[['look-at-disks', 'due'], ['rotate-logs', 'due']], [], [['done', 'Ada']]]);
});

test('what nobody waits for is not done, with exit status 64', async () => {
  expect(await cli.fail('calendar', 'skip', 'Shop', 'rotate-logs', '--reason', 'x')).toMatchObject({ status: 64, message: 'Nothing of "Rotate logs" waits for somebody.' });
});

test('the calendar is exported for other programs', async () => {
  const { export: file } = await cli.read(documents.runbookExportDocument, 'calendar', 'export', '--system', 'Shop');
  expect(file.content).toContain('UID:rotate-logs.');
});
