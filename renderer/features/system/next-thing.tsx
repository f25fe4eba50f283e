import { Activity, Package, Play, Plug, ShieldCheck, Undo2 } from 'lucide-react';
import type { Restore } from '#shared/contract/restores.ts';
import type { System, SystemCard } from '#shared/contract/systems.ts';
import { Button, LinkButton } from '../../components/button.tsx';
import { paths } from '../../components/paths.ts';
import { usePracticeAct } from '../../components/practice.tsx';
import { usePropose } from '../../components/plan/propose.tsx';

export type Next =
  | { kind: 'add' | 'start-practice' | 'check' | 'back-up' | 'health'; lede: string }
  | { kind: 'prove' | 'restore'; backupId: string; lede: string }
  | { kind: 'compare'; restoreId: string; lede: string };

/** The next right thing on the way from nothing to a copy that surely comes back. */
export function nextThing(system: System, card: SystemCard, restores: readonly Restore[], practiceStopped: boolean): Next {
  if (practiceStopped) return { kind: 'start-practice', lede: 'The practice system is stopped. Its data, backups and history stay; nothing else works until it is started.' };
  if (system.databases.length === 0) return { kind: 'add', lede: 'It has no database yet. Add one, and its first look only reads.' };
  if (card.checkedAt === null) return { kind: 'check', lede: 'Nobody has looked at it so far. The checks only read.' };
  if (card.newestBackup === null) return { kind: 'back-up', lede: 'There is no copy of it yet.' };
  if (card.newestProven === null) return { kind: 'prove', backupId: card.newestBackup.id, lede: 'There is a copy, but nothing proves that it comes back.' };
  const beside = restores.find((restore) => restore.state === 'beside');
  if (beside !== undefined) return { kind: 'compare', restoreId: beside.id, lede: `A restored copy stands beside the original as ${beside.into} and waits for a decision.` };
  if (restores.every((restore) => restore.state === 'failed')) return { kind: 'restore', backupId: card.newestProven.id, lede: 'A proven copy exists. Restoring it beside the original shows the way back before one needs it.' };
  return { kind: 'health', lede: 'Checked, backed up, proven, and restored once.' };
}

interface Props {
  next: Next;
  system: System;
  onAdd: () => void;
  navigate: (to: string) => void;
}

/** Its button: the one primary of the screen. */
export function NextThing({ next, system, onAdd, navigate }: Props) {
  const propose = usePropose();
  const practice = usePracticeAct();
  switch (next.kind) {
    case 'add': return <Button look="primary" icon={Plug} onClick={onAdd}>Connect a database</Button>;
    case 'start-practice': return <Button look="primary" icon={Play} onClick={() => practice('up', 'Start the practice system')}>Start…</Button>;
    case 'check': return <LinkButton look="primary" icon={Activity} to={paths.systemScreen(system.id, 'health')} intent={{ intent: 'run-checks' }}>Run checks</LinkButton>;
    case 'back-up': return <LinkButton look="primary" icon={Package} to={paths.systemScreen(system.id, 'backups')} intent={{ intent: 'back-up' }}>Back up now</LinkButton>;
    case 'prove': {
      const { backupId } = next;
      const prove = () => propose({ title: 'Prove the newest copy', choices: null, plan: async (engine) => (await engine.call('backup.planVerify', { backupId, level: 'L3' })).plan, onStarted: (operationId) => navigate(paths.operation(operationId)) });
      return <Button look="primary" icon={ShieldCheck} onClick={prove}>Prove the newest copy</Button>;
    }
    case 'restore': return <LinkButton look="primary" icon={Undo2} to={paths.restoreNew(system.id, next.backupId)}>Restore beside…</LinkButton>;
    case 'compare': return <LinkButton look="primary" icon={Undo2} to={paths.restore(system.id, next.restoreId)}>Compare the copy</LinkButton>;
    case 'health': return <LinkButton look="primary" icon={Activity} to={paths.systemScreen(system.id, 'health')}>Open health</LinkButton>;
  }
}
