/** From a step with names in it to what is sent, and what is shown of that. */
export { describeAction, describeSent, type Described } from './describe.ts';
export { namesOf } from './names.ts';
export { resolveAction } from './resolve-action.ts';
