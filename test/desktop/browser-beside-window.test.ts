import { expect, it } from 'vitest';
import { useDesktop } from '#test/desktop/use-desktop.ts';
import { startProgram } from '#test/processes-of-ours.ts';
import { waitFor } from '#test/wait-for.ts';

const at = useDesktop();

it('the console for a browser says what to do while a window has its data folder, and comes once that is closed', async () => {
  const { home, open } = at();
  const { screen } = await open();
  const program = startProgram('electron/loopback/main.ts', ['--home', home, '--no-open']);
  const said = await waitFor('what it says', () => program.output().stdout);
  await screen.closeWindow();
  await waitFor('its address', () => program.output().stdout.includes('#token='));
  expect(said).toBe('Pilothouse is open on this data folder, in its own window. Use that window, or close it first. Waiting for it; Ctrl-C gives up.\n');
});
