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
  /** What may be as it should be, and somebody should look at. */
  warnings: string[];
}

const key = (named: { schema: string; name: string }) => JSON.stringify([named.schema, named.name]);
const label = (named: { schema: string; name: string }) => `${named.schema}.${named.name}`;
const rows = (count: number) => countInWords(count, 'row');

type Counted = DatabaseContents['tables'][number];

interface Compared {
  table: ComparedTable;
  difference: string | null;
  note?: string;
  warning?: string;
}

/**
 * A restore computes materialised views anew, so that one that was stale, or depends on the time ("the orders of the
 * last day"), rightly has other rows afterwards, or none. A difference is one that is missing, or was not computed.
 */
function compareView(backup: Counted, restored: Counted, isCounted: boolean): Compared {
  const table = { schema: backup.schema, name: backup.name, kind: backup.kind, backup: backup.rows, restored: restored.rows, live: null };
  if (restored.populated === false && backup.populated !== false) return { table: { ...table, equal: false }, difference: `${label(backup)} was not computed, the backup has ${rows(backup.rows)}` };
  const same: Compared = { table: { ...table, equal: true }, difference: null };
  if (!isCounted || restored.rows === backup.rows) return same;
  const note = `${label(backup)} was computed anew: ${rows(restored.rows)}, where the stored copy had ${rows(backup.rows)}`;
  return restored.rows === 0 ? { ...same, note, warning: `${label(backup)} came back without any row, where the stored copy had ${rows(backup.rows)}. That is right where its query depends on the time; look at it where it does not.` } : { ...same, note };
}

function compareTable(backup: Counted, restored: Counted | undefined, viewsCounted: boolean): Compared {
  const table = { schema: backup.schema, name: backup.name, kind: backup.kind, backup: backup.rows, restored: restored?.rows ?? null, live: null };
  if (restored === undefined) return { table: { ...table, equal: false }, difference: `${label(backup)} is missing: the backup has ${rows(backup.rows)}` };
  if (backup.kind === 'materialized-view') return compareView(backup, restored, viewsCounted);
  if (restored.rows === backup.rows) return { table: { ...table, equal: true }, difference: null };
  return { table: { ...table, equal: false }, difference: `${label(backup)} came back with ${rows(restored.rows)}, the backup has ${rows(backup.rows)}` };
}

/** What the backup has, as it is spread over partitions here, with the tables that differ as a whole. */
interface Spread {
  tables: Counted[];
  differences: string[];
  notes: string[];
}

/**
 * Rows that are loaded through a partitioned table go where its hash leads them here, so its partitions are held to
 * their sum only: where it is right, each has to have what it has now.
 */
function spreadAnew(backup: readonly Counted[], came: ReadonlyMap<string, Counted>): Spread {
  const spread: Spread = { tables: [], differences: [], notes: [] };
  const roots = new Map<string, { root: { schema: string; name: string }; leaves: Counted[] }>();
  for (const table of backup) {
    const { loadedThrough } = table;
    if (loadedThrough === undefined) continue;
    const group = roots.get(key(loadedThrough)) ?? { root: loadedThrough, leaves: [] };
    roots.set(key(loadedThrough), group);
    group.leaves.push(table);
  }
  const moved = new Map<string, number>();
  for (const { root, leaves } of roots.values()) {
    const counts = leaves.map((leaf) => came.get(key(leaf))?.rows ?? 0);
    if (leaves.every((leaf, index) => leaf.rows === counts[index])) continue;
    const total = (sums: readonly number[]) => sums.reduce((sum, count) => sum + count, 0);
    const expected = total(leaves.map((leaf) => leaf.rows));
    if (total(counts) !== expected) {
      spread.differences.push(`${label(root)} came back with ${rows(total(counts))} in all its partitions, the backup has ${rows(expected)}`);
      continue;
    }
    for (const leaf of leaves) moved.set(key(leaf), came.get(key(leaf))?.rows ?? leaf.rows);
    spread.notes.push(`The ${rows(expected)} of ${label(root)} are spread over its partitions anew: the hash of an enum is another one in each database`);
  }
  spread.tables = backup.map((table) => ({ ...table, rows: moved.get(key(table)) ?? table.rows }));
  return spread;
}

function compareSequence(backup: SequenceValue, restored: SequenceValue | undefined): string | null {
  if (restored === undefined) return `Sequence ${label(backup)} is missing`;
  if (restored.lastValue === backup.lastValue && restored.isCalled === backup.isCalled) return null;
  const state = (value: SequenceValue) => `${value.lastValue}${value.isCalled ? '' : ' (not used yet)'}`;
  return `Sequence ${label(backup)} stands at ${state(restored)}, in the backup at ${state(backup)}`;
}

/**
 * Whether a table that was not counted came back as it was dumped all the same: of unlogged tables a standby has the
 * definition and no rows.
 */
const isOfStandby = (backup: DatabaseContents, table: Counted): boolean => backup.fromStandby === true && table.unlogged === true && table.rows === 0;

/** Compares what was counted in the source's snapshot with what was counted after the restore. */
export function compareContents(backup: DatabaseContents, restored: DatabaseContents): ContentsComparison {
  const came = new Map(restored.tables.map((table) => [key(table), table]));
  const expected = new Set(backup.tables.map(key));
  const spread = spreadAnew(backup.tables, came);
  const compared = spread.tables.map((table) => compareTable(table, came.get(key(table)), backup.countedFrom === undefined));
  const uncounted = restored.tables.filter((table) => !expected.has(key(table)));
  const ofStandby = uncounted.filter((table) => isOfStandby(backup, table));
  const unexpected = uncounted.filter((table) => !isOfStandby(backup, table));

  const sequences = new Map(restored.sequences.map((sequence) => [key(sequence), sequence]));
  const sequenceDifferences = backup.sequences.map((sequence) => compareSequence(sequence, sequences.get(key(sequence)))).filter((difference) => difference !== null);

  const differences = [
    ...spread.differences,
    ...compared.map(({ difference }) => difference).filter((difference) => difference !== null),
    ...unexpected.map((table) => `${label(table)} is not in the backup, and has ${rows(table.rows)}`),
    ...sequenceDifferences,
  ];
  if (restored.largeObjects !== backup.largeObjects) differences.push(`${countInWords(restored.largeObjects, 'large object')} came back, the backup has ${backup.largeObjects}`);
  if (restored.constraints.total !== backup.constraints.total) differences.push(`${countInWords(restored.constraints.total, 'constraint')} came back, the backup has ${backup.constraints.total}`);
  if (restored.constraints.valid < Math.min(backup.constraints.valid, restored.constraints.total)) differences.push(`${restored.constraints.valid} constraints are valid, in the backup ${backup.constraints.valid} are`);

  return {
    equal: differences.length === 0,
    tables: [...compared.map(({ table }) => table), ...uncounted.map((table) => ({ schema: table.schema, name: table.name, kind: table.kind, backup: 0, restored: table.rows, live: null, equal: isOfStandby(backup, table) }))],
    sequences: { equal: backup.sequences.length - sequenceDifferences.length, total: backup.sequences.length },
    constraints: { valid: restored.constraints.valid, total: restored.constraints.total },
    largeObjects: { backup: backup.largeObjects, restored: restored.largeObjects },
    differences,
    notes: [...spread.notes, ...compared.flatMap(({ note }) => note ?? []), ...ofStandby.map((table) => `${label(table)} came back empty: it is unlogged, and the backup was taken from a standby, which has none of its rows`)],
    warnings: compared.flatMap(({ warning }) => warning ?? []),
  };
}

/** Puts the live database's counts beside the others. Null stays where the live database has no such table. */
export function withLiveCounts(tables: readonly ComparedTable[], live: DatabaseContents['tables']): ComparedTable[] {
  const counts = new Map(live.map((table) => [key(table), table.rows]));
  return tables.map((table) => ({ ...table, live: counts.get(key(table)) ?? null }));
}
