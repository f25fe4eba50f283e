/** Runbooks of the packs whose tools are on no test machine, walked on paper: every step is done by hand, and nothing is sent. */
import { rm } from 'node:fs/promises';
import { Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import type { EngineClient } from '#shared/contract/index.ts';
import { createEngine, type Engine } from '#engine/create-engine.ts';
import { silentLogger, silentNotifier, systemClock, systemRandom } from '#engine/ports.ts';
import { makeTemporaryFolder } from '#test/temporary-folder.ts';
import { startRunbook, walkRunbook, type Move, type Script } from '#test/walk-runbook.ts';

let root: string;
let engine: Engine;
let client: EngineClient;
/** Minutes by which the clock of the engine is ahead. */
let ahead = 0;
beforeAll(async () => {
  root = await makeTemporaryFolder('paper');
  engine = await createEngine({ root, ports: { clock: { ...systemClock, now: () => systemClock.now() + ahead * 60_000 }, random: systemRandom, logger: silentLogger, keyWrapping: null, notifier: silentNotifier, host: 'test' } });
  client = engine.client('test');
});
afterAll(async () => {
  await engine.close();
  await rm(root, { recursive: true, force: true });
});

/** The computer sleeps until a wait is just over. */
const timePasses = (minutes: number) => (): void => {
  ahead += minutes;
  engine.power('resume');
};
const done: Move = { byHand: {} };
const ticked: Move = { answer: true };
const written = (text: string): Move => ({ answer: text });

/** Counts connections that anything here begins to make. */
function watchConnections(): () => number {
  const connect = vi.spyOn(Socket.prototype, 'connect');
  onTestFinished(() => connect.mockRestore());
  return () => connect.mock.calls.length;
}

const restart: Script = {
  window: ticked, notified: written('mail of 14:02'), backup: done, 'plan-b': written('revision 41, the DevOps on call decides'),
  'pods-before': done, 'services-before': done, 'health-before': done,
  remember: { byHand: { output: 'zbinnovation-backend=3\nzbinnovation-frontend=2\n' } },
};

describe('system restart', () => {
  it('stops, counts what is left, starts what ran before, and ends well', async () => {
    const connections = watchConnections();
    const { view, report, ways } = await walkRunbook(client, { ref: 'zbinnovation/system-restart', systemId: null, mode: 'paper' }, {
      ...restart, how: { decide: 'Yes, a full stop' }, stop: done, quiet: { answer: 0 }, start: done, 'health-after': [done, done], 'pods-after': done, logs: done, smoke: ticked, told: written('mail of 14:31'),
    });
    const start = view.steps.find(({ key }) => key === 'start');
    expect({ state: view.run.state, scaled: /backend_replicas='?3'?[\s\S]*--replicas=/.test(start?.text ?? ''), report: report.includes('Remember replica counts'), connections: connections(), rolling: ways.some((way) => way.startsWith('rolling')) }).toEqual({ state: 'succeeded', scaled: true, report: true, connections: 0, rolling: false });
  });

  it('replaces pods one after another where no full stop is needed', async () => {
    const { view, ways } = await walkRunbook(client, { ref: 'zbinnovation/system-restart', systemId: null, mode: 'paper' }, { ...restart, how: { decide: 'No, pods may be replaced one after another' }, rolling: done, 'health-after': [done, done], 'pods-after': done, logs: done, smoke: ticked, told: written('mail of 15:00') });
    expect([view.run.state, ways.filter((way) => /^(?:rolling|stop|quiet|start) /.test(way))]).toEqual(['succeeded', ['rolling succeeded']]);
  });

  it('starts again what it stopped when it does not come up, and asks before any data is touched', async () => {
    const { view, ways } = await walkRunbook(client, { ref: 'zbinnovation/system-restart', systemId: null, mode: 'paper' }, {
      ...restart, how: { decide: 'Yes, a full stop' }, stop: done, quiet: { answer: 0 }, start: { byHand: { seen: [true, false] } },
      'undo:stop:0': done, 'rb-new': { decide: 'No, the same version' }, 'rb-damage': { decide: 'No' }, 'rb-tell': written('mail of 16:10'),
    });
    expect([view.run.state, ways.filter((way) => /undo:|rb-database/.test(way))]).toEqual(['rolled-back', ['undo:stop:0 undone']]);
  });
});

const stopped: Script = { incident: written('INC-7, the commander is on call'), remember: { byHand: { output: '3' } }, 'stop-writes': done };
const resumed: Script = { resume: done, health: done, 'backup-now': { answer: 1200 }, cause: written('a disk, replaced') };

describe('database recovery', () => {
  it('stops writes before anything else is done', async () => {
    const walkthroughId = await startRunbook(client, { ref: 'zbinnovation/database-recovery', systemId: null, mode: 'paper' });
    const { steps } = await client.call('walkthrough.get', { walkthroughId });
    expect(steps.filter(({ risk }) => risk !== 'read').map(({ stepId }) => stepId)[0]).toBe('stop-writes');
  });

  it('of damaged indexes builds them anew from tables that read well', async () => {
    const connections = watchConnections();
    const { view, ways } = await walkRunbook(client, { ref: 'zbinnovation/database-recovery', systemId: null, mode: 'paper' }, {
      ...stopped, look: done, kind: { decide: 'Some tables or indexes, the rest reads well' }, 'minor-copy': written('snapshot of 14:00'), 'minor-amcheck': done, 'minor-check': [done, done], 'minor-read': done,
      'minor-what': { decide: 'Yes, so only indexes can be damaged' }, 'minor-index': [done, done], 'minor-valid': done, proof: [done, done], 'proof-recent': done, ...resumed,
    });
    expect([view.run.state, ways.some((way) => way.startsWith('own-') || way.startsWith('managed-') || way.startsWith('lost-')), connections()]).toEqual(['succeeded', false, 0]);
  });

  it('of a managed cluster goes to a new one, and never asks for a host', async () => {
    const { view, ways } = await walkRunbook(client, { ref: 'zbinnovation/database-recovery', systemId: null, mode: 'paper' }, {
      ...stopped, look: { skip: 'it does not answer' }, kind: { decide: 'Much of it, or nobody can say how much' }, 'major-extent': written('since 13:20, orders'), 'major-where': { decide: 'Managed (RDS, Aurora)' },
      'managed-new': written('new-cluster'), 'managed-ready': { answer: 5120 }, 'managed-signoff': { approve: { dba: 'the DBA', 'incident-commander': 'the commander' } }, 'managed-switch': written('old-cluster'), 'managed-proof': { answer: 12 }, ...resumed,
    });
    const targets = view.steps.filter(({ stepId, state }) => stepId.startsWith('managed-') && state !== 'not-applicable').map(({ targetRole }) => targetRole);
    expect([view.run.state, new Set(targets), ways.filter((way) => way.startsWith('own-') || way.startsWith('proof'))]).toEqual(['succeeded-with-skips', new Set([null]), []]);
  });

  it('of one that is gone is switched only after its data was looked at', async () => {
    const { view, ways } = await walkRunbook(client, { ref: 'zbinnovation/database-recovery', systemId: null, mode: 'paper' }, {
      ...stopped, look: { skip: 'it does not answer' }, kind: { decide: 'It does not start or is gone' }, 'lost-site': written('second site'), 'lost-restore': written('db-2'), 'lost-ready': { answer: 5120 },
      'lost-signoff': { approve: { dba: 'the DBA', 'incident-commander': 'the commander' } }, 'lost-configuration': written('db-1'), 'managed-proof': { answer: 12 }, ...resumed,
    });
    const order = ways.map((way) => way.split(' ')[0]);
    expect([view.run.state, order.indexOf('lost-ready') < order.indexOf('lost-configuration')]).toEqual(['succeeded-with-skips', true]);
  });

  it('does not take an empty database for a recovered one', async () => {
    const { view } = await walkRunbook(client, { ref: 'zbinnovation/database-recovery', systemId: null, mode: 'paper' }, {
      ...stopped, look: { skip: 'it does not answer' }, kind: { decide: 'It does not start or is gone' }, 'lost-site': written('second site'), 'lost-restore': written('db-2'),
      'lost-ready': [{ answer: 0 }, { rollBack: 'the copy is empty' }], 'undo:stop-writes:0': { skip: 'nothing may write yet' }, 'rb-tell': written('nothing is live'),
    });
    expect(view.steps.find(({ stepId }) => stepId === 'lost-ready')?.verdicts).toEqual([{ say: 'The new instance holds users', ok: false, seen: expect.any(String) }]);
  });
});

const p1 = { ref: 'reconciliation/p1-response', systemId: null, values: { incident: 'INC-12', declared_at: '2026-11-26T21:00', commander: 'whoever is on call' } } as const;
const first: Script = {
  acknowledge: written('monitoring'), classify: { decide: 'Nobody is sure yet' }, team: written('all of it: one person'), impact: written('no file is processed since 20:50'),
  breach: { decide: 'No' }, strategy: { answer: 'Go back to what ran before' }, 'first-update': written('status page'),
};
const middle: Script = { logs: written('a release at 20:48'), levels: { decide: 'No' }, escalate: written('L3 at 21:20'), cause: written('the release'), update: written('status page'), plan: written('go back to 1.8'), 'plan-signoff': { approve: { 'incident-commander': 'whoever is on call', 'technical-lead': 'somebody of L3' } }, repair: written('1.8 runs'), tested: written('ten files') };

describe('P1 response', () => {
  it('is walked live with no network at all, to the signed report', async () => {
    const connections = watchConnections();
    const { view, report } = await walkRunbook(client, { ...p1, mode: 'live' }, {
      ...first, 'first-answer': { answer: 12 }, ...middle, watch: { wait: timePasses(31) }, stable: { decide: 'Yes' }, integrity: { answer: 0 }, whole: written('nothing was switched off'),
      resolved: { approve: { 'incident-commander': 'whoever is on call', 'recovery-lead': 'the same' } }, 'last-update': written('status page'), 'day-after': 'go', report: written('INC-12 report'), review: written('held on Friday'), preventive: written('two tickets'), knowledge: ticked,
      signed: { approve: { 'incident-commander': 'whoever is on call', 'documentation-lead': 'the same' } },
    });
    expect({ state: view.run.state, operations: (await client.call('operation.list', {})).operations.length, connections: connections(), told: ['INC-12', 'L3 at 21:20', 'whoever is on call', 'somebody of L3'].filter((word) => !report.includes(word)) }).toEqual({ state: 'succeeded', operations: 0, connections: 0, told: [] });
  });

  it('keeps a clock that was missed, and goes on', async () => {
    const { view, report } = await walkRunbook(client, { ...p1, mode: 'live' }, {
      ...first, 'first-answer': { answer: 22 }, ...middle, watch: { wait: timePasses(31) }, stable: { decide: 'No' }, unstable: written('it came back'),
    });
    expect([view.run.state, view.steps.find(({ stepId }) => stepId === 'first-answer')?.verdicts[0], report.includes('The clock of P1 was kept')]).toEqual(['failed', { say: 'The clock of P1 was kept', ok: false, seen: '22' }, true]);
  });

  it('hands over what is no P1, and ends', async () => {
    const { view, ways } = await walkRunbook(client, { ...p1, mode: 'live' }, { acknowledge: written('a user'), classify: { decide: 'No, none of those' }, lower: written('P3, L2') });
    expect([view.run.state, ways]).toEqual(['succeeded', ['acknowledge succeeded', 'classify succeeded', 'lower succeeded']]);
  });
});

const key = { cipher: 'age', recipient: 'age1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq' };
const paperBackup: Script = { database: done, 'configuration-age': { byHand: { output: 'archive /backup/hydraulic-app/by-hand/config.tar.age\nbytes 4711\n' } }, 'off-host': done, opens: { answer: 14 }, files: done, keep: 'go' };
const prepared: Script = { changelog: written('nothing breaks'), staging: written('since Monday'), notified: written('mail'), 'way-back': written('the one on call'), window: ticked };
const verified: Script = { health: done, version: done, smoke: written('one network calculated'), watch: { wait: timePasses(16) }, figures: written('none'), told: written('mail') };

describe('update', () => {
  it('of a container begins with the backup of today, remembers the image, and replaces it', async () => {
    const connections = watchConnections();
    const { view, ways } = await walkRunbook(client, { ref: 'hydraulic/update', systemId: null, mode: 'paper', values: { release: '2.4.1', ...key } }, {
      backup: { call: paperBackup }, ...prepared, 'image-before': { byHand: { output: `sha256:${'ab'.repeat(32)}\n` } }, 'image-keep': done, pull: done, replace: done, ...verified,
    });
    expect([view.run.state, view.children.map(({ state }) => state), ways.some((way) => /^(?:stop|code|tests|migrate|start) /.test(way)), connections()]).toEqual(['succeeded', ['succeeded'], false, 0]);
  });

  it('takes a backup of the same day that ended well', async () => {
    const backup = await walkRunbook(client, { ref: 'hydraulic/backup', systemId: null, mode: 'paper', values: key }, paperBackup);
    const { view } = await walkRunbook(client, { ref: 'hydraulic/update', systemId: null, mode: 'paper', values: { release: '2.4.2' } }, {
      backup: { call: backup.walkthroughId }, ...prepared, 'image-before': { byHand: { output: `sha256:${'cd'.repeat(32)}\n` } }, 'image-keep': done, pull: done, replace: done, ...verified,
    });
    expect(view.run.state).toBe('succeeded');
  });

  it('from source tests before it migrates, and goes back to the commit that ran', async () => {
    const { view, ways } = await walkRunbook(client, { ref: 'hydraulic/update', systemId: null, mode: 'paper', values: { release: '3.0.0', deployment: 'source', migrations: true, ...key } }, {
      backup: { call: paperBackup }, ...prepared, 'commit-before': { byHand: { output: `${'a'.repeat(40)}\n` } }, clean: done, stop: done, code: done, tests: { byHand: { exitStatus: 1 } },
      'undo:code:0': done, 'undo:stop:0': done, 'rb-schema': { decide: 'No' }, 'rb-tell': written('2.9 runs'),
    });
    expect([view.run.state, ways.filter((way) => way.startsWith('undo:')), ways.some((way) => way.startsWith('migrate '))]).toEqual(['rolled-back', ['undo:code:0 undone', 'undo:stop:0 undone'], false]);
  });

  it('takes no version that has no number', async () => {
    await expect(startRunbook(client, { ref: 'hydraulic/update', systemId: null, mode: 'paper', values: { release: 'latest' } })).rejects.toMatchObject({ code: 'runbook.value-invalid' });
  });
});

describe('rollback', () => {
  it('goes back to a version, a copy and a snapshot, one after the other, with the application stopped', async () => {
    const connections = watchConnections();
    const { view, ways } = await walkRunbook(client, { ref: 'hydraulic/rollback', systemId: null, mode: 'paper', values: { previous: 'before-2.4.1', back_database: true, back_files: true, snapshot: '/backup/hydraulic-app/by-hand/data_2026-11-25_1' } }, {
      reason: written('calculations are wrong'), beside: done, safety: done, signoff: { approve: { operations: 'operations', 'owner-of-the-data': 'its owner' } }, 'image-now': { byHand: { output: `sha256:${'ef'.repeat(32)}\n` } }, there: done, 'snapshot-there': done,
      'stop-container': done, swap: done, files: done, 'version-container': done, 'start-container': done, health: done, version: done, smoke: written('calculated'), told: written('mail'),
    });
    const order = ways.map((way) => way.split(' ')[0]);
    expect([view.run.state, ['signoff', 'stop-container', 'swap', 'files', 'version-container'].map((id) => order.indexOf(id)).every((at, index, all) => at > (all[index - 1] ?? -1)), connections()]).toEqual(['succeeded', true, 0]);
  });

  it('of a version alone stops nothing and touches no data', async () => {
    const { view, ways } = await walkRunbook(client, { ref: 'hydraulic/rollback', systemId: null, mode: 'paper', values: { previous: 'before-2.4.1' } }, {
      reason: written('it is slow'), 'image-now': { byHand: { output: `sha256:${'ef'.repeat(32)}\n` } }, there: done, 'version-container': done, 'start-container': done, health: done, version: done, smoke: written('quick'), told: written('mail'),
    });
    expect([view.run.state, ways.filter((way) => /^(?:beside|swap|files|stop)/.test(way))]).toEqual(['succeeded', []]);
  });

  it('is itself taken back, newest first, where going back did not help', async () => {
    const { view, ways } = await walkRunbook(client, { ref: 'hydraulic/rollback', systemId: null, mode: 'paper', values: { previous: 'before-2.4.1', back_database: true } }, {
      reason: written('calculations are wrong'), beside: done, safety: done, signoff: { approve: { operations: 'operations', 'owner-of-the-data': 'its owner' } }, 'image-now': { byHand: { output: `sha256:${'ef'.repeat(32)}\n` } }, there: done,
      'stop-container': done, swap: done, 'version-container': done, 'start-container': done, health: { byHand: { seen: [false] } },
      'undo:version-container:0': done, 'undo:swap:0': done, 'undo:stop-container:0': done, 'rb-tell': written('2.4.1 runs'),
    });
    expect([view.run.state, ways.filter((way) => way.startsWith('undo:'))]).toEqual(['rolled-back', ['undo:version-container:0 undone', 'undo:swap:0 undone', 'undo:stop-container:0 undone']]);
  });
});
