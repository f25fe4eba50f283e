/** The door of what sends steps to their targets. */
export { createStepRunner } from './step-runner.ts';
export type { FoundJob, StepJob, StepLimits, StepOperation, StepRunner } from './types.ts';
