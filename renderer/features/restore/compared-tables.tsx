import { Check } from 'lucide-react';
import { useMemo } from 'react';
import type { ComparedTable, Restore } from '#shared/contract/restores.ts';
import { DataTable, type Column } from '../../components/data-table.tsx';
import { count, localTime, plural } from '../../components/format.ts';
import { Glyph, Icon } from '../../components/icons.tsx';
import { liveDifference, liveIsCounted } from './tally.ts';

const shownAtFirst = 200;

function AgainstCopy({ table }: { table: ComparedTable }) {
  if (table.restored === null) return <span className="critical strong">missing in the copy</span>;
  if (table.live === null) return <span className="t3">only in the copy</span>;
  const difference = liveDifference(table);
  if (difference < 0) return <span className="strong">{count(-difference)} fewer</span>;
  if (difference > 0) return <span>{count(difference)} more</span>;
  return <span className="t3">as many</span>;
}

/** Whether a table came back as it was. Of a copy that was written to, a difference says what was written. */
function AgainstBackup({ table, written }: { table: ComparedTable; written: boolean }) {
  // A restore computes it from the tables; a dump holds none of its rows.
  if (table.equal && table.kind === 'materialized-view' && table.restored !== table.backup) return <span className="t3 xs">computed anew</span>;
  if (table.equal) return <span className="ok"><Icon of={Check} small /><span className="vh">equal to the backup</span></span>;
  if (!written || table.restored === null) return <span className="critical"><Glyph kind="critical" small label="Not equal to the backup" /></span>;
  const change = table.restored - table.backup;
  return <span className="t3 xs"><span className="vh">against the backup </span>{change < 0 ? '−' : '+'}{count(Math.abs(change))}</span>;
}

function columnsFor(holdsAgainst: boolean, state: Restore['state'], written: boolean, countedAt: string | null): readonly Column<ComparedTable>[] {
  const other = state === 'swapped' ? 'Set aside' : 'Live';
  const columns: Column<ComparedTable>[] = [
    { id: 'name', head: 'Table', rowHead: true, className: 'break', cell: (table) => (table.schema === 'public' ? table.name : `${table.schema}.${table.name}`), sortBy: (table) => `${table.schema}.${table.name}` },
    { id: 'backup', head: 'Backup', numeric: true, className: 'opt', cell: (table) => <span className="t2">{count(table.backup)}</span>, sortBy: (table) => table.backup },
    {
      id: 'restored', head: written ? 'Copy' : 'Restored', numeric: true, sortBy: (table) => table.restored ?? -1,
      cell: (table) => (
        <span className="row end" style={{ gap: 6 }}>
          {table.restored === null ? '–' : count(table.restored)}
          <AgainstBackup table={table} written={written} />
        </span>
      ),
    },
  ];
  if (!holdsAgainst) return columns;
  return [
    ...columns,
    { id: 'live', head: countedAt === null ? other : `${other} at ${localTime(countedAt)}`, numeric: true, cell: (table) => (table.live === null ? '–' : <span className={liveDifference(table) === 0 ? 't3' : 'strong'}>{count(table.live)}</span>), sortBy: (table) => table.live ?? -1 },
    { id: 'against', head: 'Against the copy', className: 'nowrap', cell: (table) => <AgainstCopy table={table} />, sortBy: (table) => -Math.abs(liveDifference(table)) },
  ];
}

interface Props {
  compared: readonly ComparedTable[];
  onlyDifferences: boolean;
  setOnlyDifferences: (only: boolean) => void;
  state: Restore['state'];
  /** Whether the copy was written to since it was restored. */
  written: boolean;
  /** When the live database was counted; after a swap, what was set aside. */
  countedAt: string | null;
  note: string;
}

/** Rows by table: in the backup, in the copy, in the live database. What differs stands first. */
export function ComparedTables({ compared, onlyDifferences, setOnlyDifferences, state, written, countedAt, note }: Props) {
  // Nothing is held against a copy that is gone, or against what nobody counted.
  const holdsAgainst = state !== 'dropped' && liveIsCounted(compared);
  const columns = useMemo(() => columnsFor(holdsAgainst, state, written, countedAt), [holdsAgainst, state, written, countedAt]);
  const difference = (table: ComparedTable) => (holdsAgainst ? liveDifference(table) : 0);
  const weight = (table: ComparedTable) => (table.equal ? Math.abs(difference(table)) : Number.MAX_SAFE_INTEGER);
  const differs = (table: ComparedTable) => !table.equal || difference(table) !== 0;
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
      {shown.length === 0 ? <p className="body t2">No table differs.</p> : <DataTable label="Rows by table" rows={shown} columns={columns} rowKey={(table) => `${table.schema}.${table.name}`} rowClass={(table) => (table.equal && difference(table) < 0 ? 'key' : undefined)} />}
      <p className="note">{sorted.length > shown.length ? `${plural(sorted.length - shown.length, 'more table')} not shown. ` : ''}{note}</p>
    </section>
  );
}
