import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { useDesktop } from '#test/desktop/use-desktop.ts';

describe('what the window says of its engine', () => {
  const at = useDesktop();

  it('is when it broke down last, also to whoever has read of the time before', async () => {
    const { screen, page } = await at().open();
    const restartedAt = (): Promise<number> => page.evaluate(() => new Promise((resolve) => window.pilothouse?.onEngineState((state) => resolve(state.state === 'running' ? (state.restartedAt ?? 0) : 0))));
    const notice = page.getByText(/^The engine broke down at .* and was started again\.$/);
    await screen.killEngine();
    await notice.waitFor();
    const first = await restartedAt();
    await page.getByRole('status').filter({ has: notice }).getByRole('button', { name: 'Close' }).click();
    await notice.waitFor({ state: 'detached' });
    await screen.killEngine();
    await page.getByRole('button', { name: 'Start it again' }).click();
    await notice.waitFor();
    expect(await restartedAt()).toBeGreaterThan(first);
  });

  it('is found in the log by the number that stands beside it', async () => {
    const { home, open } = at();
    writeFileSync(join(home, 'pilothouse.db'), 'this is no database, and longer than the head of one would have to be'.repeat(10), { mode: 0o600 });
    const { page } = await open();
    const number = await page.getByText('In the log as').locator('.mono').innerText();
    expect(readFileSync(join(home, 'logs', 'window.log'), 'utf8')).toContain(`"correlationId":"${number}"`);
  });
});
