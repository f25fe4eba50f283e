/** Items that a person adds, changes and removes. */
import { describe, expect, test } from 'vitest';
import type { ItemKind } from '#shared/contract/items.ts';
import { packStage } from '#test/packs/pack-stage.ts';

describe('an item', () => {
  test('that is new gets a key of its title, and another one where that is taken', async () => {
    const { engine, adopt } = await packStage();
    const systemId = await adopt();
    const save = async () => (await engine.call('item.save', { systemId, kind: 'contact', key: null, value: { title: 'Müller & Söhne' } })).item;
    expect([await save(), await save()]).toMatchObject([{ key: 'muller-sohne', standing: 'own', packValue: null }, { key: 'muller-sohne-2' }]);
  });

  test('of a pack that is changed says so, and goes back to what the pack says', async () => {
    const { engine, adopt, value } = await packStage();
    const systemId = await adopt();
    const { item } = await engine.call('item.save', { systemId, kind: 'threshold', key: 'cpu', value: { ...(await value(systemId, 'threshold', 'cpu')), warn: 50 } });
    expect([item.standing, item.value['warn'], item.packValue?.['warn']]).toEqual(['changed', 50, 70]);
    const { item: back } = await engine.call('item.reset', { systemId, kind: 'threshold', key: 'cpu' });
    expect([back.standing, (await value(systemId, 'threshold', 'cpu'))?.['warn']]).toEqual(['pack', 70]);
  });

  test('of a pack that is removed can be seen where that is asked for', async () => {
    const { engine, adopt } = await packStage();
    const systemId = await adopt();
    await engine.call('item.remove', { systemId, kind: 'card', key: 'nginx' });
    const keys = async (removed: boolean) => (await engine.call('item.list', { systemId, kind: 'card', removed })).items.map(({ key, standing }) => [key, standing]);
    expect([await keys(false), await keys(true)]).toEqual([[], [['nginx', 'removed']]]);
  });

  test('that another one names is not removed', async () => {
    const { engine, adopt } = await packStage();
    const systemId = await adopt();
    await expect(engine.call('item.remove', { systemId, kind: 'contact', key: 'owner' })).rejects.toMatchObject({ code: 'store.conflict', message: 'The contact owner is still named by the role "Keeper".' });
  });

  test('that was made here has nothing to go back to', async () => {
    const { engine, adopt } = await packStage();
    const systemId = await adopt();
    await engine.call('item.save', { systemId, kind: 'contact', key: 'mine', value: { title: 'Mine' } });
    await expect(engine.call('item.reset', { systemId, kind: 'contact', key: 'mine' })).rejects.toMatchObject({ code: 'store.not-found' });
  });

  test.each<[string, ItemKind, Record<string, unknown>, string]>([
    ['without a title', 'contact', {}, 'Title is missing.'],
    ['with an empty title', 'contact', { title: ' ' }, 'Title is empty.'],
    ['with letters in its telephone number', 'contact', { title: 'A', phone: '555-ADMIN' }, 'Phone has letters in it: a telephone number is written in digits, as it is dialled: "555-ADMIN".'],
    ['with an address of mail that is none', 'contact', { title: 'A', email: 'a' }, 'Email is no address such as name@example.com: "a".'],
    ['with hours that are not there', 'contact', { title: 'A', hours: 'night' }, 'There is no hours "night".'],
    ['with a field that is not known', 'contact', { title: 'A', fax: '1' }, 'This contact has fields that are not known: fax.'],
    ['with an address that is none', 'endpoint', { title: 'A', url: 'yard.example' }, 'Url is no address that begins with http:// or https://: "yard.example".'],
    ['with a pattern that is none', 'endpoint', { title: 'A', url: 'https://yard.example', bodyMatches: '(' }, 'This endpoint has a pattern that cannot be used: This is no regular expression: Unterminated group.'],
    ['that would be critical before it warns', 'threshold', { title: 'A', drives: { kind: 'check', check: 'cpu' }, warn: 9, critical: 8, unit: 'percent' }, 'This threshold would be critical before it warns: higher is worse, and its warn lies beyond its critical.'],
    ['with a check that does not exist', 'threshold', { title: 'A', drives: { kind: 'check', check: 'cpuu' }, warn: 9, unit: 'percent' }, 'There is no health check "cpuu".'],
    ['with a zone that does not exist', 'hours', { title: 'A', tz: 'EST', spans: [{ days: ['MO'], from: '09:00', to: '10:00' }] }, 'This hours has the time zone "EST", which does not exist. Write one such as Europe/Berlin, America/New_York or UTC.'],
    ['with a clock that goes for less than nothing', 'severity', { title: 'A', rank: 3, tone: 'info', clocks: { respond: -1 } }, 'Clocks, respond is less than or equal to 0.'],
  ])('%s is refused, and the message names the field', async (_what, kind, value, message) => {
    const { engine, adopt } = await packStage();
    const systemId = await adopt();
    await expect(engine.call('item.save', { systemId, kind, key: null, value })).rejects.toMatchObject({ code: 'contract.invalid-input', message });
  });
});
