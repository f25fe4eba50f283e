/** The format `pack/1`: reading and checking a ready-made system. */
export type { KnownChecks } from './check-thresholds.ts';
export { readPackFolder } from './read-folder.ts';
export { readPack, type PackTexts, type ReadPack } from './read-pack.ts';
export { packJsonSchema, packSchemaText } from './schema.ts';
