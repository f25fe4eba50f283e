/** The format `pack/1`: reading and checking a ready-made system. */
export { readPackFolder } from './read-folder.ts';
export { readPack, type PackTexts, type ReadPack } from './read-pack.ts';
export { packJsonSchema, packSchemaText } from './schema.ts';
