import { useDebouncedValue } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useLocation } from 'wouter';
import type { MethodOutput } from '#shared/contract/index.ts';
import type { ErrorShape } from '#shared/domain/errors.ts';
import { isProven } from '#shared/domain/proof.ts';
import { figuresInWords, tablesInWords } from '#shared/domain/table-counts.ts';
import { Instant } from '../../components/age.tsx';
import { Button } from '../../components/button.tsx';
import { ErrorPanel } from '../../components/error-panel.tsx';
import { SelectField, TextField } from '../../components/field.tsx';
import { bytes, localStamp } from '../../components/format.ts';
import { Loaded } from '../../components/loaded.tsx';
import { paths } from '../../components/paths.ts';
import { Findings } from '../../components/plan/plan-body.tsx';
import { PlanConfirm } from '../../components/plan/plan-confirm.tsx';
import { usePropose } from '../../components/plan/propose.tsx';
import { ProofLadder } from '../../components/proof-ladder.tsx';
import { PageHead } from '../../components/screen.tsx';
import { useSystemScreen } from '../../components/use-system.ts';
import { useEngine } from '../../transport/engine-context.ts';
import { useMethod } from '../../transport/use-method.ts';
import { RestoreFrame } from './frame.tsx';
import { railAt, type StepNote } from './steps.ts';

const typingPauseMs = 400;

function preflightNote(plan: MethodOutput<'restore.plan'>['plan'] | undefined, failed: boolean): StepNote {
  if (failed) return { state: 'failed', detail: 'could not be made' };
  if (plan === undefined) return { state: 'running', detail: 'looking' };
  const of = (state: 'ok' | 'warn' | 'critical') => plan.findings.filter((finding) => finding.state === state).length;
  const words = [of('critical') > 0 ? `${of('critical')} in the way` : '', of('warn') > 0 ? `${of('warn')} to look at` : '', `${of('ok')} ok`].filter((word) => word !== '').join(', ');
  return { state: of('critical') > 0 ? 'failed' : of('warn') > 0 ? 'warn' : 'done', detail: words };
}

/** Verify, target, preflight and confirm, on one screen: the question stands beside what it rests on. */
export function RestoreTarget({ systemId, backupId }: { systemId: string; backupId: string }) {
  const system = useSystemScreen(systemId, 'Restore', true);
  const detail = useMethod('backup.get', { backupId });
  const engine = useEngine();
  const propose = usePropose();
  const [, navigate] = useLocation();
  const [databaseId, setDatabaseId] = useState('');
  const [into, setInto] = useState('');
  const [jobs, setJobs] = useState('2');
  const [settled] = useDebouncedValue(into.trim(), typingPauseMs);
  const backup = detail.data?.backup;
  const databases = system.data?.system.databases ?? [];
  const hasOriginal = databases.some(({ id }) => id === backup?.databaseId);
  // A copy of another system has no original here: it goes beside the first database until somebody chooses.
  const destination = databaseId !== '' || hasOriginal ? databaseId : (databases[0]?.id ?? '');
  const plan = useQuery<MethodOutput<'restore.plan'>, ErrorShape>({
    // A plan is asked for anew whenever a choice changes, and never kept: its token works once.
    queryKey: ['restore-preflight', backupId, destination, settled, jobs],
    enabled: detail.data !== undefined && system.data !== undefined,
    queryFn: ({ signal }) => engine.call('restore.plan', { backupId, jobs: Number(jobs), ...(destination === '' ? {} : { databaseId: destination }), ...(settled === '' ? {} : { into: settled }) }, { signal }),
    staleTime: Infinity,
    gcTime: 0,
    retry: false,
    refetchOnWindowFocus: false,
  });
  const fresh = plan.data !== undefined && !plan.isFetching && settled === into.trim();
  const proven = backup !== undefined && isProven(backup.proof) && backup.damaged === null;
  const verify = () =>
    propose({
      title: 'Prove the copy',
      choices: null,
      plan: async (client) => (await client.call('backup.planVerify', { backupId, level: 'L3' })).plan,
      onStarted: (operationId) => navigate(paths.operation(operationId)),
    });
  const unknown = detail.error ?? system.error;
  const preflight = preflightNote(plan.isFetching ? undefined : plan.data?.plan, plan.error !== null || unknown !== null);
  const blocked = plan.data !== undefined && !plan.isFetching && !plan.data.plan.runnable;
  const steps = railAt(blocked ? 'Preflight' : 'Confirm', {
    Pick: { detail: backup === undefined ? '' : <><Instant at={backup.takenAt} />, {bytes(backup.sizeBytes)}</> },
    Verify: proven ? { detail: `L3, ${tablesInWords(backup)} equal` } : { state: 'warn', detail: 'not proven' },
    Target: { detail: plan.data?.into ?? '' },
    Preflight: preflight,
    Confirm: blocked ? {} : { detail: 'waits for you' },
    Undo: { detail: 'possible once swapped' },
  });
  const decision = (
    <>
      {plan.error === null ? null : <ErrorPanel error={plan.error} title="The preflight could not be made." onRetry={() => void plan.refetch()} />}
      {plan.data === undefined ? (plan.error === null && unknown === null ? <div className="confirm" aria-busy="true"><p className="t2" role="status">Looking at what stands in the way.</p>{[240, 200, 220].map((width) => <span key={width} className="sk" style={{ width }} />)}</div> : null) : (
        <div className="confirm" {...(plan.data.plan.environment === null ? {} : { 'data-env': plan.data.plan.environment })}>
          <PlanConfirm
            key={plan.data.plan.id} plan={plan.data.plan} hideFindings replanning={!fresh} cancelLabel="Cancel"
            onCancel={() => navigate(paths.systemScreen(systemId, 'restore'))} onReplan={() => void plan.refetch()}
            onStarted={(operationId) => navigate(paths.restoreRun(systemId, operationId))}
          />
        </div>
      )}
    </>
  );
  return (
    <RestoreFrame steps={steps} decision={decision}>
      <PageHead title={backup === undefined ? 'Restore' : `Restore ${backup.database} of ${localStamp(backup.takenAt)}`} lede={backup === undefined || hasOriginal ? 'Into a new database beside the original. The live one is only read.' : `Into a new database. It was made of ${backup.database} of ${backup.systemName}, which is no database of this system; what is live here is only read.`} />
      <Loaded query={detail} what="the copy">
        {({ backup: copy }) => (
          <section className="panel" aria-labelledby="verify">
            <header><h2 id="verify" className="grow">Verify</h2>{proven ? null : <Button onClick={verify}>Prove it first…</Button>}</header>
            <div className="body stack">
              <ProofLadder level={copy.proof} />
              <p className="t2">{proven ? <>It was restored once and every row counted{copy.provenAt === null ? '' : <>, <Instant at={copy.provenAt} /></>}. Its hashes are read again before anything starts.</> : 'It was never restored and counted. It may still come back; the comparison afterwards tells.'}</p>
              <p className="t3 xs">{figuresInWords(copy)}, {bytes(copy.sizeBytes)}, from Postgres {copy.serverVersion}</p>
            </div>
          </section>
        )}
      </Loaded>
      <section className="panel" aria-labelledby="target">
        <header><h2 id="target">Target</h2></header>
        <div className="body stack wide">
          <SelectField label="On the server of" value={destination} onChange={setDatabaseId} options={[...(hasOriginal || databases.length === 0 ? [{ value: '', label: 'The original' }] : []), ...databases.map(({ id, label, connection }) => ({ value: id, label: `${label} on ${connection.host}:${connection.port}` }))]} />
          <TextField label="Name of the new database" mono value={into} maxLength={63} placeholder={plan.data?.into ?? ''} hint={into === '' && plan.data !== undefined ? `Left empty: ${plan.data.into}` : 'It must not exist yet'} onChange={(event) => setInto(event.target.value)} />
          <SelectField label="Workers" value={jobs} onChange={setJobs} options={['1', '2', '4', '8'].map((value) => ({ value, label: value }))} />
        </div>
      </section>
      <section className="panel" aria-labelledby="preflight">
        <header><h2 id="preflight">Preflight</h2><span className="t3 xs">{preflight.detail}</span></header>
        <div className="body">{plan.data === undefined ? <p className="t2">{plan.error === null && unknown === null ? 'Looking at space, roles, extensions, locale and the name.' : 'Nothing was looked at.'}</p> : plan.data.plan.findings.length === 0 ? <p className="t2">Nothing stands in the way.</p> : <Findings findings={plan.data.plan.findings} />}</div>
      </section>
    </RestoreFrame>
  );
}
