import { describe, expect, it } from 'vitest';
import { useConsole } from '#test/web/use-console.ts';

describe('what is pasted into the search of history', () => {
  const at = useConsole({ start: '/history' });

  it('is cut to what is searched for, and not refused', async () => {
    const { page } = at();
    const box = page.getByRole('searchbox', { name: 'Search history' });
    await box.fill('');
    await box.focus();
    await page.keyboard.insertText('a'.repeat(3000));
    expect([(await box.inputValue()).length, await page.getByRole('alert').count()]).toEqual([500, 0]);
  });
});

describe('a system without a database', () => {
  const at = useConsole();

  it('has one button to add the first', async () => {
    const { page } = at();
    await page.getByRole('main').getByRole('button', { name: 'Add system' }).click();
    await page.getByLabel('Name').fill('Shop');
    await page.getByRole('dialog').getByRole('button', { name: 'Add system' }).click();
    await page.getByRole('heading', { name: 'Shop', level: 1 }).waitFor();
    await page.getByRole('dialog').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    expect(await page.getByRole('main').getByRole('button', { name: /Add database|Connect a database/ }).count()).toBe(1);
  });
});
