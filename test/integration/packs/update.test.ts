/** A newer version of a pack meets what was changed here. */
import { describe, expect, test } from 'vitest';
import { packStage, type PackStage } from '#test/packs/pack-stage.ts';
import { yardTexts } from '#test/packs/yard.ts';

/** A newer yard, with texts put in the place of others, by file. */
function newer(changes: readonly (readonly [file: string, from: string, to: string])[]): Record<string, string> {
  const files: Record<string, string> = { 'pack.yaml': (yardTexts['pack.yaml'] ?? '').replace('version: "1.0.0"', 'version: "1.1.0"') };
  for (const [file, from, to] of changes) {
    const text = files[file] ?? yardTexts[file] ?? '';
    if (!text.includes(from)) throw new Error(`${file} has no "${from}".`);
    files[file] = text.replace(from, to);
  }
  return files;
}

async function changed(stage: PackStage, systemId: string, kind: 'threshold' | 'contact' | 'service' | 'severity', key: string, fields: Record<string, unknown>): Promise<void> {
  await stage.engine.call('item.save', { systemId, kind, key, value: { ...(await stage.value(systemId, kind, key)), ...fields } });
}

async function update(stage: PackStage, systemId: string, choices: Record<string, 'mine' | 'theirs'> = {}, answers: Record<string, string> = {}) {
  const { hash } = await stage.engine.call('pack.preview', { systemId });
  return stage.engine.call('pack.update', { systemId, hash, choices, answers });
}

const shown = async (stage: PackStage, systemId: string) => (await stage.engine.call('pack.preview', { systemId })).items.map(({ kind, key, change, fields }) => [`${kind}/${key}`, change, ...fields.filter(({ conflict }) => conflict).map(({ field }) => field)]);

describe('a newer pack', () => {
  test('is said to be there', async () => {
    const stage = await packStage();
    const systemId = await stage.adopt();
    stage.put(newer([]));
    expect((await stage.engine.call('pack.standing', { systemId })).adoption?.available).toEqual({ version: '1.1.0', isNewer: true });
  });

  test('is shown item by item: what is new, another, and gone', async () => {
    const stage = await packStage();
    const systemId = await stage.adopt();
    stage.put(newer([['pack.yaml', 'warn: 70', 'warn: 75'], ['pack.yaml', '  visitors:', '  guests:'], ['pack.yaml', 'title: Visitors', 'title: Guests']]));
    expect(await shown(stage, systemId)).toEqual([['threshold/cpu', 'changed'], ['threshold/guests', 'added'], ['threshold/visitors', 'removed']]);
  });

  test('brings what it says, and the version', async () => {
    const stage = await packStage();
    const systemId = await stage.adopt();
    stage.put(newer([['pack.yaml', 'warn: 70', 'warn: 75'], ['people.yaml', 'email: owner@', 'email: boss@']]));
    await update(stage, systemId);
    expect([await stage.value(systemId, 'threshold', 'cpu'), (await stage.value(systemId, 'contact', 'owner'))?.['email'], (await stage.engine.call('pack.standing', { systemId })).adoption?.version]).toMatchObject([{ warn: 75 }, 'boss@yard.example', '1.1.0']);
    expect(await shown(stage, systemId)).toEqual([]);
  });

  test('keeps a change that was made here beside its own', async () => {
    const stage = await packStage();
    const systemId = await stage.adopt();
    await changed(stage, systemId, 'threshold', 'cpu', { critical: 95 });
    stage.put(newer([['pack.yaml', 'warn: 70', 'warn: 75']]));
    expect(await shown(stage, systemId)).toEqual([['threshold/cpu', 'changed']]);
    await update(stage, systemId);
    expect(await stage.value(systemId, 'threshold', 'cpu')).toMatchObject({ warn: 75, critical: 95 });
  });

  test('keeps a clock that was changed here beside another clock of its own', async () => {
    const stage = await packStage();
    const systemId = await stage.adopt();
    await changed(stage, systemId, 'severity', 'p1', { clocks: { acknowledge: 60_000, respond: 7_200_000, update: 1_800_000, escalate: null, resolve: null } });
    stage.put(newer([['people.yaml', 'update: 30m', 'update: 20m']]));
    await update(stage, systemId);
    expect((await stage.value(systemId, 'severity', 'p1'))?.['clocks']).toMatchObject({ acknowledge: 60_000, update: 1_200_000 });
  });

  test('meets a change of the same field as a conflict, with what was, mine and theirs', async () => {
    const stage = await packStage();
    const systemId = await stage.adopt();
    await changed(stage, systemId, 'threshold', 'cpu', { warn: 60 });
    stage.put(newer([['pack.yaml', 'warn: 70', 'warn: 75']]));
    const { items } = await stage.engine.call('pack.preview', { systemId });
    expect(items).toEqual([{ kind: 'threshold', key: 'cpu', title: 'Processor', change: 'conflict', fields: [{ field: 'warn', was: 70, mine: 60, theirs: 75, conflict: true }] }]);
  });

  test('is not brought while it is not said which side of a conflict stays', async () => {
    const stage = await packStage();
    const systemId = await stage.adopt();
    await changed(stage, systemId, 'threshold', 'cpu', { warn: 60 });
    stage.put(newer([['pack.yaml', 'warn: 70', 'warn: 75'], ['people.yaml', 'email: owner@', 'email: boss@']]));
    await expect(update(stage, systemId)).rejects.toMatchObject({ code: 'pack.answer-needed', details: { undecided: ['threshold/cpu'] } });
    expect((await stage.value(systemId, 'contact', 'owner'))?.['email']).toBe('owner@yard.example');
  });

  test.each([['mine', 60, 'changed'], ['theirs', 75, 'pack']] as const)('goes by %s where that is chosen', async (choice, warn, standing) => {
    const stage = await packStage();
    const systemId = await stage.adopt();
    await changed(stage, systemId, 'threshold', 'cpu', { warn: 60 });
    stage.put(newer([['pack.yaml', 'warn: 70', 'warn: 75']]));
    await update(stage, systemId, { 'threshold/cpu': choice });
    const { items } = await stage.engine.call('item.list', { systemId, kind: 'threshold' });
    expect(items.find(({ key }) => key === 'cpu')).toMatchObject({ value: { warn }, packValue: { warn: 75 }, standing });
  });

  test('has a conflict where both changes are good and make no sense together', async () => {
    const stage = await packStage();
    const systemId = await stage.adopt();
    await changed(stage, systemId, 'threshold', 'cpu', { critical: 72 });
    stage.put(newer([['pack.yaml', 'warn: 70', 'warn: 80']]));
    expect(await shown(stage, systemId)).toEqual([['threshold/cpu', 'conflict', 'warn', 'critical']]);
    await update(stage, systemId, { 'threshold/cpu': 'mine' });
    expect(await stage.value(systemId, 'threshold', 'cpu')).toMatchObject({ warn: 70, critical: 72 });
  });

  test('that has no longer what was changed here leaves it as one\'s own', async () => {
    const stage = await packStage();
    const systemId = await stage.adopt();
    await changed(stage, systemId, 'service', 'nginx', { name: 'nginx-extra' });
    stage.put(newer([['pack.yaml', '  nginx: { title: nginx, host: web, manager: systemd, name: nginx }', '  caddy: { title: Caddy, host: web, manager: systemd, name: caddy }']]));
    expect(await shown(stage, systemId)).toEqual([['service/caddy', 'added'], ['service/nginx', 'kept']]);
    await update(stage, systemId);
    const { items } = await stage.engine.call('item.list', { systemId, kind: 'service' });
    expect(items.map(({ key, standing }) => [key, standing])).toEqual([['caddy', 'pack'], ['nginx', 'own']]);
  });

  test('does not bring back what was removed here', async () => {
    const stage = await packStage();
    const systemId = await stage.adopt();
    await stage.engine.call('item.remove', { systemId, kind: 'threshold', key: 'cpu' });
    stage.put(newer([['pack.yaml', 'warn: 70', 'warn: 75']]));
    expect(await shown(stage, systemId)).toEqual([['threshold/cpu', 'hidden']]);
    await update(stage, systemId);
    expect(await stage.value(systemId, 'threshold', 'cpu')).toBeUndefined();
    await stage.engine.call('item.reset', { systemId, kind: 'threshold', key: 'cpu' });
    expect(await stage.value(systemId, 'threshold', 'cpu')).toMatchObject({ warn: 75 });
  });

  test('asks its new questions, and takes their answers with it', async () => {
    const stage = await packStage();
    const systemId = await stage.adopt();
    stage.put(newer([['pack.yaml', 'questions:\n', 'questions:\n  how-old:\n    ask: How old may a backup be?\n    kind: number\n    sets: [{ item: threshold/backup-age, field: warn }]\n']]));
    expect((await stage.engine.call('pack.preview', { systemId })).questions.map(({ key }) => key)).toEqual(['how-old', 'owner-phone']);
    await update(stage, systemId, {}, { 'how-old': '30' });
    expect(await stage.value(systemId, 'threshold', 'backup-age')).toMatchObject({ warn: 30 });
  });

  test('leaves an item as it is while its new question is not answered', async () => {
    const stage = await packStage();
    const systemId = await stage.adopt();
    stage.put(newer([['pack.yaml', 'questions:\n', 'questions:\n  how-old:\n    ask: How old may a backup be?\n    kind: number\n    sets: [{ item: threshold/backup-age, field: warn }]\n']]));
    const { open } = await update(stage, systemId);
    expect([open.questions.map(({ key }) => key), await stage.value(systemId, 'threshold', 'backup-age')]).toMatchObject([['how-old'], { warn: 26 }]);
  });

  test('that was changed since it was shown is not brought', async () => {
    const stage = await packStage();
    const systemId = await stage.adopt();
    const { hash } = await stage.engine.call('pack.preview', { systemId });
    stage.put(newer([]));
    await expect(stage.engine.call('pack.update', { systemId, hash })).rejects.toMatchObject({ code: 'pack.changed' });
  });

  test('has to be brought before something is answered anew', async () => {
    const stage = await packStage();
    const systemId = await stage.adopt();
    stage.put(newer([]));
    await expect(stage.engine.call('pack.answer', { systemId, answers: { fast: '4h' } })).rejects.toMatchObject({ code: 'pack.changed', message: 'The yard has Timber yard 1.0.0, and the pack is 1.1.0 by now.' });
  });

  test('that is older is refused', async () => {
    const stage = await packStage();
    stage.put(newer([]));
    const systemId = await stage.adopt();
    stage.put();
    await expect(update(stage, systemId)).rejects.toMatchObject({ code: 'pack.changed', message: expect.stringContaining('the older 1.0.0') });
  });

  test('that ends half-way leaves all as it was', async () => {
    const stage = await packStage();
    const systemId = await stage.adopt();
    stage.put(newer([['pack.yaml', 'warn: 70', 'warn: 75'], ['people.yaml', 'email: owner@', 'email: boss@']]));
    stage.engine.context.store.exec(`CREATE TRIGGER full BEFORE UPDATE ON system_items WHEN NEW.kind = 'contact' BEGIN SELECT RAISE(ABORT, 'no more'); END`);
    await expect(update(stage, systemId)).rejects.toThrow('no more');
    expect([(await stage.value(systemId, 'threshold', 'cpu'))?.['warn'], (await stage.engine.call('pack.standing', { systemId })).adoption?.version]).toEqual([70, '1.0.0']);
  });
});
