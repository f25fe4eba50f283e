/** The five guides that the packs were made from. They stand beside the project, and are not part of it. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../../scripts/house/layers.ts';

const beside = join(projectRoot, '..', 'shared', 'guides');

/** Null where they do not stand there: what needs them is skipped then. */
export const guidesFolder: string | null = existsSync(join(beside, 'inventory.md')) ? beside : null;
