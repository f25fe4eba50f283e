import type { CalendarEntry } from '#shared/contract/calendar.ts';
import { Instant } from '../../components/age.tsx';
import { Button } from '../../components/button.tsx';
import { DataTable, type Column } from '../../components/data-table.tsx';
import { plainText, prose } from '../../components/format.ts';
import { Empty } from '../../components/screen.tsx';

const standings: Record<CalendarEntry['standing'], string> = { pack: 'of its pack', changed: 'changed here', own: 'made here', removed: 'taken out' };

function columns(withSystem: boolean, onEdit: (entry: CalendarEntry) => void): readonly Column<CalendarEntry>[] {
  return [
    { id: 'title', head: 'Work', rowHead: true, cell: ({ item }) => plainText(item.title), sortBy: ({ item }) => item.title },
    ...(withSystem ? [{ id: 'system', head: 'System', cell: ({ systemName }: CalendarEntry) => systemName, sortBy: ({ systemName }: CalendarEntry) => systemName }] : []),
    { id: 'when', head: 'When', cell: ({ words, item, problem }) => (problem === null ? <>{words} <span className="t3 xs">{item.tz}</span></> : <span className="warn">Never: {prose(problem)}</span>) },
    { id: 'next', head: 'Next', className: 'nowrap', cell: ({ nextAt, item }) => (nextAt === null ? <span className="t3">{item.enabled ? 'not any more' : 'switched off'}</span> : <Instant at={nextAt} />), sortBy: ({ nextAt }) => nextAt ?? '' },
    { id: 'last', head: 'Done last', className: 'nowrap', cell: ({ lastDoneAt }) => (lastDoneAt === null ? <span className="t3">never</span> : <Instant at={lastDoneAt} />), sortBy: ({ lastDoneAt }) => lastDoneAt ?? '' },
    { id: 'from', head: 'From', className: 'opt', cell: ({ standing }) => standings[standing] },
    { id: 'action', head: <span className="vh">Action</span>, className: 'num', cell: (entry) => <Button look="quiet" aria-label={`Change ${plainText(entry.item.title)}`} onClick={() => onEdit(entry)}>Change…</Button> },
  ];
}

/** Every entry with its rule in words. */
export function Entries({ entries, withSystem, onEdit }: { entries: readonly CalendarEntry[]; withSystem: boolean; onEdit: (entry: CalendarEntry) => void }) {
  if (entries.length === 0) return <Empty>There is no entry yet.</Empty>;
  return <div className="panel scroll"><DataTable label="Entries" rows={entries} columns={columns(withSystem, onEdit)} rowKey={({ systemId, key }) => `${systemId}/${key}`} /></div>;
}
