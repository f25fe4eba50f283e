/** Fresh figures of a restored copy and of what it stands beside, kept with the restore. */
import { createHash } from 'node:crypto';
import type { PlanFinding } from '#shared/contract/operations.ts';
import type { ComparedTable, Restore } from '#shared/contract/restores.ts';
import { figuresInWords, figuresOf, type TableFigures } from '#shared/domain/table-counts.ts';
import { readContents } from '../backup/contents.ts';
import type { DatabaseContents } from '../backup/manifest.ts';
import type { EngineContext } from '../engine-context.ts';
import type { RunningOperation } from '../operations/procedure.ts';
import type { PostgresTarget } from '../postgres/index.ts';
import type { RestoreRepository } from '../store/restore-repository.ts';
import { changeWords, rowChanges, type CountedRows, type RowChange } from './exchange-plan.ts';
import { instantInWords } from './when.ts';

type Counts = DatabaseContents['tables'];

/** New figures of the copy, of the live database, or of both; `undefined` leaves what was counted before, null takes it away. */
export interface NewFigures {
  copy?: Counts | undefined;
  live?: Counts | null | undefined;
}

const key = (table: { schema: string; name: string }) => JSON.stringify([table.schema, table.name]);

/** Puts new figures in the place of earlier ones. Materialised views are computed anew and are held to no number. */
export function withFigures(tables: readonly ComparedTable[], { copy, live }: NewFigures): ComparedTable[] {
  const copied = new Map(copy?.map((table) => [key(table), table]));
  const lives = new Map(live?.map((table) => [key(table), table.rows]));
  const liveOf = (id: string, before: number | null) => (live === undefined ? before : (lives.get(id) ?? null));
  const known = tables.map((table): ComparedTable => {
    const id = key(table);
    if (copy === undefined) return { ...table, live: liveOf(id, table.live) };
    const now = copied.get(id);
    return { ...table, restored: now?.rows ?? null, live: liveOf(id, table.live), equal: now !== undefined && (now.kind === 'materialized-view' ? table.equal : now.rows === table.backup) };
  });
  const expected = new Set(tables.map(key));
  const added = (copy ?? []).filter((table) => !expected.has(key(table)));
  return [...known, ...added.map(({ schema, name, kind, rows }) => ({ schema, name, kind, backup: 0, restored: rows, live: liveOf(key({ schema, name }), null), equal: false }))];
}

/** The rows that the record says the copy has. */
export function recordedRows(tables: readonly ComparedTable[]): CountedRows {
  return tables.flatMap(({ schema, name, kind, restored }) => (restored === null ? [] : [{ schema, name, ...(kind === undefined ? {} : { kind }), rows: restored }]));
}

/** What the copy has more or fewer than its backup. */
export function changesSinceBackup(tables: readonly ComparedTable[], copy: Counts): RowChange[] {
  return rowChanges(tables.map(({ schema, name, backup }) => ({ schema, name, rows: backup })), copy);
}

/** Stands for the figures of the copy that a plan was made with. */
export function figuresHash(tables: readonly ComparedTable[]): string {
  return createHash('sha256').update(JSON.stringify(tables.map(({ schema, name, restored }) => [schema, name, restored]))).digest('hex');
}

/** Keeps new figures with the restore, and whether the copy is still what its backup holds. */
export function saveFigures(context: Pick<EngineContext, 'ports' | 'changes'>, restores: RestoreRepository, restoreId: string, figures: NewFigures): void {
  if (figures.copy === undefined && figures.live === undefined) return;
  const comparison = restores.compared(restoreId);
  const compared = withFigures(comparison.compared, figures);
  // The time is that of the live figures: those are what goes out of date, and what a decision is about.
  const counted = figures.live === undefined ? {} : { countedAt: new Date(context.ports.clock.now()).toISOString() };
  restores.saveComparison(restoreId, { ...comparison, compared, ...counted });
  if (figures.copy !== undefined) {
    const changes = changesSinceBackup(comparison.compared, figures.copy);
    restores.update(restoreId, { equal: changes.length === 0, differences: changes.length === 0 ? [] : [`Written to since it was restored: against the backup it has ${changeWords(changes)}`] });
  }
  context.changes.changed('restores');
}

/** Counts a whole database in one snapshot, however long it takes. @throws postgres.*, operation.cancelled */
export async function countAll(context: EngineContext, target: PostgresTarget, database: string, operation: RunningOperation): Promise<Counts> {
  const { signal } = operation;
  const session = await context.postgres.connect(target, { applicationName: 'pilothouse compare', database, signal, lockTimeoutMs: 10_000, onStatement: operation.command });
  try {
    await session.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
    return (await readContents(session, { signal, inTransaction: true })).tables;
  } finally {
    await session.close();
  }
}

/** What is known of the copy when a swap is planned. `copy`: counted just now; null where that did not go in the time a plan has. */
export function copyFindings(restore: Restore, tables: readonly ComparedTable[], copy: Counts | null): PlanFinding[] {
  const omissions = restore.omissions.map((omission): PlanFinding => ({ state: 'warn', title: 'The copy lacks something that the original has', detail: omission }));
  if (copy === null) {
    const last = restore.equal === true ? 'When it was last counted, it had the rows of its backup.' : `When it was last counted, it differed: ${restore.differences.join('; ')}.`;
    return [{ state: 'warn', title: 'The copy was not counted again', detail: `That takes longer than a plan may. ${last} It is counted before the names are exchanged, and the swap stops if anything has changed.` }, ...omissions];
  }
  const changes = changesSinceBackup(tables, copy);
  if (changes.length > 0) return [{ state: 'warn', title: 'The copy is not what its backup holds any more', detail: `It was written to since it was restored: against the backup of ${instantInWords(restore.backupTakenAt)} it has ${changeWords(changes)}.` }, ...omissions];
  return [{ state: 'ok', title: `Counted just now, the copy has the rows of its backup${omissions.length === 0 ? ', and nothing was left out' : ''}` }, ...omissions];
}

/** The figures of the backup, which an equal copy has too: materialised views alone are computed anew. */
export function backupFigures(compared: readonly ComparedTable[]): TableFigures {
  return figuresOf(compared.map(({ kind, backup }) => ({ kind, rows: backup })));
}

/** What the live name has after a swap. */
export function contentConsequence(restore: Restore, ofWhom: string, tables: readonly ComparedTable[], copy: Counts | null): string {
  const { database } = restore.identity;
  const backup = `the backup of ${ofWhom}${instantInWords(restore.backupTakenAt)}`;
  if (copy === null) return `${database} is ${restore.into} as it stands, restored from ${backup}.`;
  if (changesSinceBackup(tables, copy).length > 0) return `${database} is ${restore.into} as it stands: ${figuresInWords(figuresOf(copy))}, which is not what ${backup} holds.`;
  return `${database} is what ${backup} holds: ${figuresInWords(backupFigures(tables))}.`;
}
