import { useEffect, useState } from 'react';
import { useLocation } from 'wouter';
import { Square } from 'lucide-react';
import type { Operation } from '#shared/contract/operations.ts';
import { isFinished } from '#shared/domain/operation-state.ts';
import { Button, LinkButton } from '../../components/button.tsx';
import { ErrorPanel } from '../../components/error-panel.tsx';
import { prose } from '../../components/format.ts';
import { Loaded } from '../../components/loaded.tsx';
import { LogView } from '../../components/operation/log-view.tsx';
import { headWords } from '../../components/operation/outcome-words.ts';
import { Outcome } from '../../components/operation/outcome.tsx';
import { PhaseRail } from '../../components/operation/phases.tsx';
import { ProgressBar, ProgressFigures } from '../../components/operation/progress.tsx';
import { Prompt } from '../../components/operation/prompt.tsx';
import { paths } from '../../components/paths.ts';
import { Heading, useScreen } from '../../components/screen.tsx';
import { OperationStateLabel } from '../../components/state.tsx';
import { cancelWords, kindWords, resultId } from '../../components/words.ts';
import { useCommand, useMethod } from '../../transport/use-method.ts';
import { useOperationLog } from '../../transport/use-operation-log.ts';
import { NextStep } from './next-step.tsx';
import { WaitingDump } from './unfinished-dump.tsx';
import './operation.css';

function landsOnSystem(): boolean {
  const state: unknown = window.history.state;
  return typeof state === 'object' && state !== null && 'landing' in state && state.landing === 'system';
}

function phaseWords(operation: Operation, steps: readonly { id: string; title: string }[]): string {
  const index = steps.findIndex((step) => step.id === operation.phase || step.title === operation.phase);
  const step = steps[index];
  return step === undefined ? (operation.phase ?? '') : `phase ${index + 1} of ${steps.length}, ${step.title.toLowerCase()}`;
}

/** One operation: phases, progress, live log; afterwards what came of it and the next right thing. */
export function OperationScreen({ operationId }: { operationId: string }) {
  const query = useMethod('operation.get', { operationId });
  const log = useOperationLog(operationId);
  const cancel = useCommand('operation.cancel');
  const [, navigate] = useLocation();
  const [landing] = useState(landsOnSystem);
  const operation = query.data?.operation;
  const { refetch } = query;
  const ended = log.result !== null;
  useEffect(() => {
    if (ended) void refetch();
  }, [ended, refetch]);
  useEffect(() => {
    if (!landing || operation?.state !== 'succeeded') return;
    const systemId = operation.systemId ?? resultId(operation, 'systemId');
    if (systemId !== null) navigate(paths.system(systemId), { replace: true });
  }, [landing, operation, navigate]);
  const systems = useMethod('system.list', {});
  const system = systems.data?.systems.find(({ id }) => id === operation?.systemId) ?? null;
  useScreen({ screen: operation === undefined ? 'Operation' : prose(operation.title), system, environment: operation?.environment ?? null });
  return (
    <Loaded query={query} what="the operation" skeleton={<div className="page"><Heading>Operation</Heading><span className="sk" style={{ width: 320 }} /></div>}>
      {({ operation: shown, plan }) => {
        const over = isFinished(shown.state);
        return (
          <div className="op">
            <section className="headx">
              <div className="page-head">
                <div className="grow">
                  <Heading>{prose(shown.title)}</Heading>
                  <p className="lede row wrap">
                    <OperationStateLabel state={shown.state} />
                    <span>{over ? prose(headWords(shown)) : phaseWords(shown, plan?.steps ?? [])}</span>
                  </p>
                </div>
                <div className="row wrap">
                  {over ? <NextStep operation={shown} databaseId={plan?.targets[0]?.databaseId ?? null} /> : (
                    <>
                      <LinkButton to={system === null ? paths.overview : paths.system(system.id)}>Run in background</LinkButton>
                      <Button needsEngine icon={Square} disabled={shown.state === 'cancelling' || cancel.isPending} onClick={() => cancel.mutate({ operationId })}>
                        {shown.state === 'cancelling' ? 'Cancelling' : cancelWords[shown.kind]}
                      </Button>
                    </>
                  )}
                </div>
              </div>
              {cancel.error === null ? null : <ErrorPanel error={cancel.error} title="It was not cancelled." />}
              {over ? <><Outcome operation={shown} /><WaitingDump operation={shown} /></> : (
                <>
                  <ProgressBar label={prose(shown.title)} fraction={log.progress?.fraction ?? shown.fraction} />
                  <ProgressFigures operation={shown} log={log} plan={plan} />
                  {log.prompt === null ? null : <Prompt operationId={operationId} prompt={log.prompt} />}
                </>
              )}
            </section>
            <section className="leftx" aria-label="Phases and target" tabIndex={0}>
              <PhaseRail operation={shown} log={log} plan={plan} />
              <div className="sec">
                <h2>Target</h2>
                <dl className="kv">
                  <dt>Kind</dt><dd>{kindWords[shown.kind]}</dd>
                  {shown.target === '' ? null : <><dt>On</dt><dd>{prose(shown.target)}</dd></>}
                  {shown.systemName === null ? null : <><dt>System</dt><dd>{shown.systemName}</dd></>}
                  <dt>Asked for by</dt><dd>{shown.requestedBy}</dd>
                </dl>
              </div>
            </section>
            <div className="log-cell">
              {log.error === null ? null : <ErrorPanel error={log.error} title="The log could not be read." />}
              <LogView log={log} />
            </div>
          </div>
        );
      }}
    </Loaded>
  );
}
