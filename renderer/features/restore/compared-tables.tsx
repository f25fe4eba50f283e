import { Check } from 'lucide-react';
import { useMemo } from 'react';
import type { ComparedTable, Restore } from '#shared/contract/restores.ts';
import { DataTable, type Column } from '../../components/data-table.tsx';
import { count, localTime, plural } from '../../components/format.ts';
import { Glyph, Icon } from '../../components/icons.tsx';

const shownAtFirst = 200;

/** Whether a swap was made from this comparison, taken back or not. */
export function wasSwapped(state: Restore['state']): boolean {
  return state === 'swapped' || state === 'undone';
}

/** Rows of the live database beyond the copy, or missing from it; zero where nobody counted. */
function liveDifference(table: ComparedTable): number {
  return table.live === null || table.restored === null ? 0 : table.live - table.restored;
}

export interface Tally {
  equal: number;
  back: { rows: number; tables: number };
  aside: { rows: number; tables: number };
}

/** What a swap would bring back and what it would set aside, in rows and tables. */
export function tally(compared: readonly ComparedTable[]): Tally {
  const differences = compared.map(liveDifference);
  const missing = differences.filter((difference) => difference < 0);
  const newer = differences.filter((difference) => difference > 0);
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + Math.abs(value), 0);
  return { equal: compared.filter((table) => table.equal).length, back: { rows: sum(missing), tables: missing.length }, aside: { rows: sum(newer), tables: newer.length } };
}

function AfterSwap({ table, after }: { table: ComparedTable; after: boolean }) {
  if (table.restored === null) return <span className="critical strong">missing in the copy</span>;
  if (table.live === null) return <span className="t3">not in the live one</span>;
  const difference = liveDifference(table);
  if (difference < 0) return <span className="strong">{count(-difference)} {after ? 'came' : 'come'} back</span>;
  if (difference > 0) return <span className="warn">{count(difference)} {after ? 'were set aside' : 'set aside'}</span>;
  return <span className="t3">{after ? 'no difference' : 'change nothing'}</span>;
}

function columnsFor(after: boolean, countedAt: string | null): readonly Column<ComparedTable>[] {
  return [
    { id: 'name', head: 'Table', rowHead: true, className: 'break', cell: (table) => (table.schema === 'public' ? table.name : `${table.schema}.${table.name}`), sortBy: (table) => `${table.schema}.${table.name}` },
    { id: 'backup', head: 'Backup', numeric: true, className: 'opt', cell: (table) => <span className="t2">{count(table.backup)}</span>, sortBy: (table) => table.backup },
    {
      id: 'restored', head: 'Restored', numeric: true, sortBy: (table) => table.restored ?? -1,
      cell: (table) => (
        <span className="row end" style={{ gap: 6 }}>
          {table.restored === null ? '–' : count(table.restored)}
          {table.equal ? <span className="ok"><Icon of={Check} small /><span className="vh">equal to the backup</span></span> : <span className="critical"><Glyph kind="critical" small label="Not equal to the backup" /></span>}
        </span>
      ),
    },
    { id: 'live', head: countedAt === null ? 'Live' : `Live at ${localTime(countedAt)}`, numeric: true, cell: (table) => (table.live === null ? '–' : <span className={liveDifference(table) === 0 ? 't3' : 'strong'}>{count(table.live)}</span>), sortBy: (table) => table.live ?? -1 },
    { id: 'after', head: after ? 'With the swap' : 'A swap would', className: 'nowrap', cell: (table) => <AfterSwap table={table} after={after} />, sortBy: (table) => -Math.abs(liveDifference(table)) },
  ];
}

interface Props {
  compared: readonly ComparedTable[];
  onlyDifferences: boolean;
  setOnlyDifferences: (only: boolean) => void;
  /** Whether a swap has been made since. */
  after: boolean;
  /** When the live database was counted. */
  countedAt: string | null;
  note: string;
}

/** Rows by table: in the backup, in the copy, in the live database. What differs stands first. */
export function ComparedTables({ compared, onlyDifferences, setOnlyDifferences, after, countedAt, note }: Props) {
  const columns = useMemo(() => columnsFor(after, countedAt), [after, countedAt]);
  const weight = (table: ComparedTable) => (table.equal ? Math.abs(liveDifference(table)) : Number.MAX_SAFE_INTEGER);
  const differs = (table: ComparedTable) => !table.equal || liveDifference(table) !== 0;
  const sorted = compared.filter((table) => !onlyDifferences || differs(table)).sort((a, b) => weight(b) - weight(a));
  const shown = sorted.slice(0, shownAtFirst);
  return (
    <section className="panel" aria-labelledby="rows">
      <header>
        <h2 id="rows">Rows by table</h2>
        <span className="t3 xs">{shown.length} of {compared.length}, differing first</span>
        <span className="grow" />
        <label className="check xs"><input type="checkbox" checked={onlyDifferences} onChange={(event) => setOnlyDifferences(event.target.checked)} /> Only differences</label>
      </header>
      {shown.length === 0 ? <p className="body t2">No table differs.</p> : <DataTable label="Rows by table" rows={shown} columns={columns} rowKey={(table) => `${table.schema}.${table.name}`} rowClass={(table) => (table.equal && liveDifference(table) < 0 ? 'key' : undefined)} />}
      <p className="note">{sorted.length > shown.length ? `${plural(sorted.length - shown.length, 'more table')} not shown. ` : ''}{note}</p>
    </section>
  );
}
