/** What "tables" and "rows" mean, everywhere: what holds rows of its own. A materialised view is computed from those, and is counted and named apart. */

export type TableKind = 'table' | 'partition' | 'materialized-view';

/** How much there is in tables, as it is said of a database, a copy of it and what was restored from one. */
export interface TableFigures {
  /** Tables and partitions; of a partitioned table only its partitions, which hold its rows. */
  tables: number;
  /** Of these; left out where there is none. */
  partitions?: number | undefined;
  /** Materialised views; left out where there is none. */
  views?: number | undefined;
  rows: number;
}

/** Whether a table has rows of its own. The kind is not known of everything that was stored: then it has. */
export function holdsRows({ kind }: { kind?: TableKind | undefined }): boolean {
  return kind !== 'materialized-view';
}

export function figuresOf(counted: readonly { kind?: TableKind | undefined; rows: number }[]): TableFigures {
  const tables = counted.filter(holdsRows);
  const partitions = tables.filter(({ kind }) => kind === 'partition').length;
  const views = counted.length - tables.length;
  return { tables: tables.length, ...(partitions === 0 ? {} : { partitions }), ...(views === 0 ? {} : { views }), rows: tables.reduce((sum, { rows }) => sum + rows, 0) };
}

function many(count: number, one: string, several = `${one}s`): string {
  return `${count.toLocaleString('en-US')} ${count === 1 ? one : several}`;
}

/** "24 tables and partitions, 1 materialised view". */
export function tablesInWords({ tables, partitions = 0, views = 0 }: Omit<TableFigures, 'rows'>): string {
  const held = partitions === 0 ? many(tables, 'table') : partitions === tables ? many(tables, 'partition') : `${tables.toLocaleString('en-US')} tables and partitions`;
  return views === 0 ? held : `${held}, ${many(views, 'materialised view')}`;
}

/** "120,304 rows in 24 tables and partitions, 1 materialised view". */
export function figuresInWords(figures: TableFigures): string {
  return `${many(figures.rows, 'row')} in ${tablesInWords(figures)}`;
}
