/**
 * Writes the JSON Schema of packs, for editors of other makers, from the table of fields:
 *
 *   node scripts/build/pack-schema.ts
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { packSchemaText } from '#engine/packs/format/index.ts';
import { projectRoot } from '../house/layers.ts';

writeFileSync(join(projectRoot, 'resources', 'pack.schema.json'), packSchemaText());
