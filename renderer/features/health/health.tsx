import { GitCompareArrows, Package, Play, SlidersHorizontal } from 'lucide-react';
import { useState } from 'react';
import type { HealthResult, HealthRun } from '#shared/contract/health.ts';
import { compareHealth, healthStates, type HealthState } from '#shared/domain/health-state.ts';
import { compareNames } from '#shared/domain/natural-order.ts';
import { isFinished } from '#shared/domain/operation-state.ts';
import { Age, Instant } from '../../components/age.tsx';
import { Button, LinkButton } from '../../components/button.tsx';
import { span } from '../../components/format.ts';
import { Glyph } from '../../components/icons.tsx';
import { useIntent } from '../../components/intent.ts';
import { Loaded, SkeletonRows } from '../../components/loaded.tsx';
import { ProgressBrief } from '../../components/operation/progress.tsx';
import { Outcome } from '../../components/operation/outcome.tsx';
import { paths } from '../../components/paths.ts';
import { usePracticeAct, usePracticeStopped } from '../../components/practice.tsx';
import { usePropose } from '../../components/plan/propose.tsx';
import { Empty, Heading } from '../../components/screen.tsx';
import { Tint } from '../../components/state.tsx';
import { useSystemScreen } from '../../components/use-system.ts';
import { PasswordsNeeded } from '../../components/passwords-needed.tsx';
import { healthWords } from '../../components/words.ts';
import { useMethod } from '../../transport/use-method.ts';
import { useOperationLog } from '../../transport/use-operation-log.ts';
import { CompareRuns } from './compare-runs.tsx';
import { CopiesLeftOut, Folded, Problems, shortTargets, Unseen } from './groups.tsx';
import { seenSince } from './seen-since.ts';
import { Thresholds } from './thresholds.tsx';
import './health.css';

function Tally({ run, shown, toggle }: { run: HealthRun; shown: ReadonlySet<HealthState>; toggle: (state: HealthState) => void }) {
  return (
    <div className="tally" role="group" aria-label="Show">
      {(['critical', 'warn', 'unknown', 'ok', 'skipped'] as const).map((state) => (
        <button key={state} type="button" aria-pressed={shown.has(state)} onClick={() => toggle(state)}>
          <span className={state}><Glyph kind={state} small /></span>
          <b>{run.counts[state]}</b>
          <span className="t2">{healthWords[state]}</span>
        </button>
      ))}
    </div>
  );
}

/** The checks that run now; when they are over the results below are read again. */
function RunningChecks({ operationId }: { operationId: string }) {
  const query = useMethod('operation.get', { operationId });
  const log = useOperationLog(operationId);
  const operation = query.data?.operation;
  if (operation === undefined) return null;
  if (isFinished(operation.state) && operation.error === null && operation.advice === null) return null;
  const live = { ...operation, fraction: log.progress?.fraction ?? operation.fraction, progressText: log.progress?.text ?? operation.progressText, leftMs: log.progress?.leftMs ?? operation.leftMs };
  return (
    <div className="panel body-panel" data-watching={operationId}>
      {isFinished(operation.state) ? <Outcome operation={operation} /> : (
        <div className="row">
          <div className="grow"><ProgressBrief operation={live} /></div>
          <LinkButton to={paths.operation(operationId)}>Watch the log</LinkButton>
        </div>
      )}
    </div>
  );
}

function worstFirst(results: readonly HealthResult[]): HealthResult[] {
  return [...results].sort((a, b) => compareHealth(a.status, b.status) || a.title.localeCompare(b.title) || compareNames(a.target, b.target));
}

/** Results grouped worst first; one click to evidence and fix. Unknown is never shown as ok. */
export function Health({ systemId }: { systemId: string }) {
  const system = useSystemScreen(systemId, 'Health');
  const query = useMethod('health.latest', { systemId });
  const running = useMethod('operation.list', { systemId, active: true, kinds: ['health.check'], limit: 1 });
  const propose = usePropose();
  const [started, setStarted] = useState<string | null>(null);
  const [dialog, setDialog] = useState<'compare' | 'thresholds' | null>(null);
  const [shown, setShown] = useState<ReadonlySet<HealthState>>(new Set(healthStates));
  const watched = running.data?.operations[0]?.id ?? started;
  const run = () =>
    propose({
      title: 'Run checks',
      choices: null,
      plan: async (engine) => (await engine.call('health.plan', { systemId })).plan,
      onStarted: setStarted,
    });
  useIntent('run-checks', true, run);
  const toggle = (state: HealthState) =>
    setShown((before) => {
      const next = new Set(before);
      if (!next.delete(state)) next.add(state);
      return next;
    });
  const latest = query.data?.run ?? null;
  const found = query.data?.results ?? [];
  const results = worstFirst(found).filter((result) => shown.has(result.status));
  const of = (state: HealthState) => results.filter((result) => result.status === state);
  const targets = shortTargets(found);
  const card = system.data?.card;
  // Once it was looked at, a system without any copy needs that next.
  const backUpNext = latest !== null && card !== undefined && card.newestBackup === null && (system.data?.system.databases.length ?? 0) > 0;
  const vault = useMethod('vault.status', {});
  const hosts = useMethod('host.list', { systemId });
  // What was hidden from the last run can be seen now: looking again comes before anything that its results ask for.
  const changed = latest === null || system.data === undefined || running.data?.operations.length !== 0 ? null : seenSince(system.data.system, hosts.data?.hosts ?? [], found, vault.data?.state === 'unlocked');
  const stopped = usePracticeStopped(systemId);
  const startPractice = usePracticeAct();
  const primary = stopped ? 'start' : changed === null && backUpNext ? 'back-up' : 'run';
  const never = query.data !== undefined && latest === null;
  return (
    <div className="page dense">
      <div className="page-head hh">
        <div>
          <Heading>Health</Heading>
          <p className="row t3 xs">{latest === null ? (never ? 'never checked' : '') : <><Instant at={latest.startedAt} /><Age at={latest.startedAt} />took {span(latest.durationMs)}</>}</p>
        </div>
        {latest === null ? <span className="grow" /> : <Tally run={latest} shown={shown} toggle={toggle} />}
        {latest === null ? null : <Button icon={GitCompareArrows} onClick={() => setDialog('compare')}>Compare runs</Button>}
        <Button icon={SlidersHorizontal} onClick={() => setDialog('thresholds')}>Thresholds</Button>
        {stopped ? null : <Button {...(primary === 'run' ? { look: 'primary' as const } : {})} icon={Play} onClick={run}>Run checks</Button>}
        {stopped ? <Button look="primary" icon={Play} onClick={() => startPractice('up', 'Start the practice system')}>Start…</Button> : null}
        {backUpNext && !stopped ? <LinkButton look={primary === 'back-up' ? 'primary' : 'plain'} icon={Package} to={paths.systemScreen(systemId, 'backups')} intent={{ intent: 'back-up' }}>Back up now</LinkButton> : null}
      </div>
      <PasswordsNeeded system={system.data?.system} onOpen={run} />
      {stopped ? <Tint kind="skipped" role="status"><p><b className="strong">The practice system is stopped.</b> {latest === null ? 'It can be looked at once it runs.' : 'What follows was found before, or could not be asked.'}</p></Tint> : null}
      {changed === null || stopped ? null : <Tint kind="unknown" role="status"><p><b className="strong">{changed}.</b> What follows was found before; run the checks again to see how it stands.</p></Tint>}
      {watched === null ? null : <RunningChecks operationId={watched} />}
      <Loaded query={query} what="the results" skeleton={<SkeletonRows what="the results" rows={8} columns={[16, 130, 120, 260, 90]} />}>
        {() =>
          latest === null ? (
            <Empty>{(system.data?.system.databases.length ?? 1) === 0 && hosts.data?.hosts.length === 0 ? 'There is no database and no host here to check yet. Add one on the system’s own screen.' : 'Nobody has looked at this system so far. The checks only read.'}</Empty>
          ) : (
            <>
              <Problems systemId={systemId} state="critical" results={of('critical')} targets={targets} startOpen />
              <Problems systemId={systemId} state="warn" results={of('warn')} targets={targets} startOpen={false} />
              <Unseen systemId={systemId} results={of('unknown')} targets={targets} onAgain={run} />
              <CopiesLeftOut results={found} />
              <Folded systemId={systemId} ok={of('ok')} skipped={of('skipped')} targets={targets} />
            </>
          )
        }
      </Loaded>
      {dialog === 'compare' ? <CompareRuns systemId={systemId} onClose={() => setDialog(null)} /> : null}
      {dialog === 'thresholds' && system.data !== undefined ? <Thresholds system={system.data.system} onClose={() => setDialog(null)} /> : null}
    </div>
  );
}
