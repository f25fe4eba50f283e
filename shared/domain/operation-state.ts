/** The states of an operation, and which may follow which. */
export const operationStates = ['queued', 'running', 'waiting', 'cancelling', 'succeeded', 'succeeded-with-warnings', 'failed', 'cancelled', 'interrupted'] as const;
export type OperationState = (typeof operationStates)[number];

const next: Record<OperationState, readonly OperationState[]> = {
  queued: ['running', 'cancelled', 'failed', 'interrupted'],
  running: ['waiting', 'cancelling', 'succeeded', 'succeeded-with-warnings', 'failed', 'interrupted'],
  waiting: ['running', 'cancelling', 'failed', 'interrupted'],
  // A step that had already passed its point of no return may still finish, and then it must say so.
  cancelling: ['cancelled', 'succeeded', 'succeeded-with-warnings', 'failed', 'interrupted'],
  succeeded: [],
  'succeeded-with-warnings': [],
  failed: [],
  cancelled: [],
  interrupted: [],
};

/** Whether an operation in `from` may go to `to`. */
export function mayFollow(from: OperationState, to: OperationState): boolean {
  return next[from].includes(to);
}

/** Whether nothing more will happen to an operation in this state. */
export function isFinished(state: OperationState): boolean {
  return next[state].length === 0;
}
