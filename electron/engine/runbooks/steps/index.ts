/** The door of what sends steps to their targets. */
export type { FoundJob, StepJob, StepLimits, StepOperation, StepRunner } from './types.ts';
