import { describe, expect, it } from 'vitest';
import { useConsole } from '#test/web/use-console.ts';

describe('removing old events', () => {
  const at = useConsole();

  it('is planned, and runs only by its typed name', async () => {
    const { page, go, fixture } = at();
    await go('/settings/data');
    await page.getByRole('button', { name: 'Remove old events…' }).click();
    const dialog = page.getByRole('dialog', { name: 'Remove the events that are older than 400 days?' });
    await dialog.getByText('there is none.').waitFor();
    const before = fixture.engine.state.ran.length;
    await dialog.getByLabel('Type its name: history').fill('history');
    await dialog.getByRole('button', { name: 'Remove old events' }).click();
    await page.waitForURL(/operations/);
    expect([before, fixture.engine.state.ran.map(({ confirmName }) => confirmName)]).toEqual([0, ['history']]);
  });
});
