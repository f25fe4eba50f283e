/** The services of the packs: of two ways to run the same thing only the one that a person names is looked at, so that the other is never down. */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readPack, readPackFolder } from '#engine/packs/format/index.ts';
import { knownChecks } from '#engine/packs/known-checks.ts';
import { madeItems } from '#engine/packs/made-items.ts';
import { defaultPacksFolder } from '#engine/runbooks/library/index.ts';

test.each([
  [{}, ['nginx']],
  [{ 'container-name': 'webapp' }, ['container', 'nginx']],
  [{ 'process-name': 'hydraulic-app' }, ['process', 'nginx']],
])('of hydraulic with %j are %j', (answers, services) => {
  const { pack } = readPack(readPackFolder(join(defaultPacksFolder(), 'hydraulic'), 'hydraulic'), knownChecks);
  if (pack === null) expect.fail('hydraulic cannot be read');
  const { items, waiting } = madeItems(pack, answers);
  expect([items.filter(({ kind }) => kind === 'service').map(({ key }) => key), waiting.filter(({ kind }) => kind === 'service')]).toEqual([services, []]);
});
