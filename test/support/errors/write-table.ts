/** Writes the committed table of the guides' errors anew. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../../../scripts/house/layers.ts';
import { errorTable } from './table.ts';

writeFileSync(join(projectRoot, 'test', 'unit', 'rules', 'errors.md'), errorTable());
