/** The engine is killed while a host makes a dump by itself, or while it is fetched: the next one goes on with it. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { continueDump, expectTrue, jobsThere, leftAfterAWhile, leftOver, openFarDump, type FarDump } from '#test/far-dump.ts';
import { createFarShop, startFarPlace, type FarPlace } from '#test/far-shop.ts';
import { sampleOf } from '#test/sample.ts';
import { whyNoSshServer } from '#test/ssh-server.ts';
import { waitFor } from '#test/wait-for.ts';

const missing = whyNoSshServer();
let place: FarPlace;
beforeAll(async () => {
  if (missing !== null) return;
  place = await startFarPlace();
  await createFarShop(place, 'shop');
});
afterAll(() => place?.stop());
beforeEach((context) => {
  if (missing !== null) context.skip(missing);
});

/** Runs an engine of its own on the folder until it kills itself. */
function killAt({ root, databaseId, line }: Pick<FarDump, 'root' | 'databaseId' | 'line'>, at: string, continues: string | null = null): Promise<{ said: string; signal: string | null }> {
  const { sockets, keyFiles, bastion, host } = place;
  const orders = { root, databaseId, at, continues, place: { sockets, keyFiles, bastion: { ...bastion, port: line.port }, host } };
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join(import.meta.dirname, 'engine-to-kill.ts'), JSON.stringify(orders)], { stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (said += chunk.toString()));
    child.once('error', reject);
    child.once('close', (_status, signal) => resolve({ said, signal }));
  });
}

/** A folder that knows the place, and whose engine is closed. */
async function prepare(): Promise<FarDump> {
  const dump = await openFarDump(place);
  await dump.far.engine.close();
  return dump;
}

/** The next start, when it has looked what became of everything. */
async function startAgain(before: FarDump): Promise<{ dump: FarDump; operationId: string; advice: string | null; state: string }> {
  const dump = await openFarDump(place, { root: before.root, line: before.line });
  await dump.far.engine.recovered;
  const [operation] = (await dump.far.client.call('operation.list', { kinds: ['backup.run'] })).operations;
  return { dump, operationId: operation?.id ?? '', advice: operation?.advice ?? null, state: operation?.state ?? '' };
}

describe('an engine that is killed', () => {
  test.each(['backup:snapshot', 'backup:begun'])('at %s, when nothing can come of it, leaves nothing on either side', async (at) => {
    const prepared = await prepare();
    expect((await killAt(prepared, at)).signal).toBe('SIGKILL');
    const { dump, advice, state } = await startAgain(prepared);
    expect([state, advice]).toEqual(['interrupted', expect.stringContaining('It ended before pg_dump had its locks on db-1, so nobody can tell what it has seen. Both sides were cleaned. Back up again.')]);
    expect([await leftAfterAWhile(dump), await expectTrue(dump), (await dump.far.client.call('backup.unfinished', {})).dumps]).toEqual([[], [], []]);
  });

  const points = ['backup:locked', 'backup:counted', 'backup:dumped', 'backup:fetching', 'backup:fetched', 'backup:before-rename'];
  test.each(sampleOf(points, 3))('at %s has its dump on the host, and is continued to a proven backup', async (at) => {
    const prepared = await prepare();
    expect((await killAt(prepared, at)).signal).toBe('SIGKILL');
    const { dump, operationId, advice, state } = await startAgain(prepared);
    expect([state, advice]).toEqual(['interrupted', expect.stringMatching(/^The dump of shop .* (goes on|is finished) on db-1, .* Continue it/)]);
    expect(jobsThere(place)).toHaveLength(1);
    const continued = await continueDump(dump, operationId);
    expect([continued.state, continued.error, continued.result?.['proof']]).toEqual(['succeeded', null, 'L3']);
    const { contents } = await dump.far.client.call('backup.get', { backupId: continued.id });
    expect([contents?.countedIn, await leftAfterAWhile(dump), await expectTrue(dump)]).toEqual([at === 'backup:locked' ? 'dump' : 'database', [], ['L3']]);
    const { operation } = await dump.far.client.call('operation.get', { operationId });
    expect([operation.acknowledged, operation.advice]).toEqual([true, expect.stringContaining('It was continued, and is a backup')]);
    await expect(dump.far.client.call('backup.planContinue', { operationId })).rejects.toMatchObject({ code: 'backup.not-found' });
  });

  test.each(sampleOf(['backup:renamed', 'backup:host-left', 'proof:L1'], 1))('at %s has its backup, and nothing on the host', async (at) => {
    const prepared = await prepare();
    expect(await killAt(prepared, at)).toMatchObject({ said: '', signal: 'SIGKILL' });
    const { dump, advice } = await startAgain(prepared);
    expect([advice, (await expectTrue(dump)).length]).toEqual([expect.stringContaining('The backup itself was finished and is in the catalogue'), 1]);
    expect([await leftAfterAWhile(dump), (await dump.far.client.call('backup.unfinished', {})).dumps]).toEqual([[], []]);
  });

  test('twice, the second time while it went on, is continued all the same', async () => {
    const prepared = await prepare();
    await killAt(prepared, 'backup:dumped');
    const first = await startAgain(prepared);
    await first.dump.far.engine.close();
    expect((await killAt(first.dump, 'backup:fetched', first.operationId)).signal).toBe('SIGKILL');
    const { dump, operationId } = await startAgain(first.dump);
    const [unfinished] = (await dump.far.client.call('backup.unfinished', {})).dumps;
    expect([unfinished?.operationId, unfinished?.continuedBy === null]).toEqual([operationId, false]);
    const continued = await continueDump(dump, unfinished?.continuedBy ?? '');
    expect([continued.state, await leftAfterAWhile(dump), await expectTrue(dump)]).toEqual(['succeeded', [], ['L3']]);
  });

  test('while the host is away loses nothing: it is looked at when the host is back', async () => {
    const prepared = await prepare();
    await killAt(prepared, 'backup:counted');
    prepared.line.refuse(true);
    const { dump, operationId, advice } = await startAgain(prepared);
    expect([advice, jobsThere(place).length]).toEqual([expect.stringMatching(/^What became of it could not be looked at yet: .*nothing of it is lost/), 1]);
    dump.line.refuse(false);
    // Whoever asks for it anew has not to wait for the next look.
    await dump.far.client.call('database.test', { databaseId: dump.databaseId });
    const continued = await continueDump(dump, operationId);
    expect([continued.state, await leftAfterAWhile(dump), await expectTrue(dump)]).toEqual(['succeeded', [], ['L3']]);
  });

  test('is given up with both sides clean, where somebody wants that', async () => {
    const prepared = await prepare();
    await killAt(prepared, 'backup:dumped');
    const { dump, operationId } = await startAgain(prepared);
    expect(await leftOver(dump)).toHaveLength(2);
    const { plan } = await dump.far.client.call('backup.planAbandon', { operationId });
    const { operationId: abandoning } = await dump.far.client.call('operation.run', { planId: plan.id, token: plan.token });
    await waitFor('it to be given up', async () => (await dump.far.client.call('operation.get', { operationId: abandoning })).operation.state === 'succeeded');
    expect([await leftAfterAWhile(dump), await expectTrue(dump)]).toEqual([[], []]);
  });
});
