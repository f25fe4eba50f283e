/** The built console on a real engine with a calendar: work that is overdue, due, to be answered, that comes and that collides. */
import { rm } from 'node:fs/promises';
import type { EngineClient, MethodArgument } from '#shared/contract/index.ts';
import { loadAssets } from '#engine/console/assets.ts';
import { createEngine } from '#engine/create-engine.ts';
import { silentLogger, silentNotifier, systemRandom, type Ports } from '#engine/ports.ts';
import { startLoopbackServer, type LoopbackServer } from '../../../electron/loopback/server.ts';
import { createMovableClock } from '../core.ts';
import { makeTemporaryFolder } from '../temporary-folder.ts';
import { builtConsole } from './fixture-console.ts';

export interface CalendarConsole {
  client: EngineClient;
  server: LoopbackServer;
  systemId: string;
  close(): Promise<void>;
}

type Item = MethodArgument<'calendar.save'>['item'];

const hour = 3_600_000;
const day = 24 * hour;

const lookRunbook = 'schema: runbook/1\nid: look\ntitle: Look at the shop\nversion: "1.0.0"\nsteps:\n  - { id: look, title: Look, manual: Nobody complains., confirm: checkbox }\n';

export async function startCalendarConsole(): Promise<CalendarConsole> {
  const clock = createMovableClock();
  const now = clock.now();
  // What was planned three days ago may be late by now.
  clock.set(now - 3 * day);
  const ports: Ports = { clock, random: systemRandom, logger: silentLogger, keyWrapping: null, notifier: silentNotifier, host: 'loopback' };
  const root = await makeTemporaryFolder('calendar-console');
  const engine = await createEngine({ root, ports });
  const client = engine.client('test');
  const { system } = await client.call('system.add', { name: 'Shop', environment: 'production' });
  await client.call('runbook.save', { ref: null, text: lookRunbook, expectedHash: null });
  const local = (at: number): string => new Date(at).toISOString().slice(0, 16);
  const save = (item: Pick<Item, 'title' | 'starts' | 'work'> & Partial<Item>) => client.call('calendar.save', { systemId: system.id, key: null, item: { rrule: null, tz: 'UTC', durationMs: hour, ...item } });
  const tasks = (...list: string[]): Item['work'] => ({ kind: 'tasks', tasks: list });
  await save({ title: 'Restore drill', starts: local(now - 2 * day), work: tasks('Restore the newest copy', 'Count the orders') });
  await save({ title: 'Look at the shop', starts: local(now - 600_000), work: { kind: 'runbook', runbook: 'look' } });
  await save({ title: 'Evening summary', starts: local(now - day), missed: 'ask', work: tasks('Send the summary') });
  await save({ title: 'Delete old sessions', starts: local(now - 300_000), removes: true, work: tasks('Delete them') });
  await save({ title: 'Weekly maintenance', starts: local(now + 2 * day), rrule: 'FREQ=WEEKLY', durationMs: 4 * hour, work: tasks('Vacuum') });
  await save({ title: 'Renew certificates', starts: local(now + 2 * day + 3 * hour), durationMs: 2 * hour, work: tasks('Renew them') });
  await save({ title: 'Morning check', starts: local(now + hour), rrule: 'FREQ=DAILY', work: { kind: 'procedure', procedure: 'health.check' }, tz: 'UTC' });
  await save({ title: 'Night watch in New York', starts: '2026-01-04T02:30', rrule: 'FREQ=YEARLY', tz: 'America/New_York', work: tasks('Look') });
  clock.set(now);
  const server = await startLoopbackServer({ ports, dispatcher: engine.dispatcher, assets: loadAssets(builtConsole), port: 0 });
  return {
    client,
    server,
    systemId: system.id,
    async close() {
      await server.close();
      await engine.close();
      await rm(root, { recursive: true, force: true });
    },
  };
}
