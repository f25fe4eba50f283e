import { launchBrowser, openConsole, startFixtureConsole } from '#test/web/fixture-console.ts';
import type { Benchmark } from './figure.ts';

const frames = 120;
const frameMs = 1000 / 60;

/** A log of 100 000 lines scrolls at 60 frames a second: what one frame costs. */
export const log: Benchmark = async () => {
  const browser = await launchBrowser();
  const fixture = await startFixtureConsole({ logLines: 100_000 });
  try {
    const opened = await openConsole(browser, fixture);
    const { page } = opened;
    await opened.go('/operations/op-running');
    await page.getByText('100,008 lines').waitFor();
    await page.getByRole('log').hover();
    await page.mouse.wheel(0, -500);
    await page.getByRole('button', { name: 'Jump to latest' }).waitFor();
    const session = await page.context().newCDPSession(page);
    // Processor time and not the clock: how busy the rest of this computer is decides little.
    await session.send('Performance.enable', { timeDomain: 'threadTicks' });
    const spent = async () => (await session.send('Performance.getMetrics')).metrics.find(({ name }) => name === 'TaskDuration')?.value ?? Number.NaN;
    const before = await spent();
    await page.getByRole('log').evaluate(
      (element, count) =>
        new Promise<void>((resolve) => {
          let left = count;
          const step = () => {
            element.scrollTop -= 900;
            left -= 1;
            if (left > 0) requestAnimationFrame(step);
            else resolve();
          };
          requestAnimationFrame(step);
        }),
      frames,
    );
    const perFrameMs = ((await spent()) - before) * (1000 / frames);
    await opened.close();
    return [{ name: 'a frame of scrolling 100 000 lines', measured: `${perFrameMs.toFixed(1)} ms`, bound: `< ${frameMs.toFixed(1)} ms`, ok: perFrameMs < frameMs, how: `processor time of the page, over ${frames} frames` }];
  } finally {
    await browser.close();
    await fixture.close();
  }
};
