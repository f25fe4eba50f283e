/** The smoke test of a window: it is looked at from all sides while the tour is walked in it. */
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { ElectronApplication, Page } from 'playwright-core';
import { walkTour } from '../../test/support/desktop/tour.ts';
import { askFacts, askMemory, sandboxOf, type Memory } from './main-process.ts';
import type { Report, Step } from './report.ts';
import { watchPage } from './watch-page.ts';

/** A started application as Playwright shows it; without `evaluate` where the main process lets nobody in. */
export type Desktop = Pick<ElectronApplication, 'firstWindow' | 'process' | 'close'> & { evaluate: ElectronApplication['evaluate'] | null };

/** interface.md, in milliseconds. */
const budgets = { paint: 1500, interactive: 2500 };
const openMs = 60_000;

export interface SmokeOptions {
  /** When the application was started, in milliseconds since 1970, where it does not know itself. */
  startedAt: number;
  /** The only one that the page may ask for anything. */
  origin: string;
  /** For the pictures and for what the application prints. */
  folder: string;
  /** How many times the budgets the times may be: machines of continuous integration are slow. */
  patience: number;
  walk?: typeof walkTour;
  /** Milliseconds to close in; the engine may take half a minute to clean up. */
  closeMs?: number;
  /** Where /proc is. */
  root?: string;
  platform?: NodeJS.Platform;
}

type Found = Omit<Report, 'at' | 'executable' | 'isPackaged' | 'way' | 'pilothouse' | 'system' | 'fuses' | 'wrongFuses' | 'left' | 'folder'>;

/** @returns milliseconds since 1970 at which the page first painted something, which it tells a moment later */
async function paintedAt(page: Page): Promise<number> {
  await page.waitForFunction(() => performance.getEntriesByName('first-contentful-paint').length > 0, undefined, { timeout: openMs });
  return page.evaluate(() => performance.timeOrigin + (performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? Number.NaN));
}

const ready = (page: Page): Promise<void> => page.locator('[data-primary]:not([disabled])').first().waitFor({ timeout: openMs });

/** Walks the tour with a picture after each step. What fails ends it. */
async function walkSteps(page: Page, { folder, walk = walkTour }: SmokeOptions): Promise<Step[]> {
  const steps: Step[] = [];
  const pictures: Promise<unknown>[] = [];
  const picture = (name: string): void => void pictures.push(page.screenshot({ path: join(folder, `${String(pictures.length + 1).padStart(2, '0')} ${name.replace(/[^\w ]/g, '')}.png`) }));
  picture('The first screen');
  let since = performance.now();
  try {
    await walk(page, (name, ms) => {
      steps.push({ name, ms, problem: null });
      since = performance.now();
      picture(name);
    });
  } catch (error) {
    const last = steps.at(-1)?.name;
    steps.push({ name: last === undefined ? 'The first step' : `The step after "${last}"`, ms: performance.now() - since, problem: (error instanceof Error ? error.message : String(error)).replace(/\s*\n\s*/g, ' ') });
    picture('Where it failed');
  }
  const failed = (await Promise.allSettled(pictures)).find((each) => each.status === 'rejected');
  if (failed !== undefined) steps.push({ name: 'Take a picture of each screen', ms: 0, problem: String(failed.reason).split('\n')[0] ?? '' });
  return steps;
}

/** Asks the window to close. @returns its exit status; null where it had to be killed */
async function closeWindow(desktop: Desktop, { closeMs = 45_000 }: SmokeOptions): Promise<number | null> {
  const child = desktop.process();
  const waiting = new AbortController();
  const closed = await Promise.race([
    desktop.close().then(() => true),
    pause(closeMs, false, { signal: waiting.signal }),
  ]);
  waiting.abort();
  if (!closed) child.kill('SIGKILL');
  return closed ? child.exitCode : null;
}

function joinMemory(idle: Memory[], after: Memory[]): Report['memory'] {
  return idle.map(({ process, bytes }) => ({ process, idleBytes: bytes, afterBytes: after.find((each) => each.process === process)?.bytes ?? 0 }));
}

/**
 * Looks at an application that was just started, walks the tour in it and closes it, whatever comes of that.
 * @throws Error where no window comes at all, or it shows nothing
 */
export async function smoke(desktop: Desktop, options: SmokeOptions): Promise<Found> {
  // Each by itself: whichever ends first would end the other's file.
  for (const name of ['stdout', 'stderr'] as const) desktop.process()[name]?.pipe(createWriteStream(join(options.folder, `window.${name}.log`)));
  let found: Omit<Found, 'exitStatus'>;
  try {
    found = await look(desktop, options);
  } catch (error) {
    await closeWindow(desktop, options);
    throw error;
  }
  return { ...found, exitStatus: await closeWindow(desktop, options) };
}

async function look(desktop: Desktop, options: SmokeOptions): Promise<Omit<Found, 'exitStatus'>> {
  const { platform = process.platform, patience } = options;
  const page = await desktop.firstWindow({ timeout: openMs });
  await ready(page);
  const interactiveAt = Date.now();
  const facts = desktop.evaluate === null ? null : await askFacts(desktop.evaluate.bind(desktop));
  const startedAt = facts?.startedAt ?? options.startedAt;
  const times = [
    { name: 'First paint', ms: (await paintedAt(page)) - startedAt, budgetMs: budgets.paint * patience },
    { name: 'Interactive', ms: interactiveAt - startedAt, budgetMs: budgets.interactive * patience },
  ];
  const idle = desktop.evaluate === null ? null : await askMemory(desktop.evaluate.bind(desktop));

  const watched = await watchPage(page);
  // Loaded once more, so that nothing of it goes unwatched.
  await page.reload();
  await ready(page);
  const seenOfNode = await page.evaluate(() => ['process', 'require', 'Buffer', 'global', 'module'].filter((name) => name in globalThis));
  const steps = await walkSteps(page, options);
  const after = desktop.evaluate === null ? null : await askMemory(desktop.evaluate.bind(desktop));
  const sandbox = facts === null ? null : sandboxOf(facts, { platform, ...(options.root === undefined ? {} : { root: options.root }) });
  return { versions: facts?.versions ?? null, times, steps, sandbox, keychain: facts?.keychain ?? null, memory: idle === null ? null : joinMemory(idle, after ?? []), origins: [...watched.origins], ownOrigin: options.origin, complaints: [...watched.complaints], seenOfNode };
}
