/** Tables on TanStack: head 12, figures right, worst or newest first as they come, sortable where it says so. */
import { createSortedRowModel, rowSortingFeature, sortFn_alphanumeric, sortFn_basic, tableFeatures, useTable, type ColumnDef, type RowData } from '@tanstack/react-table';
import { ChevronDown, ChevronUp } from 'lucide-react';
import { useMemo, type ReactNode } from 'react';
import { Icon } from './icons.tsx';

const features = tableFeatures({ rowSortingFeature, sortedRowModel: createSortedRowModel(), sortFns: { alphanumeric: sortFn_alphanumeric, basic: sortFn_basic } });
type Features = typeof features;

export interface Column<Row> {
  id: string;
  head: ReactNode;
  cell: (row: Row) => ReactNode;
  /** What it is sorted by; without it the column cannot be sorted. */
  sortBy?: (row: Row) => string | number;
  numeric?: boolean;
  className?: string;
  /** The cell that names the row. */
  rowHead?: boolean;
}

interface Props<Row extends RowData> {
  label: string;
  rows: readonly Row[];
  columns: readonly Column<Row>[];
  rowKey: (row: Row) => string;
  rowClass?: (row: Row) => string | undefined;
}

export function DataTable<Row extends RowData>({ label, rows, columns, rowKey, rowClass }: Props<Row>) {
  const definitions = useMemo<ColumnDef<Features, Row>[]>(
    () => columns.map((column) => ({ id: column.id, accessorFn: (row: Row) => column.sortBy?.(row) ?? '', enableSorting: column.sortBy !== undefined, sortFn: 'basic' as const })),
    [columns],
  );
  const data = useMemo(() => [...rows], [rows]);
  const table = useTable({ features, columns: definitions, data, getRowId: rowKey });
  const byId = new Map(columns.map((column) => [column.id, column]));
  return (
    <div className="scroll">
      <table aria-label={label}>
        <thead>
          {table.getHeaderGroups().map((group) => (
            <tr key={group.id}>
              {group.headers.map((header) => {
                const column = byId.get(header.column.id);
                const sorted = header.column.getIsSorted();
                return (
                  <th key={header.id} scope="col" className={`${column?.numeric ? 'num ' : ''}${column?.className ?? ''}`} {...(sorted === false ? {} : { 'aria-sort': sorted === 'asc' ? ('ascending' as const) : ('descending' as const) })}>
                    {column?.sortBy === undefined ? column?.head : (
                      <button type="button" className="sort" onClick={header.column.getToggleSortingHandler()}>
                        {column.head}
                        {sorted === false ? null : <Icon of={sorted === 'asc' ? ChevronUp : ChevronDown} small />}
                      </button>
                    )}
                  </th>
                );
              })}
            </tr>
          ))}
        </thead>
        <tbody>
          {table.getRowModel().rows.map((row) => (
            <tr key={row.id} className={rowClass?.(row.original)}>
              {columns.map((column) =>
                column.rowHead ? (
                  <th key={column.id} scope="row" className={column.className}>{column.cell(row.original)}</th>
                ) : (
                  <td key={column.id} className={`${column.numeric ? 'num ' : ''}${column.className ?? ''}`}>{column.cell(row.original)}</td>
                ),
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
