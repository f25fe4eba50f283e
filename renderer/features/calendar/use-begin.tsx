/** Begins the work of an occurrence: its runbook's form, its procedure's plan, or its list of tasks. */
import { useState } from 'react';
import { useLocation } from 'wouter';
import type { CalendarOccurrence } from '#shared/contract/calendar.ts';
import type { MethodOutput } from '#shared/contract/index.ts';
import type { ErrorShape } from '#shared/domain/errors.ts';
import { SelectField } from '../../components/field.tsx';
import { paths } from '../../components/paths.ts';
import { usePropose } from '../../components/plan/propose.tsx';
import { useEngine } from '../../transport/engine-context.ts';
import { useSubmission } from '../../transport/use-submission.ts';

type Begun = MethodOutput<'calendar.begin'>;

export interface Begin {
  begin(why?: string): void;
  isPending: boolean;
  error: ErrorShape | null;
  /** Its tasks, once they were asked for. */
  tasks: readonly string[] | null;
}

export function useBegin(one: Pick<CalendarOccurrence, 'systemId' | 'key' | 'local' | 'title'>): Begin {
  const engine = useEngine();
  const propose = usePropose();
  const [, navigate] = useLocation();
  const [tasks, setTasks] = useState<readonly string[] | null>(null);
  const { systemId, key, local, title } = one;

  const go = (begun: Begun): void => {
    if (begun.kind === 'tasks') return setTasks(begun.tasks);
    if (begun.kind === 'runbook') return navigate(paths.calendarRunbook(systemId, begun.ref, key, local));
    const onStarted = (operationId: string): void => navigate(paths.operation(operationId));
    if (begun.procedure === 'health.check') return propose({ title, choices: null, plan: async (asked) => (await asked.call('health.plan', { systemId })).plan, onStarted });
    const [first] = begun.databases;
    if (first === undefined) return navigate(paths.systemScreen(systemId, 'backups'));
    const several = begun.databases.length > 1;
    propose({
      title,
      choices: first.id,
      plan: async (asked, databaseId) => (await asked.call('backup.plan', { databaseId })).plan,
      ...(several ? { renderChoices: (databaseId: string, change: (id: string) => void) => <SelectField label="Database" hint="The work is done when each of them has a copy of this time" value={databaseId} onChange={change} options={begun.databases.map(({ id, label }) => ({ value: id, label }))} /> } : {}),
      onStarted,
    });
  };
  const asking = useSubmission<Begun, string | undefined>({ mutationFn: (why) => engine.call('calendar.begin', { systemId, key, local, ...(why === undefined ? {} : { why }) }), onSuccess: go });
  return { begin: (why) => asking.mutate(why), isPending: asking.isPending, error: asking.error, tasks };
}
