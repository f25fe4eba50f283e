import { readFileSync, readlinkSync, rmSync } from 'node:fs';
import type { MethodOutput } from '#shared/contract/index.ts';
import type { Operation } from '#shared/contract/operations.ts';
import type { EngineContext } from '#engine/engine-context.ts';
import { createHealthRoom } from '#engine/health/health-room.ts';
import { openHome } from '#engine/home.ts';
import type { Ports } from '#engine/ports.ts';
import { folderStands, removeInside } from '#engine/practice/folder.ts';
import { endJobs } from '#engine/practice/host/jobs.ts';
import { placeOf, type PracticePlace } from '#engine/practice/place.ts';
import { createPracticeRoom } from '#engine/practice/practice-room.ts';
import { stopServer } from '#engine/practice/server.ts';
import { stopTraffic } from '#engine/practice/traffic/daemon.ts';
import { createTestEngine, type TestEngine } from './engine-parts.ts';
import { listProcesses, type ProcessEntry } from './processes.ts';

export interface PracticeEngine {
  engine: TestEngine;
  place: PracticePlace;
  /** What the start of the whole engine does for it. */
  start(): Promise<void>;
  act(action: 'up' | 'down' | 'reset' | 'remove'): Promise<Operation>;
  status(): Promise<MethodOutput<'practice.status'>>;
  /** Rows of a statement, as the console's role in the shop unless another database is named. */
  query<Row extends Record<string, unknown>>(sql: string, database?: string): Promise<Row[]>;
}

/** Where the practice system of a data folder lives, for whoever runs this. */
export function practicePlace(root: string): PracticePlace {
  return placeOf(openHome(root), { uid: process.getuid?.() ?? null, accounts: () => readFileSync('/etc/passwd', 'utf8') });
}

/** An engine with the practice and the health room on a data folder. */
export function openPracticeEngine(root: string, ports: Partial<Ports> = {}): PracticeEngine {
  let close = (): Promise<void> => Promise.resolve();
  let start = close;
  const rooms = (context: EngineContext) => {
    const practice = createPracticeRoom(context);
    ({ start, close } = practice);
    return { handlers: { ...practice.handlers, ...createHealthRoom(context, { isStopped: practice.isStopped }).handlers } };
  };
  const made = createTestEngine({ root, ports, rooms: [rooms] });
  const engine: TestEngine = {
    ...made,
    async close() {
      await close();
      await made.close();
    },
  };
  return {
    engine,
    place: practicePlace(root),
    start: () => start(),
    async act(action) {
      return engine.run((await engine.call('practice.plan', { action })).plan);
    },
    status: () => engine.call('practice.status', {}),
    async query<Row extends Record<string, unknown>>(sql: string, database?: string) {
      const { databaseId } = await engine.call('practice.status', {});
      const session = await engine.context.postgres.connect(engine.context.targetOf(databaseId ?? ''), { applicationName: 'pilothouse test', ...(database === undefined ? {} : { database }) });
      try {
        // A session of ours finds the catalogue's names alone; a person's finds those of the shop.
        await session.query('SET search_path = public');
        return (await session.query<Row>(sql)).rows;
      } finally {
        await session.close();
      }
    },
  };
}

/** Every process that runs in or for a practice folder: those that name it, and the server's own that only work in it. */
export function practiceProcesses(place: Pick<PracticePlace, 'folder'>): ProcessEntry[] {
  return listProcesses().filter((entry) => !entry.zombie && entry.pid !== process.pid && (entry.commandLine.includes(place.folder) || worksBelow(entry.pid, place.folder)));
}

function worksBelow(pid: number, folder: string): boolean {
  try {
    return readlinkSync(`/proc/${pid}/cwd`).startsWith(`${folder}/`);
  } catch {
    // It ended meanwhile, or may not be looked at.
    return false;
  }
}

/** Ends and removes whatever a test left of a practice system. */
export async function removePractice(root: string): Promise<void> {
  const place = practicePlace(root);
  if (folderStands(place)) {
    await endJobs(place);
    await stopTraffic(place);
    await stopServer(place.cluster);
    await stopServer(place.previous);
    removeInside(place, place.folder);
  }
  rmSync(root, { recursive: true, force: true, maxRetries: 5 });
}
