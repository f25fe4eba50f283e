/** Whom a step reaches: the rules of whoever is reached hold, and it is sent only to the one that was meant. */
import { describe, expect, test } from 'vitest';
import type { Sent } from '#engine/runbooks/sent.ts';
import { createHostKeyRepository } from '#engine/store/host-key-repository.ts';
import { createHostRepository } from '#engine/store/host-repository.ts';
import { deskStage, fingerprintFor, onWeb, outcome, runbookText, type DeskStage } from '#test/desk-stage.ts';

const change = '  - { id: stop, title: Stop, target: web, sh: systemctl stop web, risk: change, expect: [{ exit: 0, say: It stopped }] }\n';
const request = (more: string): string => `  - { id: tell, title: Tell, http: { method: POST, url: "https://api.shop.test/now"${more} }, risk: change, expect: [{ status: 200, say: It answered }] }\n`;
const onDb = 'targets:\n  db: { kind: postgres, label: Database }\n';
const row = '  - { id: row, title: A row, target: db, sql: "INSERT INTO t VALUES (1)", risk: change, expect: [{ rows: "value == 1", say: One row }] }\n';

/** Everything that is sent goes well, and is remembered. */
function sends(stage: DeskStage): Sent[] {
  const sent: Sent[] = [];
  stage.runner.send = async (what) => {
    sent.push(what);
    return outcome({ rows: { columns: [], rows: [], count: 1 }, status: 200 });
  };
  return sent;
}

describe('the rules of whoever is reached', () => {
  test.each([['no system', null], ['another system', 'lab']] as const)('a change on a production host wants its name, also where the walkthrough is of %s', async (_words, systemId) => {
    const stage = await deskStage();
    stage.addSystem('lab');
    const hostId = stage.addHost(stage.addSystem('shop', { environment: 'production' }), 'web-1');
    const id = await stage.begin(stage.write('stop', runbookText(change, { targets: onWeb })), { systemId, bindings: { web: { hostId } } });
    const plan = await stage.plan(id, 'stop');
    expect([plan.environment, plan.confirmName]).toEqual(['production', 'web-1']);
    expect(() => stage.context.runner.run({ planId: plan.id, token: plan.token, caller: 'test' })).toThrow(expect.objectContaining({ code: 'operation.name-not-confirmed' }));
  });

  test('a system that is read only is not changed by a walkthrough of another one', async () => {
    const stage = await deskStage();
    const sent = sends(stage);
    stage.addSystem('lab');
    const hostId = stage.addHost(stage.addSystem('shop', { readOnly: true }), 'web-1');
    const id = await stage.begin(stage.write('stop', runbookText(change, { targets: onWeb })), { systemId: 'lab', bindings: { web: { hostId } } });
    const plan = await stage.plan(id, 'stop');
    expect(plan.runnable).toBe(false);
    expect(() => stage.engine.start(plan)).toThrow(expect.objectContaining({ code: 'operation.read-only' }));
    expect(sent).toEqual([]);
  });

  test('a system that becomes read only after the plan was shown is not changed', async () => {
    const stage = await deskStage();
    const sent = sends(stage);
    const hostId = stage.addHost(stage.addSystem('shop'), 'web-1');
    const id = await stage.begin(stage.write('stop', runbookText(change, { targets: onWeb })), { systemId: 'shop', bindings: { web: { hostId } } });
    const plan = await stage.plan(id, 'stop');
    stage.context.systems.update('shop', { readOnly: true });
    expect(() => stage.engine.start(plan)).toThrow(expect.objectContaining({ code: 'operation.read-only' }));
    expect(sent).toEqual([]);
  });

  test('a request that names its address itself wants the name of that machine on production', async () => {
    const stage = await deskStage();
    stage.addSystem('shop', { environment: 'production' });
    const id = await stage.begin(stage.write('tell', runbookText(request(''))), { systemId: 'shop' });
    expect((await stage.plan(id, 'tell')).confirmName).toBe('api.shop.test');
  });

  test('of a system that was removed are not known any more, so that the name is asked', async () => {
    const stage = await deskStage();
    stage.addSystem('shop');
    const id = await stage.begin(stage.write('tell', runbookText(request(''))), { systemId: 'shop' });
    expect((await stage.plan(id, 'tell')).confirmName).toBe(null);
    stage.context.systems.remove('shop');
    expect((await stage.plan(id, 'tell')).confirmName).toBe('api.shop.test');
  });
});

describe('the one that was meant', () => {
  const through = async (stage: DeskStage): Promise<string> => {
    const hostId = stage.addHost(stage.addSystem('shop'), 'web-1');
    return stage.begin(stage.write('tell', runbookText(request(', through: web'), { targets: onWeb })), { systemId: 'shop', bindings: { web: { hostId } } });
  };

  test('a request goes through no host that shows another key than when it was begun', async () => {
    const stage = await deskStage();
    const sent = sends(stage);
    const id = await through(stage);
    stage.keys.set('web-1', { type: 'ssh-ed25519', key: Buffer.from('another machine').toString('base64') });
    const operation = await stage.run(id, 'tell');
    expect(operation.error?.code).toBe('runbook.target-changed');
    expect([sent, (await stage.step(id, 'tell')).state]).toEqual([[], 'eligible']);
  });

  test('a plan whose request goes through a host is bound to the way to that host', async () => {
    const stage = await deskStage();
    const id = await through(stage);
    const plan = await stage.plan(id, 'tell');
    const hosts = createHostRepository(stage.context.store);
    hosts.update('web-1', { connection: { ...hosts.get('web-1').connection, user: 'somebody-else' } });
    expect(() => stage.engine.start(plan)).toThrow(expect.objectContaining({ code: 'operation.plan-changed' }));
  });

  test('a host that shows another key between plan and run gets nothing, and the step can be begun again', async () => {
    const stage = await deskStage();
    const sent = sends(stage);
    const hostId = stage.addHost(stage.addSystem('shop'), 'web-1');
    const id = await stage.begin(stage.write('stop', runbookText(change, { targets: onWeb })), { systemId: 'shop', bindings: { web: { hostId } } });
    const plan = await stage.plan(id, 'stop');
    stage.keys.set('web-1', { type: 'ssh-ed25519', key: Buffer.from('another machine').toString('base64') });
    expect((await stage.engine.run(plan)).error?.code).toBe('runbook.target-changed');
    expect([sent, (await stage.step(id, 'stop')).state]).toEqual([[], 'eligible']);
  });

  test('a database that is on another cluster by now gets nothing', async () => {
    const stage = await deskStage();
    const sent = sends(stage);
    const databaseId = stage.addDatabase(stage.addSystem('shop'), 'shop');
    const id = await stage.begin(stage.write('row', runbookText(row, { targets: onDb })), { systemId: 'shop', bindings: { db: { databaseId } } });
    const plan = await stage.plan(id, 'row');
    stage.clusters.set(databaseId, 'cluster-2');
    expect((await stage.engine.run(plan)).error?.code).toBe('runbook.target-changed');
    expect([sent, (await stage.step(id, 'row')).state]).toEqual([[], 'eligible']);
  });

  test('a host that was removed in the middle is said to be gone, and the step can be passed by', async () => {
    const stage = await deskStage();
    const hostId = stage.addHost(stage.addSystem('shop'), 'web-1');
    const id = await stage.begin(stage.write('stop', runbookText(change, { targets: onWeb })), { systemId: 'shop', bindings: { web: { hostId } } });
    createHostRepository(stage.context.store).remove(hostId);
    const view = await stage.view(id);
    expect(view.targets[0]?.trouble).toContain('was removed since this was begun');
    expect((await stage.plan(id, 'stop')).runnable).toBe(false);
    await stage.act(id, { kind: 'skip', key: 'stop', reason: 'the machine is gone' });
    expect((await stage.view(id)).run.state).toBe('succeeded-with-skips');
  });

  test('a host that nobody had connected to at the start has to be the one that was met first', async () => {
    const stage = await deskStage();
    const sent = sends(stage);
    const hostId = stage.addHost(stage.addSystem('shop'), 'web-1', { isKnown: false });
    const id = await stage.begin(stage.write('stop', runbookText(change + change.replaceAll('stop', 'again'), { targets: onWeb })), { systemId: 'shop', bindings: { web: { hostId } } });
    expect((await stage.view(id)).targets[0]?.identity).toBe(null);
    stage.trust(hostId);
    await stage.run(id, 'stop');
    expect((await stage.view(id)).targets[0]?.identity).toBe(fingerprintFor(hostId));
    // Somebody points the host at another machine, and trusts that one.
    createHostKeyRepository(stage.context.store).replace({ host: 'web-1', port: 22, viaId: null, type: 'ssh-ed25519', key: Buffer.from('another machine').toString('base64'), id: 'k2', state: 'trusted', source: 'compared', by: 'test', at: 1 });
    expect((await stage.plan(id, 'again')).runnable).toBe(false);
    expect(sent.length).toBe(1);
  });

  test('a host that has several keys which are trusted may show any of them', async () => {
    const stage = await deskStage();
    const sent = sends(stage);
    const hostId = stage.addHost(stage.addSystem('shop'), 'web-1');
    const other = { type: 'ecdsa-sha2-nistp256', key: Buffer.from('its other key').toString('base64') };
    createHostKeyRepository(stage.context.store).insert({ host: 'web-1', port: 22, viaId: null, ...other, id: 'k2', state: 'trusted', source: 'compared', by: 'test', at: Date.now() });
    const id = await stage.begin(stage.write('stop', runbookText(change, { targets: onWeb })), { systemId: 'shop', bindings: { web: { hostId } } });
    expect((await stage.run(id, 'stop')).state).toBe('succeeded');
    expect(sent.length).toBe(1);
  });

  test('a statement for another database of the same cluster is sent also where the one itself is lost', async () => {
    const stage = await deskStage();
    const sent = sends(stage);
    const databaseId = stage.addDatabase(stage.addSystem('shop'), 'shop');
    stage.lostDatabases.add('shop');
    const id = await stage.begin(stage.write('row', runbookText(row.replace('target: db', 'target: db, database: postgres'), { targets: onDb })), { systemId: 'shop', bindings: { db: { databaseId } } });
    expect((await stage.run(id, 'row')).state).toBe('succeeded');
    expect(sent.length).toBe(1);
  });

  test('one that is cancelled before anything was sent is as it was, and nothing of it has to be undone', async () => {
    const stage = await deskStage({ ports: { checkpoint: async (name) => { if (name === 'walkthrough:before-dispatch') cancel(); } } });
    let cancel = (): void => {};
    const sent = sends(stage);
    const hostId = stage.addHost(stage.addSystem('shop'), 'web-1');
    const id = await stage.begin(stage.write('stop', runbookText(change.replace(', expect', ', undo: [{ sh: systemctl start web, risk: change }], expect'), { targets: onWeb })), { systemId: 'shop', bindings: { web: { hostId } } });
    const operationId = stage.engine.start(await stage.plan(id, 'stop'));
    cancel = () => void stage.context.runner.cancel(operationId);
    expect((await stage.context.runner.finished(operationId)).state).toBe('cancelled');
    const view = await stage.view(id);
    expect([sent, view.steps[0]?.state, view.rollback.undoes]).toEqual([[], 'eligible', []]);
  });
});
