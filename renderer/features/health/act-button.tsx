import { Package, Play, ShieldCheck } from 'lucide-react';
import { useLocation } from 'wouter';
import type { FixAct } from '#shared/contract/common.ts';
import { Button, LinkButton } from '../../components/button.tsx';
import { paths } from '../../components/paths.ts';
import { usePropose } from '../../components/plan/propose.tsx';
import { usePracticeAct } from '../../components/practice.tsx';

/** A fix that the console carries out itself: plans it. */
export function ActButton({ act, systemId, databaseId }: { act: FixAct; systemId: string; databaseId: string | null }) {
  const propose = usePropose();
  const practice = usePracticeAct();
  const [, navigate] = useLocation();
  switch (act.kind) {
    case 'back-up': return <LinkButton icon={Package} to={paths.systemScreen(systemId, 'backups')} intent={{ intent: 'back-up', ...(databaseId === null ? {} : { about: databaseId }) }}>Back up now…</LinkButton>;
    case 'prove': {
      const { backupId } = act;
      return <Button icon={ShieldCheck} onClick={() => propose({ title: 'Prove the newest copy', choices: null, plan: async (engine) => (await engine.call('backup.planVerify', { backupId, level: 'L3' })).plan, onStarted: (operationId) => navigate(paths.operation(operationId)) })}>Prove the newest copy…</Button>;
    }
    case 'start-practice': return <Button icon={Play} onClick={() => practice('up', 'Start the practice system')}>Start…</Button>;
  }
}
