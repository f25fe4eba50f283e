/** What the guides have, by the ids of their inventory, and what of the packs says that it is that. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readPack, readPackFolder } from '#engine/packs/format/index.ts';
import { knownChecks } from '#engine/packs/known-checks.ts';
import { readRunbook } from '#engine/runbooks/format/index.ts';
import { projectRoot } from '../../../scripts/house/layers.ts';

export const inventoryId = /^[A-Z]-[A-Z]\d\d$/;

const here = (name: string): string => join(projectRoot, 'test', 'support', 'inventory', name);
const read = (name: string): unknown => JSON.parse(readFileSync(here(name), 'utf8'));

/** Every id of the inventory. */
export const inventoryIds = Object.values(read('ids.json') as Record<string, string[]>).flat();

/** Ids that nothing implements. It may only become shorter. */
export const missingIds = read('missing.json') as string[];

/** By id, as a person wrote it down: what implements it ("neff-paving:runbook/daily-check"), or why nothing does. */
export const expectedOf = Object.assign({}, ...readdirSync(here('.')).filter((name) => /^[a-z]\.json$/.test(name)).map(read)) as Record<string, string[] | string>;

/** By id: what of the packs says of itself that it implements it. Items say so under `covers`, runbooks under `tags`. */
export function coveredByPacks(): Map<string, string[]> {
  const folder = join(projectRoot, 'resources', 'packs');
  const found = new Map<string, string[]>();
  for (const { name } of readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory())) {
    const { pack, problems } = readPack(readPackFolder(join(folder, name), name), knownChecks);
    if (pack === null) throw new Error(`The pack ${name} is not read: ${problems.map(({ file, line, message }) => `${file}:${line}: ${message}`).join('\n')}`);
    const say = (what: string, ids: readonly unknown[]): void => {
      for (const id of ids) if (typeof id === 'string' && inventoryId.test(id)) found.set(id, [...(found.get(id) ?? []), `${name}:${what}`]);
    };
    for (const { kind, key, fields } of pack.items) say(`${kind}/${key}`, Array.isArray(fields['covers']) ? fields['covers'] : []);
    for (const runbook of pack.runbooks) say(`runbook/${runbook.name}`, readRunbook(readFileSync(join(folder, name, 'runbooks', `${runbook.name}.yaml`), 'utf8')).runbook?.tags ?? []);
  }
  return found;
}
