/** Incidents done to at random, under clocks that jump. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { clocksOf, deadlinesOf, dueOf } from '#shared/domain/incident/clocks.ts';
import { possible, refusal, type Deed } from '#shared/domain/incident/decide.ts';
import { counted, deadline } from '#shared/domain/incident/hours.ts';
import type { Hours } from '#shared/domain/incident/incident.ts';
import { act, hour, minute, office, opened, severity, start } from '#test/incident.ts';

const deeds: readonly Deed[] = [
  { kind: 'acknowledged', by: '' }, { kind: 'responded', by: '', text: '' }, { kind: 'noted', text: 'n' }, { kind: 'updated', text: 'u', channel: null, to: '' },
  { kind: 'severity-changed', severity: severity('p2', { hours: office }), reason: 'r' }, { kind: 'severity-changed', severity: severity('p1'), reason: 'r' },
  { kind: 'escalated', to: 't', tier: null, contact: null, how: '', by: '' }, { kind: 'mitigated', text: '' }, { kind: 'resolved', text: '' }, { kind: 'closed', text: '' },
  { kind: 'reopened', reason: 'r' }, { kind: 'paused', reason: 'r' }, { kind: 'resumed', reason: '' }, { kind: 'corrected', seq: 1, text: 'c' },
];
const steps = fc.array(fc.tuple(fc.constantFrom(...deeds), fc.integer({ min: -3 * hour, max: 30 * hour })), { maxLength: 14 });

test('whatever is done, every clock says where it stands, and nothing that can be done is refused', () => {
  fc.assert(
    fc.property(steps, (all) => {
      let told = opened();
      let now = start;
      for (const [deed, later] of all) {
        now += later;
        if (refusal(told.incident, deed.kind) !== null || (deed.kind === 'severity-changed' && deed.severity.key === told.incident.severity.key)) {
          expect(() => act(told, now, deed)).toThrow();
          continue;
        }
        told = act(told, now, deed);
        const { incident } = told;
        for (const { state, dueAt, at, leftMs } of clocksOf(incident)) {
          if (state === 'running') expect(dueAt).not.toBe(null);
          if (state === 'stopped') expect([dueAt, typeof leftMs]).toEqual([null, 'number']);
          if (state === 'kept' || state === 'missed') expect(at).not.toBe(null);
        }
        // Nothing is told twice, and nothing that is over is left untold.
        expect(new Set(incident.passed.map(({ clock, dueAt }) => `${clock} ${dueAt}`)).size).toBe(incident.passed.length);
        for (const { clock, dueAt } of deadlinesOf(incident)) if (Date.parse(dueAt) <= now) expect(incident.passed.some((each) => each.clock === clock && each.dueAt === dueAt)).toBe(true);
        expect(possible(incident).length).toBeGreaterThan(2);
        if (incident.state === 'closed') expect(deadlinesOf(incident)).toEqual([]);
        // The time that counts up to a deadline is its limit, whatever was paused.
        const due = incident.stops.length === 0 ? dueOf(incident, 'resolve') : null;
        if (due !== null) expect(counted(Date.parse(incident.declaredAt), Date.parse(due), incident.severity.hours, [])).toBe(4 * hour);
      }
    }),
    { numRuns: 150 },
  );
});

const span = fc.record({ days: fc.subarray(['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'] as const, { minLength: 1 }), from: fc.constantFrom('00:00', '02:30', '09:00', '22:00'), to: fc.constantFrom('02:00', '03:00', '17:30', '23:59', '24:00') });
const someHours = fc.record({ title: fc.constant('h'), tz: fc.constantFrom('America/New_York', 'Europe/Berlin', 'Asia/Tokyo', 'Australia/Lord_Howe'), spans: fc.array(span, { minLength: 1, maxLength: 3 }) });
const instant = fc.integer({ min: Date.parse('2026-01-01T00:00:00Z') / minute, max: Date.parse('2027-01-01T00:00:00Z') / minute }).map((at) => at * minute);

test('as much time counts up to a deadline as its limit is, in any zone and over every change of clocks', () => {
  fc.assert(
    fc.property(someHours, instant, fc.integer({ min: 1, max: 100 * 60 }), fc.array(fc.tuple(instant, fc.integer({ min: 0, max: 5000 })), { maxLength: 2 }), (hours: Hours, from, minutes, paused) => {
      const stops = paused.map(([at, length]) => [at, at + length * minute] as const);
      const due = deadline(from, minutes * minute, hours, stops);
      if (due !== null) expect(counted(from, due, hours, stops)).toBe(minutes * minute);
    }),
    { numRuns: 150 },
  );
});
