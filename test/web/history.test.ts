import { describe, expect, it } from 'vitest';
import { useConsole } from '#test/web/use-console.ts';

describe('history', () => {
  const at = useConsole({ start: '/history' });

  it('keeps what one reads in sight while newer events arrive', async () => {
    const { page, fixture } = at();
    const detail = page.getByRole('region', { name: 'Detail' }).getByRole('heading', { level: 2 });
    await page.getByRole('region', { name: 'Detail' }).getByText('Back up neff_paving_admin').first().waitFor();
    fixture.engine.state.operations = fixture.engine.state.operations.map((operation) => ({ ...operation, title: operation.id === 'op-failed' ? 'Back up what is newer' : operation.title })).sort((a, b) => Number(b.id === 'op-failed') - Number(a.id === 'op-failed'));
    fixture.engine.change({ topics: ['operations'] });
    await page.getByRole('region', { name: 'Found' }).getByRole('listitem').first().getByText('Back up what is newer').waitFor();
    expect(await detail.innerText()).toBe('Back up neff_paving_admin');
  });

  it('shows the first find of other words', async () => {
    const { page } = at();
    await page.getByRole('region', { name: 'Detail' }).getByText('Back up neff_paving_admin').first().waitFor();
    await page.getByLabel('Search history').fill('ended with status 1');
    await page.getByRole('region', { name: 'Found' }).locator('mark').first().waitFor();
    expect(await page.getByRole('region', { name: 'Detail' }).getByText('status 1').first().isVisible()).toBe(true);
  });

  it('is exported on from where the last document ended, also after a part that failed', async () => {
    const { page, fixture } = at();
    await page.getByRole('button', { name: /^Export/ }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('button', { name: 'Export history' }).click();
    await dialog.getByText('written to history.md').waitFor();
    fixture.engine.fail('history.export', { code: 'store.locked', message: 'The local file is busy.' });
    await dialog.getByRole('button', { name: 'Export the next part' }).click();
    await dialog.getByRole('alert').waitFor();
    fixture.engine.fail('history.export', null);
    const download = page.waitForEvent('download');
    await dialog.getByRole('button', { name: 'Export the next part' }).click();
    expect((await download).suggestedFilename()).toBe('history-before-event-17.md');
  });
});
