/** The practice system where it is not running: who needs its server is told so, and starts it. */
import { useLocation } from 'wouter';
import { useMethod } from '../transport/use-method.ts';
import { paths } from './paths.ts';
import { usePropose } from './plan/propose.tsx';

/** Plans what is done with the practice system, and goes to see it happen. */
export function usePracticeAct(): (action: 'up' | 'down' | 'reset' | 'remove', title: string) => void {
  const propose = usePropose();
  const [, navigate] = useLocation();
  return (action, title) =>
    propose({ title, choices: null, plan: async (engine) => (await engine.call('practice.plan', { action })).plan, onStarted: (operationId) => navigate(paths.operation(operationId), { state: action === 'down' || action === 'remove' ? null : { landing: 'system' } }) });
}

/** Whether this is the practice system, and stopped. False also while nobody knows yet. */
export function usePracticeStopped(systemId: string): boolean {
  // A computer that was restarted tells of no change.
  const { data } = useMethod('practice.status', {}, { againMs: 30_000 });
  return data?.systemId === systemId && data.state === 'stopped';
}
