import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { incidentNeeds } from '#engine/incidents/incident-room.ts';
import { foldStored, deadlineRows } from '#engine/incidents/incidents.ts';
import { staleAfterMs } from '#engine/incidents/deadlines.ts';
import { createIncidentRepository } from '#engine/store/incident-repository.ts';
import { Secret } from '#shared/domain/secret.ts';
import { createIncidentStage, type Answers } from '#test/incident-stage.ts';
import { hour, minute } from '#test/incident.ts';
import { temporaryFolder } from '#test/temporary-folder.ts';

let root: string;
beforeEach(async () => {
  root = await temporaryFolder('incidents');
});

/** What is left open ends with the test. */
function begin(answers: Answers = {}) {
  const stage = createIncidentStage(root, answers);
  let over = false;
  const end = (): void => {
    if (!over) stage.end();
    over = true;
  };
  onTestFinished(end);
  return { ...stage, end };
}
type Stage = ReturnType<typeof begin>;

const logOf = ({ core }: Stage, incidentId: string) => createIncidentRepository(core.store).load(incidentId);
const kindsOf = (stage: Stage, incidentId: string) => logOf(stage, incidentId).map(({ event }) => event.kind);
const passedOf = (stage: Stage, incidentId: string) => logOf(stage, incidentId).flatMap(({ event }) => (event.kind === 'clock-passed' ? [[event.clock, event.as, event.why]] : []));

describe('declaring', () => {
  test('three words are enough', async () => {
    const stage = begin();
    const { incident } = await stage.get(await stage.open());
    expect([incident.number, incident.state, incident.severity.title, incident.next?.clock]).toEqual([1, 'detected', 'P1: down, or data at risk', 'acknowledge']);
  });
  test('the same command twice opens one', async () => {
    const stage = begin();
    const commandId = stage.newCommand();
    expect([await stage.open({ commandId }), (await stage.call('incident.list', {})).incidents.length]).toEqual([await stage.open({ commandId }), 1]);
  });
  test('whoever is not sure declares the graver one, and it is said', async () => {
    const stage = begin();
    const view = await stage.get(await stage.open({ severity: 'p3', unsure: true }));
    expect([view.incident.severity.key, view.unsureOf]).toEqual(['p2', 'P3: a part does not work']);
  });
  test('nothing is declared for a time that is still to come', async () => {
    const stage = begin();
    await expect(stage.open({ declaredAt: new Date(stage.core.clock.now() + hour).toISOString() })).rejects.toMatchObject({ code: 'contract.invalid-input' });
  });
  test('a system with severities of its own has those alone', async () => {
    const stage = begin();
    const systemId = stage.addSystem();
    stage.addItem(systemId, 'severity', 'critical', { title: 'Critical', rank: 1, tone: 'critical', examples: [], clocks: { acknowledge: 5 * minute, respond: null, update: null, escalate: null, resolve: null }, hours: null, runbook: null, text: '', source: null, covers: [] });
    expect((await stage.call('incident.choices', { systemId })).severities.map(({ key, builtIn }) => [key, builtIn])).toEqual([['critical', false]]);
  });
  test('hours of a zone that does not exist are named, and hold no clock up', async () => {
    const stage = begin();
    const systemId = stage.addSystem();
    stage.addItem(systemId, 'hours', 'office', { title: 'Office', tz: 'EST5WRONG', spans: [{ days: ['MO'], from: '09:00', to: '17:00' }], source: null, covers: [] });
    stage.addItem(systemId, 'severity', 'p1', { title: 'One', rank: 1, tone: 'critical', examples: [], clocks: { acknowledge: 5 * minute, respond: null, update: null, escalate: null, resolve: null }, hours: 'office', runbook: null, text: '', source: null, covers: [] });
    const view = await stage.get(await stage.open({ systemId }));
    expect([view.hours, (Date.parse(view.incident.next?.dueAt ?? '') - Date.parse(view.incident.declaredAt)) / minute]).toEqual(['The hours "Office" name a zone that does not exist, EST5WRONG: its clocks go all the time.', 5]);
  });
});

test('an incident that is open is listed before all that are closed, however old it is', async () => {
  const stage = begin();
  await stage.open({ title: 'Old' });
  stage.core.clock.move(hour);
  const id = await stage.open({ title: 'New' });
  await stage.act(id, { kind: 'resolve' });
  await stage.act(id, { kind: 'close' });
  expect((await stage.call('incident.list', { limit: 1 })).incidents.map(({ title }) => title)).toEqual(['Old']);
});

describe('two windows', () => {
  test('what the second one does without knowing of the first is not done, and it is told', async () => {
    const stage = begin();
    const id = await stage.open();
    const { seq } = (await stage.get(id)).incident;
    const first = await stage.act(id, { kind: 'severity', severity: 'p2', reason: 'less' }, seq);
    const second = await stage.act(id, { kind: 'severity', severity: 'p3', reason: 'even less' }, seq);
    expect([first.outcome, second.outcome, (await stage.get(id)).incident.severity.key]).toEqual(['done', 'stale', 'p2']);
  });
  test('that a clock ran out meanwhile keeps nobody from anything', async () => {
    const stage = begin();
    const id = await stage.open();
    const { seq } = (await stage.get(id)).incident;
    stage.core.clock.move(16 * minute);
    expect([(await stage.act(id, { kind: 'acknowledge' }, seq)).outcome, kindsOf(stage, id)]).toEqual(['done', ['opened', 'clock-passed', 'clock-passed', 'acknowledged']]);
  });
  test('the same command twice is done once', async () => {
    const stage = begin();
    const id = await stage.open();
    const twice = { incidentId: id, expectedSeq: 1, commandId: stage.newCommand(), act: { kind: 'note', text: 'x' } } as const;
    expect([(await stage.call('incident.act', twice)).outcome, (await stage.call('incident.act', twice)).outcome, kindsOf(stage, id)]).toEqual(['done', 'duplicate', ['opened', 'noted']]);
  });
  test('what cannot be done any more is refused with words', async () => {
    const stage = begin();
    const id = await stage.open();
    await stage.act(id, { kind: 'acknowledge' });
    await expect(stage.act(id, { kind: 'acknowledge' })).rejects.toMatchObject({ code: 'incident.not-now', message: 'INC-1, "Site down": It was acknowledged already.' });
  });
});

describe('deadlines', () => {
  test('one that passes is told once, and stands in the log', async () => {
    const stage = begin();
    const id = await stage.open();
    stage.core.clock.move(15 * minute + 5000);
    stage.room.start();
    stage.room.start();
    expect([passedOf(stage, id), stage.core.notified.map(({ body }) => body)]).toEqual([[['acknowledge', 'in-time', ''], ['respond', 'in-time', '']], ['Acknowledge: the time is over', 'Respond: the time is over']]);
  });
  test('people are told a while before', async () => {
    const stage = begin();
    await stage.open();
    stage.core.clock.move(15 * minute - 225_000 + 5000);
    stage.room.start();
    expect(stage.core.notified.map(({ body }) => body)).toEqual(['Acknowledge: the time is over soon', 'Respond: the time is over soon']);
  });
  test('one that passed while nothing ran here is told at the start with when it was', async () => {
    const first = begin();
    const id = await first.open();
    first.end();
    const second = begin();
    second.core.clock.move(25 * minute);
    second.room.start();
    expect([passedOf(second, id), second.core.notified[0]?.body]).toEqual([[['acknowledge', 'away', 'Pilothouse did not run'], ['respond', 'away', 'Pilothouse did not run']], expect.stringMatching(/^Acknowledge: passed at \d\d:\d\d:\d\d \(Pilothouse did not run\)$/)]);
  });
  test('one that passed while this computer was asleep says so', async () => {
    const stage = begin();
    const id = await stage.open();
    stage.core.clock.move(20 * minute);
    stage.room.wake();
    expect(passedOf(stage, id)[0]).toEqual(['acknowledge', 'away', 'this computer was asleep']);
  });
  test('one that passed long ago is shown, and nobody is told as if it were new', async () => {
    const stage = begin();
    const id = await stage.open();
    stage.core.clock.move(5 * hour + staleAfterMs);
    stage.room.wake();
    expect([passedOf(stage, id).map(([clock, as]) => [clock, as]), stage.core.notified]).toEqual([['acknowledge', 'respond', 'update', 'escalate', 'resolve'].map((clock) => [clock, 'stale']), []]);
  });
  test('a clock that jumps ahead and is put back tells nothing twice', async () => {
    const stage = begin();
    const id = await stage.open();
    stage.core.clock.move(20 * minute);
    stage.room.wake();
    stage.core.clock.move(-20 * minute);
    await stage.act(id, { kind: 'note', text: 'the clock was wrong' });
    stage.core.clock.move(20 * minute);
    stage.room.wake();
    expect(passedOf(stage, id).map(([clock]) => clock)).toEqual(['acknowledge', 'respond']);
  });
  test('what was done in time is not told', async () => {
    const stage = begin();
    const id = await stage.open();
    await stage.act(id, { kind: 'respond' });
    stage.core.clock.move(16 * minute);
    stage.room.start();
    expect(passedOf(stage, id)).toEqual([]);
  });
  test('what stands still is not told', async () => {
    const stage = begin();
    const id = await stage.open();
    await stage.act(id, { kind: 'pause', reason: 'waits for the provider' });
    stage.core.clock.move(50 * minute);
    stage.room.wake();
    expect([passedOf(stage, id), (await stage.get(id)).paused?.why]).toEqual([[], 'waits for the provider']);
  });
});

describe('what is kept', () => {
  const failing = "CREATE TEMP TRIGGER failing BEFORE INSERT ON incident_deadlines BEGIN SELECT RAISE(ABORT, 'the disk is gone'); END";
  test('where the end of a command is not kept, nothing of it is', async () => {
    const stage = begin();
    const id = await stage.open();
    stage.core.store.exec(failing);
    await expect(stage.act(id, { kind: 'severity', severity: 'p2', reason: 'x' })).rejects.toThrow('the disk is gone');
    expect([kindsOf(stage, id), (await stage.get(id)).incident.severity.key]).toEqual([['opened'], 'p1']);
  });
  test('an incident that was not kept has used no number', async () => {
    const stage = begin();
    stage.core.store.exec(failing);
    await expect(stage.open()).rejects.toThrow('the disk is gone');
    stage.core.store.exec('DROP TRIGGER failing');
    expect((await stage.get(await stage.open())).incident.number).toBe(1);
  });
  test('what is derived can be made anew from the events', async () => {
    const stage = begin();
    const id = await stage.open();
    await stage.act(id, { kind: 'respond' });
    stage.core.clock.move(31 * minute);
    stage.room.wake();
    await stage.act(id, { kind: 'update', text: 'x' });
    const all = () => [stage.core.store.prepare('SELECT * FROM incidents').all(), stage.core.store.prepare("SELECT clock, due_at, state FROM incident_deadlines WHERE clock NOT LIKE '%:soon' ORDER BY 1, 2").all()];
    const before = all();
    createIncidentRepository(stage.core.store).rebuild((incidentId, events) => {
      const after = foldStored(incidentId, events);
      if (after === null) throw new Error('There is nothing.');
      return { after, deadlines: deadlineRows(after) };
    });
    expect(all()).toEqual(before);
  });
  test('events do not change', async () => {
    const stage = begin();
    await stage.open();
    expect(() => stage.core.store.exec("UPDATE incident_events SET actor = 'nobody'")).toThrow('events of an incident do not change');
  });
  test('a changed entry is found by its chain', async () => {
    const stage = begin();
    const id = await stage.open();
    await stage.act(id, { kind: 'note', text: 'x' });
    stage.core.store.exec("DROP TRIGGER incident_events_stay; UPDATE incident_events SET actor = 'nobody' WHERE seq = 1");
    expect(createIncidentRepository(stage.core.store).verifyChain(id)).toEqual({ seq: 1, message: 'Event 1 is not as it was written.' });
  });
  test('a secret is neither kept nor reported', async () => {
    const stage = begin();
    const id = await stage.open();
    stage.core.scrubber.register(new Secret('hunter2-long-one'));
    await stage.act(id, { kind: 'note', text: 'the password was hunter2-long-one' });
    const { content } = await stage.call('incident.export', { incidentId: id, format: 'json' });
    expect([JSON.stringify(logOf(stage, id)).includes('hunter2-long-one'), content.includes('hunter2-long-one'), content.includes('the password was [redacted]')]).toEqual([false, false, true]);
  });
  test('an incident outlives its system', async () => {
    const stage = begin();
    const systemId = stage.addSystem('Shop');
    const id = await stage.open({ systemId });
    stage.core.systems.remove(systemId);
    expect((await stage.get(id)).incident.systemName).toBe('Shop');
  });
});

describe('the timeline', () => {
  const backUp = (stage: Stage, systemId: string, at: number, kind: 'backup.run' | 'health.check' = 'backup.run'): string => {
    const id = stage.core.ports.random.id();
    stage.core.operations.insert({ id, kind, title: 'Backup of shop', system: { id: systemId, name: 'Shop', environment: 'production' }, target: 'shop', planId: id, plan: {} as never, details: null, createdAt: at, requestedBy: 'console' });
    return id;
  };
  test('it has what happened in the system meanwhile and shortly before, and not what was long before', async () => {
    const stage = begin();
    const systemId = stage.addSystem();
    const [long, shortly] = [backUp(stage, systemId, stage.core.clock.now() - 30 * hour), backUp(stage, systemId, stage.core.clock.now() - hour)];
    stage.core.operations.update(long, { state: 'succeeded', endedAt: stage.core.clock.now() - 29 * hour });
    const { timeline } = await stage.get(await stage.open({ systemId }));
    expect([timeline.map(({ key }) => key), timeline.some(({ operationId }) => operationId === long)]).toEqual([['e1', `o${shortly}`], false]);
  });
  test('it has what still runs, however long ago it was begun', async () => {
    const stage = begin();
    const systemId = stage.addSystem();
    const running = backUp(stage, systemId, stage.core.clock.now() - 30 * hour);
    stage.core.operations.update(running, { state: 'running', startedAt: stage.core.clock.now() - 30 * hour });
    expect((await stage.get(await stage.open({ systemId }))).timeline.map(({ key }) => key)).toEqual(['e1', `o${running}`]);
  });
  test('checks that a script asks for each minute crowd nothing else out of it, and its report says what is left out', async () => {
    const stage = begin();
    const systemId = stage.addSystem();
    const id = await stage.open({ systemId });
    const backup = backUp(stage, systemId, stage.core.clock.now());
    for (let at = 0; at < 250; at += 1) backUp(stage, systemId, stage.core.clock.now() + at, 'health.check');
    for (let at = 0; at < 400; at += 1) await stage.act(id, { kind: 'note', text: `note ${at}` }, at + 1);
    stage.core.clock.move(hour);
    const { timeline, leftOut } = await stage.get(id);
    expect([timeline.length, leftOut]).toEqual([400, 52]);
    const few = await stage.open({ systemId });
    const other = await stage.get(few);
    expect([other.timeline.some(({ operationId }) => operationId === backup), other.timeline.filter(({ group }) => group === 'health').length, other.leftOut]).toEqual([true, 50, 0]);
    expect((await stage.call('incident.export', { incidentId: id, format: 'markdown' })).content).toContain('52 older entries are left out of this list.');
  });
  test('what is linked is part of it', async () => {
    const stage = begin();
    const systemId = stage.addSystem();
    const operation = backUp(stage, systemId, stage.core.clock.now());
    const id = await stage.open({ systemId });
    expect((await stage.get(id)).timeline.find(({ operationId }) => operationId === operation)?.linked).toBe(false);
    await stage.act(id, { kind: 'link', what: 'operation', id: operation });
    expect((await stage.get(id)).timeline.find(({ key }) => key === `o${operation}`)?.linked).toBe(true);
  });
  test('a corrected entry shows both what it said and what it should have said', async () => {
    const stage = begin();
    const id = await stage.open();
    await stage.act(id, { kind: 'note', text: 'the disk of web-1' });
    await stage.act(id, { kind: 'correct', seq: 2, text: 'the disk of db-1' });
    const entry = (await stage.get(id)).timeline.find(({ seq }) => seq === 2);
    expect([entry?.detail, entry?.corrected?.text]).toEqual(['the disk of web-1', 'the disk of db-1']);
  });
});

describe('people and texts', () => {
  const origin = { source: null, covers: [] };
  test('roles of the system, who has them, and the text that it sends', async () => {
    const stage = begin();
    const systemId = stage.addSystem('Shop');
    stage.addItem(systemId, 'contact', 'ann', { title: 'Ann', about: '', email: 'ann@shop.example', phone: '+1 555 0100', url: null, hours: null, afterMs: null, outside: false, ...origin });
    stage.addItem(systemId, 'role', 'commander', { title: 'Commander', duties: [], contact: 'ann', incident: true, ...origin });
    stage.addItem(systemId, 'role', 'developer', { title: 'Developer', duties: [], contact: null, incident: false, ...origin });
    stage.addItem(systemId, 'template', 'status', { title: 'Status', purpose: 'status-update', text: '{{ severity }}: {{ title }}, {{ state }}. Led by {{ lead }}. {{ refund_code }}', ...origin });
    const id = await stage.open({ systemId });
    await stage.act(id, { kind: 'assign', role: 'commander', who: '', contact: 'ann' });
    const { people, texts } = await stage.get(id);
    expect([people.roles.map(({ title, who, proposed }) => [title, who, proposed]), texts[0]]).toEqual([[['Commander', 'Ann', 'Ann']], { key: 'status', title: 'Status', purpose: 'status-update', text: 'P1: down, or data at risk: Site down, Detected. Led by Ann. {{ refund_code }}', unknown: ['refund_code'] }]);
  });
  test('whom it is escalated to is said by who is there', async () => {
    const stage = begin();
    await expect(stage.act(await stage.open(), { kind: 'escalate', tier: 'l9' })).rejects.toMatchObject({ code: 'store.not-found' });
  });
});

describe('the report', () => {
  test('it says how long, what was promised, and who', async () => {
    const stage = begin();
    const id = await stage.open({ seen: 'HTTP 502 everywhere' });
    await stage.act(id, { kind: 'assign', role: 'lead', who: 'Ann' });
    stage.core.clock.move(10 * minute);
    await stage.act(id, { kind: 'acknowledge' });
    stage.core.clock.move(30 * minute);
    await stage.act(id, { kind: 'severity', severity: 'p2', reason: 'the shop answers again' });
    stage.core.clock.move(15 * minute);
    await stage.act(id, { kind: 'resolve', text: 'nginx was started' });
    await stage.act(id, { kind: 'close' });
    const { content, fileName } = await stage.call('incident.export', { incidentId: id, format: 'markdown' });
    expect(fileName).toMatch(/^INC-1-\d{8}T\d{4}\.md$/);
    for (const words of ['# INC-1: `Site down`: Closed', '- `P1: down, or data at risk`: 40 min', '- `P2: badly impaired`: 15 min, because: `the shop answers again`', '- Detected: 10 min', '- Acknowledge: kept', '- Respond: kept', '- `Leads`: `Ann`', 'HTTP 502 everywhere', 'nginx was started']) expect(content).toContain(words);
  });
  test('what others wrote is no markup in it', async () => {
    const stage = begin();
    const id = await stage.open({ title: '<script>alert(1)</script>' });
    const { content } = await stage.call('incident.export', { incidentId: id, format: 'html' });
    expect([content.includes('<script>alert'), content.includes('&lt;script&gt;alert(1)')]).toEqual([false, true]);
  });
});

describe('the overview', () => {
  test('open incidents stand there with what runs out next, the gravest first', async () => {
    const stage = begin();
    await stage.open({ title: 'Slow page', severity: 'p3' });
    await stage.open({ title: 'Site down' });
    const over = await stage.open({ title: 'Over', severity: 'p2' });
    await stage.act(over, { kind: 'resolve' });
    await stage.act(over, { kind: 'close' });
    expect(incidentNeeds(stage.core).map(({ state, text, action }) => [state, text.replace(/\d{4}-.*Z/, 'AT'), action.kind])).toEqual([
      ['critical', 'INC-2 Site down: P1: down, or data at risk, detected, acknowledge is due AT', 'open-incident'],
      ['warn', 'INC-1 Slow page: P3: a part does not work, detected, acknowledge is due AT', 'open-incident'],
    ]);
  });
  test('one whose clock has run out is critical', async () => {
    const stage = begin();
    await stage.open({ severity: 'p3' });
    stage.core.clock.move(5 * hour);
    expect(incidentNeeds(stage.core)[0]?.state).toBe('critical');
  });
});
