import { RotateCcw, Trash2, Undo2 } from 'lucide-react';
import { useLocation } from 'wouter';
import type { Restore } from '#shared/contract/restores.ts';
import type { ErrorCode } from '#shared/domain/errors.ts';
import { useMethod } from '../transport/use-method.ts';
import { Button, LinkButton } from './button.tsx';
import { paths } from './paths.ts';
import { usePropose } from './plan/propose.tsx';

/** After these the same once more comes to the same: the copy itself is at fault. */
const ofTheCopy: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['backup.damaged', 'backup.manifest-invalid', 'restore.counts-differ']);

function Ways({ restore, fault, isShown }: { restore: Restore; fault: boolean; isShown: boolean }) {
  const { systemId, backupId, databaseId, into, jobs } = restore;
  const propose = usePropose();
  const [, navigate] = useLocation();
  const left = useMethod('restore.get', { restoreId: restore.id }).data?.leftBehind ?? null;
  const again = () =>
    propose({
      title: 'Restore again',
      choices: null,
      plan: async (engine) => (await engine.call('restore.plan', { backupId, databaseId, into, ...(jobs === undefined ? {} : { jobs }) })).plan,
      onStarted: (operationId) => navigate(paths.restoreRun(systemId, operationId)),
    });
  const drop = () =>
    propose({
      title: `Drop ${into}`,
      choices: null,
      plan: async (engine) => (await engine.call('restore.planDrop', { restoreId: restore.id, which: 'restored' })).plan,
      onStarted: (operationId) => navigate(paths.operation(operationId)),
    });
  const primary = { look: 'primary' as const };
  return (
    <>
      {left === null ? null : <Button needsEngine icon={Trash2} onClick={drop}>Drop what was left…</Button>}
      {isShown ? null : <LinkButton to={paths.restore(systemId, restore.id)}>See what it left</LinkButton>}
      <LinkButton icon={Undo2} to={paths.systemScreen(systemId, 'restore')} {...(fault ? primary : {})}>Choose another copy</LinkButton>
      <Button needsEngine icon={RotateCcw} onClick={again} {...(fault ? {} : primary)}>Try again…</Button>
    </>
  );
}

/**
 * After a restore that came to nothing: the same again, another copy, what it found, and what it left on the server.
 * @param isShown whether that restore is what the screen is about
 */
export function RestoreAgain({ systemId, operationId, isShown = false }: { systemId: string; operationId: string; isShown?: boolean }) {
  const restore = useMethod('restore.list', { operationId, limit: 1 }).data?.restores[0];
  const error = useMethod('operation.get', { operationId }).data?.operation.error ?? null;
  if (restore === undefined) return <LinkButton look="primary" to={paths.systemScreen(systemId, 'restore')}>Open restores</LinkButton>;
  // It was over before its operation was: the copy stands there, and waits for a decision.
  if (restore.state !== 'failed' && restore.state !== 'running') return <LinkButton look="primary" to={paths.restore(systemId, restore.id)}>{restore.state === 'beside' ? 'Compare the copy' : 'Open the restore'}</LinkButton>;
  return <Ways restore={restore} fault={error !== null && ofTheCopy.has(error.code)} isShown={isShown} />;
}
