/** The calendar of a real engine: what becomes of each time, what is told, and what outlives a restart. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { MethodArgument } from '#shared/contract/index.ts';
import type { WalkthroughAct } from '#shared/contract/walkthroughs.ts';
import { createEngine, type Engine } from '#engine/create-engine.ts';
import { silentLogger, systemRandom } from '#engine/ports.ts';
import { createMovableClock } from '#test/core.ts';
import { makeTemporaryFolder } from '#test/temporary-folder.ts';

const hour = 3_600_000;
const monday = Date.UTC(2026, 10, 23, 7);
const clock = createMovableClock();
const told: string[] = [];
let root = '';
let engine: Engine;
let systemId = '';

const start = (host: 'cli' | 'test' = 'test') => createEngine({ root, ports: { clock, random: systemRandom, logger: silentLogger, keyWrapping: null, notifier: { notify: ({ title, body }) => void told.push(`${title}: ${body}`) }, host } });
const client = () => engine.client('test');
const item = (more: Partial<MethodArgument<'calendar.save'>['item']> = {}): MethodArgument<'calendar.save'>['item'] => ({ title: 'Morning check', starts: '2026-11-23T09:00', rrule: 'FREQ=DAILY', tz: 'UTC', durationMs: hour, work: { kind: 'tasks', tasks: ['Look at the alerts'] }, ...more });
const save = async (more: Partial<MethodArgument<'calendar.save'>['item']> = {}): Promise<string> => (await client().call('calendar.save', { systemId, key: null, item: item(more) })).key;
const list = async (days = 4) => client().call('calendar.list', { systemId, from: new Date(monday - hour).toISOString(), to: new Date(monday + days * 24 * hour).toISOString() });
const stateOf = async (key: string, local: string) => {
  const found = (await list()).occurrences.find((each) => each.key === key && each.local === local);
  return found === undefined ? 'none' : `${found.state}${found.asks ? ', asks' : ''}${found.why === null ? '' : `: ${found.why}`}`;
};
/** This computer wakes up at an hour of that Monday. */
const wakeAt = (hours: number): void => {
  clock.set(monday + (hours - 7) * hour);
  engine.power('resume');
};

beforeAll(async () => {
  root = await makeTemporaryFolder('calendar');
  clock.set(monday);
  engine = await start();
  await engine.recovered;
  ({ system: { id: systemId } } = await client().call('system.add', { name: 'Shop', environment: 'production' }));
});
afterAll(() => engine.close());

describe('an entry', () => {
  test('of a zone that does not exist is refused with the one that was meant', async () => {
    await expect(save({ tz: 'America/NewYork' })).rejects.toMatchObject({ code: 'calendar.invalid', message: 'There is no time zone America/NewYork. Did you mean America/New_York?' });
  });

  test('with a rule that is not known is refused by name', async () => {
    await expect(save({ rrule: 'FREQ=DAILY;BYHOUR=9' })).rejects.toMatchObject({ code: 'calendar.invalid', message: 'BYHOUR is not known here. Write one entry for each hour.' });
  });

  test('is previewed with the day on which the clocks change', async () => {
    const { words, next } = await client().call('calendar.preview', { starts: '2026-03-01T02:30', rrule: 'FREQ=WEEKLY', tz: 'America/New_York' });
    expect([words, next.length, ...next.slice(0, 2).map(({ startsAt, zone, offset, clockChange }) => [startsAt, zone, offset, clockChange])]).toStrictEqual([
      'Every week on Sunday at 02:30',
      10,
      ['2026-03-01T07:30:00.000Z', 'EST', '−05:00', null],
      ['2026-03-08T07:00:00.000Z', 'EDT', '−04:00', '02:30 does not exist that day: the clocks go forward. It begins at 03:00.'],
    ]);
  });

  test('that is fixed where somebody may mean a place says so', async () => {
    expect((await client().call('calendar.preview', { starts: '2026-03-01T02:30', rrule: null, tz: 'EST' })).notes).toStrictEqual(['EST is fixed at −05:00 all year here. The clock on the wall of a place is America/New_York.']);
  });
});

describe('a day', () => {
  let key = '';
  beforeAll(async () => {
    key = await save();
  });

  test('begins with work that comes', async () => {
    expect(await stateOf(key, '2026-11-23T09:00')).toBe('coming');
  });

  test('has work that is due, told once, also after a restart', async () => {
    told.length = 0;
    wakeAt(9.04);
    engine.power('resume');
    await engine.close();
    engine = await start();
    await engine.recovered;
    engine.power('resume');
    expect(told).toStrictEqual(['Shop: Morning check is due, for 57 min']);
  });

  test('has work that the command line tells nobody of, since nobody looks there', async () => {
    const brief = await save({ title: 'Brief', starts: '2026-11-23T09:00', rrule: null });
    told.length = 0;
    await engine.close();
    engine = await start('cli');
    await engine.recovered;
    engine.power('resume');
    const byCommand = [...told];
    await engine.close();
    engine = await start();
    await engine.recovered;
    engine.power('resume');
    await client().call('calendar.remove', { systemId, key: brief });
    expect([byCommand, told.length]).toStrictEqual([[], 1]);
  });

  test('has it on the overview', async () => {
    expect((await client().call('overview.get', {})).needs.filter(({ action }) => action.kind === 'open-calendar').map(({ text }) => text)).toStrictEqual(['Morning check is due']);
  });

  test('is done by hand, by whom and with what they say', async () => {
    await client().call('calendar.done', { systemId, key, local: '2026-11-23T09:00', by: 'Ada', note: 'All green' });
    const found = (await list()).occurrences.find(({ local }) => local === '2026-11-23T09:00');
    expect([found?.state, found?.mark?.by, found?.mark?.reason, found?.mark?.byRun]).toStrictEqual(['done', 'Ada', 'All green', false]);
  });

  test('is not done twice', async () => {
    await expect(client().call('calendar.done', { systemId, key, local: '2026-11-23T09:00' })).rejects.toMatchObject({ code: 'calendar.not-now', message: '"Morning check" is done already.' });
  });

  test('is taken back', async () => {
    await client().call('calendar.undo', { systemId, key, local: '2026-11-23T09:00' });
    expect(await stateOf(key, '2026-11-23T09:00')).toBe('due');
  });

  test('is left out with a reason only', async () => {
    await expect(client().call('calendar.skip', { systemId, key, local: '2026-11-23T09:00', reason: ' ' })).rejects.toMatchObject({ message: expect.stringContaining('Say why it is left out') as unknown });
  });

  test('has no time that its rule does not give', async () => {
    await expect(client().call('calendar.skip', { systemId, key, local: '2026-11-23T09:30', reason: 'x' })).rejects.toMatchObject({ code: 'calendar.invalid' });
  });

  test('is not done long before', async () => {
    await expect(client().call('calendar.done', { systemId, key, local: '2026-11-25T09:00' })).rejects.toMatchObject({ code: 'calendar.not-now' });
  });

  test('is overdue when its window is over', async () => {
    wakeAt(11);
    expect(await stateOf(key, '2026-11-23T09:00')).toBe('overdue');
  });

  test('that was missed makes room for the next', async () => {
    wakeAt(9.5 + 24);
    expect([await stateOf(key, '2026-11-23T09:00'), await stateOf(key, '2026-11-24T09:00')]).toStrictEqual(['missed: The next one took its place', 'due']);
    await client().call('calendar.skip', { systemId, key, local: '2026-11-24T09:00', reason: 'Holiday' });
  });

  test('that is asked about waits for an answer', async () => {
    const asked = await save({ title: 'Evening summary', starts: '2026-11-24T10:00', missed: 'ask', rrule: null });
    wakeAt(15 + 24);
    const needs = (await client().call('overview.get', {})).needs.filter(({ action }) => action.id === asked);
    expect(needs.map(({ text, action }) => [text, action.label])).toStrictEqual([['Evening summary was missed: say what becomes of it', 'Answer']]);
    await client().call('calendar.done', { systemId, key: asked, local: '2026-11-24T10:00' });
  });

  test('of before an entry was there is nobody\'s', async () => {
    const late = await save({ title: 'Late', starts: '2026-11-23T08:00' });
    expect(await stateOf(late, '2026-11-23T08:00')).toBe('passed: Before it was in this calendar');
    await client().call('calendar.remove', { systemId, key: late });
  });
});

test('much that came due while this computer slept is told in one line', async () => {
  const keys = await Promise.all(['Logs', 'Disks', 'Jobs'].map((title, index) => save({ title, starts: `2026-11-25T0${index + 1}:00`, rrule: null, durationMs: null })));
  told.length = 0;
  wakeAt(48 + 6.9);
  expect(told).toStrictEqual(['Calendar: 3 pieces of work wait, 3 of them overdue: Logs, Disks, Jobs']);
  for (const key of keys) await client().call('calendar.remove', { systemId, key });
});

describe('a removal', () => {
  let key = '';
  beforeAll(async () => {
    wakeAt(48 + 8);
    key = await save({ title: 'Delete old orders', starts: '2026-11-25T08:00', rrule: null, removes: true, after: [{ key: 'backup', withinMs: 26 * hour, needs: 'proven-backup' }] });
  });

  test('without a proven copy must not begin, and it is said why', async () => {
    await expect(client().call('calendar.begin', { systemId, key, local: '2026-11-25T08:00' })).rejects.toMatchObject({ code: 'calendar.not-now', message: '"Delete old orders" must not begin now. This system has no database here, so no copy of it was ever restored and counted.' });
  });

  test('says so where it stands', async () => {
    expect((await list()).open.find((each) => each.key === key)?.blocked).toStrictEqual(['This system has no database here, so no copy of it was ever restored and counted.']);
  });
});

describe('a window', () => {
  let key = '';
  const local = '2026-11-25T08:00';
  beforeAll(async () => {
    wakeAt(48 + 8.6);
    key = await save({ title: 'Patches', starts: local, rrule: null, durationMs: hour, cutoffMs: hour / 2 });
  });

  test('begins nothing new shortly before its end', async () => {
    await expect(client().call('calendar.begin', { systemId, key, local })).rejects.toMatchObject({ code: 'calendar.not-now', details: { wantsWhy: true } });
  });

  test('begins it all the same where somebody says why', async () => {
    expect(await client().call('calendar.begin', { systemId, key, local, why: 'It was agreed' })).toStrictEqual({ kind: 'tasks', tasks: ['Look at the alerts'] });
  });

  test('is longer than the time before its end', async () => {
    await expect(save({ durationMs: hour, cutoffMs: hour })).rejects.toMatchObject({ code: 'calendar.invalid' });
  });
});

describe('a runbook', () => {
  const local = '2026-11-25T09:00';
  let key = '';
  let hash = '';
  const walk = async (mode: 'paper' | 'rehearsal') => (await client().call('walkthrough.start', { ref: 'own/look', hash, systemId, mode })).walkthroughId;
  const act = async (walkthroughId: string, what: WalkthroughAct): Promise<void> => {
    const { run } = await client().call('walkthrough.get', { walkthroughId });
    await client().call('walkthrough.act', { walkthroughId, expectedSeq: run.seq, commandId: `${what.kind}-${walkthroughId}`.slice(0, 64), act: what });
  };
  const finish = async (walkthroughId: string): Promise<void> => {
    const { current } = await client().call('walkthrough.get', { walkthroughId });
    await act(walkthroughId, { kind: 'answer', key: current ?? '', value: true, note: '' });
  };
  beforeAll(async () => {
    const text = 'schema: runbook/1\nid: look\ntitle: Look\nversion: "1.0.0"\nsteps:\n  - { id: look, title: Look, manual: Nobody complains., confirm: checkbox }\n';
    ({ hash } = await client().call('runbook.save', { ref: null, text, expectedHash: null }));
    key = await save({ title: 'Weekly look', starts: local, rrule: null, work: { kind: 'runbook', runbook: 'look' } });
    wakeAt(48 + 9.2);
  });

  test('is what beginning leads to', async () => {
    expect(await client().call('calendar.begin', { systemId, key, local })).toStrictEqual({ kind: 'runbook', ref: 'own/look' });
  });

  test('that was begun and stopped leaves its work due, with why', async () => {
    const walkthroughId = await walk('paper');
    await client().call('calendar.link', { systemId, key, local, walkthroughId });
    await act(walkthroughId, { kind: 'abort', reason: 'Not now' });
    expect(await stateOf(key, local)).toBe('due: Its walkthrough did not end well: Stopped: Not now.');
  });

  test('is not done by the walkthrough of another one', async () => {
    const text = 'schema: runbook/1\nid: other\ntitle: Something else\nversion: "1.0.0"\nsteps:\n  - { id: look, title: Look, manual: Look elsewhere., confirm: checkbox }\n';
    const other = await client().call('runbook.save', { ref: null, text, expectedHash: null });
    const { walkthroughId } = await client().call('walkthrough.start', { ref: 'own/other', hash: other.hash, systemId, mode: 'paper' });
    await expect(client().call('calendar.link', { systemId, key, local, walkthroughId })).rejects.toMatchObject({ code: 'calendar.invalid', message: 'The walkthrough "Something else" was not begun for "Weekly look": it is of another runbook.' });
  });

  test('that only looks and found something was done, and what it found is said', async () => {
    const text = 'schema: runbook/1\nid: morning\nversion: "1.0.0"\ntitle: Morning check\nsteps:\n  - { id: disk, title: Room on the disk, manual: How much is used?, confirm: number, on_fail: continue, expect: [{ number: "value < 80", say: Less than 80 % }] }\n  - { id: told, title: Told, manual: Somebody was told., confirm: checkbox }\n';
    const morning = await client().call('runbook.save', { ref: null, text, expectedHash: null });
    const found = await save({ title: 'Morning check', starts: local, rrule: null, work: { kind: 'runbook', runbook: 'morning' } });
    const { walkthroughId } = await client().call('walkthrough.start', { ref: 'own/morning', hash: morning.hash, systemId, mode: 'paper' });
    await client().call('calendar.link', { systemId, key: found, local, walkthroughId });
    const { run } = await client().call('walkthrough.get', { walkthroughId });
    await client().call('walkthrough.act', { walkthroughId, expectedSeq: run.seq, commandId: `disk-${walkthroughId}`.slice(0, 64), act: { kind: 'answer', key: 'disk', value: 91, note: '' } });
    await finish(walkthroughId);
    expect([(await client().call('walkthrough.get', { walkthroughId })).run.state, await stateOf(found, local)]).toEqual(['failed', 'done: It found something: 1 step did not go as they should.']);
  });

  test('that was rehearsed leaves its work due', async () => {
    const walkthroughId = await walk('rehearsal');
    await client().call('calendar.link', { systemId, key, local, walkthroughId });
    await finish(walkthroughId);
    expect(await stateOf(key, local)).toBe('due: It was a rehearsal, which does nothing.');
  });

  test('that was begun is running, and done when it ends well', async () => {
    const walkthroughId = await walk('paper');
    await client().call('calendar.link', { systemId, key, local, walkthroughId });
    const running = await stateOf(key, local);
    await finish(walkthroughId);
    engine.power('resume');
    const { occurrences } = await list();
    const found = occurrences.find((each) => each.key === key);
    expect([running, found?.state, found?.mark?.state, found?.mark?.byRun, found?.mark?.walkthroughId]).toStrictEqual(['running', 'done', 'done', true, walkthroughId]);
  });

  test('that ended well is kept as done', async () => {
    const { entries } = await client().call('calendar.entries', { systemId });
    expect(entries.find((entry) => entry.key === key)?.lastDoneAt).not.toBeNull();
  });
});

describe('a file', () => {
  let other = '';
  let content = '';
  beforeAll(async () => {
    ({ system: { id: other } } = await client().call('system.add', { name: 'Other', environment: 'staging' }));
    ({ content } = await client().call('calendar.export', { systemId }));
  });

  test('of a calendar comes back as it was', async () => {
    const { events } = await client().call('calendar.readFile', { systemId: other, text: content, tz: 'UTC' });
    await client().call('calendar.importFile', { systemId: other, text: content, tz: 'UTC', uids: events.map(({ uid }) => uid) });
    const entriesOf = async (of: string) => (await client().call('calendar.entries', { systemId: of })).entries.map((entry) => ({ key: entry.key, item: entry.item }));
    expect(await entriesOf(other)).toStrictEqual(await entriesOf(systemId));
  });

  test('brings what is left out along', async () => {
    const { occurrences } = await client().call('calendar.list', { systemId: other, from: new Date(monday).toISOString(), to: new Date(monday + 48 * hour).toISOString() });
    expect(occurrences.find(({ local }) => local === '2026-11-24T09:00')?.mark?.reason).toBe('Left out in the imported calendar');
  });

  test('that is read again changes what is there, and brings nothing twice', async () => {
    const { events } = await client().call('calendar.readFile', { systemId: other, text: content, tz: 'UTC' });
    expect(events.filter(({ replaces }) => !replaces)).toStrictEqual([]);
  });

  test('of something else is refused', async () => {
    await expect(client().call('calendar.readFile', { systemId: other, text: 'hello', tz: 'UTC' })).rejects.toMatchObject({ code: 'calendar.invalid' });
  });
});
