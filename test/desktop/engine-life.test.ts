import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { useDesktop } from '#test/desktop/use-desktop.ts';

describe('the life of the engine', () => {
  const at = useDesktop();

  it('that met what it cannot go on after broke down as any other, and the report of what was around it is kept nowhere', async () => {
    const { home, open } = at();
    const { screen, page } = await open({ env: { AROUND_IT: 'told to nobody' } });
    await screen.hands.meetFatalError();
    await page.getByText(/^The engine broke down at .* and was started again\.$/).waitFor();
    const log = readFileSync(join(home, 'logs', 'window.log'), 'utf8');
    expect([log.includes('"location":"v8::ToLocalChecked"'), log.includes('AROUND_IT'), screen.process.output().stderr]).toEqual([true, false, '']);
  });
});
