/** Starts and stops the traffic, a daemon beside the engine. */
import { rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { setTimeout as pause } from 'node:timers/promises';
import { PilothouseError } from '#shared/domain/errors.ts';
import { spawnDaemon } from '../../children/spawn-daemon.ts';
import type { PracticePlace } from '../place.ts';
import { endProcess, isAlive, type ProcessIdentity } from '../process-identity.ts';
import { readTrafficRecord } from './record.ts';

const entry = fileURLToPath(new URL('./main.ts', import.meta.url));
const startLimitMs = 10_000;

/** The traffic that runs, or null. */
export async function findTraffic(place: PracticePlace): Promise<ProcessIdentity | null> {
  const recorded = readTrafficRecord(place.trafficRecord);
  return recorded !== null && (await isAlive(recorded)) ? recorded : null;
}

/**
 * Starts the traffic, which goes on when the engine ends: the practice system stays alive between two commands.
 * Resolves when it has named itself.
 * @throws practice.start-failed where it does not within ten seconds
 */
export async function startTraffic(place: PracticePlace, port: number): Promise<ProcessIdentity> {
  const daemon = spawnDaemon({ command: process.execPath, args: [entry, place.folder, String(port)], logFile: place.trafficLog });
  const until = performance.now() + startLimitMs;
  while (performance.now() < until && daemon.ended() === null) {
    const running = await findTraffic(place);
    if (running !== null) return running;
    await pause(20);
  }
  throw new PilothouseError('practice.start-failed', `The traffic of the practice system did not start: ${daemon.ended() ?? `it did not name itself within ${startLimitMs / 1000} s`}.`, {
    hint: `Its log is ${place.trafficLog}. The practice server itself is not affected.`,
    retryable: true,
  });
}

/**
 * Stops the traffic. Taking its record away would end it too, a moment later: one that nobody recorded leaves so.
 * @returns whether one ran
 */
export async function stopTraffic(place: PracticePlace): Promise<boolean> {
  const running = await findTraffic(place);
  if (running !== null) {
    const ended = await endProcess(running, [
      { signal: 'SIGTERM', waitMs: 1500 },
      { signal: 'SIGKILL', waitMs: 1500 },
    ]);
    if (ended === null) throw new PilothouseError('practice.start-failed', `The traffic of the practice system (process ${running.pid}) does not end.`, { hint: 'Look at that process.', retryable: true });
  }
  rmSync(place.trafficRecord, { force: true });
  return running !== null;
}
