/** What a calendar knows is not lost by a file, a clock that was wrong, or a word that is not so. */
import { expect, onTestFinished, test } from 'vitest';
import type { MethodArgument } from '#shared/contract/index.ts';
import { systemPolicy } from '#shared/contract/systems.ts';
import { createCalendarRoom } from '#engine/calendar/calendar-room.ts';
import { createMovableClock } from '#test/core.ts';
import { createTestEngine } from '#test/engine-parts.ts';
import { temporaryFolder } from '#test/temporary-folder.ts';

type Item = MethodArgument<'calendar.save'>['item'];

const hour = 3_600_000;
const monday = Date.UTC(2026, 10, 23, 7);
const removal: Item = { title: 'Old copies', starts: '2026-11-24T09:00', rrule: 'FREQ=WEEKLY;BYDAY=TU', tz: 'UTC', durationMs: hour, cutoffMs: hour / 2, work: { kind: 'runbook', runbook: 'old-copies' }, removes: true, after: [{ key: 'backup', withinMs: 26 * hour, needs: 'proven-backup' }], role: 'dba' };

async function stage() {
  const clock = createMovableClock();
  clock.set(monday);
  const looks: (() => void)[] = [];
  const told: string[] = [];
  const engine = createTestEngine({
    root: await temporaryFolder('kept'),
    ports: { clock, notifier: { notify: ({ body }) => void told.push(body) } },
    rooms: [(context) => {
      const room = createCalendarRoom(context, { findRunbook: () => null });
      looks.push(room.wake, room.close);
      return room;
    }],
  });
  const [look = () => {}, close = () => {}] = looks;
  onTestFinished(async () => {
    close();
    await engine.close();
  });
  const { systems } = engine.context;
  const systemId = systems.insert({ id: 'shop', name: 'Shop', environment: 'production', policy: systemPolicy.parse({}), at: monday }).id;
  const save = async (item: Item): Promise<string> => (await engine.call('calendar.save', { systemId, key: null, item })).key;
  const stateOf = async (key: string, local: string): Promise<string | undefined> => (await engine.call('calendar.list', { systemId, from: new Date(monday - 24 * hour).toISOString(), to: new Date(monday + 96 * hour).toISOString() })).occurrences.find((one) => one.key === key && one.local === local)?.state;
  return { clock, engine, systemId, save, stateOf, look, told };
}

/** What another program makes of a file: it keeps the times, and drops what it does not know. */
const throughOthers = (content: string): string => content.replaceAll('\r\n ', '').split('\r\n').filter((line) => !line.startsWith('X-PILOTHOUSE')).join('\r\n');

test('a file that went through another program changes the times of an entry, and nothing of what it waits for', async () => {
  const { engine, systemId, save } = await stage();
  const key = await save(removal);
  const { content } = await engine.call('calendar.export', { systemId });
  const text = throughOthers(content).replace('DTSTART:20261124T090000Z', 'DTSTART:20261124T100000Z');
  const { events } = await engine.call('calendar.readFile', { systemId, text, tz: 'UTC' });
  await engine.call('calendar.importFile', { systemId, text, tz: 'UTC', uids: events.map(({ uid }) => uid) });
  const { entries } = await engine.call('calendar.entries', { systemId });
  expect([events.map((event) => [event.key, event.replaces, event.notes.at(-1)]), entries.map(({ item }) => item)]).toMatchObject([[[key, true, 'Its work, and what it waits for, stay as they are here.']], [{ ...removal, starts: '2026-11-24T10:00' }]]);
});

test('an event that cannot be with what is known of it here is kept out', async () => {
  const { engine, systemId, save } = await stage();
  await save(removal);
  const text = throughOthers((await engine.call('calendar.export', { systemId })).content).replace('DURATION:PT1H', 'DURATION:PT20M');
  expect((await engine.call('calendar.readFile', { systemId, text, tz: 'UTC' })).events[0]?.problem).toMatch(/^The window has to be longer than the time before its end/);
});

test('what was planned while the clock was a year ahead is due all the same when it is right again', async () => {
  const { clock, save, stateOf } = await stage();
  clock.set(monday + 366 * 24 * hour);
  const key = await save({ ...removal, removes: false, after: [], cutoffMs: null });
  clock.set(monday);
  const before = await stateOf(key, '2026-11-24T09:00');
  clock.set(monday + 30 * hour);
  expect([before, await stateOf(key, '2026-11-24T09:00')]).toEqual(['coming', 'overdue']);
});

test('work is begun within a day before it, and no earlier', async () => {
  const { clock, engine, systemId, save } = await stage();
  const key = await save({ ...removal, removes: false, after: [], work: { kind: 'tasks', tasks: ['Look'] } });
  const begin = () => engine.call('calendar.begin', { systemId, key, local: '2026-11-24T09:00' });
  await expect(begin()).rejects.toMatchObject({ code: 'calendar.not-now', message: expect.stringMatching(/^"Old copies" is 1 d .* ahead, and is not begun yet\.$/) });
  clock.set(monday + 3 * hour);
  expect(await begin()).toMatchObject({ kind: 'tasks' });
});

test('what a run has done is not taken back by a word', async () => {
  const { clock, engine, systemId, save, stateOf, look } = await stage();
  const local = '2026-11-23T09:00';
  const key = await save({ ...removal, starts: local, rrule: 'FREQ=DAILY', removes: false, after: [], cutoffMs: null, work: { kind: 'procedure', procedure: 'health.check' } });
  const { operations } = engine.context;
  operations.insert({ id: 'run', kind: 'health.check', title: 'Look', system: { id: systemId, name: 'Shop', environment: 'production' }, target: 'shop', planId: 'plan', plan: {} as never, details: null, createdAt: monday + 2.1 * hour, requestedBy: 'console' });
  operations.update('run', { state: 'succeeded', startedAt: monday + 2.1 * hour, endedAt: monday + 2.2 * hour });
  clock.set(monday + 3 * hour);
  look();
  await expect(engine.call('calendar.undo', { systemId, key, local })).rejects.toMatchObject({ code: 'calendar.not-now', message: '"Old copies" was done by a run, which stays.' });
  expect(await stateOf(key, local)).toBe('done');
});

test('what begins in the hour that a night leaves out is told with what the clock shows then', async () => {
  const { clock, save, look, told } = await stage();
  clock.set(Date.UTC(2027, 2, 28, 0));
  await save({ ...removal, starts: '2027-03-28T02:30', rrule: null, tz: 'Europe/Berlin', removes: false, after: [], noticeMs: 2 * hour });
  look();
  expect(told).toEqual([expect.stringMatching(/^Old copies begins in .*, at 2027-03-28 03:00 \(Europe\/Berlin\)$/)]);
});
