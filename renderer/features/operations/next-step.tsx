import type { ReactNode } from 'react';
import { useLocation } from 'wouter';
import { Package, Play, Trash2 } from 'lucide-react';
import { useMethod } from '../../transport/use-method.ts';
import type { Operation } from '#shared/contract/operations.ts';
import { Button, LinkButton } from '../../components/button.tsx';
import { paths } from '../../components/paths.ts';
import { usePropose } from '../../components/plan/propose.tsx';
import { resultId } from '../../components/words.ts';

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

/** A dump that goes on, or is finished, on a host: what an interrupted backup can be gone on with. */
function GoOn({ operationId, host }: { operationId: string; host: string }) {
  const propose = usePropose();
  const [, navigate] = useLocation();
  const onStarted = (started: string) => navigate(paths.operation(started));
  return (
    <>
      <Button needsEngine icon={Trash2} onClick={() => propose({ title: 'Give up the backup', choices: null, plan: async (engine) => (await engine.call('backup.planAbandon', { operationId })).plan, onStarted })}>Give it up…</Button>
      <Button needsEngine look="primary" icon={Play} title={`Its dump is on ${host}`} onClick={() => propose({ title: 'Continue the backup', choices: null, plan: async (engine) => (await engine.call('backup.planContinue', { operationId })).plan, onStarted })}>Continue…</Button>
    </>
  );
}

/** After a backup that was interrupted: on with its dump, where one is on a host; else the same once more. */
function AfterInterruption({ operation, again }: { operation: Operation; again: ReactNode }) {
  const unfinished = useMethod('backup.unfinished', {});
  const dump = unfinished.data?.dumps.find(({ operationId, continuedBy }) => operationId === operation.id || continuedBy === operation.id);
  return dump === undefined ? again : <GoOn operationId={dump.operationId} host={dump.host} />;
}

/** The backup that was made before something broke: the error names it then. */
function keptBackup({ error }: Operation): string | null {
  const id = error?.details['backupId'];
  return typeof id === 'string' ? id : null;
}

/** What to do next once an operation is over: one primary button, the next right thing. */
export function NextStep({ operation, databaseId }: { operation: Operation; databaseId: string | null }) {
  if (operation.kind === 'store.compact') return <LinkButton look="primary" to={paths.settingsSection('data')}>Open the settings</LinkButton>;
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
      const again = <BackupAgain systemId={systemId} databaseId={databaseId} backupId={backupId ?? keptBackup(operation)} />;
      return operation.state === 'interrupted' ? <AfterInterruption operation={operation} again={again} /> : again;
    }
    case 'backup.abandon':
      return <BackupAgain systemId={systemId} databaseId={databaseId} backupId={null} />;
    case 'backup.verify':
      return backupId !== null && went(operation) ? <AfterBackup systemId={systemId} backupId={backupId} /> : <LinkButton look="primary" to={paths.systemScreen(systemId, 'backups')}>Open backups</LinkButton>;
    case 'backup.delete':
    case 'files.run':
    case 'files.verify':
    case 'files.restore':
    case 'files.delete':
      return <LinkButton look="primary" to={paths.systemScreen(systemId, 'backups')}>Open backups</LinkButton>;
    case 'restore.beside':
      return restoreId !== null ? <LinkButton look="primary" to={paths.restore(systemId, restoreId)}>Compare the copy</LinkButton> : <LinkButton look="primary" to={paths.systemScreen(systemId, 'restore')}>Open restores</LinkButton>;
    case 'restore.swap':
    case 'restore.undo':
    case 'restore.drop':
      return restoreId !== null ? <LinkButton look="primary" to={paths.restore(systemId, restoreId)}>Open the restore</LinkButton> : <LinkButton look="primary" to={paths.systemScreen(systemId, 'restore')}>Open restores</LinkButton>;
    case 'practice.up':
    case 'practice.reset':
      return <LinkButton look="primary" to={paths.system(systemId)}>Open the practice system</LinkButton>;
    case 'practice.down':
    case 'practice.remove':
      return <LinkButton look="primary" to={paths.overview}>Open the overview</LinkButton>;
  }
}
