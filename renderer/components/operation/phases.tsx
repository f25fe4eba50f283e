import type { Operation, Plan } from '#shared/contract/operations.ts';
import { isFinished } from '#shared/domain/operation-state.ts';
import type { OperationLog, PhaseEvent } from '../../transport/operation-log.ts';
import { useEngineNow } from '../age.tsx';
import { plainText, span } from '../format.ts';
import { StepRail, type Step } from '../step-rail.tsx';

interface Phase {
  id: string;
  title: string;
  started: PhaseEvent | null;
  ended: PhaseEvent | null;
}

/** The phases as planned, and those that came besides, in their order. */
function phasesOf(log: OperationLog, plan: Pick<Plan, 'steps'> | null): Phase[] {
  const phases = new Map<string, Phase>((plan?.steps ?? []).map((step) => [step.id, { id: step.id, title: step.title, started: null, ended: null }]));
  for (const event of log.phases) {
    const phase = phases.get(event.phase) ?? { id: event.phase, title: event.title, started: null, ended: null };
    if (event.state === 'started') phases.set(event.phase, { ...phase, title: event.title, started: event, ended: null });
    else phases.set(event.phase, { ...phase, ended: event });
  }
  return [...phases.values()];
}

const endStates: Record<PhaseEvent['state'], Step['state']> = { started: 'running', done: 'done', failed: 'failed', cancelled: 'cancelled', skipped: 'skipped' };

/** What stands beside a phase: how long it took, or has taken. */
function duration(phase: Phase, now: number): string | undefined {
  if (phase.started === null) return undefined;
  const until = phase.ended === null ? now : Date.parse(phase.ended.at);
  return span(Math.max(0, until - Date.parse(phase.started.at)));
}

export function PhaseRail({ operation, log, plan }: { operation: Operation; log: OperationLog; plan: Pick<Plan, 'steps'> | null }) {
  const now = useEngineNow();
  const over = isFinished(operation.state) || log.result !== null;
  const steps = phasesOf(log, plan).map((phase): Step => {
    const running = phase.started !== null && phase.ended === null;
    const state = phase.ended !== null ? endStates[phase.ended.state] : running ? (over ? 'warn' : 'running') : over ? 'skipped' : 'todo';
    const detail = phase.ended?.detail ?? (running && log.progress?.phase === phase.id && !over ? log.progress.text : undefined);
    return { id: phase.id, title: plainText(phase.title), state, when: running && over ? undefined : duration(phase, now), ...(detail === undefined ? {} : { detail: plainText(detail) }) };
  });
  return <StepRail label="Phases" steps={steps} />;
}
