/** The calendar by its screen, on a real engine: what waits first, done and left out, planned with its days of the clocks, and from a file. */
import { AxeBuilder } from '@axe-core/playwright';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { startCalendarConsole, type CalendarConsole } from '#test/web/calendar-console.ts';
import { launchBrowser, missingForWeb, openConsole, type OpenedPage } from '#test/web/fixture-console.ts';
import { settled } from '#test/web/screenshots.ts';

const missing = missingForWeb();
let browser: Browser;
let calendar: CalendarConsole;
let opened: OpenedPage;
let page: Page;

beforeAll(async () => {
  if (missing !== null) return;
  browser = await launchBrowser();
  calendar = await startCalendarConsole();
  opened = await openConsole(browser, calendar);
  ({ page } = opened);
});
afterAll(async () => {
  await opened?.close();
  await browser?.close();
  await calendar?.close();
});
beforeEach(async (context) => {
  if (missing !== null) return context.skip(missing);
  // A dialog of the test before would lie over this one.
  await page.reload();
  await opened.go('/calendar');
  await settled(page);
  opened.complaints.length = 0;
});

const rowsOf = (name: string) => page.getByRole('region', { name }).getByRole('listitem').locator('.name').allInnerTexts();
const dialog = () => page.getByRole('dialog');
const stateOf = async (title: string) => {
  const now = Date.now();
  const { occurrences } = await calendar.client.call('calendar.list', { from: new Date(now - 3 * 86_400_000).toISOString(), to: new Date(now + 86_400_000).toISOString() });
  return occurrences.find((one) => one.title === title)?.state;
};

it('what is overdue stands first, then what is due', async () => {
  expect([await rowsOf('Overdue'), await rowsOf('Due now')]).toEqual([['Restore drill', 'Evening summary'], ['Look at the shop', 'Delete old sessions']]);
});

it('breaks no rule of access, in any view and both themes', async () => {
  const found: string[] = [];
  const look = async (what: string, colorScheme: 'light' | 'dark' = 'light'): Promise<void> => {
    await page.emulateMedia({ colorScheme });
    // In the dark only what depends on colours is looked at again.
    const axe = new AxeBuilder({ page }).exclude('datalist');
    const { violations } = await (colorScheme === 'light' ? axe.withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']) : axe.withRules(['color-contrast', 'link-in-text-block'])).analyze();
    found.push(...violations.map(({ id, nodes }) => `${what}, ${colorScheme}: ${id}: ${nodes[0]?.html ?? ''}`));
  };
  await look('agenda');
  await look('agenda', 'dark');
  await page.getByRole('button', { name: 'Month', exact: true }).click();
  await look('month');
  await page.getByRole('button', { name: /^Entries/ }).click();
  await look('entries');
  await page.getByRole('button', { name: 'Plan work' }).click();
  await page.getByText('When it is missed').click();
  await look('plan work');
  expect([...found, ...opened.complaints]).toEqual([]);
});

it('work that collides says with what', async () => {
  await page.getByRole('button', { name: 'See why: Weekly maintenance' }).first().click();
  expect(await dialog().getByText(/^Overlaps/).allInnerTexts()).toEqual(['Overlaps "Renew certificates", which begins after it, by 1 h.']);
});

it('a removal without a proven copy cannot be begun, and says why', async () => {
  await page.getByRole('button', { name: 'See why: Delete old sessions' }).click();
  await dialog().getByText('It must not begin now.').waitFor();
  expect(await dialog().getByRole('button', { name: 'Begin' }).isDisabled()).toBe(true);
});

it('tasks are ticked one by one before the work is done', async () => {
  await page.getByRole('button', { name: 'Begin: Restore drill' }).click();
  const done = dialog().getByRole('button', { name: 'It is done' });
  await dialog().getByLabel('Restore the newest copy').check();
  const half = await done.isDisabled();
  await dialog().getByLabel('Count the orders').check();
  await done.click();
  await dialog().waitFor({ state: 'hidden' });
  expect([half, await stateOf('Restore drill')]).toEqual([true, 'done']);
});

it('what was missed is answered with a reason, by the keyboard alone', async () => {
  await page.getByRole('button', { name: 'Answer: Evening summary' }).focus();
  await page.keyboard.press('Enter');
  await dialog().getByRole('button', { name: 'Leave it out…' }).focus();
  await page.keyboard.press('Enter');
  await dialog().getByLabel('Why it is left out').fill('Nobody was there');
  await dialog().getByRole('button', { name: 'Leave it out', exact: true }).focus();
  await page.keyboard.press('Enter');
  await dialog().waitFor({ state: 'hidden' });
  expect(await stateOf('Evening summary')).toBe('skipped');
});

it('a rule is told in words with the day on which its hour does not exist, and kept', async () => {
  await page.getByRole('button', { name: 'Plan work' }).click();
  await dialog().getByLabel('What', { exact: true }).fill('Vacuum');
  await dialog().getByLabel('First day').fill('2027-03-07');
  await dialog().getByLabel('Time there').fill('02:30');
  await dialog().getByLabel('Time zone').fill('America/NewYork');
  await dialog().getByText('There is no time zone America/NewYork. Did you mean America/New_York?').first().waitFor();
  await dialog().getByLabel('Time zone').fill('America/New_York');
  await dialog().getByText('02:30 does not exist that day: the clocks go forward. It begins at 03:00.').waitFor();
  await dialog().getByLabel('Tasks, one a line').fill('Vacuum the orders');
  await dialog().getByRole('button', { name: 'Plan it' }).click();
  await dialog().waitFor({ state: 'hidden' });
  const { entries } = await calendar.client.call('calendar.entries', {});
  expect(entries.find(({ key }) => key === 'vacuum')?.words).toBe('Every week on Sunday at 02:30');
});

it('a runbook that is begun from the calendar is its work: under way, then done', async () => {
  await page.getByRole('button', { name: 'Begin: Look at the shop' }).click();
  await dialog().getByRole('button', { name: 'Begin', exact: true }).click();
  await page.getByLabel(/^On paper/).check();
  await page.getByRole('button', { name: 'Start it on paper' }).click();
  await page.waitForURL(/walkthroughs/);
  expect(await stateOf('Look at the shop')).toBe('running');
});

it('a file of another program is shown first, with what is kept out, and taken in', async () => {
  const event = (uid: string, ...lines: string[]) => ['BEGIN:VEVENT', `UID:${uid}`, ...lines, 'END:VEVENT'];
  const text = ['BEGIN:VCALENDAR', ...event('1', 'SUMMARY:Patch day', 'DTSTART;TZID=W. Europe Standard Time:20261208T220000', 'RRULE:FREQ=MONTHLY;BYDAY=2TU'), ...event('2', 'SUMMARY:Twice a day', 'DTSTART:20261201T020000Z', 'RRULE:FREQ=DAILY;BYHOUR=2,14'), 'END:VCALENDAR'].join('\r\n');
  await page.getByRole('button', { name: 'Import .ics…' }).click();
  await dialog().getByLabel('File of iCalendar (.ics)').setInputFiles({ name: 'work.ics', mimeType: 'text/calendar', buffer: Buffer.from(text) });
  await dialog().getByText('Kept out. Its rule FREQ=DAILY;BYHOUR=2,14').waitFor();
  await dialog().getByRole('button', { name: 'Take 1 event in' }).click();
  await dialog().waitFor({ state: 'hidden' });
  const { entries } = await calendar.client.call('calendar.entries', {});
  expect(entries.filter(({ key }) => key === 'patch-day' || key === 'twice-a-day').map(({ words, item }) => `${words}, ${item.tz}`)).toEqual(['Every month on the second Tuesday at 22:00, Europe/Berlin']);
});
