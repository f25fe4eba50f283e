import { useState } from 'react';
import { Link } from 'wouter';
import type { RunSummary } from '#shared/contract/runbooks.ts';
import { isOver, modes, type Mode } from '#shared/domain/runbook/walkthrough.ts';
import { Instant } from '../../components/age.tsx';
import { Button, LinkButton } from '../../components/button.tsx';
import { DataTable, type Column } from '../../components/data-table.tsx';
import { Choice } from '../../components/field.tsx';
import { plural } from '../../components/format.ts';
import { Loaded } from '../../components/loaded.tsx';
import { paths } from '../../components/paths.ts';
import { ReportDialog } from '../../components/report-dialog.tsx';
import { Empty, PageHead } from '../../components/screen.tsx';
import { useMethod } from '../../transport/use-method.ts';
import { RunLabel } from './cells.tsx';
import { RunbookTitle } from './title.tsx';
import { modeWords, runTook } from './words.ts';
import './runbooks.css';

const pageSize = 100;
const most = 500;

const states = { any: 'Any result', going: 'In progress', good: 'Done', skips: 'Done, with skips', bad: 'Failed or stopped', unknown: 'With unknown steps' } as const;
type StateFilter = keyof typeof states;

const fits: Record<StateFilter, (run: RunSummary) => boolean> = {
  any: () => true,
  going: ({ state }) => !isOver(state),
  good: ({ state }) => state === 'succeeded',
  skips: ({ state }) => state === 'succeeded-with-skips',
  bad: ({ state }) => state === 'failed' || state === 'aborted' || state === 'rolled-back',
  unknown: ({ unknown }) => unknown > 0,
};

/** A figure that matters only where it is not nought. */
function Figure({ value, tone }: { value: number; tone: string }) {
  return value === 0 ? <span className="t3">–</span> : <span className={`${tone} medium`}>{value}</span>;
}

function columns(systemId: string | null, onExport: (run: RunSummary) => void): readonly Column<RunSummary>[] {
  return [
    { id: 'title', head: 'Runbook', rowHead: true, cell: (run) => <><Link to={paths.walkthrough(run.id)}>{run.title}</Link><span className="t3 xs" style={{ display: 'block', fontWeight: 400 }}>v{run.version}{systemId === null && run.systemName !== null ? `, ${run.systemName}` : ''}</span></>, sortBy: ({ title }) => title },
    { id: 'result', head: 'Result', cell: (run) => <RunLabel run={run} />, sortBy: ({ state }) => state },
    { id: 'mode', head: 'Mode', className: 'nowrap', cell: ({ mode }) => modeWords[mode].word, sortBy: ({ mode }) => mode },
    { id: 'started', head: 'Started', className: 'nowrap', cell: ({ startedAt }) => <Instant at={startedAt} />, sortBy: ({ startedAt }) => startedAt },
    { id: 'took', head: 'Took', numeric: true, className: 'nowrap', cell: runTook, sortBy: ({ durationMs }) => durationMs ?? 0 },
    { id: 'steps', head: 'Steps', numeric: true, className: 'nowrap', cell: ({ done, steps }) => `${done} of ${steps}` },
    { id: 'skipped', head: 'Skipped', numeric: true, cell: ({ skipped }) => <Figure value={skipped} tone="t1" />, sortBy: ({ skipped }) => skipped },
    { id: 'failed', head: 'Failed', numeric: true, cell: ({ failed }) => <Figure value={failed} tone="critical" />, sortBy: ({ failed }) => failed },
    { id: 'unknown', head: 'Unknown', numeric: true, cell: ({ unknown }) => <Figure value={unknown} tone="unknown" />, sortBy: ({ unknown }) => unknown },
    { id: 'operator', head: 'By', className: 'opt', cell: ({ operator }) => operator },
    { id: 'action', head: <span className="vh">Action</span>, className: 'num', cell: (run) => <Button look="quiet" needsEngine aria-label={`Export the report of ${run.title}`} onClick={() => onExport(run)}>Export…</Button> },
  ];
}

/** Every walkthrough, newest first: what came of it, what was skipped, what failed, what nobody knows. */
export function Walked({ systemId }: { systemId: string | null }) {
  const [state, setState] = useState<StateFilter>('any');
  const [mode, setMode] = useState<Mode | ''>('');
  const [runbookId, setRunbookId] = useState('');
  const [limit, setLimit] = useState(pageSize);
  const [exported, setExported] = useState<RunSummary | null>(null);
  const about = systemId === null ? {} : { systemId };
  const query = useMethod('walkthrough.list', { limit, ...about, ...(runbookId === '' ? {} : { runbookId }) }, { keepPrevious: true });
  const library = useMethod('runbook.list', { text: '', ...about });
  const known = new Map([...(library.data?.runbooks ?? []).map((card) => [card.id, card.title] as const), ...(query.data?.runs ?? []).map((run) => [run.runbookId, run.title] as const)]);
  return (
    <div className="page dense">
      <RunbookTitle systemId={systemId} screen="Walked so far" />
      <PageHead title="Walked so far" lede="Every walkthrough, newest first. A rehearsal counts in no report.">
        <LinkButton to={paths.runbooks(systemId)}>All runbooks</LinkButton>
      </PageHead>
      <div className="toolrow" role="search">
        <Choice label="Runbook" value={runbookId} onChange={setRunbookId} options={[{ value: '', label: 'Any runbook' }, ...[...known].map(([value, label]) => ({ value, label })).sort((a, b) => a.label.localeCompare(b.label))]} />
        <Choice<StateFilter> label="Result" value={state} onChange={setState} options={(Object.keys(states) as StateFilter[]).map((value) => ({ value, label: states[value] }))} />
        <Choice<Mode | ''> label="Mode" value={mode} onChange={setMode} options={[{ value: '', label: 'Any mode' }, ...modes.map((value) => ({ value, label: modeWords[value].word }))]} />
      </div>
      <Loaded query={query} what="the walkthroughs">
        {({ runs }) => {
          const found = runs.filter((run) => fits[state](run) && (mode === '' || run.mode === mode));
          return (
            <>
              {found.length === 0 ? <Empty action={runs.length === 0 ? <LinkButton look="primary" to={paths.runbooks(systemId)}>Open the runbooks</LinkButton> : undefined}>{runs.length === 0 ? 'Nothing was walked so far.' : 'Nothing fits these filters.'}</Empty> : (
                <div className="panel walked"><DataTable label="Walkthroughs" rows={found} columns={columns(systemId, setExported)} rowKey={({ id }) => id} rowClass={(run) => (isOver(run.state) ? undefined : 'cur')} /><p className="note">{plural(found.length, 'walkthrough')}{found.length < runs.length ? ` of ${runs.length} read` : ''}</p></div>
              )}
              {runs.length === limit && limit < most ? <div><Button onClick={() => setLimit(Math.min(most, limit + pageSize))}>Show older ones</Button></div> : null}
            </>
          );
        }}
      </Loaded>
      {exported === null ? null : <ReportDialog of={{ walkthroughId: exported.id }} title={exported.title} onClose={() => setExported(null)} />}
    </div>
  );
}
