/** Guides by their screens, on a real engine: read, looked at by the keyboard alone, published, adopted, walked; left and come back to; read again. */
import { readFileSync } from 'node:fs';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import type { GuideItem } from '#shared/contract/guides.ts';
import { launchBrowser, missingForWeb, openConsole, type OpenedPage } from '#test/web/fixture-console.ts';
import { settled } from '#test/web/screenshots.ts';
import { shopGuide, startBareConsole, type BareConsole } from '#test/web/system-console.ts';
import { waitFor } from '#test/wait-for.ts';

const missing = missingForWeb();
const secret = 'Winter-Sun-4711-and-more';
const bakery = `# Running the bakery

## Runbooks

### Restart the ovens

1. Look at them

   \`\`\`bash
   systemctl status ovens
   \`\`\`

2. Restart them

   \`\`\`bash
   systemctl restart ovens
   \`\`\`

### Clear the spool

\`\`\`bash
rm -rf /var/spool/ovens/old
\`\`\`

### Open in the morning

1. Unlock the door
2. Switch the light on

## On call

| Role | Mail |
| --- | --- |
| Baker | baker@bakery.test |

## Logging in

\`\`\`bash
export PGPASSWORD='${secret}'
psql -h db -U shop -c "SELECT 1"
\`\`\`
`;
let browser: Browser;
let bare: BareConsole;
let opened: OpenedPage;
let page: Page;

beforeAll(async () => {
  if (missing !== null) return;
  browser = await launchBrowser();
  bare = await startBareConsole('guides');
  await bare.client.call('system.add', { name: 'Shop', environment: 'production' });
  opened = await openConsole(browser, bare);
  ({ page } = opened);
});
afterAll(async () => {
  await opened?.close();
  await browser?.close();
  await bare?.close();
});
beforeEach((context) => {
  if (missing !== null) return context.skip(missing);
  opened.complaints.length = 0;
});

const main = () => page.getByRole('main');
const title = () => main().getByRole('region', { name: 'Result' }).getByRole('heading', { level: 2 });
/** How many flags the screen says are left. */
const saidLeft = async (): Promise<number> => Number.parseInt(await main().locator('.grhead [role="status"]').innerText(), 10);

async function begin(text = bakery, fileName = 'bakery.md'): Promise<{ guideId: string; items(): Promise<GuideItem[]>; item(key: string): Promise<GuideItem | undefined> }> {
  const { guide } = await bare.client.call('guide.import', { fileName, text });
  await opened.go(`/guides/${guide.id}`);
  await main().getByRole('region', { name: 'Result' }).waitFor();
  await settled(page);
  const items = async () => (await bare.client.call('guide.get', { guideId: guide.id })).items;
  return { guideId: guide.id, items, item: async (key) => (await items()).find((item) => item.key === key) };
}
/** The item with this title is shown. */
const shown = (name: string) => main().getByRole('heading', { name, level: 2, exact: true }).waitFor();

it('a guide that is pasted is looked at by the keyboard alone, counted down, published, adopted, and its runbook is walked on paper', async () => {
  await opened.go('/guides');
  await main().getByLabel(/^Or paste it here/).fill(bakery);
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  const found = main().getByRole('region', { name: 'Running the bakery' });
  await found.getByText(/^It becomes 4 runbooks, 1 contact/).waitFor();
  await found.getByText('1 secret in it is taken out', { exact: false }).waitFor();
  const before = (await found.innerHTML()).includes(secret);
  await page.keyboard.press('Control+Enter');
  await main().getByRole('heading', { name: 'Review pasted.md' }).waitFor();
  const [guide] = (await bare.client.call('guide.list', {})).guides;
  const left = async () => (await bare.client.call('guide.list', {})).guides[0]?.counts ?? { openFlags: 0, undecided: 0 };
  const counted: boolean[] = [];
  await page.keyboard.press('p');
  await waitFor('what has no flag to be accepted', async () => (await left()).undecided < (guide?.counts.undecided ?? 0));
  for (let { openFlags, undecided } = await left(); undecided > 0; { openFlags, undecided } = await left()) {
    await waitFor('the screen to say what is left', async () => (await saidLeft()) === openFlags);
    counted.push(await main().getByRole('button', { name: 'Publish…' }).isDisabled());
    // What is left of a command without its secret cannot be accepted.
    await page.keyboard.press((await title().innerText()) === 'Logging in' ? 'r' : 'a');
    await waitFor('the key to be taken', async () => { const now = await left(); return now.openFlags + now.undecided < openFlags + undecided; });
  }
  await main().getByText('Everything was looked at.').waitFor();
  const after = (await page.content()).includes(secret);
  await main().getByRole('button', { name: 'Publish…' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Publish pack' }).click();
  await main().getByRole('heading', { name: 'Running the bakery', level: 1 }).waitFor();
  await page.keyboard.press('Control+Enter');
  await main().getByRole('button', { name: 'Adopt Running the bakery' }).click();
  await main().getByRole('link', { name: 'baker@bakery.test' }).waitFor();
  await opened.go(`/packs/${guide?.name}`);
  await main().getByRole('link', { name: 'Open in the morning' }).click();
  await page.getByLabel(/^On paper/).check();
  await page.getByRole('button', { name: 'Start it on paper' }).click();
  await page.waitForURL(/walkthroughs/);
  await main().getByRole('heading', { name: 'Unlock the door' }).first().waitFor();
  expect({ before, after, counted: new Set(counted), stops: counted.length > 2, complaints: opened.complaints }).toEqual({ before: false, after: false, counted: new Set([true]), stops: true, complaints: [] });
});

it('goes from piece to piece, leaves one out and takes that back, by keys', async () => {
  const { item } = await begin();
  const first = await title().innerText();
  await page.keyboard.press('j');
  await page.keyboard.press('j');
  await waitFor('another piece to be shown', async () => (await title().innerText()) !== first);
  await page.keyboard.press('k');
  await page.keyboard.press('k');
  await shown(first);
  await main().getByRole('group', { name: 'Lines of the guide' }).getByText('rm -rf /var/spool').click();
  await shown('Clear the spool');
  await page.keyboard.press('r');
  await waitFor('it to be left out', async () => (await item('runbook/clear-the-spool'))?.decision === 'rejected');
  await waitFor('the next to be shown', async () => (await title().innerText()) !== 'Clear the spool');
  await page.keyboard.press('u');
  await shown('Clear the spool');
  expect((await item('runbook/clear-the-spool'))?.decision).toBe('open');
});

it('what is no step becomes a note of its lines, that is only read, and becomes again what it was', async () => {
  const { item } = await begin();
  await main().getByRole('group', { name: 'Lines of the guide' }).getByText('rm -rf /var/spool').click();
  await shown('Clear the spool');
  await page.keyboard.press('n');
  await waitFor('it to be a note', async () => (await item('runbook/clear-the-spool'))?.kind === 'note');
  const note = await item('runbook/clear-the-spool');
  await waitFor('the next to be shown', async () => (await title().innerText()) !== 'Clear the spool');
  await page.keyboard.press('u');
  await shown('Clear the spool');
  const again = await item('runbook/clear-the-spool');
  expect([note?.text.includes('rm -rf /var/spool/ovens/old'), note?.decision, note?.open, again?.kind, again?.decision, again?.open]).toEqual([true, 'edited', 0, 'runbook', 'open', 1]);
});

it('a flag that stays is kept with its reason, from the field and by its key', async () => {
  const { item } = await begin();
  await main().getByRole('group', { name: 'Lines of the guide' }).getByText('rm -rf /var/spool').click();
  await shown('Clear the spool');
  await page.getByLabel(/^Why it may stay/).fill('It is a spool');
  await page.keyboard.press('Enter');
  const kept = await waitFor('the flag to be kept', async () => (await item('runbook/clear-the-spool'))?.flags.find(({ state }) => state === 'kept'));
  await main().getByRole('group', { name: 'Lines of the guide' }).getByText('systemctl restart ovens').click();
  await shown('Restart the ovens');
  await page.keyboard.press('s');
  await waitFor('another to be kept', async () => (await item('runbook/restart-the-ovens'))?.flags.some(({ state }) => state === 'kept'));
  expect(kept.reason).toBe('It is a spool');
});

it('a result is changed in its place: Ctrl with Enter keeps it, Esc leaves it as it was', async () => {
  const { item } = await begin();
  await main().getByRole('group', { name: 'Lines of the guide' }).getByText('rm -rf /var/spool').click();
  await shown('Clear the spool');
  const field = page.getByLabel('The result, to be changed');
  const textBefore = (await item('runbook/clear-the-spool'))?.text ?? '';
  await page.keyboard.press('e');
  await field.fill('nothing of this');
  await page.keyboard.press('Escape');
  await field.waitFor({ state: 'detached' });
  const untouched = (await item('runbook/clear-the-spool'))?.text === textBefore;
  await page.keyboard.press('e');
  await field.fill(textBefore.replace('title: Clear the spool', 'title: Clear the old spool'));
  await page.keyboard.press('Control+Enter');
  await field.waitFor({ state: 'detached' });
  expect([untouched, (await item('runbook/clear-the-spool'))?.text.includes('Clear the old spool')]).toEqual([true, true]);
});

it('whoever leaves in the middle and comes back goes on where he was', async () => {
  const { guideId } = await begin();
  const all = await saidLeft();
  await page.keyboard.press('a');
  await waitFor('one to be counted down', async () => (await saidLeft()) === all - 1);
  const here = [await title().innerText(), await main().locator('.gflag').innerText()];
  await opened.go('/guides');
  await main().getByText(`${all - 1} flags`, { exact: false }).first().waitFor();
  await page.reload();
  await opened.go(`/guides/${guideId}`);
  await main().getByRole('region', { name: 'Result' }).waitFor();
  expect([await saidLeft(), await title().innerText(), await main().locator('.gflag').innerText()]).toEqual([all - 1, ...here]);
});

it('a guide that is read again says what is new, and keeps what was decided about the rest', async () => {
  const { item } = await begin();
  await main().getByRole('group', { name: 'Lines of the guide' }).getByText('rm -rf /var/spool').click();
  await shown('Clear the spool');
  await page.keyboard.press('r');
  await waitFor('it to be left out', async () => (await item('runbook/clear-the-spool'))?.decision === 'rejected');
  const newer = bakery.replace('## On call', '### Close in the evening\n\n1. Lock the door\n2. Switch the light off\n\n## On call').replace('restart ovens', 'reload ovens');
  await page.getByLabel('Guide to read').setInputFiles({ name: 'bakery.md', mimeType: 'text/markdown', buffer: Buffer.from(newer) });
  await main().getByText(/^Read again: 1 new, 1 changed;/).waitFor();
  await main().getByRole('group', { name: 'Lines of the guide' }).getByText('1. Lock the door', { exact: true }).click();
  await shown('Close in the evening');
  expect([(await item('runbook/clear-the-spool'))?.decision, (await item('runbook/close-in-the-evening'))?.standing, (await item('runbook/restart-the-ovens'))?.standing]).toEqual(['rejected', 'new', 'changed']);
  await page.getByLabel('Guide to read').setInputFiles({ name: 'bakery.md', mimeType: 'text/markdown', buffer: Buffer.from(bakery.replace('restart ovens', 'reload ovens')) });
  await main().getByText('1 gone (Close in the evening)', { exact: false }).waitFor();
  await waitFor('something that is there to be shown', async () => !['', 'Close in the evening'].includes(await title().innerText()));
});

it('both sides stand beside each other in the smallest window, below each other at twice the size, and nothing lies over anything', async () => {
  await begin(readFileSync(shopGuide, 'utf8'), 'a-guide-with-a-name-that-is-longer-than-there-is-room-for-in-a-window.md');
  const found: unknown[] = [];
  for (const [width, height] of [[1024, 700], [720, 450]] as const) {
    await page.setViewportSize({ width, height });
    found.push(await page.evaluate(() => {
      const box = (name: string) => document.querySelector(name)?.getBoundingClientRect() ?? new DOMRect();
      const [source, result] = [box('.gpane.src'), box('.gpane.res')];
      const over = ['html', 'main', '.gph', '.gpane.res', '.gdecide'].filter((name) => [...document.querySelectorAll(name)].some((each) => each.scrollWidth > each.clientWidth));
      const wide = [...document.querySelectorAll('.gph > *, .gsrc')].some((each) => each.getBoundingClientRect().right > source.right + 1);
      return { over, wide, apart: source.right <= result.left + 1 || source.bottom <= result.top + 1 };
    }));
  }
  await page.setViewportSize({ width: 1440, height: 900 });
  expect(found).toEqual([{ over: [], wide: false, apart: true }, { over: [], wide: false, apart: true }]);
});

it('a guide of 10 000 lines is shown by the lines that are in sight, and answers its keys', async () => {
  const shop = readFileSync(shopGuide, 'utf8');
  const long = Array.from({ length: Math.ceil(10_000 / shop.split('\n').length) }, (_, index) => shop.replaceAll(/^(#{2,3}) (.+)$/gm, `$1 $2 in region ${index + 1}`)).join('\n');
  await begin(long, 'long.md');
  const first = await main().locator('.gflag').innerText();
  await page.keyboard.press('j');
  await waitFor('the next flag to be shown', async () => (await main().locator('.gflag').innerText()) !== first);
  const lines = main().getByRole('group', { name: 'Lines of the guide' });
  await lines.evaluate((box) => box.scrollTo(0, box.scrollHeight));
  await lines.getByText('Payments').last().waitFor();
  expect([await lines.locator('.gsrc-line').count() < 100, opened.complaints]).toEqual([true, []]);
});
