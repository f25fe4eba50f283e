/** The format `runbook/1`: reading, checking, and what editors need of it. */
export { problemText } from './faults.ts';
export { readRunbook, textHash } from './read-runbook.ts';
export { detectRisk } from './risk.ts';
export { completionsAt, type Completion, type Completions } from './completion.ts';
export { jsonSchema, schemaText } from './schema.ts';
