/** The pictures of a system that was made of a pack, on a real engine (`system-console.ts`): what it knows, is due, and is wrong. */
import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import type { Shot } from './screenshots.ts';
import { shopGuide } from './system-console.ts';

const press = (name: string | RegExp) => async (page: Page) => {
  await page.getByRole('button', { name }).first().click();
  await page.getByRole('dialog').waitFor();
};
const part = (name: RegExp) => async (page: Page) => {
  await page.getByRole('group', { name: 'Part' }).getByRole('button', { name }).click();
};
const of = (name: string, path: string, act?: Shot['act']): Shot => ({ name, path, isOfSystem: true, ...(act === undefined ? {} : { act }) });

export const systemShots: readonly Shot[] = [
  of('packs', '/packs'),
  of('pack', '/packs/neff-paving', (page) => page.getByText('thresholds', { exact: false }).locator('visible=true').last().click()),
  of('pack-adopt', '/adopt/postgres-server'),
  of('pack-of-system', '/systems/:system/pack'),
  of('pack-compared', '/systems/:system/pack', (page) => page.getByRole('button', { name: 'Compare' }).click()),
  of('handbook', '/systems/:system/handbook'),
  of('handbook-severities', '/systems/:system/handbook', part(/^Severities/)),
  of('handbook-thresholds', '/systems/:system/handbook', part(/^Thresholds/)),
  of('handbook-things', '/systems/:system/handbook', part(/^Services and paths/)),
  of('handbook-texts', '/systems/:system/handbook', async (page) => { await part(/^Cards and templates/)(page); await page.locator('.hb-open').first().click(); await page.locator('.markdown').waitFor(); }),
  of('handbook-change', '/systems/:system/handbook', async (page) => { await part(/^Severities/)(page); await press(/^Change Critical/)(page); await page.getByLabel('Worked on within').fill('soon'); await page.getByRole('button', { name: 'Save severity' }).click(); await page.getByText('A time such as 15m').waitFor(); }),
  of('handbook-remove', '/systems/:system/handbook', async (page) => { await part(/^People/)(page); await press(/^Remove /)(page); }),
  of('endpoints', '/systems/:system/settings', (page) => page.getByRole('heading', { name: /^Endpoints/ }).scrollIntoViewIfNeeded()),
  of('endpoint-edit', '/systems/:system/settings', press('Edit Website')),
  of('system-health', '/systems/:system/health'),
  of('calendar', '/systems/:system/calendar'),
  of('calendar-all', '/calendar'),
  of('calendar-month', '/calendar', (page) => page.getByRole('button', { name: 'Month', exact: true }).click()),
  of('calendar-plan', '/systems/:system/calendar', press('Plan work')),
  of('incidents', '/incidents'),
  of('incidents-declare', '/systems/:system/incidents', press('Declare an incident…')),
  of('incident', '/incidents/:incident'),
  of('incident-update', '/incidents/:incident', press('Write update')),
  of('guides', '/guides'),
  of('guides-found', '/guides', async (page) => { await page.getByLabel(/^Or paste it here/).fill(readFileSync(shopGuide, 'utf8')); await page.getByRole('button', { name: 'Read what was pasted' }).click(); await page.getByRole('button', { name: 'Keep and review' }).waitFor(); }),
  of('guides-forget', '/guides', press(/^Forget /)),
  of('guide-review', '/guides/:guide'),
  of('guide-edit', '/guides/:guide', async (page) => { await page.keyboard.press('e'); await page.getByLabel('The result, to be changed').waitFor(); }),
  of('system-overview', '/'),
  of('system-made-of-pack', '/systems/:system'),
];
