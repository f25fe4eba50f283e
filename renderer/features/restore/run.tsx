import { Square } from 'lucide-react';
import { useEffect } from 'react';
import { useLocation } from 'wouter';
import { isFinished } from '#shared/domain/operation-state.ts';
import { Button } from '../../components/button.tsx';
import { prose } from '../../components/format.ts';
import { Loaded } from '../../components/loaded.tsx';
import { LogView } from '../../components/operation/log-view.tsx';
import { headWords } from '../../components/operation/outcome-words.ts';
import { Outcome } from '../../components/operation/outcome.tsx';
import { ProgressBar, ProgressFigures } from '../../components/operation/progress.tsx';
import { Prompt } from '../../components/operation/prompt.tsx';
import { paths } from '../../components/paths.ts';
import { RestoreAgain } from '../../components/restore-again.tsx';
import { Heading } from '../../components/screen.tsx';
import { OperationStateLabel } from '../../components/state.tsx';
import { StepRail } from '../../components/step-rail.tsx';
import { useSystemScreen } from '../../components/use-system.ts';
import { cancelWords, operationWords, resultId } from '../../components/words.ts';
import { useCommand, useMethod } from '../../transport/use-method.ts';
import { useOperationLog } from '../../transport/use-operation-log.ts';
import { railAt } from './steps.ts';
import './restore.css';

/** Step six: it runs, and one may watch. When it is over the comparison follows by itself. */
export function RestoreRun({ systemId, operationId }: { systemId: string; operationId: string }) {
  useSystemScreen(systemId, 'Restore', true);
  const query = useMethod('operation.get', { operationId });
  const log = useOperationLog(operationId);
  const cancel = useCommand('operation.cancel');
  const [, navigate] = useLocation();
  const { refetch } = query;
  const operation = query.data?.operation;
  const ended = log.result !== null;
  useEffect(() => {
    if (ended) void refetch();
  }, [ended, refetch]);
  useEffect(() => {
    if (operation === undefined || (operation.state !== 'succeeded' && operation.state !== 'succeeded-with-warnings')) return;
    const restoreId = resultId(operation, 'restoreId');
    if (restoreId !== null) navigate(paths.restore(systemId, restoreId), { replace: true });
  }, [operation, navigate, systemId]);
  const failed = operation !== undefined && isFinished(operation.state) && operation.state !== 'succeeded' && operation.state !== 'succeeded-with-warnings';
  return (
    <div className="restore no-decision" data-watching={operationId}>
      <section className="rail-cell" aria-label="Steps" tabIndex={0}>
        <StepRail label="Restore steps" steps={railAt('Run', { Run: failed ? { state: 'failed', detail: operationWords[operation.state].word } : { detail: log.progress?.text ?? '' } })} />
      </section>
      <section className="mid log-mid" aria-label="Run">
        {/* Also where it cannot be read: one is somewhere, and hears where. */}
        {query.data === undefined ? <div className="page"><Heading>Restore</Heading></div> : null}
        <Loaded query={query} what="the restore">
          {({ operation: shown, plan }) => (
            <>
              <div className="stack wide" style={{ padding: '16px 24px', borderBottom: '1px solid var(--line-1)' }}>
                <div className="page-head">
                  <div className="grow">
                    <Heading>{prose(shown.title)}</Heading>
                    <p className="lede row wrap"><OperationStateLabel state={shown.state} /> {prose(shown.summary === null ? shown.target : headWords(shown))}</p>
                  </div>
                  <div className="row wrap">{isFinished(shown.state) ? <RestoreAgain systemId={systemId} operationId={operationId} /> : <Button needsEngine icon={Square} disabled={shown.state === 'cancelling' || cancel.isPending} onClick={() => cancel.mutate({ operationId })}>{shown.state === 'cancelling' ? 'Cancelling' : cancelWords[shown.kind]}</Button>}</div>
                </div>
                {isFinished(shown.state) ? <Outcome operation={shown} /> : (
                  <>
                    <ProgressBar label={prose(shown.title)} fraction={log.progress?.fraction ?? shown.fraction} />
                    <ProgressFigures operation={shown} log={log} plan={plan} />
                    {log.prompt === null ? null : <Prompt operationId={operationId} prompt={log.prompt} />}
                  </>
                )}
              </div>
              <LogView log={log} />
            </>
          )}
        </Loaded>
      </section>
    </div>
  );
}
