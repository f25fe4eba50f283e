import { Link } from 'wouter';
import type { Backup } from '#shared/contract/backups.ts';
import type { Restore } from '#shared/contract/restores.ts';
import { isProven } from '#shared/domain/proof.ts';
import { Instant } from '../../components/age.tsx';
import { LinkButton } from '../../components/button.tsx';
import { bytes, count, localStamp } from '../../components/format.ts';
import { Loaded, SkeletonRows } from '../../components/loaded.tsx';
import { paths } from '../../components/paths.ts';
import { ProofLadder } from '../../components/proof-ladder.tsx';
import { Empty, PageHead } from '../../components/screen.tsx';
import { State } from '../../components/state.tsx';
import { PasswordsNeeded } from '../../components/passwords-needed.tsx';
import { useSystemScreen } from '../../components/use-system.ts';
import { useMethod } from '../../transport/use-method.ts';
import { RestoreFrame } from './frame.tsx';
import { RestoreStateLabel } from './restore-state.tsx';
import { railAt } from './steps.ts';

function Candidate({ backup, systemId, first }: { backup: Backup; systemId: string; first: boolean }) {
  return (
    <tr>
      <th scope="row" className="nowrap"><Instant at={backup.takenAt} /></th>
      <td className="break">{backup.database}</td>
      <td>{backup.damaged === null ? <ProofLadder level={backup.proof} /> : <State kind="critical">Damaged</State>}</td>
      <td className="num nowrap">{bytes(backup.sizeBytes)}</td>
      <td className="num opt">{count(backup.rows)}</td>
      <td>
        <div className="actions">
          {backup.damaged !== null ? null : (
            <LinkButton look={first ? 'primary' : 'quiet'} {...(first ? {} : { size: 'sm' as const })} to={paths.restoreNew(systemId, backup.id)} aria-label={`Restore ${backup.database} of ${localStamp(backup.takenAt)}`}>Restore…</LinkButton>
          )}
        </div>
      </td>
    </tr>
  );
}

function Earlier({ restores, systemId }: { restores: readonly Restore[]; systemId: string }) {
  if (restores.length === 0) return null;
  return (
    <section className="panel" aria-labelledby="earlier">
      <header><h2 id="earlier">Restores so far <span className="count">{restores.length}</span></h2><span className="t3 xs">newest first</span></header>
      <div className="scroll">
        <table aria-labelledby="earlier">
          <thead><tr><th scope="col">Into</th><th scope="col">State</th><th scope="col" className="opt">Copy of</th><th scope="col">Started</th><th scope="col"><span className="vh">Actions</span></th></tr></thead>
          <tbody>
            {restores.map((restore) => (
              <tr key={restore.id}>
                <th scope="row" className="break"><Link to={paths.restore(systemId, restore.id)}>{restore.into}</Link></th>
                <td><RestoreStateLabel restore={restore} /></td>
                <td className="opt nowrap"><Instant at={restore.backupTakenAt} /></td>
                <td className="nowrap"><Instant at={restore.startedAt} /></td>
                <td><div className="actions">{restore.state === 'running' ? <LinkButton look="quiet" size="sm" to={paths.restoreRun(systemId, restore.operationId)} aria-label={`Watch the restore into ${restore.into}`}>Watch</LinkButton> : <LinkButton look="quiet" size="sm" to={paths.restore(systemId, restore.id)} aria-label={`Open the restore into ${restore.into}`}>{restore.state === 'beside' ? 'Continue' : 'Open'}</LinkButton>}</div></td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

/** Step one: which copy. The newest proven one is the one to take. */
export function RestorePick({ systemId }: { systemId: string }) {
  const system = useSystemScreen(systemId, 'Restore', true);
  const backups = useMethod('backup.list', { systemId, limit: 200 });
  const restores = useMethod('restore.list', { systemId, limit: 50 });
  const offered = backups.data?.backups ?? [];
  const best = offered.find((backup) => isProven(backup.proof) && backup.damaged === null) ?? null;
  const sorted = best === null ? offered : [best, ...offered.filter((backup) => backup !== best)];
  return (
    <RestoreFrame steps={railAt('Pick', {})}>
      <PageHead title="Which copy is restored?" lede="It goes into a new database beside the original. Nothing that is live is changed by it." />
      <PasswordsNeeded system={system.data?.system} />
      <Loaded query={backups} what="the copies" skeleton={<SkeletonRows what="the copies" columns={[110, 140, 170, 60, 80]} />}>
        {() =>
          sorted.length === 0 ? <Empty action={<LinkButton look="primary" to={paths.systemScreen(systemId, 'backups')}>Open backups</LinkButton>}>There is no copy to restore from yet.</Empty> : (
            <section className="panel" aria-labelledby="candidates">
              <header><h2 id="candidates">Copies <span className="count">{sorted.length}</span></h2><span className="t3 xs">{best === null ? 'none is proven yet; newest first' : 'newest proven one first, then newest first'}</span></header>
              <div className="scroll">
                <table aria-labelledby="candidates">
                  <thead><tr><th scope="col">Taken</th><th scope="col">Database</th><th scope="col">Proof</th><th scope="col" className="num">Size</th><th scope="col" className="num opt">Rows</th><th scope="col"><span className="vh">Actions</span></th></tr></thead>
                  <tbody>{sorted.map((backup, index) => <Candidate key={backup.id} backup={backup} systemId={systemId} first={index === 0} />)}</tbody>
                </table>
              </div>
            </section>
          )
        }
      </Loaded>
      <Earlier restores={restores.data?.restores ?? []} systemId={systemId} />
    </RestoreFrame>
  );
}
