import { Activity, Play, Plus } from 'lucide-react';
import { useState } from 'react';
import { Link, useLocation } from 'wouter';
import type { SystemCard } from '#shared/contract/systems.ts';
import type { Operation } from '#shared/contract/operations.ts';
import { Age, AgeFigure, Exact } from '../../components/age.tsx';
import { Button } from '../../components/button.tsx';
import { Coming } from '../../components/coming.tsx';
import { AddSystem } from '../../components/connect/add-system.tsx';
import { DataTable, type Column } from '../../components/data-table.tsx';
import { EnvironmentTag } from '../../components/environment-tag.tsx';
import { clockTime, prose, plural } from '../../components/format.ts';
import { useIntent } from '../../components/intent.ts';
import { Loaded } from '../../components/loaded.tsx';
import { ProgressBrief } from '../../components/operation/progress.tsx';
import { paths } from '../../components/paths.ts';
import { usePropose } from '../../components/plan/propose.tsx';
import { ProofLadder } from '../../components/proof-ladder.tsx';
import { Empty, PageHead, useScreen } from '../../components/screen.tsx';
import { OperationStateLabel, State } from '../../components/state.tsx';
import { useMethod } from '../../transport/use-method.ts';
import { NotChecked, useCheckAll } from './check-all.tsx';
import { countNeeds, Needs } from './needs.tsx';
import './overview.css';

/** What was seen longer ago than this lies on inset, with its age marked. */
const staleMs = 24 * 3_600_000;

/** The side bar, which is beside it, asks for all of this each minute: older than this, and nobody answers. */
const oldMs = 3 * 60_000;

function isStale(card: SystemCard): boolean {
  return card.checkedAt !== null && Date.now() - Date.parse(card.checkedAt) > staleMs;
}

const columns: readonly Column<SystemCard>[] = [
  { id: 'name', head: 'System', rowHead: true, cell: ({ system }) => <span className="row"><Link to={paths.system(system.id)}>{system.name}</Link><EnvironmentTag environment={system.environment} quiet /></span> },
  { id: 'state', head: 'State', className: 'two', cell: (card) => <><State kind={card.state}>{card.stateText}</State><span className="t3 two-lines" title={card.worst === null ? undefined : prose(card.worst)}>{card.worst === null ? '' : prose(card.worst)}</span></> },
  {
    id: 'proven', head: 'Newest proven copy', className: 'two',
    cell: ({ newestProven, newestBackup }) =>
      newestProven !== null ? (
        <>
          <span className="row"><ProofLadder level={newestProven.proof} bare /><Exact at={newestProven.takenAt}><AgeFigure at={newestProven.takenAt} /></Exact><span className="t3">{newestProven.proof}</span></span>
          <span>{newestProven.database}</span>
        </>
      ) : (
        <>
          <span className="row"><ProofLadder level={newestBackup?.proof ?? null} bare />None</span>
          <span>{newestBackup === null ? 'no copy at all' : <>newest copy is <AgeFigure at={newestBackup.takenAt} /> old</>}</span>
        </>
      ),
  },
  { id: 'databases', head: 'Databases', numeric: true, className: 'opt', cell: (card) => card.databases },
  { id: 'seen', head: 'Seen', cell: (card) => (card.checkedAt === null ? <span className="t3 xs">never checked</span> : <Age at={card.checkedAt} stale={isStale(card)} />) },
];

function Done({ operations }: { operations: readonly Operation[] }) {
  return (
    <section className="sec" aria-labelledby="done">
      <header><h2 id="done">Done today</h2></header>
      {operations.length === 0 ? <p className="t3">Nothing yet.</p> : (
        <ul className="side-list">
          {operations.slice(0, 8).map((operation) => (
            <li key={operation.id}>
              <span className="t3">{operation.endedAt === null ? '' : <Exact at={operation.endedAt}>{clockTime(operation.endedAt)}</Exact>}</span>
              <div className="break">
                <Link to={paths.operation(operation.id)} className="plain">{prose(operation.title)}</Link>
                <div className="xs t3">{operation.state === 'succeeded' ? prose(operation.summary ?? '') : <OperationStateLabel state={operation.state} />}</div>
              </div>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

/** Every system, worst first, and what needs a person now. */
export function Overview() {
  const [adding, setAdding] = useState(false);
  const query = useMethod('overview.get', {});
  const practice = useMethod('practice.status', {});
  const { checking, refused, checkAll, forget } = useCheckAll();
  const propose = usePropose();
  const [, navigate] = useLocation();
  useScreen({ screen: 'Overview', system: null });
  useIntent('add-system', true, () => setAdding(true));

  const startPractice = () =>
    propose({
      title: 'Start the practice system',
      choices: null,
      plan: async (client) => (await client.call('practice.plan', { action: 'up' })).plan,
      onStarted: (operationId) => navigate(paths.operation(operationId), { state: { landing: 'system' } }),
    });
  const waiting = countNeeds(query.data?.needs ?? []);
  const practiceRests = practice.data?.state === 'absent' || practice.data?.state === 'stopped';
  return (
    <div className="page">
      <PageHead title={query.data?.headline ?? 'Overview'} lede={query.data === undefined ? '' : <>{waiting === 0 ? 'Nothing needs a person.' : `${plural(waiting, 'thing needs', 'things need')} a person.`} <Age at={query.data.at} staleAfterMs={oldMs} /></>}>
        {practiceRests ? <Button needsEngine icon={Play} onClick={startPractice}>Start the practice system</Button> : null}
        <Button needsEngine icon={Activity} disabled={checking || (query.data?.systems.length ?? 0) === 0} onClick={() => checkAll(query.data?.systems ?? [])}>{checking ? 'Starting checks' : 'Check all'}</Button>
        <Button needsEngine icon={Plus} onClick={() => setAdding(true)}>Add system</Button>
      </PageHead>
      <NotChecked refused={refused} checking={checking} onRetry={() => checkAll(refused.map(({ card }) => card))} onClose={forget} />
      <Loaded query={query} what="the systems">
        {({ needs, systems, running, doneToday }) => (
          <div className="split">
            <div className="stack overview-main">
              {needs.length === 0 ? null : <Needs needs={needs} />}
              <section className="sec" aria-labelledby="systems">
                <header><h2 id="systems">Systems <span className="count">{systems.length}</span></h2><span className="end t3 xs">worst first</span></header>
                {systems.length === 0 ? <Empty action={<Button look="primary" onClick={startPractice}>Start the practice system</Button>}>No system is known here.</Empty> : (
                  <div className="panel sys"><DataTable label="Systems" rows={systems} columns={columns} rowKey={(card) => card.system.id} rowClass={(card) => (isStale(card) ? 'stale' : undefined)} /></div>
                )}
              </section>
            </div>
            <div className="aside">
              <section className="sec" aria-labelledby="running">
                <header><h2 id="running">Running <span className="count">{running.length}</span></h2></header>
                {running.length === 0 ? <p className="t3">Nothing.</p> : running.map((operation) => (
                  <div key={operation.id} className="stack tight">
                    <Link to={paths.operation(operation.id)} className="plain"><OperationStateLabel state={operation.state}><span className="break" style={{ whiteSpace: 'normal' }}>{prose(operation.title)}</span></OperationStateLabel></Link>
                    <ProgressBrief operation={operation} />
                  </div>
                ))}
              </section>
              <Coming systemId={null} />
              <Done operations={doneToday} />
            </div>
          </div>
        )}
      </Loaded>
      {adding ? <AddSystem onClose={() => setAdding(false)} /> : null}
    </div>
  );
}
