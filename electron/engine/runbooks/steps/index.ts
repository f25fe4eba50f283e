/** The door of what sends steps to their targets. */
export { askOver, NoLine, openWebLine } from './http-line.ts';
export { noPlaceStatus } from './script-parts.ts';
export { createStepRunner } from './step-runner.ts';
export { longestMs } from './trouble.ts';
export type { FoundJob, StepJob, StepLimits, StepOperation, StepRunner } from './types.ts';
