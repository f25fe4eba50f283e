import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useLocation } from 'wouter';
import type { Plan } from '#shared/contract/operations.ts';
import type { Restore } from '#shared/contract/restores.ts';
import type { ErrorShape } from '#shared/domain/errors.ts';
import { Instant } from '../../components/age.tsx';
import { Button, LinkButton } from '../../components/button.tsx';
import { EnvironmentTag } from '../../components/environment-tag.tsx';
import { ErrorPanel } from '../../components/error-panel.tsx';
import { paths } from '../../components/paths.ts';
import { Findings } from '../../components/plan/plan-body.tsx';
import { PlanConfirm } from '../../components/plan/plan-confirm.tsx';
import { usePropose } from '../../components/plan/propose.tsx';
import { useEngine } from '../../transport/engine-context.ts';
import { useCommand } from '../../transport/use-method.ts';

/** The swap, asked beside the evidence it rests on. */
function SwapConfirm({ restore, systemId, otherWays }: { restore: Restore; systemId: string; otherWays: ReactNode }) {
  const engine = useEngine();
  const [, navigate] = useLocation();
  const plan = useQuery<Plan, ErrorShape>({
    queryKey: ['restore-swap-plan', restore.id],
    queryFn: async ({ signal }) => (await engine.call('restore.planSwap', { restoreId: restore.id }, { signal })).plan,
    staleTime: Infinity,
    gcTime: 0,
    retry: false,
    refetchOnWindowFocus: false,
  });
  const again = () => void plan.refetch();
  if (plan.error !== null) return <><ErrorPanel error={plan.error} title="The swap could not be planned." onRetry={again} />{otherWays}</>;
  if (plan.data === undefined) return <><div className="confirm" aria-busy="true"><p className="t2" role="status">Working out what a swap would do.</p><span className="sk" style={{ width: 220 }} /></div>{otherWays}</>;
  return (
    <>
      <div className="confirm" data-env={restore.environment}>
        <PlanConfirm key={plan.data.id} plan={plan.data} hideFindings replanning={plan.isFetching} cancelLabel="Not now" onCancel={() => navigate(paths.systemScreen(systemId, 'restore'))} onReplan={again} onStarted={(operationId) => navigate(paths.operation(operationId))} />
      </div>
      {otherWays}
      {plan.data.findings.length === 0 ? null : <section className="sec" aria-labelledby="again"><h2 id="again">Checked before the swap</h2><Findings findings={plan.data.findings} /></section>}
    </>
  );
}

function Kept({ restore }: { restore: Restore }) {
  return (
    <div className="confirm" data-env={restore.environment}>
      <div className="row wrap"><EnvironmentTag environment={restore.environment} /><span className="t2 break">{restore.into}</span></div>
      <p className="t2">{restore.state === 'kept' ? 'It is a database like any other now. It takes space until somebody drops it.' : restore.state === 'undone' ? 'The copy stands beside again, under its own name. It can be put in place once more, or stay, or go.' : 'There is nothing left to decide here.'}</p>
    </div>
  );
}

/** What can be done with a restored copy now. What changes something is asked again with its plan. */
export function Decision({ restore, systemId }: { restore: Restore; systemId: string }) {
  const keep = useCommand('restore.keep');
  const propose = usePropose();
  const [, navigate] = useLocation();
  const ask = (title: string, make: Parameters<typeof propose<null>>[0]['plan']) => propose({ title, choices: null, plan: make, onStarted: (operationId) => navigate(paths.operation(operationId)) });
  const drop = (which: 'restored' | 'set-aside') => ask(which === 'restored' ? 'Drop the copy' : 'Drop what was set aside', async (engine) => (await engine.call('restore.planDrop', { restoreId: restore.id, which })).plan);
  const swap = () => ask('Swap again', async (engine) => (await engine.call('restore.planSwap', { restoreId: restore.id })).plan);
  const keepBeside = <Button needsEngine size="lg" disabled={keep.isPending} onClick={() => keep.mutate({ restoreId: restore.id })}>Keep the copy beside</Button>;
  const undo = () => ask('Undo the swap', async (engine) => (await engine.call('restore.planUndo', { restoreId: restore.id })).plan);
  if (restore.state === 'swapped') {
    return (
      <div className="confirm" data-env={restore.environment}>
        <div className="row wrap"><EnvironmentTag environment={restore.environment} /><span className="t2 break">{restore.identity.database}</span></div>
        <h2>Is it as it should be?</h2>
        <p className="t2">{restore.setAside === null ? 'What it replaced was dropped: the swap cannot be undone any more.' : <>Undo swaps the two names again, about 1 s. <b className="mono">{restore.setAside}</b> is kept for undo{restore.undoUntil === null ? '' : <> until at least <Instant at={restore.undoUntil} zone /></>}; nothing drops it by itself.</>}</p>
        <div className="rs-ways">
          {restore.setAside === null ? null : (
            <>
              <Button needsEngine size="lg" onClick={undo}>Undo the swap…</Button>
              <Button needsEngine size="lg" onClick={() => drop('set-aside')}>Drop what was set aside…</Button>
            </>
          )}
          <LinkButton size="lg" look="primary" to={paths.systemScreen(systemId, 'health')}>Check its health</LinkButton>
        </div>
      </div>
    );
  }
  if (restore.state !== 'beside') {
    return (
      <>
        <Kept restore={restore} />
        {restore.state === 'kept' || restore.state === 'undone' ? (
          <div className="rs-ways">
            {restore.state === 'undone' ? <Button needsEngine size="lg" onClick={swap}>Swap again…</Button> : null}
            {restore.state === 'undone' ? keepBeside : null}
            <Button needsEngine size="lg" onClick={() => drop('restored')}>Drop the copy…</Button>
          </div>
        ) : null}
        {keep.error === null ? null : <ErrorPanel error={keep.error} />}
      </>
    );
  }
  return (
    <SwapConfirm
      restore={restore} systemId={systemId}
      otherWays={
        <section className="sec" aria-labelledby="else">
          <h2 id="else">Or leave the live one alone</h2>
          <div className="rs-ways">
            {keepBeside}
            <Button needsEngine size="lg" onClick={() => drop('restored')}>Drop the copy…</Button>
          </div>
          {keep.error === null ? null : <ErrorPanel error={keep.error} />}
        </section>
      }
    />
  );
}
