import type { ReactNode } from 'react';
import { useLocation } from 'wouter';
import { Package, ShieldCheck } from 'lucide-react';
import { useMethod } from '../../transport/use-method.ts';
import type { Operation } from '#shared/contract/operations.ts';
import { proofLevels, type ProofLevel } from '#shared/domain/proof.ts';
import { Button, LinkButton } from '../../components/button.tsx';
import { paths } from '../../components/paths.ts';
import { usePropose } from '../../components/plan/propose.tsx';
import { RestoreAgain } from '../../components/restore-again.tsx';
import { UnfinishedActions } from '../../components/unfinished.tsx';
import { resultId } from '../../components/words.ts';
import { useUnfinishedDump } from './unfinished-dump.tsx';

function went(operation: Operation): boolean {
  return operation.state === 'succeeded' || operation.state === 'succeeded-with-warnings';
}

/** After a backup: restore it beside where that was never done, else the backup itself. */
function AfterBackup({ systemId, backupId }: { systemId: string; backupId: string }) {
  const detail = useMethod('backup.get', { backupId });
  const proven = detail.data?.backup.proof === 'L3';
  return (
    <>
      <LinkButton to={paths.backup(systemId, backupId)} {...(proven ? {} : { look: 'primary' as const })}>Open the backup</LinkButton>
      {proven ? <LinkButton look="primary" to={paths.restoreNew(systemId, backupId)}>Restore it beside…</LinkButton> : null}
    </>
  );
}

/** After one that made no proof: what it left, if anything, which may still be proved, and the same once more. */
function BackupAgain({ systemId, databaseId, backupId }: { systemId: string; databaseId: string | null; backupId: string | null }) {
  return (
    <>
      {backupId === null ? <LinkButton to={paths.systemScreen(systemId, 'backups')}>Open backups</LinkButton> : <LinkButton look="primary" to={paths.backup(systemId, backupId)}>Open the backup</LinkButton>}
      <LinkButton look={backupId === null ? 'primary' : 'plain'} icon={Package} to={paths.systemScreen(systemId, 'backups')} intent={{ intent: 'back-up', ...(databaseId === null ? {} : { about: databaseId }) }}>Back up again…</LinkButton>
    </>
  );
}

/** After a backup that was interrupted: on with its dump, where one is on a host; else the same once more. */
function AfterInterruption({ operation, again }: { operation: Operation; again: ReactNode }) {
  const dump = useUnfinishedDump(operation);
  // What would begin another one stands there once it is known that this one cannot be gone on with.
  if (dump === undefined) return null;
  return dump === null ? again : <UnfinishedActions dump={dump} primary />;
}

/** The backup whose proof broke off, and how far that was to go: the error names it then. */
function unproved({ error }: Operation): { backupId: string; upTo: ProofLevel | null } | null {
  const { backupId, upTo } = error?.details ?? {};
  return typeof backupId === 'string' ? { backupId, upTo: proofLevels.find((level) => level === upTo) ?? null } : null;
}

/** After a proof that could not be made: that once more. It says nothing about the backup, which need not be made again. */
function ProveAgain({ systemId, backupId, upTo }: { systemId: string; backupId: string; upTo: ProofLevel }) {
  const propose = usePropose();
  const [, navigate] = useLocation();
  const prove = () => propose({ title: 'Verify the copy', choices: null, plan: async (engine) => (await engine.call('backup.planVerify', { backupId, level: upTo })).plan, onStarted: (operationId) => navigate(paths.operation(operationId)) });
  return (
    <>
      <LinkButton to={paths.backup(systemId, backupId)}>Open the backup</LinkButton>
      <Button needsEngine look="primary" icon={ShieldCheck} onClick={prove}>Prove again…</Button>
    </>
  );
}

/** After a backup or a proof that did not come to its end. */
function Unproved({ operation, systemId, databaseId }: { operation: Operation; systemId: string; databaseId: string | null }) {
  const kept = unproved(operation);
  const backupId = resultId(operation, 'backupId') ?? kept?.backupId ?? null;
  if (kept !== null && kept.upTo !== null && operation.error?.code !== 'backup.proof-failed') return <ProveAgain systemId={systemId} backupId={kept.backupId} upTo={kept.upTo} />;
  if (operation.kind === 'backup.verify' && backupId === null) return <LinkButton look="primary" to={paths.systemScreen(systemId, 'backups')}>Open backups</LinkButton>;
  return <BackupAgain systemId={systemId} databaseId={databaseId} backupId={backupId} />;
}

/** What to do next once an operation is over: one primary button, the next right thing. */
export function NextStep({ operation, databaseId }: { operation: Operation; databaseId: string | null }) {
  if (operation.kind === 'store.compact') return <LinkButton look="primary" to={paths.settingsSection('data')}>Open the settings</LinkButton>;
  const walkthroughId = resultId(operation, 'walkthroughId');
  if (walkthroughId !== null) return <LinkButton look="primary" to={paths.walkthrough(walkthroughId)}>Go on with the runbook</LinkButton>;
  const systemId = operation.systemId ?? resultId(operation, 'systemId');
  if (systemId === null) return <LinkButton look="primary" to={paths.overview}>Open the overview</LinkButton>;
  const backupId = resultId(operation, 'backupId');
  const restoreId = resultId(operation, 'restoreId');
  switch (operation.kind) {
    case 'health.check':
      return <LinkButton look="primary" to={paths.systemScreen(systemId, 'health')}>Open the results</LinkButton>;
    case 'backup.run':
    case 'backup.continue': {
      if (backupId !== null && went(operation)) return <AfterBackup systemId={systemId} backupId={backupId} />;
      const again = <Unproved operation={operation} systemId={systemId} databaseId={databaseId} />;
      return operation.state === 'interrupted' ? <AfterInterruption operation={operation} again={again} /> : again;
    }
    case 'backup.abandon':
      return <BackupAgain systemId={systemId} databaseId={databaseId} backupId={null} />;
    case 'backup.verify':
      return backupId !== null && went(operation) ? <AfterBackup systemId={systemId} backupId={backupId} /> : <Unproved operation={operation} systemId={systemId} databaseId={databaseId} />;
    case 'backup.delete':
    case 'files.run':
    case 'files.verify':
    case 'files.restore':
    case 'files.delete':
      return <LinkButton look="primary" to={paths.systemScreen(systemId, 'backups')}>Open backups</LinkButton>;
    case 'restore.beside':
      return restoreId !== null ? <LinkButton look="primary" to={paths.restore(systemId, restoreId)}>Compare the copy</LinkButton> : <RestoreAgain systemId={systemId} operationId={operation.id} />;
    case 'restore.swap':
    case 'restore.undo':
    case 'restore.drop':
      return restoreId !== null ? <LinkButton look="primary" to={paths.restore(systemId, restoreId)}>Open the restore</LinkButton> : <LinkButton look="primary" to={paths.systemScreen(systemId, 'restore')}>Open restores</LinkButton>;
    case 'runbook.step':
    case 'runbook.look':
      return <LinkButton look="primary" to={paths.runbooks(systemId)}>Open the runbooks</LinkButton>;
    case 'practice.up':
    case 'practice.reset':
      return <LinkButton look="primary" to={paths.system(systemId)}>Open the practice system</LinkButton>;
    case 'practice.down':
    case 'practice.remove':
      return <LinkButton look="primary" to={paths.overview}>Open the overview</LinkButton>;
  }
}
