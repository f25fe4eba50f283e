/** A pack becomes a system: what is asked, what comes of the answers, and what happens when something goes wrong on the way. */
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createHostRepository } from '#engine/store/host-repository.ts';
import { goodAnswers, packStage } from '#test/packs/pack-stage.ts';
import { swapped, yardTexts } from '#test/packs/yard.ts';

describe('the packs that there are', () => {
  test('are listed with what is in them', async () => {
    const { engine } = await packStage();
    const { packs } = await engine.call('pack.list', {});
    expect(packs.map(({ name, origin, counts, runbooks, questions }) => [name, origin, counts.endpoint, runbooks, questions])).toEqual([['yard', 'shipped', 2, 1, 4]]);
  });

  test('are those that were imported as well, which never cover one that ships', async () => {
    const { engine, folders } = await packStage();
    for (const name of ['yard', 'mill']) {
      mkdirSync(join(folders.imported, name), { recursive: true });
      writeFileSync(join(folders.imported, name, 'pack.yaml'), `schema: pack/1\nid: ${name}\ntitle: Imported\nversion: "1.0.0"\nsummary: It was made of a guide.\n`);
    }
    const { packs, refused } = await engine.call('pack.list', {});
    expect(packs.map(({ name, origin }) => [name, origin])).toEqual([['yard', 'shipped'], ['mill', 'imported']]);
    expect(refused.map(({ name, message }) => [name, message])).toEqual([['yard', 'A pack yard comes with Pilothouse. Rename the folder of this one, and its id.']]);
  });

  test('that are edited into nonsense are refused with the line, and not adopted', async () => {
    const { engine, put } = await packStage();
    put(swapped('pack.yaml', 'manager: systemd', 'manger: systemd'));
    const { packs, refused } = await engine.call('pack.list', {});
    expect([packs, refused.map(({ message }) => message)]).toEqual([[], ['pack.yaml, line 17: "manger" is not a service field. Did you mean "manager"?']]);
    await expect(engine.call('pack.adopt', { pack: 'yard', system: { name: 'The yard', environment: 'staging' } })).rejects.toMatchObject({ code: 'pack.invalid', message: expect.stringContaining('pack.yaml, line 17') });
    expect((await engine.call('pack.list', {})).packs).toEqual([]);
  });
});

test('whoever asks for the packs first leaves others their turn meanwhile', async () => {
  const { engine, put } = await packStage();
  for (let number = 0; number < 8; number++) put({ [`runbooks/copy-${number}.yaml`]: (yardTexts['runbooks/check.yaml'] ?? '').replace('id: check', `id: copy-${number}`), 'pack.yaml': (yardTexts['pack.yaml'] ?? '').replace('id: yard', `id: yard-${number}`) }, `yard-${number}`);
  let turns = 0;
  let isOver = false;
  const another = (): void => {
    turns += 1;
    if (!isOver) setImmediate(another);
  };
  setImmediate(another);
  await engine.call('pack.list', {});
  isOver = true;
  expect(turns).toBeGreaterThan(8);
});

test('a pack whose folder cannot be looked at costs nobody the others', async () => {
  const { engine, folders } = await packStage();
  mkdirSync(join(folders.imported, 'loop'), { recursive: true });
  symlinkSync('pack.yaml', join(folders.imported, 'loop', 'pack.yaml'));
  const { packs, refused } = await engine.call('pack.list', {});
  expect([packs.map(({ name }) => name), refused.map(({ name, message }) => [name, message.includes('cannot be read')])]).toEqual([['yard'], [['loop', true]]]);
});

describe('what is asked', () => {
  test('has proposals where there is one, and none where a guide says two things', async () => {
    const { engine } = await packStage();
    const { questions } = await engine.call('pack.prepare', { pack: 'yard', systemId: null });
    const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
    expect(questions.map(({ key, proposed, from }) => [key, proposed, from])).toEqual([['api-url', null, null], ['zone', zone, 'detected'], ['fast', null, null], ['owner-phone', null, null]]);
  });

  test('proposes the host and the database that are called like a role', async () => {
    const { engine, addHost } = await packStage();
    const { systemId } = engine.addDatabase({ name: 'There', server: { host: '127.0.0.1', port: 1, password: 'x' }, database: 'yard' });
    addHost(systemId, 'mail');
    addHost(systemId, 'web-1');
    const { roles } = await engine.call('pack.prepare', { pack: 'yard', systemId });
    expect(roles.map(({ name, kind, candidates, proposed }) => [name, kind, candidates.length, proposed !== null])).toEqual([['web', 'host', 2, true], ['spare', 'host', 2, false], ['db', 'database', 1, true]]);
    expect(roles[0]?.proposed).toEqual({ hostId: 'web-1' });
  });
});

describe('adopting', () => {
  test('puts the answers into the items', async () => {
    const stage = await packStage();
    const systemId = await stage.adopt();
    expect([
      await stage.value(systemId, 'endpoint', 'api'),
      await stage.value(systemId, 'hours', 'office'),
      await stage.value(systemId, 'severity', 'p1'),
    ]).toMatchObject([{ url: 'https://api.yard.example' }, { tz: 'Europe/Berlin' }, { clocks: { respond: 7_200_000, acknowledge: 900_000 } }]);
  });

  test('keeps what waits for an answer out, and says that it is open', async () => {
    const stage = await packStage();
    const { systemId, open, counts } = await stage.engine.call('pack.adopt', { pack: 'yard', system: { name: 'The yard', environment: 'staging' }, answers: { zone: 'UTC', fast: '4h' } });
    expect([await stage.value(systemId, 'endpoint', 'api'), counts.endpoint]).toEqual([undefined, 1]);
    expect(open).toEqual({
      questions: [{ key: 'api-url', ask: 'Address of the interface?', items: [{ kind: 'endpoint', key: 'api', title: 'Interface' }] }],
      roles: [{ name: 'web', kind: 'host', title: 'Web host' }, { name: 'db', kind: 'database', title: 'Database' }],
    });
  });

  test('keeps an item as it is where a question about it may stay unanswered', async () => {
    const stage = await packStage();
    expect(await stage.value(await stage.adopt(), 'contact', 'owner')).toMatchObject({ phone: null, email: 'owner@yard.example' });
  });

  test.each([
    ['a zone that does not exist', { zone: 'Europe/Bärlin' }, 'The answer "Europe/Bärlin" to "Which time zone does the yard go by?" is no time zone such as "Europe/Berlin" or "UTC".'],
    ['what is none of the choices', { fast: '3h' }, 'The answer "3h" to "How fast does somebody answer what is critical? The notes say two things." is none of the choices: 2h, 4h.'],
    ['an address that is none', { 'api-url': 'api.yard.example' }, 'The answer "api.yard.example" to "Address of the interface?" is not good: is an address that begins with http:// or https://.'],
    ['letters for a telephone number', { 'owner-phone': '+1-555-EMERGENCY' }, 'The answer "+1-555-EMERGENCY" to "Telephone number of the owner?" has letters in it: a telephone number is written in digits, as it is dialled.'],
    ['an answer to nothing', { colour: 'red' }, 'Timber yard asks nothing that is called colour.'],
  ])('refuses %s, and makes no system', async (_what, answers, message) => {
    const { engine } = await packStage();
    await expect(engine.call('pack.adopt', { pack: 'yard', system: { name: 'The yard', environment: 'staging' }, answers: { ...goodAnswers, ...answers } })).rejects.toMatchObject({ code: 'contract.invalid-input', message });
    expect(engine.context.systems.list()).toEqual([]);
  });

  test('refuses to give a role to a host of another system', async () => {
    const stage = await packStage();
    const { systemId } = stage.engine.addDatabase({ name: 'Other', server: { host: '127.0.0.1', port: 1, password: 'x' }, database: 'shop' });
    stage.addHost(systemId, 'web-1');
    await expect(stage.engine.call('pack.adopt', { pack: 'yard', system: { name: 'The yard', environment: 'staging' }, bindings: { web: { hostId: 'web-1' } } })).rejects.toMatchObject({ code: 'contract.invalid-input', message: 'The role web of Timber yard wants a host of The yard.' });
  });

  test('refuses what was changed since it was shown', async () => {
    const stage = await packStage();
    const { hash } = await stage.engine.call('pack.prepare', { pack: 'yard', systemId: null });
    stage.put(swapped('pack.yaml', 'title: Website', 'title: Site'));
    await expect(stage.engine.call('pack.adopt', { pack: 'yard', hash, system: { name: 'The yard', environment: 'staging' } })).rejects.toMatchObject({ code: 'pack.changed' });
  });

  test('refuses a second pack for a system', async () => {
    const stage = await packStage();
    const systemId = await stage.adopt();
    await expect(stage.engine.call('pack.adopt', { pack: 'yard', system: { systemId } })).rejects.toMatchObject({ code: 'store.conflict' });
  });

  test('that ends half-way leaves nothing behind', async () => {
    const stage = await packStage();
    stage.engine.context.store.exec(`CREATE TRIGGER full BEFORE INSERT ON system_items WHEN NEW.kind = 'card' BEGIN SELECT RAISE(ABORT, 'no more'); END`);
    await expect(stage.adopt()).rejects.toThrow('no more');
    const left = ['systems', 'adoptions', 'system_items'].map((table) => stage.engine.context.store.prepare(`SELECT count(*) AS n FROM ${table}`).get());
    expect(left).toEqual([{ n: 0 }, { n: 0 }, { n: 0 }]);
  });
});

describe('an answer that comes later', () => {
  test('brings what waited for it, and nothing else is touched', async () => {
    const stage = await packStage();
    const systemId = await stage.adopt({ zone: 'UTC', fast: '4h' });
    await stage.engine.call('item.remove', { systemId, kind: 'card', key: 'nginx' });
    const { open } = await stage.engine.call('pack.answer', { systemId, answers: { 'api-url': 'https://late.example' } });
    expect(open.questions).toEqual([]);
    expect([(await stage.value(systemId, 'endpoint', 'api'))?.['url'], await stage.value(systemId, 'card', 'nginx')]).toEqual(['https://late.example', undefined]);
  });

  test('gives a role to a host, and is told again when it is opened', async () => {
    const stage = await packStage();
    const systemId = await stage.adopt();
    stage.addHost(systemId, 'web-1');
    await stage.engine.call('pack.answer', { systemId, bindings: { web: { hostId: 'web-1' } } });
    const { roles, questions } = await stage.engine.call('pack.reopen', { systemId });
    expect([roles[0]?.proposed, questions.map(({ proposed, from }) => [proposed, from])]).toEqual([{ hostId: 'web-1' }, [['https://api.yard.example', 'answered'], ['Europe/Berlin', 'answered'], ['2h', 'answered'], [null, null]]]);
  });

  test('is wanted again for a role whose host was removed', async () => {
    const stage = await packStage();
    const systemId = await stage.adopt();
    stage.addHost(systemId, 'web-1');
    const { open } = await stage.engine.call('pack.answer', { systemId, bindings: { web: { hostId: 'web-1' } } });
    createHostRepository(stage.engine.context.store).remove('web-1');
    const { adoption } = await stage.engine.call('pack.standing', { systemId });
    expect([open.roles.map(({ name }) => name), adoption?.open.roles.map(({ name }) => name)]).toEqual([['db'], ['web', 'db']]);
  });

  test('that is given anew changes the item, unless it was changed here', async () => {
    const stage = await packStage();
    const systemId = await stage.adopt();
    await stage.engine.call('item.save', { systemId, kind: 'hours', key: 'office', value: { ...(await stage.value(systemId, 'hours', 'office')), tz: 'Asia/Tokyo' } });
    await stage.engine.call('pack.answer', { systemId, answers: { zone: 'UTC' } });
    expect([await stage.value(systemId, 'hours', 'office'), await stage.value(systemId, 'calendar', 'sunday')]).toMatchObject([{ tz: 'Asia/Tokyo' }, { tz: 'UTC' }]);
  });
});

test('a pack that is edited into nonsense leaves what was adopted of it as it is', async () => {
  const stage = await packStage();
  const systemId = await stage.adopt();
  stage.put(swapped('calendar.yaml', 'tz: UTC', 'tz: Europe/Bärlin'));
  const { adoption } = await stage.engine.call('pack.standing', { systemId });
  expect([adoption?.available, adoption?.trouble]).toEqual([null, expect.stringContaining('what was adopted of it stays as it is. calendar.yaml, line 11')]);
  expect((await stage.engine.call('item.list', { systemId })).items.length).toBe(22);
  await expect(stage.engine.call('pack.preview', { systemId })).rejects.toMatchObject({ code: 'pack.invalid' });
});
