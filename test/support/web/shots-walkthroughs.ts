/** The pictures of a walkthrough: each state of a step, each dialog, the sheet to print. */
import type { Page } from 'playwright-core';
import type { Shot } from './screenshots.ts';

const press = (name: string | RegExp) => async (page: Page) => {
  await page.getByRole('button', { name }).first().click();
  await page.getByRole('dialog').waitFor();
};
const state = (name: string, act?: Shot['act']): Shot => ({ name: `walk-${name}`, path: `/walkthroughs/w-${name.split(',')[0] ?? ''}`, ...(act === undefined ? {} : { act }) });

export const walkthroughShots: readonly Shot[] = [
  ...['now', 'lost', 'paper', 'rehearsal', 'unknown', 'failed', 'running', 'decide', 'approve', 'wait', 'stale', 'call', 'manual', 'done'].map((name) => state(name)),
  state('now,plan', press('Run it…')),
  state('unknown,settle', async (page) => page.getByRole('button', { name: 'Record what I saw' }).click()),
  state('failed,leave', async (page) => { await press('More…')(page); await page.getByRole('button', { name: 'Roll back…' }).last().click(); }),
  state('manual,skip', press('Skip…')),
  state('now,evidence', press(/^Show all of See how full/)),
  state('now,export', async (page) => { await press('More…')(page); await page.getByRole('button', { name: 'Export…' }).click(); }),
  state('now,sign', async (page) => { await press('More…')(page); await page.getByRole('button', { name: 'Sign off…' }).click(); }),
  state('now,read', async (page) => page.getByRole('button', { name: /See how full \/var is/ }).first().click()),
  { name: 'walk-print', path: '/walkthroughs/w-now/print' },
];
