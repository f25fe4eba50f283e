import { Link } from 'wouter';
import type { MethodOutput } from '#shared/contract/index.ts';
import type { RunSummary } from '#shared/contract/runbooks.ts';
import { isOver } from '#shared/domain/runbook/walkthrough.ts';
import { Exact } from '../../../components/age.tsx';
import { count, span } from '../../../components/format.ts';
import { paths } from '../../../components/paths.ts';
import { RunLabel } from '../cells.tsx';
import { dayOf, modeWords, runTook } from '../words.ts';

type Stats = MethodOutput<'runbook.get'>['stats'][number];

const times = (value: number): string => (value === 1 ? 'once' : `${count(value)} times`);

/** How a step went where it was walked: what took long, what was skipped and why, what failed. */
export function StepPast({ stats }: { stats: Stats }) {
  if (stats.runs === 0) return null;
  const parts = [`Walked ${times(stats.runs)}`, stats.medianMs === null ? '' : `usually ${span(stats.medianMs)}`].filter((part) => part !== '').join(', ');
  return (
    <p className="past xs">
      <span>{parts}</span>
      {stats.failures === 0 ? null : <span className="critical">failed {times(stats.failures)}</span>}
      {stats.unknowns === 0 ? null : <span className="unknown">unknown {times(stats.unknowns)}</span>}
      {stats.skips === 0 ? null : <span className="skipped">skipped {times(stats.skips)}{stats.reasons.length === 0 ? '' : `: ${stats.reasons.slice(0, 3).join('; ')}`}</span>}
    </p>
  );
}

const shownRuns = 5;

/** What came of it last. */
export function LastRuns({ runs }: { runs: readonly RunSummary[] }) {
  if (runs.length === 0) return <p className="t3 xs">It was never walked.</p>;
  return (
    <ul className="lastruns">
      {runs.slice(0, shownRuns).map((run) => (
        <li key={run.id}><Link to={paths.walkthrough(run.id)} className="plain"><RunLabel run={run} /></Link><span className="t3 xs"><Exact at={run.startedAt}>{dayOf(run.startedAt)}</Exact>{isOver(run.state) && run.durationMs !== null ? `, ${runTook(run)}` : ''}{run.mode === 'live' ? '' : `, ${modeWords[run.mode].word.toLowerCase()}`}</span></li>
      ))}
    </ul>
  );
}
