import { Link } from 'wouter';
import type { Backup } from '#shared/contract/backups.ts';
import { Age } from '../age.tsx';
import { ErrorPanel } from '../error-panel.tsx';
import { bytes, count, exactTime, localStamp, localTime } from '../format.ts';
import { paths } from '../paths.ts';
import { ProofLadder } from '../proof-ladder.tsx';
import { State } from '../state.tsx';
import { CopyAction } from './copy-action.tsx';
import { OlderCopies } from './older-copies.tsx';
import { useCopies } from './use-copies.ts';
import './copies.css';

function Row({ backup, systemId }: { backup: Backup; systemId: string }) {
  return (
    <tr>
      <th scope="row" className="nowrap">
        <Link to={paths.backup(systemId, backup.id)} className="under" title={exactTime(backup.takenAt)} aria-label={`Open ${backup.database} of ${localStamp(backup.takenAt)}, made of ${backup.systemName}`}>{localTime(backup.takenAt)}</Link>
      </th>
      <td className="break">{backup.systemName}</td>
      <td className="break">{backup.database}</td>
      <td>{backup.damaged === null ? <ProofLadder level={backup.proof} /> : <State kind="critical">Damaged</State>}</td>
      <td className="num nowrap">{bytes(backup.sizeBytes)}</td>
      <td className="num opt">{count(backup.rows)}</td>
      <td><div className="actions"><CopyAction backup={backup} systemId={systemId} /></div></td>
    </tr>
  );
}

/**
 * Copies that belong to no system here: of one that was forgotten, or brought from another computer. They are shown with
 * every system, since any of them may be where they are wanted back. Nothing where there are none; that there are none is
 * known only where they could be read.
 */
export function CopiesElsewhere({ systemId }: { systemId: string }) {
  const copies = useCopies(null);
  const { query } = copies;
  // That older ones could not be read is said where they were asked for.
  const failed = query.error === null || query.isFetchNextPageError ? null : <ErrorPanel error={query.error} title="The copies of no system here could not be read." onRetry={() => void query.refetch()} />;
  if (copies.backups.length === 0) return failed;
  return (
    <section className="panel" aria-labelledby="elsewhere">
      <header><h2 id="elsewhere">Copies of no system here <span className="count">{count(copies.total)}</span></h2><span className="t3 xs">{failed === null ? 'newest first' : <Age at={new Date(query.dataUpdatedAt).toISOString()} stale before="last seen " />}</span></header>
      {failed}
      <p className="body t2 xs">They were made of a system that is not, or not any more, among those here. They can be looked at, deleted, and restored beside a database of this system. Once their own database is added and was reached, “Read the folder again” in Backups puts them with it.</p>
      <div className="scroll">
        <table aria-labelledby="elsewhere">
          <thead><tr><th scope="col">Taken</th><th scope="col">Made of</th><th scope="col">Database</th><th scope="col">Proof</th><th scope="col" className="num">Size</th><th scope="col" className="num opt">Rows</th><th scope="col"><span className="vh">Actions</span></th></tr></thead>
          <tbody>{copies.backups.map((backup) => <Row key={backup.id} backup={backup} systemId={systemId} />)}</tbody>
        </table>
      </div>
      <OlderCopies copies={copies} />
    </section>
  );
}
