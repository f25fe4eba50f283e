/** A procedure is done when it ran in the time of an occurrence, whoever started it. */
import Sqlite from 'better-sqlite3';
import { expect, onTestFinished, test } from 'vitest';
import type { Operation } from '#shared/contract/operations.ts';
import type { System } from '#shared/contract/systems.ts';
import { createEvidence } from '#engine/calendar/evidence.ts';
import type { EngineContext } from '#engine/engine-context.ts';
import { migrations } from '#engine/store/migrations/index.ts';

const at = (hour: number): number => Date.UTC(2026, 10, 23, hour);
const ran = (state: Operation['state'], from: number, to: number | null): Partial<Operation> => ({ id: `op-${from}`, state, startedAt: new Date(at(from)).toISOString(), endedAt: to === null ? null : new Date(at(to)).toISOString(), summary: 'It was cut', error: null });

function evidenceOf(operations: readonly Partial<Operation>[], details: unknown = null) {
  const store = new Sqlite(':memory:');
  onTestFinished(() => void store.close());
  for (const migration of migrations) migration.up(store);
  const evidence = createEvidence({ store, operations: { list: () => operations, planOf: () => ({ plan: null, details }) } } as unknown as EngineContext);
  return (procedure: 'health.check' | 'backup.run', databases: readonly string[] = []) => evidence.ofProcedure({ id: 's', databases: databases.map((id) => ({ id })) as System['databases'] }, procedure, at(9), at(33));
}

test('a health check that ran in its time is the work of it', () => {
  expect(evidenceOf([ran('succeeded-with-warnings', 10, 11)])('health.check')).toStrictEqual({ begun: { outcome: 'well', why: null }, operationId: 'op-10', at: at(11) });
});

test('a look at a few checks is not', () => {
  expect([evidenceOf([ran('succeeded', 10, 11)], { systemId: 's', only: ['cpu'] })('health.check'), evidenceOf([ran('succeeded', 10, 11)], { systemId: 's', only: null })('health.check')?.begun.outcome]).toEqual([null, 'well']);
});

test('one that ran before is not', () => {
  expect(evidenceOf([ran('succeeded', 8, 9)])('health.check')).toBeNull();
});

test('one that runs is under way', () => {
  expect(evidenceOf([ran('running', 10, null)])('health.check')?.begun.outcome).toBe('under-way');
});

test('one that failed leaves the work due, with why', () => {
  expect(evidenceOf([ran('failed', 10, 11)])('health.check')?.begun).toStrictEqual({ outcome: 'not-well', why: 'It did not end well: It was cut' });
});

test('a backup that left one database out is not the work', () => {
  expect(evidenceOf([ran('succeeded', 10, 11)])('backup.run', ['d'])?.begun).toStrictEqual({ outcome: 'not-well', why: 'Not every database of the system has a copy of this time.' });
});
