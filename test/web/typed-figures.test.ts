import { describe, expect, it } from 'vitest';
import { useConsole } from '#test/web/use-console.ts';

describe('a figure in the settings', () => {
  const at = useConsole();
  const lock = async () => {
    const { page, go } = at();
    await go('/settings/vault');
    const field = page.getByLabel('Locks when unused for, in minutes');
    await field.waitFor();
    return { field, save: page.getByRole('main').locator('form').filter({ has: field }).getByRole('button', { name: 'Save' }) };
  };

  // 0 means never: nobody should come there by clearing the field, or by half a minute.
  it.each([['', 'Write a number'], ['0.4', 'Write a whole number'], ['1,441', 'Between 0 and 1,440'], ['1e2', 'Write a number']])('that is "%s" is refused', async (text, words) => {
    const { field, save } = await lock();
    await field.fill(text);
    await at().page.getByText(words, { exact: true }).waitFor();
    expect(await save.isDisabled()).toBe(true);
  });

  it('is taken in groups of three', async () => {
    const { field, save } = await lock();
    await field.fill('1,440');
    expect([await save.isEnabled(), await field.getAttribute('aria-invalid')]).toEqual([true, 'false']);
  });

  it('is told limits that people can read', async () => {
    const { page, go } = at();
    await go('/settings/data');
    await page.getByLabel('History at most, in GiB').fill('0');
    expect(await page.getByText('Between 0.01 and 93.13').count()).toBe(1);
  });
});

describe('a limit of a check', () => {
  const at = useConsole();
  it('in groups of three is sound, and one that could be anything is not', async () => {
    const { page, go } = at();
    await go('/systems/sys-neff/health');
    await page.getByRole('button', { name: 'Thresholds' }).click();
    const field = page.getByLabel('Warn limit of Connections', { exact: false });
    const seen: (string | null)[] = [];
    for (const text of ['200,000', '1,44,0']) {
      await field.fill(text);
      seen.push(await field.getAttribute('aria-invalid'));
    }
    expect(seen).toEqual(['false', 'true']);
  });
});

describe('hours until a copy is too old', () => {
  const at = useConsole();
  it('are read in groups of three', async () => {
    const { page, go } = at();
    await go('/systems/sys-neff/settings');
    await page.getByLabel('Newest proven copy: critical after, in hours').fill('1,440');
    // As 1.44 they would be less than the warn limit of 26.
    expect(await page.getByText('Not less than the warn limit').count()).toBe(0);
  });
});
