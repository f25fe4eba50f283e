/** Starting the engine of a data folder where another process may be at work on it. */
import { setTimeout as pause } from 'node:timers/promises';
import { attach, requestLink } from '#engine/attach/attach-client.ts';
import { startEngine, type ServedEngine } from '#engine/attach/connect-or-start.ts';
import type { Home } from '#engine/home.ts';
import type { Ports } from '#engine/ports.ts';
import { hasCode, type ErrorShape } from '#shared/domain/errors.ts';

/** How long a holder of the data folder that does not answer is waited for, in milliseconds. */
const patienceMs = 60_000;
const lookEveryMs = 200;

/** What an attempt to get in found. `busy`: a command line answers, and has no console to show. */
export type Found<Started> = { kind: 'started'; started: Started } | { kind: 'link'; link: string } | { kind: 'busy'; error: ErrorShape } | { kind: 'silent'; error: unknown };

/**
 * Tries until it gets in. Whoever answers is waited for as long as it takes: it is at work, and may be for hours.
 * @throws what `silent` was found with, when nobody has answered for a minute
 */
export async function untilFound<Started>(options: { look: () => Promise<Found<Started>>; onBusy: (error: ErrorShape) => Promise<void>; clock: Ports['clock']; lookEveryMs?: number }): Promise<Started | { link: string }> {
  let silentSince: number | null = null;
  for (;;) {
    const found = await options.look();
    if (found.kind === 'started') return found.started;
    if (found.kind === 'link') return { link: found.link };
    if (found.kind === 'busy') {
      silentSince = null;
      await options.onBusy(found.error);
    } else {
      silentSince ??= options.clock.now();
      if (options.clock.now() - silentSince > patienceMs) throw found.error;
    }
    await pause(options.lookEveryMs ?? lookEveryMs);
  }
}

/** Titles of what runs in the engine of another process; none where it cannot be asked any more. */
async function whatRuns(home: Home): Promise<string[]> {
  try {
    const client = await attach(home, 'console');
    if (client === null) return [];
    try {
      return (await client.call('operation.list', { active: true })).operations.map((operation) => operation.title);
    } finally {
      client.close();
    }
  } catch {
    return []; // It has just ended; the next look finds out.
  }
}

/** Starts the engine, or has the console that already runs on this data folder give a fresh address. */
export async function startOrFindRunning(options: { home: Home; ports: Ports; link: () => string; say: (text: string) => void }): Promise<ServedEngine | { link: string }> {
  const { home, ports } = options;
  let told = false;
  const look = async (): Promise<Found<ServedEngine>> => {
    let locked: unknown;
    try {
      return { kind: 'started', started: await startEngine({ root: home.root, ports, hostRequests: { link: options.link } }) };
    } catch (error) {
      if (!hasCode(error, 'store.locked')) throw error;
      locked = error;
    }
    try {
      const found = await requestLink(home);
      return found === null ? { kind: 'silent', error: locked } : { kind: 'link', link: found };
    } catch (error) {
      if (!hasCode(error, 'operation.busy')) throw error;
      return { kind: 'busy', error: error as ErrorShape };
    }
  };
  const onBusy = async (error: ErrorShape): Promise<void> => {
    // Once: whoever asks again and again would be a guest that the other waits for.
    if (told) return;
    told = true;
    const titles = await whatRuns(home);
    const atWork = titles.length === 0 ? [] : [`It is at work: ${titles.join(', ')}.`];
    const next = error.hint === undefined ? [] : [error.hint];
    options.say([error.message, ...next, ...atWork, 'Waiting for it; Ctrl-C gives up.'].join(' '));
  };
  return untilFound({ look, onBusy, clock: ports.clock });
}
