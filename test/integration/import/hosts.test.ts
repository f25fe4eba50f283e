/** Hosts as they are imported from OpenSSH's files: twenty of them behind a bastion, on real servers. */
import { execFileSync, spawn } from 'node:child_process';
import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import type { EngineClient, MethodOutput } from '#shared/contract/index.ts';
import type { ImportedHost } from '#shared/contract/imports.ts';
import { fromHere, type DatabaseConnection } from '#shared/contract/systems.ts';
import { createEngine } from '#engine/create-engine.ts';
import { fingerprintOf } from '#engine/ssh/host-key.ts';
import { silentLogger, silentNotifier, systemClock, systemRandom, type Ports } from '#engine/ports.ts';
import { openDatabase } from '#engine/store/database.ts';
import { authorize, makeKey, startSshServer, whyNoSshServer, type KeyPair, type SshServer } from '#test/ssh-server.ts';
import { temporaryFolder } from '#test/temporary-folder.ts';
import { waitFor } from '#test/wait-for.ts';

const missing = whyNoSshServer();
/** Each of them an address of its own, all of them on this computer. */
const addresses = Array.from({ length: 20 }, (_each, index) => `127.0.1.${index + 1}`);

let bastion: SshServer;
let target: SshServer;
/** For the second ten of them: one sshd listens at sixteen addresses at most. */
let second: SshServer;
let key: KeyPair;
let home: string;
let root: string;
let client: EngineClient;
let systemId: string;

beforeAll(async () => {
  if (missing !== null) return;
  const listenAt = (some: readonly string[]) => startSshServer({ settings: { ListenAddress: ['127.0.0.1', ...some].join('\nListenAddress ') } });
  [bastion, target, second] = await Promise.all([startSshServer({ hostKeys: ['ecdsa'] }), listenAt(addresses.slice(0, 10)), listenAt(addresses.slice(10))]);
  key = makeKey(target.folder);
  for (const server of [bastion, target, second]) authorize(server, key);
});
afterAll(() => Promise.all([bastion?.stop(), target?.stop(), second?.stop()]));

const ports: Ports = { clock: systemClock, random: systemRandom, logger: silentLogger, keyWrapping: null, notifier: silentNotifier, host: 'test' };

beforeEach(async (context) => {
  if (missing !== null) context.skip(missing);
  home = await temporaryFolder('import-home');
  vi.stubEnv('HOME', home);
  vi.stubEnv('SSH_AUTH_SOCK', undefined);
  mkdirSync(join(home, '.ssh'), { mode: 0o700 });
  writeFileSync(join(home, '.ssh', 'id_ed25519'), key.privateKey, { mode: 0o600 });
  root = await temporaryFolder('import');
  const engine = await createEngine({ root, ports });
  onTestFinished(() => engine.close());
  client = engine.client('console');
  systemId = (await client.call('system.add', { name: 'Shop', environment: 'production' })).system.id;
});

const ssh = (name: string): string => join(home, '.ssh', name);
const keyLine = (server: SshServer): string => server.knownKeys.map(({ type, key: half }) => `${type} ${half}`)[0] ?? '';
const known = (host: string, server: SshServer): string => `[${host}]:${server.port} ${keyLine(server)}\n`;

const serverAt = (index: number): SshServer => (index < 10 ? target : second);

/** As a DBA has it: a bastion, and everything else behind it. */
function writeTwenty(): void {
  const hosts = addresses.map((address, index) => `Host db-${index + 1}\n  HostName ${address}\n  Port ${serverAt(index).port}\n`);
  writeFileSync(ssh('config'), `Host bastion\n  HostName 127.0.0.1\n  Port ${bastion.port}\n\n${hosts.join('\n')}\nHost db-*\n  ProxyJump bastion\n\nHost *\n  User ${target.user}\n  IdentityFile ~/.ssh/id_ed25519\n`);
  writeFileSync(ssh('known_hosts'), known('127.0.0.1', bastion) + addresses.map((address, index) => known(address, serverAt(index))).join(''));
  execFileSync('ssh-keygen', ['-H', '-f', ssh('known_hosts')], { stdio: 'ignore' });
}
const preview = (source: { text?: string; configPath?: string; knownHostsPath?: string } = {}) => client.call('import.previewSsh', { systemId, ...source });
const apply = (shown: MethodOutput<'import.previewSsh'>, items: string[], source: { text?: string } = {}) => client.call('import.applySsh', { systemId, ...source, items, previewHash: shown.previewHash });
const named = (shown: MethodOutput<'import.previewSsh'>, id: string): ImportedHost => {
  const found = shown.hosts.find((host) => host.id === id);
  if (found === undefined) throw new Error(`${id} is not in the preview: ${shown.hosts.map((host) => host.id).join(', ')}`);
  return found;
};
const hostList = async () => (await client.call('host.list', { systemId })).hosts;

describe('twenty hosts behind a bastion', () => {
  test('are shown with their way, their key and what is known of them', async () => {
    writeTwenty();
    const shown = await preview();
    expect(shown.hosts).toHaveLength(21);
    expect(shown.problems).toEqual([]);
    expect(new Set(shown.hosts.map(({ state }) => state))).toEqual(new Set(['new']));
    expect(named(shown, 'db-20')).toMatchObject({ host: '127.0.1.20', port: second.port, user: target.user, through: ['bastion'], keys: [{ path: ssh('id_ed25519'), state: 'ready' }], hostKeys: [{ state: 'new', type: 'ssh-ed25519' }], cautions: [] });
  });
  test('are imported with the bastion, and can be connected to at once', async () => {
    writeTwenty();
    const shown = await preview();
    const answer = await apply(shown, shown.hosts.filter(({ id }) => id !== 'bastion').map(({ id }) => id));
    expect([answer.added.length, answer.keys]).toEqual([21, { trusted: 21, revoked: 0 }]);
    const hosts = await hostList();
    const last = hosts.find(({ label }) => label === 'db-20');
    const tested = await client.call('host.test', { hostId: last?.id ?? '' });
    expect([tested.error, tested.machines.map(({ label }) => label)]).toEqual([null, ['bastion', 'db-20']]);
    expect((await preview()).hosts.map(({ state }) => state)).toEqual(Array<string>(21).fill('known'));
  });
  test('are imported one by one, each with the way to it', async () => {
    writeTwenty();
    await apply(await preview(), ['db-3']);
    expect((await hostList()).map(({ label }) => label)).toEqual(['bastion', 'db-3']);
    const again = await preview();
    expect([named(again, 'bastion').state, named(again, 'db-3').state, named(again, 'db-4').state]).toEqual(['known', 'known', 'new']);
    await apply(again, ['db-4']);
    const hosts = await hostList();
    expect(new Set(hosts.filter(({ label }) => label !== 'bastion').map(({ connection }) => connection.viaId))).toEqual(new Set([hosts.find(({ label }) => label === 'bastion')?.id]));
  });
});

describe('nothing is added', () => {
  test('where a file changed since it was shown', async () => {
    writeTwenty();
    const shown = await preview();
    appendFileSync(ssh('known_hosts'), '# a line that changes nothing\n');
    await expect(apply(shown, ['db-1'])).rejects.toMatchObject({ code: 'operation.plan-changed' });
    expect(await hostList()).toEqual([]);
  });
  test('where an included file changed since it was shown', async () => {
    writeTwenty();
    writeFileSync(ssh('more'), 'Host extra\n  HostName 127.0.1.3\n');
    writeFileSync(ssh('config'), `Include more\n${readFileSync(ssh('config'), 'utf8')}`);
    const shown = await preview();
    writeFileSync(ssh('more'), 'Host extra\n  HostName 127.0.1.4\n');
    await expect(apply(shown, ['extra'])).rejects.toMatchObject({ code: 'operation.plan-changed' });
    expect(await hostList()).toEqual([]);
  });
  test('where a key file went missing since it was shown', async () => {
    writeTwenty();
    const shown = await preview();
    writeFileSync(ssh('id_ed25519'), 'nothing', { mode: 0o600 });
    await expect(apply(shown, ['db-1'])).rejects.toMatchObject({ code: 'operation.plan-changed' });
  });
  test('of those that are chosen where one of them cannot be imported', async () => {
    writeTwenty();
    appendFileSync(ssh('config'), 'Host odd\n  ProxyCommand nc -x proxy %h %p\n');
    await expect(apply(await preview(), ['db-1', 'odd'])).rejects.toMatchObject({ code: 'contract.invalid-input', message: expect.stringContaining('odd cannot be imported') as string });
    expect(await hostList()).toEqual([]);
  });
  test('where the store takes some of them and refuses another', async () => {
    writeTwenty();
    const store = openDatabase(root, root, systemClock.now());
    store.exec("CREATE TRIGGER no_more BEFORE INSERT ON hosts WHEN NEW.label = 'db-2' BEGIN SELECT RAISE(ABORT, 'no more of them'); END");
    store.close();
    const shown = await preview();
    await expect(apply(shown, ['db-1', 'db-2'])).rejects.toMatchObject({ message: expect.stringContaining('no more of them') as string });
    expect([await hostList(), (await client.call('host.keys', { machine: { host: '127.0.0.1', port: bastion.port } })).keys]).toEqual([[], []]);
  });
  test('where one of them was added by hand since it was shown', async () => {
    writeTwenty();
    const shown = await preview();
    await client.call('host.add', { systemId, label: 'db-1', connection: { host: '127.0.1.1', port: target.port, user: target.user, signIn: { keys: [], agent: true, password: { source: 'none' } }, viaId: null } });
    await expect(apply(shown, ['db-1', 'db-2'])).rejects.toMatchObject({ code: 'operation.plan-changed' });
    expect((await hostList()).map(({ label }) => label)).toEqual(['db-1']);
  });
});

describe('a key', () => {
  const hostOf = (label: string) => hostList().then((hosts) => hosts.find((host) => host.label === label)?.id ?? '');
  const keysOf = async (label: string) => (await client.call('host.keys', { machine: { hostId: await hostOf(label) } })).keys.map(({ state, source, type }) => `${state} ${source} ${type}`);
  const direct = (): void => writeFileSync(ssh('config'), `Host db\n  HostName 127.0.1.1\n  Port ${target.port}\n  User ${target.user}\n`);
  const otherKey = (): string => makeKey(home).publicKey.split(' ').slice(0, 2).join(' ');

  test('that is revoked there is revoked here', async () => {
    direct();
    writeFileSync(ssh('known_hosts'), `${known('127.0.1.1', target)}@revoked * ${keyLine(target)}\n`);
    const shown = await preview();
    expect(named(shown, 'db').hostKeys.map(({ state }) => state)).toEqual(['revoked']);
    expect((await apply(shown, ['db'])).keys).toEqual({ trusted: 0, revoked: 1 });
    expect(await client.call('host.test', { hostId: await hostOf('db') })).toMatchObject({ ok: false, error: { code: 'ssh.host-key-revoked' } });
  });
  test('is not taken over where another one is trusted here, and that is said', async () => {
    direct();
    writeFileSync(ssh('known_hosts'), known('127.0.1.1', target));
    await apply(await preview(), ['db']);
    writeFileSync(ssh('known_hosts'), `[127.0.1.1]:${target.port} ${otherKey()}\n`);
    writeFileSync(ssh('config'), readFileSync(ssh('config'), 'utf8').replace('User', 'IdentitiesOnly yes\n  IdentityFile ~/.ssh/id_other\n  User'));
    const shown = await preview();
    expect(named(shown, 'db')).toMatchObject({ state: 'changed', hostKeys: [{ state: 'conflict', reason: expect.stringContaining('Another key is trusted here') as string }] });
    const answer = await apply(shown, ['db']);
    expect([answer.skipped.map(({ label }) => label), await keysOf('db')]).toEqual([['db'], ['trusted known-hosts ssh-ed25519']]);
  });
  test('stays a conflict where the way to the host changes with it', async () => {
    direct();
    writeFileSync(ssh('known_hosts'), known('127.0.1.1', target));
    await apply(await preview(), ['db']);
    writeFileSync(ssh('known_hosts'), `[127.0.1.1]:${target.port} ${otherKey()}\n`);
    writeFileSync(ssh('config'), `Host bastion\n  HostName 127.0.0.1\n  Port ${bastion.port}\n${readFileSync(ssh('config'), 'utf8')}  ProxyJump bastion\n`);
    const shown = await preview();
    expect(named(shown, 'db').hostKeys.map(({ state }) => state)).toEqual(['conflict']);
    await apply(shown, ['bastion', 'db']);
    expect(await keysOf('db')).toEqual(['trusted known-hosts ssh-ed25519']);
  });
  test('that is another one on the new way is not taken by leading the host there', async () => {
    writeFileSync(ssh('config'), `Host bastion\n  HostName 127.0.0.1\n  Port ${bastion.port}\n\nHost db\n  HostName 127.0.1.1\n  Port ${target.port}\n  User ${target.user}\n`);
    writeFileSync(ssh('known_hosts'), known('127.0.1.1', target));
    await apply(await preview(), ['bastion', 'db']);
    const [keyType = '', other = ''] = otherKey().split(' ');
    await client.call('host.trustKey', { machine: { host: '127.0.1.1', port: target.port, viaId: await hostOf('bastion') }, keyType, key: other, fingerprint: fingerprintOf({ type: keyType, key: other }) });
    writeFileSync(ssh('config'), `${readFileSync(ssh('config'), 'utf8')}  ProxyJump bastion\n`);
    await expect(apply(await preview(), ['db'])).rejects.toMatchObject({ code: 'store.conflict', message: expect.stringContaining('another key') as string });
    expect((await hostList()).find(({ label }) => label === 'db')?.connection.viaId).toBe(null);
  });
  test('of a type that cannot be checked is left out', async () => {
    direct();
    const dss = Buffer.concat([Buffer.from([0, 0, 0, 7]), Buffer.from('ssh-dss'), Buffer.from([0, 0, 0, 1, 5])]).toString('base64');
    writeFileSync(ssh('known_hosts'), `[127.0.1.1]:${target.port} ssh-dss ${dss}\n@cert-authority *:${target.port},[127.0.1.1]:${target.port} ${keyLine(target)}\n`);
    const shown = await preview();
    expect(named(shown, 'db')).toMatchObject({ state: 'new', hostKeys: [{ state: 'unsupported' }], cautions: [expect.stringContaining('@cert-authority') as string] });
    await apply(shown, ['db']);
    expect(await keysOf('db')).toEqual([]);
  });
});

describe('a host that is here', () => {
  test('keeps where its secrets come from when it is changed', async () => {
    writeTwenty();
    writeFileSync(ssh('id_ed25519'), makeKey(home, { passphrase: 'canary-of-an-import' }).privateKey, { mode: 0o600 });
    const shown = await preview();
    expect(named(shown, 'bastion').keys.map(({ state }) => state)).toEqual(['encrypted']);
    await apply(shown, ['bastion']);
    const [host] = await hostList();
    if (host === undefined) throw new Error('The bastion was not added.');
    await client.call('vault.create', { passphrase: 'canary-of-the-vault-9' });
    await client.call('host.update', { hostId: host.id, connection: { ...host.connection, signIn: { ...host.connection.signIn, keys: [{ path: ssh('id_ed25519'), passphrase: { source: 'vault' } }] } }, passphrases: [{ path: ssh('id_ed25519'), passphrase: 'canary-of-an-import' }] });
    writeFileSync(ssh('config'), readFileSync(ssh('config'), 'utf8').replace('HostName 127.0.0.1', 'HostName localhost'));
    const changed = await preview();
    expect(named(changed, 'bastion')).toMatchObject({ state: 'changed', reasons: [`Here it is ${target.user}@127.0.0.1:${bastion.port}.`], hostId: host.id });
    const { updated } = await apply(changed, ['bastion']);
    expect(updated[0]?.connection).toMatchObject({ host: 'localhost', signIn: { keys: [{ passphrase: { source: 'vault' } }] } });
  });
  test('takes no password along of a database behind it when it is led elsewhere', async () => {
    writeTwenty();
    await apply(await preview(), ['bastion']);
    const [host] = await hostList();
    await client.call('vault.create', { passphrase: 'canary-of-the-vault-9' });
    const connection: DatabaseConnection = { ...fromHere, host: '127.0.0.1', port: 1, database: 'shop', user: 'ann', tls: { mode: 'disable', ca: null }, password: { source: 'vault' }, viaId: host?.id ?? null };
    const { database } = await client.call('database.add', { systemId, connection, password: 'canary-of-a-database' });
    const kept = (): number => Object.keys((JSON.parse(readFileSync(join(root, 'vault.json'), 'utf8')) as { records: object }).records).filter((name) => name.startsWith(`database:${database.id}:`)).length;
    const before = kept();
    writeFileSync(ssh('config'), readFileSync(ssh('config'), 'utf8').replace('HostName 127.0.0.1', 'HostName localhost'));
    await apply(await preview(), ['bastion']);
    expect([before, kept()]).toEqual([1, 0]);
  });
  test('is not changed by the way of another one: it has to be chosen too', async () => {
    writeTwenty();
    await apply(await preview(), ['bastion']);
    writeFileSync(ssh('config'), readFileSync(ssh('config'), 'utf8').replace('HostName 127.0.0.1', 'HostName localhost'));
    const shown = await preview();
    await expect(apply(shown, ['db-1'])).rejects.toMatchObject({ code: 'contract.invalid-input', message: expect.stringContaining('bastion is on the way') as string });
    expect((await apply(shown, ['db-1', 'bastion'])).updated.map(({ connection }) => connection.host)).toEqual(['localhost']);
  });
});

describe('an agent', () => {
  async function startAgent(...keys: readonly KeyPair[]): Promise<string> {
    const socket = join(await temporaryFolder('import-agent'), 'agent.sock');
    const agent = spawn('ssh-agent', ['-D', '-a', socket], { stdio: 'ignore' });
    onTestFinished(() => void agent.kill());
    for (const each of keys) await waitFor('the agent', () => execFileSync('ssh-add', ['-q', '-'], { env: { ...process.env, SSH_AUTH_SOCK: socket }, input: each.privateKey, stdio: 'pipe' }) !== null);
    return socket;
  }
  const tested = async (config: string) => {
    writeFileSync(ssh('config'), `Host db\n  HostName 127.0.1.1\n  Port ${target.port}\n  User ${target.user}\n${config}`);
    writeFileSync(ssh('known_hosts'), known('127.0.1.1', target));
    const shown = await preview();
    const { added } = await apply(shown, ['db']);
    const { error, machines } = await client.call('host.test', { hostId: added[0]?.id ?? '' });
    return { host: named(shown, 'db'), signIn: added[0]?.connection.signIn, error, detail: machines[0]?.layers[3]?.detail };
  };

  test('that holds the key signs in, and its passphrase is not asked for', async () => {
    vi.stubEnv('SSH_AUTH_SOCK', await startAgent(key));
    // The same key as the agent has it, encrypted.
    const path = ssh('id_locked');
    writeFileSync(path, key.privateKey, { mode: 0o600 });
    execFileSync('ssh-keygen', ['-q', '-p', '-a', '1', '-P', '', '-N', 'canary-of-an-import', '-f', path]);
    const { host, signIn, error } = await tested(`  IdentityFile ${path}\n`);
    expect([host.keys, signIn?.keys, signIn?.agent, error]).toEqual([[{ path, state: 'in-agent' }], [], true, null]);
  });
  test('of the host itself offers the key that is named, and no other', async () => {
    const socket = await startAgent(makeKey(home), key, makeKey(home));
    writeFileSync(ssh('work.pub'), `${key.publicKey}\n`);
    const { signIn, error, detail } = await tested(`  IdentityAgent ${socket}\n  IdentitiesOnly yes\n  IdentityFile ${ssh('work')}\n`);
    expect([signIn, error, detail]).toMatchObject([{ agent: true, agentSocket: socket, identitiesOnly: true, keys: [{ path: ssh('work.pub') }] }, null, expect.stringContaining('agent') as string]);
  });
  test('that does not answer is no reason not to sign in with a key file', async () => {
    const { host, error } = await tested(`  IdentityAgent ${ssh('no-agent')}\n  IdentityFile ${ssh('id_ed25519')}\n`);
    expect([host.cautions, error]).toEqual([[`The agent at ${ssh('no-agent')} holds no key just now.`], null]);
  });
});

describe('pasted lines', () => {
  test('are imported as ssh would connect by them', async () => {
    writeFileSync(ssh('known_hosts'), known('127.0.0.1', bastion) + known('127.0.1.7', target));
    const text = `# my notes\n$ ssh -J ${bastion.user}@127.0.0.1:${bastion.port} -p ${target.port} -i ~/.ssh/id_ed25519 -l ${target.user} -o IdentitiesOnly=yes 127.0.1.7 uptime\n`;
    const shown = await preview({ text });
    expect(named(shown, '127.0.1.7')).toMatchObject({ state: 'new', line: 2, port: target.port, through: [`127.0.0.1:${bastion.port}`], cautions: ['The command at its end is left out.'] });
    const { added } = await apply(shown, ['127.0.1.7'], { text });
    expect(await client.call('host.test', { hostId: added.find(({ label }) => label === '127.0.1.7')?.id ?? '' })).toMatchObject({ ok: true });
  });
});
