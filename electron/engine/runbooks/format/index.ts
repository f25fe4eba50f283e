/** The format `runbook/1`: reading, checking, and what editors need of it; and what reads any format that is described by such a table. */
export { Faults, problemText } from './faults.ts';
export { enumOf, int, listOf, recordOf, shapeIn, someOf, text, type Field, type FieldType, type Shape, type Shapes } from './field-types.ts';
export { didYouMean, nearest } from './nearest.ts';
export { parseYaml } from './parse-yaml.ts';
export { TreeReader } from './read-tree.ts';
export { Source, type Span } from './source.ts';
export { Fields, type Entry, type Piece } from './tree.ts';
export { readRunbookOnce } from './read-once.ts';
export { readRunbook, textHash } from './read-runbook.ts';
export { detectRisk } from '../../rules/index.ts';
export { completionsAt, type Completion, type Completions } from './completion.ts';
export { definitionsOf, jsonSchema, schemaText } from './schema.ts';
