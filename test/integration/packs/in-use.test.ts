/** What a system consists of is what the console goes by. */
import { describe, expect, test } from 'vitest';
import { expectedOn } from '#engine/health/expected-on.ts';
import { createBackupPlanRepository } from '#engine/store/backup-plan-repository.ts';
import { createFileSetRepository } from '#engine/store/file-set-repository.ts';
import { goodAnswers, packStage } from '#test/packs/pack-stage.ts';

test('thresholds of a pack are the limits of health, and say that they are', async () => {
  const stage = await packStage();
  const systemId = await stage.adopt();
  const { limits } = await stage.engine.call('health.limits', { systemId });
  expect(limits.filter(({ from }) => from === 'item').map(({ check, warn, critical, item }) => [check, warn, critical, item?.title])).toEqual([['last-backup', 26, 50, 'Age of backups'], ['cpu', 70, 90, 'Processor']]);
});

test('a threshold that is changed here changes the limits, and what a person sets for the check comes before it', async () => {
  const stage = await packStage();
  const systemId = await stage.adopt();
  const cpu = async () => (await stage.engine.call('health.limits', { systemId })).limits.find(({ check }) => check === 'cpu');
  await stage.engine.call('item.save', { systemId, kind: 'threshold', key: 'cpu', value: { ...(await stage.value(systemId, 'threshold', 'cpu')), warn: 50 } });
  expect(await cpu()).toMatchObject({ warn: 50, from: 'item' });
  await stage.engine.call('health.setThreshold', { systemId, check: 'cpu', threshold: { warn: 40, critical: 45 } });
  expect(await cpu()).toMatchObject({ warn: 40, from: 'own', otherwise: { warn: 50, from: 'item' } });
});

test('services are expected on the host that has their role, and on no other', async () => {
  const stage = await packStage();
  const systemId = await stage.adopt();
  for (const label of ['web-1', 'mail']) stage.addHost(systemId, label);
  const { store } = stage.engine.context;
  expect(expectedOn(store, systemId, 'web-1')).toEqual([]);
  await stage.engine.call('pack.answer', { systemId, bindings: { web: { hostId: 'web-1' } } });
  expect([expectedOn(store, systemId, 'web-1'), expectedOn(store, systemId, 'mail')]).toEqual([[{ title: 'nginx', manager: 'systemd', name: 'nginx' }], []]);
});

describe('a contact that is changed here', () => {
  const tell = ['schema: runbook/1', 'id: tell', 'title: Tell', 'version: "1.0.0"', 'steps:', '  - { id: look, title: Look, manual: "Look.", confirm: checkbox }', 'contacts:', '  - { role: owner, name: Ida, email: ida@guide.example, after: 30m }', ''].join('\n');
  const asWritten = { role: 'owner', name: 'Ida', email: 'ida@guide.example', phone: null, afterMs: 1_800_000 };
  const asChanged = { role: 'owner', name: null, email: null, phone: '+1 555 0100', afterMs: 1_800_000 };
  const printed = (html: string): string[] => ['ida@guide.example', '+1 555 0100'].filter((way) => html.includes(way));

  async function changed() {
    const stage = await packStage();
    stage.put({ 'runbooks/tell.yaml': tell });
    const { engine } = stage;
    const systemId = await stage.adopt();
    await engine.call('item.save', { systemId, kind: 'contact', key: 'owner', value: { ...(await stage.value(systemId, 'contact', 'owner')), email: null, phone: '+1 555 0100' } });
    return { engine, systemId, ref: 'yard/tell' };
  }

  test('is the one whom runbooks that are prepared for the system name, and no others', async () => {
    const { engine, systemId, ref } = await changed();
    const contacts = async (of: string | null) => (await engine.call('runbook.prepare', { ref, systemId: of })).contacts;
    expect([await contacts(systemId), await contacts(null)]).toEqual([[asChanged], [asWritten]]);
  });

  test('stands on the checklist of the system, and on no other', async () => {
    const { engine, systemId, ref } = await changed();
    const page = async (of: string | null) => printed((await engine.call('runbook.checklist', { ref, systemId: of })).content);
    expect([await page(systemId), await page(null)]).toEqual([['+1 555 0100'], ['ida@guide.example']]);
  });

  test('is shown while a runbook is walked for the system, and printed of it', async () => {
    const { engine, systemId, ref } = await changed();
    const { card } = await engine.call('runbook.get', { ref });
    const { walkthroughId } = await engine.call('walkthrough.start', { ref, hash: card.hash, systemId, mode: 'paper' });
    const { contacts } = await engine.call('walkthrough.get', { walkthroughId });
    expect([contacts, printed((await engine.call('walkthrough.export', { walkthroughId, format: 'checklist' })).content)]).toEqual([[asChanged], ['+1 555 0100']]);
  });
});

test.each(['contact', 'role'] as const)('a %s that is written has runbooks on screen read again', async (kind) => {
  const { engine, adopt } = await packStage();
  const systemId = await adopt();
  const leaving = new AbortController();
  const next = engine.context.changes.follow(leaving.signal)[Symbol.asyncIterator]().next();
  await engine.call('item.save', { systemId, kind, key: null, value: { title: 'Somebody' } });
  const { value } = await next;
  leaving.abort();
  expect(value).toMatchObject({ topics: expect.arrayContaining(['runbooks']) });
});

describe('backups that a system needs', () => {
  /** The yard, adopted with its database and a host. */
  async function bound() {
    const stage = await packStage();
    const { systemId, databaseId } = stage.engine.addDatabase({ name: 'The yard', server: { host: '127.0.0.1', port: 1, password: 'x' }, database: 'yard' });
    stage.addHost(systemId, 'web-1');
    await stage.engine.call('pack.adopt', { pack: 'yard', system: { systemId }, bindings: { web: { hostId: 'web-1' }, db: { databaseId } }, answers: goodAnswers });
    const { store } = stage.engine.context;
    return { stage, systemId, databaseId, plans: createBackupPlanRepository(store), sets: createFileSetRepository(store) };
  }

  test('are plans and file sets once their roles are given to something', async () => {
    const { systemId, databaseId, plans, sets } = await bound();
    expect(plans.list(systemId)).toMatchObject([{ name: 'Nightly dump', databaseId, options: { proof: 'L3' } }]);
    expect(sets.list(systemId)).toMatchObject([{ name: 'Uploads', hostId: 'web-1', paths: ['/srv/uploads'], exclude: ['*.tmp'] }]);
  });

  test('are none while nothing has the role', async () => {
    const stage = await packStage();
    expect(createBackupPlanRepository(stage.engine.context.store).list(await stage.adopt())).toEqual([]);
  });

  test('have another name where another system has that one', async () => {
    const { stage, plans } = await bound();
    const other = stage.engine.addDatabase({ name: 'Second', server: { host: '127.0.0.1', port: 1, password: 'x' }, database: 'yard' });
    await stage.engine.call('pack.adopt', { pack: 'yard', system: { systemId: other.systemId }, bindings: { db: { databaseId: other.databaseId } }, answers: goodAnswers });
    expect(plans.list(other.systemId).map(({ name }) => name)).toEqual(['Nightly dump of Second']);
  });

  test('follow their item, and keep what a person made of the plan beside it', async () => {
    const { stage, systemId, databaseId, plans } = await bound();
    const [plan] = plans.list(systemId);
    plans.save({ id: plan?.id, name: 'Mine', systemId, databaseId, options: { format: 'custom', jobs: 1, compressLevel: 5, proof: 'L3' }, at: 0 });
    await stage.engine.call('pack.answer', { systemId, answers: { fast: '4h' } });
    expect(plans.list(systemId)).toMatchObject([{ name: 'Mine', options: { format: 'custom', proof: 'L3' } }]);
    await stage.engine.call('item.save', { systemId, kind: 'backup', key: 'nightly', value: { ...(await stage.value(systemId, 'backup', 'nightly')), proof: 'L1' } });
    expect(plans.list(systemId)).toMatchObject([{ name: 'Mine', options: { format: 'custom', proof: 'L1' } }]);
  });

  test('keep a proof and folders that a person chose, whatever else of their items an update changes', async () => {
    const { stage, systemId, databaseId, plans, sets } = await bound();
    const [plan] = plans.list(systemId);
    const [set] = sets.list(systemId);
    if (plan === undefined || set === undefined) throw new Error('There is no plan, or no set.');
    plans.save({ id: plan.id, name: plan.name, systemId, databaseId, options: { ...plan.options, proof: 'L2' }, at: 0 });
    sets.save({ ...set, paths: ['/srv/uploads', '/srv/more'] }, 0);
    const change = async (key: string, more: Record<string, unknown>) => stage.engine.call('item.save', { systemId, kind: 'backup', key, value: { ...(await stage.value(systemId, 'backup', key)), ...more } });
    await change('nightly', { title: 'Each night' });
    await change('uploads', { files: { host: 'web', paths: ['/srv/uploads', '/srv/new'], exclude: ['*.part'] } });
    expect([plans.list(systemId)[0]?.options.proof, sets.list(systemId)[0]]).toMatchObject(['L2', { paths: ['/srv/uploads', '/srv/more'], exclude: ['*.part'] }]);
  });

  test('go with their item', async () => {
    const { stage, systemId, plans, sets } = await bound();
    await stage.engine.call('item.remove', { systemId, kind: 'backup', key: 'nightly' });
    await stage.engine.call('item.remove', { systemId, kind: 'backup', key: 'uploads' });
    expect([plans.list(systemId), sets.list(systemId)]).toEqual([[], []]);
  });
});
