import { describe, expect, it } from 'vitest';
import { useDesktop } from '#test/desktop/use-desktop.ts';
import { waitFor } from '#test/wait-for.ts';

const mac = { surroundings: { platform: 'darwin' } } as const;

describe('the application on macOS', () => {
  const at = useDesktop();

  it('outlives its window, with its engine, and makes another where somebody comes back', async () => {
    const { screen } = await at().open(mac);
    const before = await screen.hands.utilities();
    await screen.closeWindow();
    await waitFor('the window to go', async () => (await screen.window()) === null);
    await screen.hands.activate(false);
    const page = await screen.page();
    await page.getByRole('button', { name: 'Start the practice system' }).waitFor();
    expect([before.length, await screen.hands.utilities(), screen.complaints]).toEqual([1, before, []]);
  });
  it('opens a window at what its menu was asked for where there is none', async () => {
    const { screen } = await at().open(mac);
    await screen.closeWindow();
    await waitFor('the window to go', async () => (await screen.window()) === null);
    await screen.choose('Pilothouse', 'Settings…');
    await (await screen.page()).getByRole('heading', { name: 'Settings', exact: true }).waitFor();
    expect(screen.complaints).toEqual([]);
  });
  it('quits by its menu, also without a window', async () => {
    const { screen } = await at().open(mac);
    await screen.closeWindow();
    await waitFor('the window to go', async () => (await screen.window()) === null);
    await screen.choose('Pilothouse', 'Quit');
    expect(await screen.process.ended).toEqual({ status: 0, signal: null });
  });
});
