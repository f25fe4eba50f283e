/** The operation of a step whose output is not kept, or not all of it: nothing of what it says goes into the log, which is history as well. */
import type { Step } from '#shared/domain/runbook/definition.ts';
import type { RunningOperation } from '../../operations/procedure.ts';
import type { StepOperation } from '../steps/index.ts';

const leftOut = 'What it said is not told here, as the runbook wants it.';

export function quietly(operation: RunningOperation, { evidence, redact }: Pick<Step, 'evidence' | 'redact'>): StepOperation {
  if (evidence !== 'none' && redact.length === 0) return operation;
  return {
    signal: operation.signal,
    nextWake: operation.nextWake,
    get isLeaving() {
      return operation.isLeaving;
    },
    log: operation.log,
    progress: operation.progress,
    said() {},
    command: (record, text) => operation.command(record.output === undefined || record.output === '' ? record : { ...record, output: leftOut }, text),
  };
}
