import { FolderSearch, Pin, PinOff, ShieldCheck, Trash2, Undo2 } from 'lucide-react';
import { useLocation } from 'wouter';
import type { Backup, BackupContents } from '#shared/contract/backups.ts';
import { isProven, proofWords, type ProofLevel } from '#shared/domain/proof.ts';
import { Instant } from '../../components/age.tsx';
import { Button, LinkButton } from '../../components/button.tsx';
import { ErrorPanel } from '../../components/error-panel.tsx';
import { bytes, count, localStamp, prose, span } from '../../components/format.ts';
import { Loaded } from '../../components/loaded.tsx';
import { paths } from '../../components/paths.ts';
import { usePropose } from '../../components/plan/propose.tsx';
import { ProofLadder } from '../../components/proof-ladder.tsx';
import { PageHead } from '../../components/screen.tsx';
import { State, Tint } from '../../components/state.tsx';
import { useSystemScreen } from '../../components/use-system.ts';
import { useCommand, useMethod } from '../../transport/use-method.ts';
import { Manifest, Proofs } from './manifest.tsx';
import { Origin } from './origin.tsx';
import './backups.css';

/** What speaks against restoring the copy as it is, and what is to be known before. */
function Doubts({ backup, contents }: { backup: Backup; contents: BackupContents | null }) {
  const proven = isProven(backup.proof) && backup.damaged === null;
  return (
    <>
      {backup.damaged === null ? null : (
        <Tint kind="critical" role="alert">
          <p><b className="strong">Damaged.</b> {prose(backup.damaged)}</p>
          {contents === null ? <p>Its manifest cannot be read, so what stands below is what the catalogue remembers of it. Where its folder was moved or put right, read the folder again; else it can be deleted, which takes it out of the catalogue.</p> : null}
        </Tint>
      )}
      {!proven && backup.damaged === null ? <Tint kind="warn"><p>{backup.proof === null ? 'Nothing about this copy is proven yet.' : `${proofWords[backup.proof]}. That does not prove that it comes back: only a restore with every row counted does.`}</p></Tint> : null}
      {backup.databaseId === null && backup.damaged === null ? (
        <Tint kind="unknown">
          <p>{backup.systemId === null ? `It was made of ${backup.systemName}, which is no system here.` : `The ${backup.database} that it was made of is no database of this system, or its connection leads to another one now.`} It can be restored beside any database of this system. To prove it (L3), its own database has to be among those here; read the folder again once it is.</p>
        </Tint>
      ) : null}
    </>
  );
}

function Figures({ backup }: { backup: Backup }) {
  return (
    <div className="panel body-stats">
      <dl className="stats">
        <div><dt>Taken</dt><dd><Instant at={backup.takenAt} zone /></dd></div>
        <div><dt>Dumped in</dt><dd>{span(backup.durationMs)}</dd></div>
        <div><dt>Size</dt><dd>{bytes(backup.sizeBytes)}</dd></div>
        <div><dt>{backup.partitions === undefined ? 'Tables' : 'Tables and partitions'}</dt><dd>{count(backup.tables)}</dd></div>
        {backup.views === undefined ? null : <div><dt>Materialised views</dt><dd>{count(backup.views)}</dd></div>}
        <div><dt>Rows, exactly</dt><dd>{count(backup.rows)}</dd></div>
        <div><dt>Large objects</dt><dd>{count(backup.largeObjects)}</dd></div>
        <div><dt>Form</dt><dd>{backup.format === 'directory' ? 'folder' : 'one file'}</dd></div>
      </dl>
    </div>
  );
}

/** One copy: what it holds, how far it is proved, and what can be done with it. */
export function BackupDetail({ systemId, backupId }: { systemId: string; backupId: string }) {
  useSystemScreen(systemId, 'Backup');
  const query = useMethod('backup.get', { backupId });
  const pin = useCommand('backup.pin');
  const scan = useCommand('backup.scan');
  const propose = usePropose();
  const [, navigate] = useLocation();
  const verify = (level: ProofLevel) =>
    propose({
      title: 'Verify the copy',
      choices: null,
      plan: async (engine) => (await engine.call('backup.planVerify', { backupId, level })).plan,
      onStarted: (operationId) => navigate(paths.operation(operationId)),
    });
  const remove = () =>
    propose({
      title: 'Delete the copy',
      choices: null,
      plan: async (engine) => (await engine.call('backup.planDelete', { backupId })).plan,
      onStarted: (operationId) => navigate(paths.operation(operationId)),
    });
  return (
    <div className="page dense">
      <Loaded query={query} what="the backup">
        {({ backup, contents, proofs }) => {
          const proven = isProven(backup.proof) && backup.damaged === null;
          return (
            <>
              <PageHead title={`${backup.database} of ${localStamp(backup.takenAt)}`} lede={backup.damaged !== null ? <State kind="critical">Damaged</State> : <><ProofLadder level={backup.proof} /> {backup.provenAt === null ? null : <span className="t3 xs">proven <Instant at={backup.provenAt} /></span>}</>}>
                <Button icon={backup.pinned ? PinOff : Pin} disabled={pin.isPending} onClick={() => pin.mutate({ backupId, pinned: !backup.pinned })}>{backup.pinned ? 'Unpin' : 'Pin'}</Button>
                <Button icon={Trash2} onClick={remove}>Delete copy…</Button>
                {contents === null ? <Button icon={FolderSearch} disabled={scan.isPending} onClick={() => scan.mutate({})}>Read the folder again</Button> : null}
                {contents === null || backup.databaseId === null ? null : <Button icon={ShieldCheck} {...(proven ? {} : { look: 'primary' as const })} onClick={() => verify('L3')}>{proven ? 'Prove again…' : 'Prove it…'}</Button>}
                {backup.damaged === null ? <LinkButton icon={Undo2} to={paths.restoreNew(systemId, backupId)} {...(proven || backup.databaseId === null ? { look: 'primary' as const } : {})}>Restore beside…</LinkButton> : null}
              </PageHead>
              {pin.error === null ? null : <ErrorPanel error={pin.error} />}
              {scan.error === null ? null : <ErrorPanel error={scan.error} title="The folder was not read." />}
              <Doubts backup={backup} contents={contents} />
              <Figures backup={backup} />
              <div className="two-col even">
                <Proofs proofs={proofs} systemId={systemId} onVerify={contents === null ? null : verify} />
                <Origin backup={backup} contents={contents} />
              </div>
              {contents === null ? null : <Manifest contents={contents} />}
            </>
          );
        }}
      </Loaded>
    </div>
  );
}
