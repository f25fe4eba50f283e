import { Pin } from 'lucide-react';
import { Link } from 'wouter';
import type { Backup } from '#shared/contract/backups.ts';
import type { Operation } from '#shared/contract/operations.ts';
import { Instant } from '../../components/age.tsx';
import { LinkButton } from '../../components/button.tsx';
import { CopyAction } from '../../components/copies/copy-action.tsx';
import { OlderCopies } from '../../components/copies/older-copies.tsx';
import type { Copies } from '../../components/copies/use-copies.ts';
import { bytes, count, exactTime, localStamp, localTime, percent, plainText } from '../../components/format.ts';
import { Icon } from '../../components/icons.tsx';
import { paths } from '../../components/paths.ts';
import { ProofLadder } from '../../components/proof-ladder.tsx';
import { OperationStateLabel, State } from '../../components/state.tsx';

function RunningRow({ operation }: { operation: Operation }) {
  return (
    <tr>
      <th scope="row"><OperationStateLabel state={operation.state}>{operation.startedAt === null ? 'Queued' : <Instant at={operation.startedAt} />}</OperationStateLabel></th>
      <td className="clip" style={{ maxWidth: 160 }} title={plainText(operation.target)}>{plainText(operation.target)}</td>
      <td className="t3">{plainText(operation.title)}{operation.fraction === null ? '' : `, ${percent(operation.fraction)}`}</td>
      <td className="num t3">–</td>
      <td className="num t3 opt">–</td>
      <td><div className="actions"><LinkButton look="quiet" size="sm" to={paths.operation(operation.id)} aria-label={`Watch ${operation.title}`}>Watch</LinkButton></div></td>
    </tr>
  );
}

function CopyRow({ backup, systemId }: { backup: Backup; systemId: string }) {
  const words = `${backup.database} of ${localStamp(backup.takenAt)}`;
  return (
    <tr>
      <th scope="row" className="nowrap">
        <span className="row">
          <Link to={paths.backup(systemId, backup.id)} className="under" title={exactTime(backup.takenAt)} aria-label={`Open ${words}, ${localTime(backup.takenAt)}`}>{localTime(backup.takenAt)}</Link>
          {backup.pinned ? <span className="t3" title="Pinned"><Icon of={Pin} small /><span className="vh">Pinned</span></span> : null}
        </span>
      </th>
      <td className="break">{backup.database}</td>
      <td>{backup.damaged === null ? <ProofLadder level={backup.proof} /> : <State kind="critical">Damaged</State>}</td>
      <td className="num nowrap">{bytes(backup.sizeBytes)}</td>
      <td className="num opt">{count(backup.rows)}</td>
      <td>
        <div className="actions"><CopyAction backup={backup} systemId={systemId} /></div>
      </td>
    </tr>
  );
}

/** Every copy, newest first; what is being made or proved stands on top. */
export function CopyList({ copies, systemId, running }: { copies: Copies; systemId: string; running: readonly Operation[] }) {
  return (
    <section className="panel" aria-labelledby="copies">
      <header><h2 id="copies">Copies <span className="count">{count(copies.total)}</span></h2><span className="t3 xs">newest first</span></header>
      <div className="scroll">
        <table aria-labelledby="copies">
          <thead>
            <tr><th scope="col">Taken</th><th scope="col">Database</th><th scope="col">Proof</th><th scope="col" className="num">Size</th><th scope="col" className="num opt">Rows</th><th scope="col"><span className="vh">Actions</span></th></tr>
          </thead>
          <tbody>
            {running.map((operation) => <RunningRow key={operation.id} operation={operation} />)}
            {copies.backups.map((backup) => <CopyRow key={backup.id} backup={backup} systemId={systemId} />)}
          </tbody>
        </table>
      </div>
      <OlderCopies copies={copies} />
    </section>
  );
}
