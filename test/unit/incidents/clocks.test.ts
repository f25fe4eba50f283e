import { describe, expect, test } from 'vitest';
import { clocksOf, deadlinesOf } from '#shared/domain/incident/clocks.ts';
import { fold } from '#shared/domain/incident/evolve.ts';
import { actorOf, type ClockName } from '#shared/domain/incident/incident.ts';
import { builtInSeverities, graverThan } from '#shared/domain/incident/severities.ts';
import { act, add, hour, minute, office, opened, severity, start, type Told } from '#test/incident.ts';

const at = (minutes: number): number => start + minutes * minute;
const after = (iso: string | null): number | null => (iso === null ? null : (Date.parse(iso) - start) / minute);
const clock = ({ incident }: Told, name: ClockName) => clocksOf(incident).find((each) => each.name === name);
const due = (told: Told) => Object.fromEntries(deadlinesOf(told.incident).map(({ clock: name, dueAt }) => [name, after(dueAt)]));

describe('clocks of an incident', () => {
  test('they count from when it was declared', () => expect(due(opened())).toEqual({ acknowledge: 15, respond: 30, update: 30, escalate: 60, resolve: 240 }));
  test('what is acknowledged in time was kept', () => expect(clock(act(opened(), at(15), { kind: 'acknowledged', by: '' }), 'acknowledge')).toMatchObject({ state: 'kept' }));
  test('what is acknowledged late was missed', () => expect(clock(act(opened(), at(16), { kind: 'acknowledged', by: '' }), 'acknowledge')).toMatchObject({ state: 'missed' }));
  test('who works on it has acknowledged it', () => expect(due(act(opened(), at(5), { kind: 'responded', by: '', text: '' }))).toEqual({ update: 30, escalate: 60, resolve: 240 }));
  test('what was kept once stays kept, whatever is done later', () => expect(clock(act(act(opened(), at(5), { kind: 'acknowledged', by: '' }), at(20), { kind: 'responded', by: '', text: '' }), 'acknowledge')).toMatchObject({ state: 'kept', at: new Date(at(5)).toISOString() }));
  test('the next update counts from the last one', () => expect(due(act(opened(), at(20), { kind: 'updated', text: 'Known', channel: null, to: '' }))['update']).toBe(50));
  test('each update is judged by what was promised before it', () => {
    const two = act(act(opened(), at(20), { kind: 'updated', text: '', channel: null, to: '' }), at(51), { kind: 'updated', text: '', channel: null, to: '' });
    expect(two.incident.updates.map(({ kept }) => kept)).toEqual([true, false]);
  });
  test('another severity has its limits from when the incident was declared', () => expect(due(act(opened({ severity: severity('p3', { clocks: { acknowledge: 8 * hour, respond: null, update: null, escalate: null, resolve: null } }) }), at(10), { kind: 'severity-changed', severity: severity('p1'), reason: 'worse' }))).toEqual({ acknowledge: 15, respond: 30, update: 30, escalate: 60, resolve: 240 }));
  test('what was over before it became graver is said at once, and once', () => {
    const graver = act(opened({ severity: severity('p3', { clocks: { acknowledge: 8 * hour, respond: null, update: null, escalate: null, resolve: null } }) }), at(31), { kind: 'severity-changed', severity: severity('p1'), reason: 'worse' });
    expect(graver.incident.passed.map(({ clock: name, as }) => [name, as])).toEqual([['acknowledge', 'at-once'], ['respond', 'at-once'], ['update', 'at-once']]);
    expect(act(graver, at(32), { kind: 'noted', text: 'x' }).incident.passed.length).toBe(3);
  });
  test('what was kept by the limits of then stays kept when it becomes graver', () => {
    const kept = act(opened({ severity: severity('p3', { clocks: { acknowledge: 8 * hour, respond: null, update: null, escalate: null, resolve: null } }) }), at(60), { kind: 'acknowledged', by: '' });
    expect(clock(act(kept, at(61), { kind: 'severity-changed', severity: severity('p1'), reason: 'worse' }), 'acknowledge')?.state).toBe('kept');
  });
  test('nobody has to escalate what is mitigated', () => expect(clock(act(opened(), at(40), { kind: 'mitigated', text: '' }), 'escalate')?.state).toBe('not-needed'));
  test('what is resolved has no clock that runs', () => expect(due(act(opened(), at(40), { kind: 'resolved', text: '' }))).toEqual({}));
  test('while clocks stand still they have no end, and say how much is left', () => {
    const paused = act(opened(), at(10), { kind: 'paused', reason: 'waits for the provider' });
    expect([due(paused), clock(paused, 'acknowledge')?.leftMs]).toEqual([{}, 5 * minute]);
  });
  test('when they go on they end so much later', () => expect(due(act(act(opened(), at(10), { kind: 'paused', reason: 'x' }), at(30), { kind: 'resumed', reason: '' }))).toEqual({ acknowledge: 35, respond: 50, update: 50, escalate: 80, resolve: 260 }));
  test('what was resolved and comes back has the rest of its time, and owes an update from then on', () => {
    const back = act(act(opened(), at(50), { kind: 'resolved', text: '' }), at(200), { kind: 'reopened', reason: 'it is back' });
    expect([due(back), back.incident.state]).toEqual([{ update: 230, escalate: 210, resolve: 390 }, 'reopened']);
  });
  test('a clock goes in its hours only', () => expect(due(opened({ severity: severity('p2', { hours: office, clocks: { acknowledge: 9 * hour, respond: null, update: null, escalate: null, resolve: null } }) }, start))['acknowledge']).toBe(120 + 8 * 60 + 16 * 60 + 60));
  test('an incident that is declared for a time that is long over says what had passed', () => expect(opened({ declaredAt: new Date(start - hour).toISOString() }).incident.passed.map(({ clock: name }) => name)).toEqual(['acknowledge', 'respond', 'update', 'escalate']));
  test('the clock of this computer set back breaks no count', () => expect(clock(act(act(opened(), at(10), { kind: 'acknowledged', by: '' }), at(-600), { kind: 'paused', reason: 'x' }), 'resolve')).toMatchObject({ state: 'stopped', leftMs: 240 * minute }));
});

describe('what people do', () => {
  const doing = (told: Told, deed: Parameters<typeof act>[2]) => () => act(told, at(1), deed);
  test('it cannot be acknowledged twice', () => expect(doing(act(opened(), at(1), { kind: 'acknowledged', by: '' }), { kind: 'acknowledged', by: '' })).toThrow(/acknowledged already/));
  test('what is not resolved is not closed', () => expect(doing(opened(), { kind: 'closed', text: '' })).toThrow(/not resolved yet/));
  test('an entry that there is not cannot be corrected', () => expect(doing(opened(), { kind: 'corrected', seq: 9, text: 'x' })).toThrow(/no entry 9/));
  test('a correction is not corrected itself', () => expect(doing(act(opened(), at(1), { kind: 'corrected', seq: 1, text: 'x' }), { kind: 'corrected', seq: 2, text: 'y' })).toThrow(/correction itself/));
  test('one person may have several roles', () => {
    const both = act(act(opened(), at(1), { kind: 'assigned', role: 'lead', title: 'Leads', who: 'Ann', contact: null }), at(1), { kind: 'assigned', role: 'scribe', title: 'Writes', who: 'Ann', contact: null });
    expect(Object.values(both.incident.roles).map(({ who }) => who)).toEqual(['Ann', 'Ann']);
  });
  test('a role is given back', () => expect(act(act(opened(), at(1), { kind: 'assigned', role: 'lead', title: 'Leads', who: 'Ann', contact: null }), at(2), { kind: 'assigned', role: 'lead', title: 'Leads', who: '', contact: null }).incident.roles).toEqual({}));
  test('whoever is not sure takes the graver one', () => expect(graverThan(builtInSeverities, builtInSeverities[2] ?? severity('p3')).key).toBe('p2'));
  test('there is none graver than the gravest', () => expect(graverThan(builtInSeverities, builtInSeverities[0] ?? severity('p1')).key).toBe('p1'));
  test('what the engine says meanwhile is not what a person did', () => {
    const told = add(act(opened(), at(1), { kind: 'noted', text: 'x' }), at(15), [{ kind: 'clock-passed', clock: 'acknowledge', dueAt: new Date(at(15)).toISOString(), as: 'in-time', why: '' }]);
    expect([told.incident.personSeq, told.incident.seq]).toEqual([2, 3]);
  });
  test('the same events are the same incident', () => {
    const told = act(act(opened(), at(1), { kind: 'acknowledged', by: '' }), at(2), { kind: 'mitigated', text: '' });
    const instants = [0, 1, 2];
    expect(fold(told.events.map((event, index) => ({ id: 'i', seq: index + 1, at: new Date(at(instants[index] ?? 0)).toISOString(), actor: actorOf(event, 'ann'), event })))).toEqual(told.incident);
  });
});
