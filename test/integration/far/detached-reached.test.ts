/** Dumps that a host makes by itself, by the ways in which its programs are reached, and where this computer has none of them. */
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import type * as RealTools from '#engine/postgres/tools.ts';
import { noTool } from '#engine/postgres/tools.ts';
import { expectTrue, leftAfterAWhile, leftOver, openFarDump, runDump } from '#test/far-dump.ts';
import { setFarPlace } from '#test/far-stage.ts';
import { makeSudoUser, whyNoSudoUser } from '#test/sudo-user.ts';

/** Whether this computer has none of Postgres's programs; the host has its own. */
let hasNone = false;
vi.mock('#engine/postgres/tools.ts', async (original) => {
  const real = await original<typeof RealTools>();
  return {
    ...real,
    createTools: (...places: Parameters<typeof real.createTools>) => {
      const tools = real.createTools(...places);
      return { ...tools, require: (name: Parameters<typeof tools.require>[0], major: number) => (hasNone ? Promise.reject(noTool(name, major, [], 'this computer')) : tools.require(name, major)) };
    },
  };
});

const place = setFarPlace();
beforeEach(() => {
  hasNone = false;
});

describe('a dump on a host', () => {
  test('is proved there by its own programs, where this computer has none, and gone afterwards', async () => {
    hasNone = true;
    const dump = await openFarDump(place);
    let atProof: string[] = [];
    dump.points.at('proof:L3', async () => (atProof = (await leftOver(dump)).filter((name) => name.includes('/jobs/'))));
    const operation = await runDump(dump, { proof: 'L3' });
    expect([operation.state, operation.error, atProof.length]).toEqual(['succeeded', null, 1]);
    const { proofs } = await dump.far.client.call('backup.get', { backupId: operation.id });
    expect(new Map(proofs.map(({ level, where }) => [level, where === 'this computer' ? 'here' : 'there']))).toEqual(new Map([['L0', 'here'], ['L1', 'there'], ['L2', 'there'], ['L3', 'there']]));
    expect([await leftAfterAWhile(dump), await expectTrue(dump)]).toEqual([[], ['L3']]);
  });
  test('is made by another account, whose files the one that signs in cannot read', async (context) => {
    const why = whyNoSudoUser();
    if (why !== null) context.skip(why);
    const user = makeSudoUser();
    const home = execFileSync('getent', ['passwd', user.name], { encoding: 'utf8' }).split(':')[5] ?? '';
    mkdirSync(home, { recursive: true, mode: 0o700 });
    execFileSync('chown', [user.name, home]);
    onTestFinished(() => {
      user.remove();
      rmSync(home, { recursive: true, force: true });
    });
    chmodSync(place.sockets, 0o777);
    const dump = await openFarDump(place, { connection: { tools: { where: 'host', access: { kind: 'sudo', user: user.name }, connect: { host: place.sockets, port: place.postgres.port, user: 'postgres' } } } });
    let there: string[] = [];
    dump.points.at('backup:dumped', () => (there = readdirSync(join(home, '.pilothouse', 'jobs'))));
    const operation = await runDump(dump, { proof: 'L3' });
    expect([operation.state, operation.error, there]).toEqual(['succeeded', null, [operation.id]]);
    expect([await leftAfterAWhile(dump), await expectTrue(dump), existsSync(join(home, '.pilothouse'))]).toEqual([[], ['L3'], false]);
  });
  test('inside of a container is streamed instead, which its plan says', async () => {
    const dump = await openFarDump(place);
    const { database } = await dump.far.client.call('database.update', { databaseId: dump.databaseId, connection: { host: place.sockets, port: place.postgres.port, database: 'shop', user: 'postgres', tls: { mode: 'disable', ca: null }, password: { source: 'none' }, viaId: dump.far.hostId, tools: { where: 'host', access: { kind: 'docker', container: 'none-of-that-name' }, connect: null } } });
    const { plan } = await dump.far.client.call('backup.plan', { databaseId: database.id, options: { format: 'directory' } });
    expect([plan.findings.map(({ title }) => title), plan.steps.some(({ id }) => id === 'fetch')]).toEqual([expect.arrayContaining(['It is streamed here as one file, by one worker']), false]);
  });
});
