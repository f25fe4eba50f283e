/** The severities of the packs: a clock that goes in hours of work is not read as one of the wall. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { severityItem } from '#shared/contract/items.ts';
import { readPack, readPackFolder } from '#engine/packs/format/index.ts';
import { knownChecks } from '#engine/packs/known-checks.ts';
import { defaultPacksFolder } from '#engine/runbooks/library/index.ts';

const folder = defaultPacksFolder();
const dayMs = 86_400_000;
const severities = readdirSync(folder).flatMap((name) => (readPack(readPackFolder(join(folder, name), name), knownChecks).pack?.items ?? []).flatMap(({ kind, key, fields }) => (kind === 'severity' ? [{ name, key, ...severityItem.parse(fields) }] : [])));

test('a day and more of hours of work is told in days of work', () => {
  const long = severities.filter(({ hours, clocks }) => hours !== null && Object.values(clocks).some((limit) => limit !== null && limit >= dayMs));
  expect(long.map(({ name, key }) => `${name} ${key}`).toSorted()).toEqual(['hydraulic low', 'hydraulic medium', 'postgres-server p3']);
  for (const { text } of long) expect(text).toMatch(/are .*days of work/);
});
