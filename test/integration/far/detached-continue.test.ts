/** What is gone on with is what was begun: another machine, another cluster, another dump are refused. */
import { appendFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { command } from '#test/command-line.ts';
import { beginDump, continueDump, expectTrue, jobsThere, leftAfterAWhile, ofHost, openFarDump, type FarDump } from '#test/far-dump.ts';
import { farConnection } from '#test/far-shop.ts';
import { setFarPlace } from '#test/far-stage.ts';
import { startPostgres } from '#test/postgres-server.ts';
import { begin, endOf, runToEnd } from '#test/run-to-end.ts';
import { makeKey } from '#test/ssh-server.ts';
import { waitFor } from '#test/wait-for.ts';

const place = setFarPlace();

/** A backup whose dump is whole on the host, and whose engine was closed then; with the next engine. */
async function interrupted(): Promise<{ dump: FarDump; operationId: string }> {
  const first = await openFarDump(place);
  first.points.at('backup:dumped', () => void first.far.engine.close());
  const operationId = await beginDump(first, { proof: 'L3' });
  await waitFor('it to be interrupted', () => first.far.client.call('operation.get', { operationId }).then(({ operation }) => operation.state === 'interrupted', () => true));
  await first.far.engine.close();
  const dump = await openFarDump(place, { root: first.root, line: first.line });
  await dump.far.engine.recovered;
  return { dump, operationId };
}
const planOf = (dump: FarDump, operationId: string) => dump.far.client.call('backup.planContinue', { operationId });
async function abandon(dump: FarDump, operationId: string): Promise<void> {
  const { plan } = await dump.far.client.call('backup.planAbandon', { operationId });
  expect([(await runToEnd(dump.far.client, plan)).state, await leftAfterAWhile(dump), await expectTrue(dump)]).toEqual(['succeeded', [], []]);
}

describe('an interrupted backup is not gone on with', () => {
  test('where the host shows another key, even when that was trusted; it can be given up', async () => {
    const { dump, operationId } = await interrupted();
    const { publicKey, privateKey } = makeKey(place.host.folder);
    const file = join(place.host.folder, 'host_ed25519');
    const before = readFileSync(file, 'utf8');
    const show = (key: string): void => {
      writeFileSync(file, key, { mode: 0o600 });
      // It reads its keys again.
      process.kill(place.host.pid, 'SIGHUP');
    };
    show(privateKey);
    onTestFinished(() => show(before));
    await dump.far.engine.close();
    const next = await openFarDump(place, { root: dump.root, line: dump.line });
    await expect(planOf(next, operationId)).rejects.toMatchObject({ code: 'ssh.host-key-changed' });
    const shown = (await next.far.client.call('host.test', { hostId: next.far.hostId })).error?.details as { keyType: string; key: string; fingerprint: string };
    expect(publicKey).toContain(shown.key);
    await next.far.client.call('host.replaceKey', { machine: { hostId: next.far.hostId }, confirmName: 'db-1', keyType: shown.keyType, key: shown.key, fingerprint: shown.fingerprint });
    await expect(planOf(next, operationId)).rejects.toMatchObject({ code: 'ssh.host-key-changed', message: expect.stringContaining('when the dump of') as string });
    const { plan } = await next.far.client.call('backup.planAbandon', { operationId });
    const given = await runToEnd(next.far.client, plan);
    const { events } = await next.far.client.call('operation.events', { operationId: given.id, limit: 5000 });
    expect([given.state, events.find((event) => event.kind === 'log' && event.level === 'warn')]).toEqual(['succeeded-with-warnings', expect.objectContaining({ text: expect.stringMatching(/^db-1 shows the key .*was left where it is, in .*\/jobs\//) as string })]);
    // What answers there now is let alone.
    const [left = ''] = jobsThere(place);
    expect([left.endsWith(operationId), (await next.far.client.call('backup.unfinished', {})).dumps]).toEqual([true, []]);
    rmSync(left, { recursive: true });
    expect([await leftAfterAWhile(next), await expectTrue(next)]).toEqual([[], []]);
  });
  test('where another cluster answers; and is when it is the same again', async () => {
    const { dump, operationId } = await interrupted();
    const other = await startPostgres({ major: 15, ownIdentity: true, hba: ['host all all 127.0.0.1/32 trust'] });
    onTestFinished(() => other.stop());
    const of = (connection: object) => dump.far.client.call('database.update', { databaseId: dump.databaseId, connection: { ...farConnection(place, dump.far.hostId, 'shop'), tools: ofHost, password: { source: 'none' }, ...connection } });
    await other.query('CREATE DATABASE shop');
    await of({ host: '127.0.0.1', port: other.port });
    await expect(planOf(dump, operationId)).rejects.toMatchObject({ code: 'postgres.wrong-identity' });
    expect([jobsThere(place).length, await expectTrue(dump)]).toEqual([1, []]);
    await of({ host: place.sockets });
    expect([(await continueDump(dump, operationId)).state, await leftAfterAWhile(dump), await expectTrue(dump)]).toEqual(['succeeded', [], ['L3']]);
  });
  test('twice at a time', async () => {
    const { dump, operationId } = await interrupted();
    const plans = [(await planOf(dump, operationId)).plan, (await planOf(dump, operationId)).plan] as const;
    const running = await begin(dump.far.client, plans[0]);
    await expect(begin(dump.far.client, plans[1])).rejects.toMatchObject({ code: 'operation.busy' });
    expect([(await endOf(dump.far.client, running)).state, await leftAfterAWhile(dump), await expectTrue(dump)]).toEqual(['succeeded', [], ['L3']]);
  });
  test('where its folder was taken off the host: that is told, and it can be given up', async () => {
    const { dump, operationId } = await interrupted();
    for (const folder of jobsThere(place)) rmSync(folder, { recursive: true });
    const { plan } = await planOf(dump, operationId);
    expect([plan.runnable, plan.findings[0]]).toEqual([false, expect.objectContaining({ state: 'critical', title: expect.stringContaining('somebody took it away') as string })]);
    await abandon(dump, operationId);
  });
});

describe('on the command line', () => {
  test('an interrupted backup is listed, shown on its host, and continued', async () => {
    const { dump, operationId } = await interrupted();
    await dump.far.engine.close();
    const cli = (...args: string[]) => command(['--home', dump.root, '--json', '--yes', ...args]);
    const unfinished = (await cli('backup', 'unfinished')).document() as { dumps: { operationId: string; host: string }[] };
    const jobs = (await cli('host', 'jobs', 'db-1')).document() as { jobs: { id: string; known: string }[] };
    expect([unfinished.dumps.map((each) => [each.operationId, each.host]), jobs.jobs.map((each) => [each.id, each.known])]).toEqual([[[operationId, 'db-1']], [[operationId, 'unfinished']]]);
    const continued = await cli('backup', 'continue', operationId.slice(0, 8));
    expect([continued.status, (continued.document() as { backup: { proof: string } }).backup.proof]).toEqual([0, 'L3']);
    expect([await leftAfterAWhile(dump), (await cli('backup', 'continue', 'shop')).status]).toEqual([[], 1]);
    expect(await expectTrue(await openFarDump(place, dump))).toEqual(['L3']);
  });
  test('an interrupted backup is given up', async () => {
    const { dump, operationId } = await interrupted();
    await dump.far.engine.close();
    const abandoned = await command(['--home', dump.root, '--json', '--yes', 'backup', 'abandon', operationId]);
    expect([abandoned.status, (abandoned.document() as { abandoned: string }).abandoned, await leftAfterAWhile(dump)]).toEqual([0, operationId, []]);
  });
});

describe('an interrupted backup is gone on with', () => {
  test('and tells what pg_dump warned of while nobody was here', async () => {
    const { dump, operationId } = await interrupted();
    const warning = 'warning: there are circular foreign-key constraints on this table:';
    for (const folder of jobsThere(place)) appendFileSync(join(folder, 'err'), `pg_dump: ${warning}\n`);
    const continued = await continueDump(dump, operationId);
    const { events } = await dump.far.client.call('operation.events', { operationId: continued.id, limit: 5000 });
    expect([continued.state, events.filter((event) => event.kind === 'log' && event.level === 'warn' && event.text === warning).length]).toEqual(['succeeded-with-warnings', 1]);
    expect([await leftAfterAWhile(dump), await expectTrue(dump)]).toEqual([[], ['L3']]);
  });
  test('where what was here of it was taken away, and shows as one of ours on the host', async () => {
    const { dump, operationId } = await interrupted();
    const { jobs } = await dump.far.client.call('host.jobs', { hostId: dump.far.hostId });
    expect(jobs).toEqual([expect.objectContaining({ id: operationId, account: 'db-1', state: 'ended', exitStatus: 0, about: 'Backup of shop, begun by Pilothouse', known: 'unfinished' })]);
    rmSync(join(dump.root, 'backups', 'Far'), { recursive: true });
    expect([(await continueDump(dump, operationId)).state, await leftAfterAWhile(dump), await expectTrue(dump)]).toEqual(['succeeded', [], ['L3']]);
  });
});
