/** A password is read before one is there, and getting there may take minutes: whoever is there by then has to be the one whom it is for. */
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { systemPolicy, type DatabaseConnection } from '#shared/contract/systems.ts';
import { createScrubber } from '#shared/domain/scrub.ts';
import { Secret } from '#shared/domain/secret.ts';
import { siteOf } from '#engine/backup/detached/site.ts';
import { runTool } from '#engine/backup/run-tool.ts';
import type { EngineContext } from '#engine/engine-context.ts';
import { onHost } from '#engine/files/there.ts';
import { systemClock, systemRandom } from '#engine/ports.ts';
import { withConninfo } from '#engine/postgres/conninfo.ts';
import { openGate } from '#engine/postgres/gate.ts';
import type { RunFolder } from '#engine/postgres/run-folder.ts';
import { openSession } from '#engine/postgres/session.ts';
import type { ToolsThere } from '#engine/postgres/tools-there.ts';
import type { ClientTool, PostgresTarget } from '#engine/postgres/types.ts';
import type { SshConnection } from '#engine/ssh/chain.ts';
import { startJob } from '#engine/ssh/jobs/detached-job.ts';
import { createHandshakes } from '#engine/ssh/handshakes.ts';
import { createHostRoom } from '#engine/ssh/host-room.ts';
import { createHostLines, type HostLines } from '#engine/ssh/lines.ts';
import { createSshPool, type SshPool } from '#engine/ssh/pool.ts';
import { openDatabase, type Database } from '#engine/store/database.ts';
import { createHostKeyRepository } from '#engine/store/host-key-repository.ts';
import { createHostRepository, type HostRepository } from '#engine/store/host-repository.ts';
import { createSystemRepository, type SystemRepository } from '#engine/store/system-repository.ts';
import { createSystemRoom } from '#engine/systems/system-room.ts';
import { createTypedPasswords } from '#engine/systems/passwords.ts';
import { createReach, type Reach } from '#engine/systems/reach.ts';
import { noLines } from '#test/no-lines.ts';
import { temporaryFolder } from '#test/temporary-folder.ts';

const secret = new Secret('correct horse');
const reached = (host: string, viaId: string | null) => ({ host, port: 22, user: 'ann', signIn: { keys: [], agent: true, password: { source: 'none' as const } }, viaId });
const place = { label: 'shop', host: 'localhost', port: 5432, database: 'shop', user: 'ann', viaId: 'db-1', through: 'db-1' };
const target = { databaseId: 'shop', label: 'shop', through: 'db-1', systemIdentifier: null, connection: { ...place, tls: { mode: 'disable', ca: null }, password: { source: 'ask' }, tools: { where: 'host', access: { kind: 'plain' }, connect: null } } as unknown as DatabaseConnection } as PostgresTarget;
const passwords = { passwordFor: () => Promise.resolve(secret) };

let store: Database;
let systems: SystemRepository;
let hosts: HostRepository;
let reach: Reach;
beforeEach(async () => {
  const root = await temporaryFolder('hosts');
  const opened = openDatabase(root, root, 0);
  store = opened;
  onTestFinished(() => void opened.close());
  systems = createSystemRepository(store);
  systems.insert({ id: 'shop', name: 'Shop', environment: 'production', policy: systemPolicy.parse({}), at: 0 });
  hosts = createHostRepository(store);
  hosts.insert({ id: 'gate', systemId: 'shop', label: 'gate', connection: reached('gate.example', null), at: 0 });
  hosts.insert({ id: 'db-1', systemId: 'shop', label: 'db-1', connection: reached('10.0.0.7', 'gate'), at: 0 });
  reach = createReach(systems, hosts, createHostKeyRepository(store));
});

/** What a person changes while one is on the way. */
const changes = {
  'the host is led elsewhere': () => hosts.update('db-1', { connection: reached('10.0.0.8', 'gate') }),
  'the machine before it is led elsewhere': () => hosts.update('gate', { connection: reached('other.example', null) }),
  'the host is forgotten': () => hosts.remove('db-1'),
};
const each = Object.entries(changes);

/** Commands that were begun over the connections of a pool, each of which takes as long as a person takes to do something. */
function whileConnecting(meanwhile: () => unknown): { pool: SshPool; begun: string[] } {
  const begun: string[] = [];
  const pool = createSshPool({
    now: systemClock.now,
    async connect() {
      meanwhile();
      const client = { once() {}, removeListener() {}, exec: (command: string) => void begun.push(command) };
      return { client, label: 'db-1', hops: [], closed: new Promise(() => {}), isOpen: true, close() {} } as unknown as SshConnection;
    },
  });
  return { pool, begun };
}
const refused = { code: 'operation.plan-changed', message: expect.stringContaining('db-1 is reached elsewhere') as string };
const program = { argv: ['true'] as const, through: [], folder: null, files: [], stdin: null };

describe.each(each)('where meanwhile %s', (_what, meanwhile) => {
  test('sudo of a program there gets no password', async () => {
    const { pool, begun } = whileConnecting(meanwhile);
    const lines = createHostLines(pool, { random: systemRandom, sudoPassword: async () => secret, pin: reach.pin });
    await expect(lines.run('db-1', { ...program, sudoAs: 'postgres', signal: new AbortController().signal })).rejects.toMatchObject(refused);
    expect(begun).toEqual([]);
  });
  test('sudo that reads files there gets no password', async () => {
    const { pool, begun } = whileConnecting(meanwhile);
    const context = { ports: { random: systemRandom }, store, hosts: pool, ...reach } as unknown as EngineContext;
    const work = onHost({ context, sudoPassword: async () => secret }, { hostId: 'db-1', access: { kind: 'sudo', user: 'root' } }, new AbortController().signal, (there) => there.run({ argv: ['true'], signal: new AbortController().signal }));
    await expect(work).rejects.toMatchObject(refused);
    expect(begun).toEqual([]);
  });
  test('sudo that is tried out gets no password', async () => {
    const { pool, begun } = whileConnecting(meanwhile);
    const context = { ports: { random: systemRandom, clock: systemClock }, store, hosts: pool, scrubber: createScrubber(), changes: { changed() {} }, ...reach } as unknown as EngineContext;
    const { handlers } = createHostRoom(context, createTypedPasswords(), createHandshakes({ random: systemRandom }));
    await expect(handlers['host.testSudo']({ hostId: 'db-1', asUser: 'root', sudoPassword: secret }, { caller: 'test', signal: new AbortController().signal } as never)).rejects.toMatchObject(refused);
    expect(begun).toEqual([]);
  });
  test('a server whose password was typed for a test gets none', async () => {
    const asked: unknown[] = [];
    const postgres = { testConnection: async (of: unknown) => void asked.push(of) };
    const context = { ports: { random: systemRandom, clock: systemClock }, store, systems, scrubber: createScrubber(), changes: { changed() {} }, postgres, ...reach } as unknown as EngineContext;
    const look = async () => (meanwhile(), { ok: true, machines: [], error: null, platform: null });
    const { handlers } = createSystemRoom(context, createTypedPasswords(), { look, hostsOf: () => ({ forgetSecrets: async () => {} }) }, () => {});
    const given = { connection: { ...target.connection, password: { source: 'ask' as const } }, password: secret };
    await expect(handlers['database.test'](given, { caller: 'test', signal: new AbortController().signal } as never)).rejects.toMatchObject(refused);
    expect(asked).toEqual([]);
  });
  test.each([['a program', 'run'], ['a job', 'begin']] as const)('%s there gets no passfile', async (_kind, how) => {
    const { pool, begun } = whileConnecting(meanwhile);
    const lines = createHostLines(pool, { random: systemRandom, sudoPassword: async () => null, pin: reach.pin });
    const there: ToolsThere = { label: 'db-1', prefix: [], newFolder: () => '/dev/shm/x', run: (run) => lines.run('db-1', { ...run, through: [] }) };
    const tool: ClientTool = { name: 'pg_dump', path: '/usr/bin/pg_dump', version: '18', major: 18, there };
    const { signal } = new AbortController();
    const run = withConninfo(target, { applicationName: 'test', tool }, { passwords, runFolder: {} as RunFolder, lines, timeoutMs: 1000 }, async (_conninfo, sent) => {
      if (how === 'run') await runTool({ tool, args: [], sent, target: 'shop', signal, record() {} });
      else await siteOf(tool, target).ask(signal, sent.pin)((host) => startJob(host, { id: 'job', command: 'true', secrets: sent.files }, signal));
    });
    await expect(run).rejects.toMatchObject(refused);
    expect(begun).toEqual([]);
  });
  test('a server that asks for the password of a session gets none', async () => {
    const sent: Buffer[] = [];
    const line = Object.assign(new PassThrough(), { write: (chunk: Buffer) => (sent.push(Buffer.from(chunk)), true) });
    const lines: HostLines = { ...noLines, pin: reach.pin, open: async () => {
      meanwhile();
      // AuthenticationCleartextPassword, as from the host itself.
      setImmediate(() => line.push(Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 3])));
      return line;
    } };
    await expect(openSession(target, { applicationName: 'test' }, { passwords, lines, layerTimeoutMs: 2000 })).rejects.toMatchObject(refused);
    expect(Buffer.concat(sent).includes('correct horse')).toBe(false);
  });
  test('a program of this computer is let through to nobody', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'gate-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const behind = new PassThrough();
    const lines: HostLines = { ...noLines, pin: reach.pin, open: async () => (meanwhile(), behind) };
    const runFolder = { socket: () => ({ folder, port: 1, file: join(folder, '.s.PGSQL.1') }), remove: async () => {} } as unknown as RunFolder;
    const gate = await openGate(place, { connection: { tls: { mode: 'disable', ca: null } }, timeoutMs: 1000, lines, pin: lines.pin('db-1'), runFolder });
    onTestFinished(() => gate.close());
    const caller = connect({ path: join(folder, '.s.PGSQL.1') });
    caller.write('correct horse');
    const answer = (await buffer(caller)).toString();
    expect([answer.includes('db-1 is reached elsewhere'), behind.readableLength, behind.destroyed]).toEqual([true, 0, true]);
  });
});

test('where nothing is another, what is meant for it is told', async () => {
  const { pool, begun } = whileConnecting(() => hosts.update('gate', { label: 'bastion' }));
  const lines = createHostLines(pool, { random: systemRandom, sudoPassword: async () => secret, pin: reach.pin });
  const cancel = new AbortController();
  const running = lines.run('db-1', { ...program, sudoAs: 'postgres', signal: cancel.signal });
  await expect.poll(() => begun.length).toBe(1);
  cancel.abort(new Error('enough'));
  await expect(running).rejects.toThrow('enough');
});
