import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { createIncidentRepository } from '#engine/store/incident-repository.ts';
import { createIncidentStage } from '#test/incident-stage.ts';
import { hour } from '#test/incident.ts';
import { temporaryFolder } from '#test/temporary-folder.ts';

const script = fileURLToPath(new URL('../../support/incident-to-kill.ts', import.meta.url));
const commandId = 'the-killed-command';

/** An incident that was declared an hour ago, whose severity a process changes that is killed there: with the change some of its clocks are over at once. */
async function killedAt(point: string) {
  const root = await temporaryFolder('incident-killed');
  const before = createIncidentStage(root);
  const incidentId = await before.open({ severity: 'p4', declaredAt: new Date(before.core.clock.now() - hour - 1000).toISOString() });
  before.end();
  const [, signal] = (await once(spawn(process.execPath, [script, root, point, incidentId, commandId], { stdio: 'ignore' }), 'exit')) as [number | null, string | null];
  const after = createIncidentStage(root);
  const kinds = createIncidentRepository(after.core.store).load(incidentId).map(({ event }) => event.kind);
  const { outcome } = await after.call('incident.act', { incidentId, expectedSeq: 1, commandId, act: { kind: 'severity', severity: 'p1', reason: 'it is down now' } });
  const found = { signal, kinds, outcome, broken: createIncidentRepository(after.core.store).verifyChain(incidentId), severity: (await after.get(incidentId)).incident.severity.key };
  after.end();
  return found;
}

test('killed before it was kept, nothing of a command is there, and it can be given again', async () => {
  expect(await killedAt('incident:append')).toEqual({ signal: 'SIGKILL', kinds: ['opened'], outcome: 'done', broken: null, severity: 'p1' });
});
test('killed after it was kept, all of a command is there, and given again it is done once', async () => {
  expect(await killedAt('incident:appended')).toEqual({ signal: 'SIGKILL', kinds: ['opened', 'severity-changed', ...['acknowledge', 'respond', 'update', 'escalate'].map(() => 'clock-passed')], outcome: 'duplicate', broken: null, severity: 'p1' });
});
