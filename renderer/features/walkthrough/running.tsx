import { Square } from 'lucide-react';
import { useEffect } from 'react';
import type { WalkedStep } from '#shared/contract/walkthroughs.ts';
import { isFinished } from '#shared/domain/operation-state.ts';
import { useEngineNow } from '../../components/age.tsx';
import { Button } from '../../components/button.tsx';
import { ErrorPanel } from '../../components/error-panel.tsx';
import { prose, span } from '../../components/format.ts';
import { LogView } from '../../components/operation/log-view.tsx';
import { Prompt } from '../../components/operation/prompt.tsx';
import { askingFor, PasswordAsked } from '../../components/plan/password-asked.tsx';
import { OperationStateLabel } from '../../components/state.tsx';
import { cancelEffects, cancelWords } from '../../components/words.ts';
import { useCommand, useMethod } from '../../transport/use-method.ts';
import { useOperationLog } from '../../transport/use-operation-log.ts';
import { useWalked } from './context.ts';

/** Without a word for so long it is said; nothing is ended by it. */
const silentMs = 30_000;

/** The operation of a step while it runs: its log as it arrives, how long, and the way to end it. Where it came to nothing it says why. */
export function Running({ step, operationId, onAgain, onClose }: { step: WalkedStep; operationId: string; onAgain?: () => void; onClose?: () => void }) {
  const { reread } = useWalked();
  const log = useOperationLog(operationId);
  const query = useMethod('operation.get', { operationId });
  const cancel = useCommand('operation.cancel');
  const now = useEngineNow();
  const { refetch } = query;
  const ended = log.result !== null;
  useEffect(() => {
    if (!ended) return;
    void refetch();
    void reread();
  }, [ended, refetch, reread]);
  const operation = query.data?.operation;
  const state = log.result?.state ?? operation?.state ?? 'queued';
  const over = isFinished(state);
  const startedAt = operation?.startedAt ?? operation?.createdAt ?? null;
  const passedMs = startedAt === null ? 0 : Math.max(0, now - Date.parse(startedAt));
  const lastWord = log.lines.at(-1)?.at ?? startedAt;
  const silentFor = lastWord === null ? 0 : now - Date.parse(lastWord);
  const error = log.result?.error ?? operation?.error ?? null;
  const asking = error === null || onAgain === undefined ? null : askingFor(error);
  const kind = operation?.kind ?? 'runbook.step';
  return (
    <section className="tgt" aria-label="Operation of this step">
      <header>
        <OperationStateLabel state={state} />
        <h2 className="grow clip" style={{ fontSize: 'var(--t-sm)' }}>{step.target ?? 'This computer'}</h2>
        {startedAt === null || over ? null : <span className="t2 nowrap"><b className="strong t1">{span(passedMs)}</b>{step.timeoutMs === null ? null : <span className="t3"> of at most {span(step.timeoutMs)}</span>}</span>}
        {over ? (onClose === undefined ? null : <Button onClick={onClose}>Close</Button>) : (
          <Button needsEngine icon={Square} disabled={state === 'cancelling' || cancel.isPending} onClick={() => cancel.mutate({ operationId })}>{state === 'cancelling' ? 'Cancelling' : cancelWords[kind]}</Button>
        )}
      </header>
      <div>
        {cancel.error === null ? null : <ErrorPanel error={cancel.error} title="It was not cancelled." />}
        {query.error === null ? null : <ErrorPanel error={query.error} title="How it runs could not be read." onRetry={() => void refetch()} />}
        {log.prompt === null ? null : <Prompt operationId={operationId} prompt={log.prompt} />}
        {over || silentFor < silentMs ? null : <p className="t2" role="status">Nothing heard for {span(silentFor)}. Silence alone ends nothing.</p>}
        {over && error !== null ? <ErrorPanel error={asking === null ? error : { ...error, hint: 'Type it below.' }} onRetry={asking === null ? onAgain : undefined} /> : null}
        {over && error === null && log.result !== null ? <p className="t2">{prose(log.result.summary)}</p> : null}
        {asking === null || error === null || onAgain === undefined ? null : <PasswordAsked asking={asking} error={error} onTyped={onAgain} />}
        <div className="walk-log"><LogView log={log} /></div>
        {over ? null : <p className="t3 xs">Cancelling {cancelEffects[kind]}.{step.detached ? ' It runs as a job there, and goes on where this computer sleeps or the connection is lost.' : ''}</p>}
      </div>
    </section>
  );
}
