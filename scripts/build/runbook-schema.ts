/**
 * Writes the JSON Schema of runbooks, for editors of other makers, from the table of fields:
 *
 *   node scripts/build/runbook-schema.ts
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { schemaText } from '#engine/runbooks/format/index.ts';
import { projectRoot } from '../house/layers.ts';

writeFileSync(join(projectRoot, 'resources', 'runbook.schema.json'), schemaText());
