/** Starts, finds and stops the traffic: a daemon beside the engine, or inside it where the host cannot run one. */
import { rmSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { PilothouseError } from '#shared/domain/errors.ts';
import { spawnDaemon } from '../../children/spawn-daemon.ts';
import { nodeScripts } from '../../node-scripts.ts';
import type { Ports } from '../../ports.ts';
import type { PracticePlace } from '../place.ts';
import { endProcess, isAlive, startOf, type ProcessIdentity } from '../../platform/process-identity.ts';
import { runsInside, startInside, stopInside } from './inside.ts';
import { readTrafficRecord } from './record.ts';

const startLimitMs = 10_000;

/** How a host runs the traffic of a place; null where that is inside the engine. */
function daemonOf({ scripts = nodeScripts }: Pick<Ports, 'scripts'>, place: PracticePlace, port: number) {
  return scripts.command('traffic', [place.folder, String(port)]);
}

/** Whether what this host starts runs inside the engine, and ends with it. */
export function endsWithEngine(ports: Pick<Ports, 'scripts'>, place: PracticePlace): boolean {
  return daemonOf(ports, place, 0) === null;
}

/** The process that the traffic runs in, or null where none does. */
export async function findTraffic(place: PracticePlace): Promise<ProcessIdentity | null> {
  if (runsInside(place)) return { pid: process.pid, startedAt: (await startOf(process.pid)) ?? '' };
  const recorded = readTrafficRecord(place.trafficRecord);
  return recorded !== null && (await isAlive(recorded)) ? recorded : null;
}

/**
 * Starts the traffic. As a daemon it goes on when the engine ends: the practice system stays alive between two
 * commands. Resolves when it has named itself.
 * @throws practice.start-failed where it does not within ten seconds; what reading the passfile throws
 */
export async function startTraffic(place: PracticePlace, port: number, ports: Pick<Ports, 'scripts' | 'logger'>): Promise<void> {
  const script = daemonOf(ports, place, port);
  if (script === null) {
    startInside(place, port, ports.logger);
    return;
  }
  const daemon = spawnDaemon({ ...script, logFile: place.trafficLog });
  const until = performance.now() + startLimitMs;
  while (performance.now() < until && daemon.ended() === null) {
    if ((await findTraffic(place)) !== null) return;
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
  if (await stopInside(place)) return true;
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
