import { useState } from 'react';
import { Link } from 'wouter';
import type { Backup } from '#shared/contract/backups.ts';
import { Instant } from '../../components/age.tsx';
import { Button, LinkButton } from '../../components/button.tsx';
import { CopyAction } from '../../components/copies/copy-action.tsx';
import { CopiesElsewhere } from '../../components/copies/elsewhere.tsx';
import { OlderCopies } from '../../components/copies/older-copies.tsx';
import { useCopies } from '../../components/copies/use-copies.ts';
import { ErrorPanel } from '../../components/error-panel.tsx';
import { bytes, count } from '../../components/format.ts';
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

function Candidate({ backup, systemId, primary }: { backup: Backup; systemId: string; primary: boolean }) {
  return (
    <tr>
      <th scope="row" className="nowrap"><Instant at={backup.takenAt} /></th>
      <td className="break">{backup.database}</td>
      <td>{backup.damaged === null ? <ProofLadder level={backup.proof} /> : <State kind="critical">Damaged</State>}</td>
      <td className="num nowrap">{bytes(backup.sizeBytes)}</td>
      <td className="num opt">{count(backup.rows)}</td>
      <td>
        <div className="actions">
          <CopyAction backup={backup} systemId={systemId} primary={primary} />
        </div>
      </td>
    </tr>
  );
}

const shownAtFirst = 50;
const mostAtOnce = 499;

function Earlier({ systemId }: { systemId: string }) {
  const [shown, setShown] = useState(shownAtFirst);
  // One more than is shown tells whether there are older ones.
  const query = useMethod('restore.list', { systemId, limit: shown + 1 }, { keepPrevious: true });
  const found = query.data?.restores ?? [];
  const restores = found.slice(0, shown);
  const cut = found.length > restores.length;
  if (query.error !== null) return <ErrorPanel error={query.error} title="The restores so far could not be read." onRetry={() => void query.refetch()} />;
  if (restores.length === 0) return null;
  return (
    <section className="panel" aria-labelledby="earlier">
      <header><h2 id="earlier">Restores so far <span className="count">{cut ? `newest ${restores.length}` : restores.length}</span></h2><span className="t3 xs">newest first</span></header>
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
      {cut ? <p className="note row"><span className="grow">There are older ones{shown < mostAtOnce ? '' : '; they are in the history'}</span>{shown < mostAtOnce ? <Button onClick={() => setShown(mostAtOnce)}>Show older ones</Button> : null}</p> : null}
    </section>
  );
}

function orderWords(judged: boolean, best: Backup | null): string {
  if (!judged) return 'newest first';
  return best === null ? 'none of a database here is proven yet; newest first' : 'newest proven one first, then newest first';
}

/** Step one: which copy. The newest proven one is the one to take. */
export function RestorePick({ systemId }: { systemId: string }) {
  const system = useSystemScreen(systemId, 'Restore', true);
  const copies = useCopies(systemId);
  const newest = useMethod('backup.newest', { systemId });
  // Where the engine cannot say which copy is the one to take, none stands out: what it said before may be deleted or damaged by now.
  const judged = newest.error === null ? newest.data?.databases : undefined;
  // The engine's own judgement: it may be older than all that was read of the list.
  const best = (judged ?? []).flatMap(({ newestProven }) => (newestProven === null ? [] : [newestProven])).sort((a, b) => b.takenAt.localeCompare(a.takenAt))[0] ?? null;
  const sorted = best === null ? copies.backups : [best, ...copies.backups.filter(({ id }) => id !== best.id)];
  return (
    <RestoreFrame steps={railAt('Pick', {})}>
      <PageHead title="Which copy is restored?" lede="It goes into a new database beside the original. Nothing that is live is changed by it." />
      <PasswordsNeeded system={system.data?.system} />
      <Loaded query={copies.query} what="the copies" skeleton={<SkeletonRows what="the copies" columns={[110, 140, 170, 60, 80]} />}>
        {() =>
          newest.isPending ? <SkeletonRows what="the newest copies" columns={[110, 140, 170, 60, 80]} /> : sorted.length === 0 ? <Empty action={<LinkButton look="primary" to={paths.systemScreen(systemId, 'backups')}>Open backups</LinkButton>}>There is no copy to restore from yet.</Empty> : (
            <>
              {newest.error === null ? null : <ErrorPanel error={newest.error} title="Which copy is the newest proven one could not be read." onRetry={() => void newest.refetch()} />}
              <section className="panel" aria-labelledby="candidates">
                <header><h2 id="candidates">Copies <span className="count">{count(copies.total)}</span></h2><span className="t3 xs">{orderWords(judged !== undefined, best)}</span></header>
                <div className="scroll">
                  <table aria-labelledby="candidates">
                    <thead><tr><th scope="col">Taken</th><th scope="col">Database</th><th scope="col">Proof</th><th scope="col" className="num">Size</th><th scope="col" className="num opt">Rows</th><th scope="col"><span className="vh">Actions</span></th></tr></thead>
                    <tbody>{sorted.map((backup, index) => <Candidate key={backup.id} backup={backup} systemId={systemId} primary={judged !== undefined && index === 0} />)}</tbody>
                  </table>
                </div>
                <OlderCopies copies={copies} />
              </section>
            </>
          )
        }
      </Loaded>
      <CopiesElsewhere systemId={systemId} />
      <Earlier systemId={systemId} />
    </RestoreFrame>
  );
}
