import { useState } from 'react';
import { Link } from 'wouter';
import type { Operation } from '#shared/contract/operations.ts';
import { isFinished } from '#shared/domain/operation-state.ts';
import { Instant } from '../../components/age.tsx';
import { Button } from '../../components/button.tsx';
import { DataTable, type Column } from '../../components/data-table.tsx';
import { EnvironmentTag } from '../../components/environment-tag.tsx';
import { Choice, Segments } from '../../components/field.tsx';
import { prose, span } from '../../components/format.ts';
import { Loaded } from '../../components/loaded.tsx';
import { outcomeWords } from '../../components/operation/outcome-words.ts';
import { ProgressBrief } from '../../components/operation/progress.tsx';
import { paths } from '../../components/paths.ts';
import { Empty, PageHead, useScreen } from '../../components/screen.tsx';
import { OperationStateLabel } from '../../components/state.tsx';
import { useMethod } from '../../transport/use-method.ts';

const pageSize = 100;

/** What belongs to no system yet runs on this computer: the practice server, and deleting copies of what was forgotten. */
function whereIt(operation: Operation): string {
  return operation.systemName ?? 'this computer';
}

const columns: readonly Column<Operation>[] = [
  { id: 'title', head: 'Operation', rowHead: true, cell: (operation) => <Link to={paths.operation(operation.id)}>{prose(operation.title)}</Link>, sortBy: (operation) => operation.title },
  { id: 'state', head: 'State', cell: (operation) => (isFinished(operation.state) ? <OperationStateLabel state={operation.state} /> : <div style={{ minWidth: 140 }}><ProgressBrief operation={operation} /></div>), sortBy: (operation) => operation.state },
  { id: 'summary', head: 'What came of it', className: 't2', cell: (operation) => prose(operation.summary === null ? (operation.error?.message ?? '') : outcomeWords(operation)) },
  { id: 'system', head: 'System', cell: (operation) => <span className="row">{whereIt(operation)}{operation.environment === null ? null : <EnvironmentTag environment={operation.environment} quiet />}</span>, sortBy: whereIt },
  { id: 'started', head: 'Started', className: 'nowrap', cell: (operation) => <Instant at={operation.startedAt ?? operation.createdAt} />, sortBy: (operation) => operation.createdAt },
  { id: 'took', head: 'Took', numeric: true, className: 'nowrap', cell: (operation) => (operation.startedAt === null || operation.endedAt === null ? '–' : span(Date.parse(operation.endedAt) - Date.parse(operation.startedAt))) },
];

/** All work, newest first: what runs, what it came to. */
export function Operations() {
  const [which, setWhich] = useState<'all' | 'active'>('all');
  const [systemId, setSystemId] = useState('');
  const [limit, setLimit] = useState(pageSize);
  const systems = useMethod('system.list', {});
  const query = useMethod('operation.list', { limit, ...(which === 'active' ? { active: true } : {}), ...(systemId === '' ? {} : { systemId }) }, { keepPrevious: true });
  useScreen({ screen: 'Operations', system: null });
  return (
    <div className="page dense">
      <PageHead title="Operations" lede="Everything that runs or ran, newest first">
        <Choice label="System" value={systemId} onChange={setSystemId} options={[{ value: '', label: 'Any system' }, ...(systems.data?.systems ?? []).map(({ id, name }) => ({ value: id, label: name }))]} />
        <Segments label="Show" value={which} onChange={setWhich} options={[{ value: 'all', label: 'All' }, { value: 'active', label: 'Running' }]} />
      </PageHead>
      <Loaded query={query} what="the operations">
        {({ operations }) =>
          operations.length === 0 ? (
            <Empty>{which === 'active' ? 'Nothing is running.' : 'Nothing has run so far.'}</Empty>
          ) : (
            <>
              <div className="panel"><DataTable label="Operations" rows={operations} columns={columns} rowKey={(operation) => operation.id} /></div>
              {operations.length === limit && limit < 500 ? <div><Button onClick={() => setLimit(Math.min(500, limit + pageSize))}>Show older ones</Button></div> : null}
            </>
          )
        }
      </Loaded>
    </div>
  );
}
