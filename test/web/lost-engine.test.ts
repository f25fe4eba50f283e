import { describe, expect, it } from 'vitest';
import { useConsole } from '#test/web/use-console.ts';

describe('an engine that ended', () => {
  const at = useConsole();

  it('is told after a moment as what it is: the way back is a new address, and work may have been interrupted', async () => {
    const { page, fixture } = at();
    await fixture.server.close();
    const bar = page.getByRole('status').filter({ hasText: 'Connection to the engine lost.' });
    await bar.getByText('Trying to reconnect.').waitFor();
    await bar.getByText('npm start').waitFor();
    const words = await bar.innerText();
    await fixture.restart();
    expect([/perhaps interrupted/.test(words), /goes on/.test(words)]).toEqual([true, false]);
  });
});
