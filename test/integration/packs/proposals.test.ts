/** What a system has of a pack is proposed where one of its runbooks is begun. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { packStage, type PackStage } from '#test/packs/pack-stage.ts';
import { yardTexts } from '#test/packs/yard.ts';

/** The yard, adopted by a system with two hosts and two databases. */
async function adopted(): Promise<{ stage: PackStage; systemId: string; databaseId: string }> {
  const stage = await packStage();
  const server = { host: '127.0.0.1', port: 1, password: 'x' };
  const { systemId, databaseId } = stage.engine.addDatabase({ name: 'The yard', server, database: 'stock' });
  stage.engine.context.systems.insertDatabase({ id: 'archive', systemId, label: 'archive', connection: stage.engine.context.systems.getDatabase(databaseId).connection, at: 0 });
  for (const label of ['one', 'two']) stage.addHost(systemId, label);
  await stage.engine.call('pack.adopt', { pack: 'yard', system: { systemId }, bindings: { web: { hostId: 'two' }, db: { databaseId } }, answers: { 'api-url': 'https://api.yard.example', zone: 'UTC', fast: '2h' } });
  return { stage, systemId, databaseId };
}

test('the host and the database of a role are proposed for the target of its name, and the address of an endpoint', async () => {
  const { stage, systemId, databaseId } = await adopted();
  const { targets } = await stage.engine.call('runbook.prepare', { ref: 'yard/check', systemId });
  expect(targets.map(({ name, proposed }) => [name, proposed])).toEqual([['web', { hostId: 'two' }], ['db', { databaseId }], ['site', { url: 'https://yard.example' }]]);
});

test('what was answered is proposed for the parameter that it sets', async () => {
  const { stage, systemId } = await adopted();
  const { params } = await stage.engine.call('runbook.prepare', { ref: 'yard/check', systemId });
  expect(params.map(({ name, proposed }) => [name, proposed])).toEqual([['api_url', 'https://api.yard.example']]);
});

test('nothing is proposed without the system, and no answer for a runbook of somebody else', async () => {
  const { stage, systemId } = await adopted();
  mkdirSync(join(stage.engine.context.home.runbooks), { recursive: true });
  writeFileSync(join(stage.engine.context.home.runbooks, 'mine.yaml'), yardTexts['runbooks/check.yaml'] ?? '');
  const proposed = async (ref: string, of: string | null) => (await stage.engine.call('runbook.prepare', { ref, systemId: of })).params.map((param) => param.proposed);
  expect([await proposed('yard/check', null), await proposed('own/mine', systemId)]).toEqual([[null], [null]]);
});

test('a host that was removed since is not proposed', async () => {
  const { stage, systemId } = await adopted();
  stage.engine.context.store.prepare("DELETE FROM hosts WHERE id = 'two'").run();
  const { targets } = await stage.engine.call('runbook.prepare', { ref: 'yard/check', systemId });
  expect(targets[0]?.proposed).toEqual({ hostId: 'one' });
});
