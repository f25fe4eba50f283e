import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { useDesktop } from '#test/desktop/use-desktop.ts';
import { waitFor } from '#test/wait-for.ts';

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
  it('outlives a fault of the main process, which is written down each time and said once, in words', async () => {
    const { home, open } = at();
    const { screen, page } = await open();
    await screen.hands.goWrong('first of all');
    await screen.hands.goWrong('and again');
    const log = (): string => readFileSync(join(home, 'logs', 'window.log'), 'utf8');
    await waitFor('both in the log', () => log().includes('"message":"first of all"') && log().includes('"message":"and again"'));
    await screen.choose('File', 'Settings');
    await page.getByRole('heading', { name: 'Settings', exact: true }).waitFor();
    expect(screen.errorBoxes).toEqual([{ title: 'Something went wrong in the window of Pilothouse', content: expect.stringMatching(/^What is under way goes on\.[^\n]*$/) }]);
  });
  it('goes in order when Windows ends the session, which it tells the window', async () => {
    const { screen } = await at().open();
    await screen.hands.endSession();
    expect(await screen.process.ended).toEqual({ status: 0, signal: null });
  });
  it('is not shown to whoever starts it while it cleans up, who is told so', async () => {
    const { screen } = await at().open();
    const [engine] = await screen.hands.utilities();
    process.kill(engine?.pid ?? 0, 'SIGSTOP');
    await screen.hands.quit();
    await waitFor('the window to go', async () => (await screen.window())?.visible === false);
    await screen.startAgain();
    const [told] = await waitFor('a word', async () => (await screen.hands.notifications()).length > 0 && (await screen.hands.notifications()));
    const visible = (await screen.window())?.visible;
    process.kill(engine?.pid ?? 0, 'SIGCONT');
    expect({ told: told?.title, visible, ended: await screen.process.ended }).toEqual({ told: 'Pilothouse is closing', visible: false, ended: { status: 0, signal: null } });
  });
});
