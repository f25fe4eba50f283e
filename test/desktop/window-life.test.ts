import { describe, expect, it } from 'vitest';
import { useDesktop } from '#test/desktop/use-desktop.ts';

describe('the life of the window', () => {
  const at = useDesktop();

  it('goes on at the place where one was when its page is loaded anew', async () => {
    const { screen, page } = await at().open();
    await screen.choose('File', 'Settings');
    await page.getByRole('heading', { name: 'Settings', exact: true }).waitFor();
    const again = page.waitForEvent('load');
    await screen.choose('View', 'Reload');
    await again;
    await page.getByRole('heading', { name: 'Settings', exact: true }).waitFor();
    expect([screen.requests.filter(({ resourceType }) => resourceType === 'document').map(({ status }) => status), screen.complaints]).toEqual([[200, 200], []]);
  });
});
