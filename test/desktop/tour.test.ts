import { describe, expect, it } from 'vitest';
import { startCommand } from '#test/command-line.ts';
import { walkTour } from '#test/desktop/tour.ts';
import { useDesktop } from '#test/desktop/use-desktop.ts';

describe('the tour in five minutes, through the window', () => {
  const at = useDesktop();

  it('goes from nothing to a proven backup, a swap and back, by the screens, the preload script, its port and the engine', { timeout: 300_000 }, async () => {
    const { home, open } = at();
    const { screen, page } = await open();
    const steps: string[] = [];
    await walkTour(page, (step) => steps.push(step));
    const { backups } = (await startCommand(['--home', home, '--json', 'backup', 'list'], '').result).document() as { backups: { database: string; proof: string }[] };
    expect({
      steps,
      backups: backups.map(({ database, proof }) => ({ database, proof })),
      complaints: screen.complaints,
      // Nothing but the application's own files, from nowhere else.
      requests: new Set(screen.requests.map(({ url, became, status }) => `${new URL(url).protocol}//${new URL(url).host} ${became} ${String(status)}`)),
      output: screen.process.output(),
    }).toEqual({
      steps: ['Start the practice system', 'Check its health', 'Back it up, proved by restoring', 'Restore it beside', 'Swap the copy in', 'Undo the swap', 'Find it in history'],
      backups: [{ database: 'shop', proof: 'L3' }],
      complaints: [],
      requests: new Set(['app://pilothouse answered 200']),
      output: { stdout: 'Pilothouse: the window is open.\n', stderr: '' },
    });
  });
});
