import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createEngine } from '#engine/create-engine.ts';
import { silentLogger, silentNotifier, systemClock, systemRandom } from '#engine/ports.ts';
import { temporaryFolder } from '#test/temporary-folder.ts';

const runbook = ['schema: runbook/1', 'id: site-down', 'title: Site down', 'version: "1.0.0"', 'steps:', '  - { id: look, title: Look at it, manual: "Open the site.", confirm: checkbox }', ''].join('\n');

async function begin() {
  const root = await temporaryFolder('incident-walked');
  mkdirSync(join(root, 'runbooks'), { recursive: true, mode: 0o700 });
  writeFileSync(join(root, 'runbooks', 'site-down.yaml'), runbook, { mode: 0o600 });
  const engine = await createEngine({ root, ports: { clock: systemClock, random: systemRandom, logger: silentLogger, keyWrapping: null, notifier: silentNotifier, host: 'test' } });
  onTestFinished(async () => engine.close());
  const client = engine.client('test');
  const { incidentId } = await client.call('incident.open', { commandId: 'open-the-incident', title: 'Site down', systemId: null, severity: 'p1' });
  const { card } = await client.call('runbook.get', { ref: 'own/site-down' });
  const start = (forIncident: string) => client.call('walkthrough.start', { ref: 'own/site-down', hash: card.hash, systemId: null, mode: 'live', incidentId: forIncident });
  return { client, incidentId, start };
}

test('a runbook that is begun for an incident is part of it, with what is done in it', async () => {
  const { client, incidentId, start } = await begin();
  const { walkthroughId } = await start(incidentId);
  await client.call('walkthrough.act', { walkthroughId, expectedSeq: (await client.call('walkthrough.get', { walkthroughId })).run.seq, commandId: 'answer-the-step', act: { kind: 'answer', key: 'look', value: true } });
  const { walkthroughs, timeline } = await client.call('incident.get', { incidentId });
  expect([walkthroughs.map(({ id, over }) => [id, over]), timeline.filter(({ group }) => group === 'step').map(({ kind }) => kind).sort()]).toEqual([[[walkthroughId, true]], ['ended', 'ended-run', 'walkthrough']]);
});
test('nothing is begun for an incident that there is not', async () => {
  const { client, start } = await begin();
  await expect(start('nowhere')).rejects.toMatchObject({ code: 'store.not-found' });
  expect((await client.call('walkthrough.list', {})).runs).toEqual([]);
});
test('open incidents stand on the overview of the engine', async () => {
  const { client, incidentId } = await begin();
  expect((await client.call('overview.get', {})).needs.map(({ action }) => action.id)).toEqual([incidentId]);
});
