/** What came back against what was backed up. Pure. */
import type { ComparedTable } from '#shared/contract/restores.ts';
import type { DatabaseContents, SequenceValue } from '../backup/manifest.ts';
import { countInWords } from '../backup/words.ts';

export interface ContentsComparison {
  /** Whether every table, sequence and large object came back, and every constraint is there and valid. */
  equal: boolean;
  /** In the manifest's order, then what was not expected. `live` is null. */
  tables: ComparedTable[];
  sequences: { equal: number; total: number };
  constraints: { valid: number; total: number };
  largeObjects: { backup: number; restored: number };
  /** What differs, in words. Empty exactly when `equal`. */
  differences: string[];
  /** What is as it should be and still worth a word. */
  notes: string[];
}

const key = (named: { schema: string; name: string }) => JSON.stringify([named.schema, named.name]);
const label = (named: { schema: string; name: string }) => `${named.schema}.${named.name}`;
const rows = (count: number) => countInWords(count, 'row');

/**
 * Materialised views are computed anew by a restore. One that was stale when it was backed up rightly has other rows
 * afterwards; only one that is missing, or came back empty, is a difference.
 */
function compareTable(backup: DatabaseContents['tables'][number], restored: DatabaseContents['tables'][number] | undefined): { table: ComparedTable; difference: string | null; note: string | null } {
  const table = { schema: backup.schema, name: backup.name, backup: backup.rows, restored: restored?.rows ?? null, live: null };
  if (restored === undefined) return { table: { ...table, equal: false }, difference: `${label(backup)} is missing: the backup has ${rows(backup.rows)}`, note: null };
  if (restored.rows === backup.rows) return { table: { ...table, equal: true }, difference: null, note: null };
  if (backup.kind === 'materialized-view' && restored.rows > 0) {
    return { table: { ...table, equal: true }, difference: null, note: `${label(backup)} was computed anew: ${rows(restored.rows)}, where the stale copy had ${rows(Math.max(0, backup.rows))}` };
  }
  return { table: { ...table, equal: false }, difference: `${label(backup)} came back with ${rows(restored.rows)}, the backup has ${rows(backup.rows)}`, note: null };
}

function compareSequence(backup: SequenceValue, restored: SequenceValue | undefined): string | null {
  if (restored === undefined) return `Sequence ${label(backup)} is missing`;
  if (restored.lastValue === backup.lastValue && restored.isCalled === backup.isCalled) return null;
  const state = (value: SequenceValue) => `${value.lastValue}${value.isCalled ? '' : ' (not used yet)'}`;
  return `Sequence ${label(backup)} stands at ${state(restored)}, in the backup at ${state(backup)}`;
}

/** Compares what was counted in the source's snapshot with what was counted after the restore. */
export function compareContents(backup: DatabaseContents, restored: DatabaseContents): ContentsComparison {
  const came = new Map(restored.tables.map((table) => [key(table), table]));
  const expected = new Set(backup.tables.map(key));
  const compared = backup.tables.map((table) => compareTable(table, came.get(key(table))));
  const unexpected = restored.tables.filter((table) => !expected.has(key(table)));

  const sequences = new Map(restored.sequences.map((sequence) => [key(sequence), sequence]));
  const sequenceDifferences = backup.sequences.map((sequence) => compareSequence(sequence, sequences.get(key(sequence)))).filter((difference) => difference !== null);

  const differences = [
    ...compared.map(({ difference }) => difference).filter((difference) => difference !== null),
    ...unexpected.map((table) => `${label(table)} is not in the backup, and has ${rows(table.rows)}`),
    ...sequenceDifferences,
  ];
  if (restored.largeObjects !== backup.largeObjects) differences.push(`${countInWords(restored.largeObjects, 'large object')} came back, the backup has ${backup.largeObjects}`);
  if (restored.constraints.total !== backup.constraints.total) differences.push(`${countInWords(restored.constraints.total, 'constraint')} came back, the backup has ${backup.constraints.total}`);
  if (restored.constraints.valid < Math.min(backup.constraints.valid, restored.constraints.total)) differences.push(`${restored.constraints.valid} constraints are valid, in the backup ${backup.constraints.valid} are`);

  return {
    equal: differences.length === 0,
    tables: [...compared.map(({ table }) => table), ...unexpected.map((table) => ({ schema: table.schema, name: table.name, backup: 0, restored: table.rows, live: null, equal: false }))],
    sequences: { equal: backup.sequences.length - sequenceDifferences.length, total: backup.sequences.length },
    constraints: { valid: restored.constraints.valid, total: restored.constraints.total },
    largeObjects: { backup: backup.largeObjects, restored: restored.largeObjects },
    differences,
    notes: compared.map(({ note }) => note).filter((note) => note !== null),
  };
}

/** Puts the live database's counts beside the others. Null stays where the live database has no such table. */
export function withLiveCounts(tables: readonly ComparedTable[], live: DatabaseContents['tables']): ComparedTable[] {
  const counts = new Map(live.map((table) => [key(table), table.rows]));
  return tables.map((table) => ({ ...table, live: counts.get(key(table)) ?? null }));
}
