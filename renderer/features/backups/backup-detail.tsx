import { Pin, PinOff, ShieldCheck, Trash2, Undo2 } from 'lucide-react';
import { useLocation } from 'wouter';
import { isProven, proofWords, type ProofLevel } from '#shared/domain/proof.ts';
import { Exact, Instant } from '../../components/age.tsx';
import { Button, CopyButton, LinkButton } from '../../components/button.tsx';
import { ErrorPanel } from '../../components/error-panel.tsx';
import { bytes, count, localStamp, plural, span } from '../../components/format.ts';
import { Loaded } from '../../components/loaded.tsx';
import { paths } from '../../components/paths.ts';
import { usePropose } from '../../components/plan/propose.tsx';
import { ProofLadder } from '../../components/proof-ladder.tsx';
import { PageHead } from '../../components/screen.tsx';
import { Tint } from '../../components/state.tsx';
import { useSystemScreen } from '../../components/use-system.ts';
import { useCommand, useMethod } from '../../transport/use-method.ts';
import { Manifest, Proofs } from './manifest.tsx';
import './backups.css';

/** One copy: what it holds, how far it is proved, and what can be done with it. */
export function BackupDetail({ systemId, backupId }: { systemId: string; backupId: string }) {
  useSystemScreen(systemId, 'Backup');
  const query = useMethod('backup.get', { backupId });
  const pin = useCommand('backup.pin');
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
        {(detail) => {
          const { backup } = detail;
          const proven = isProven(backup.proof) && backup.damaged === null;
          return (
            <>
              <PageHead title={`${backup.database} of ${localStamp(backup.takenAt)}`} lede={<><ProofLadder level={backup.proof} /> {backup.provenAt === null ? null : <span className="t3 xs">proven <Instant at={backup.provenAt} /></span>}</>}>
                <Button icon={backup.pinned ? PinOff : Pin} disabled={pin.isPending} onClick={() => pin.mutate({ backupId, pinned: !backup.pinned })}>{backup.pinned ? 'Unpin' : 'Pin'}</Button>
                <Button icon={Trash2} onClick={remove}>Delete copy…</Button>
                <Button icon={ShieldCheck} {...(proven ? {} : { look: 'primary' as const })} onClick={() => verify('L3')}>{proven ? 'Prove again…' : 'Prove it…'}</Button>
                {backup.damaged === null ? <LinkButton icon={Undo2} to={paths.restoreNew(systemId, backupId)} {...(proven ? { look: 'primary' as const } : {})}>Restore beside…</LinkButton> : null}
              </PageHead>
              {pin.error === null ? null : <ErrorPanel error={pin.error} />}
              {backup.damaged === null ? null : <Tint kind="critical" role="alert"><p><b className="strong">Damaged.</b> {backup.damaged}</p></Tint>}
              {!proven && backup.damaged === null ? <Tint kind="warn"><p>{backup.proof === null ? 'Nothing about this copy is proven yet.' : `${proofWords[backup.proof]}. That does not prove that it comes back: only a restore with every row counted does.`}</p></Tint> : null}
              <div className="panel body-stats">
                <dl className="stats">
                  <div><dt>Taken</dt><dd><Instant at={backup.takenAt} zone /></dd></div>
                  <div><dt>Dumped in</dt><dd>{span(backup.durationMs)}</dd></div>
                  <div><dt>Size</dt><dd>{bytes(backup.sizeBytes)}</dd></div>
                  <div><dt>Tables</dt><dd>{count(backup.tables)}</dd></div>
                  <div><dt>Rows, exactly</dt><dd>{count(backup.rows)}</dd></div>
                  <div><dt>Large objects</dt><dd>{count(backup.largeObjects)}</dd></div>
                  <div><dt>Form</dt><dd>{backup.format === 'directory' ? 'folder' : 'one file'}</dd></div>
                </dl>
              </div>
              <div className="two-col even">
                <Proofs proofs={detail.proofs} systemId={systemId} onVerify={verify} />
                <section className="panel" aria-labelledby="origin">
                  <header><h2 id="origin">Where it comes from, where it lies</h2></header>
                  <dl className="kv body">
                    <dt>System</dt><dd>{backup.systemName}</dd>
                    <dt>Server</dt><dd>Postgres {backup.serverVersion}</dd>
                    <dt>Identity</dt><dd className="mono">{backup.systemIdentifier}</dd>
                    <dt>Text</dt><dd>{detail.encoding}, {detail.collation}</dd>
                    <dt>Written by</dt><dd>{detail.toolVersion}</dd>
                    {detail.lsn === null ? null : <><dt>Position</dt><dd className="mono">{detail.lsn}</dd></>}
                    <dt>Roles</dt><dd>{{ 'with-passwords': 'beside it, with passwords', 'without-passwords': 'beside it, without passwords', none: 'not written' }[detail.globals]}</dd>
                    <dt>Snapshot</dt><dd><Exact at={backup.takenAt}>{localStamp(backup.takenAt)}</Exact></dd>
                    <dt>Folder</dt><dd><span className="mono">{backup.path}</span> <CopyButton size="sm" text={backup.path} label="Copy the folder's path" /></dd>
                    <dt>Files</dt><dd>{plural(detail.files.length, 'file')}, each with its SHA-256</dd>
                  </dl>
                </section>
              </div>
              <Manifest detail={detail} />
            </>
          );
        }}
      </Loaded>
    </div>
  );
}
