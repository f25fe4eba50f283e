import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { acquireLock } from '#engine/attach/lock.ts';
import { useDesktop } from '#test/desktop/use-desktop.ts';
import { waitFor } from '#test/wait-for.ts';

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
  it('begins once whoever has the data folder, and is just closing, has let it go', async () => {
    const { home, start } = at();
    const other = acquireLock(home);
    const screen = start();
    await waitFor('the first look', () => readFileSync(join(home, 'logs', 'pilothouse.log'), 'utf8').includes('it is starting or closing'));
    other.release();
    await (await screen.page()).getByRole('button', { name: 'Start the practice system' }).waitFor();
  });
});
