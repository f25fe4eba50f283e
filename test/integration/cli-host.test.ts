/** Hosts on the command line, as a script and as a person at a terminal use it, on real servers. */
import { execFileSync, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { openDatabase } from '#engine/store/database.ts';
import { createHostKeyRepository } from '#engine/store/host-key-repository.ts';
import { systemClock, systemRandom } from '#engine/ports.ts';
import * as documents from '../../electron/cli/documents.ts';
import { cliSession, type CliSession } from '#test/cli-session.ts';
import { command, startCommand, type StartedCommand } from '#test/command-line.ts';
import { authorize, makeKey, startSshServer, whyNoSshServer, type KeyPair, type SshServer } from '#test/ssh-server.ts';
import { temporaryFolder } from '#test/temporary-folder.ts';
import { waitFor } from '#test/wait-for.ts';

const missing = whyNoSshServer();
const canary = 'canary-of-the-key-51';
let target: SshServer;
let jump: SshServer;
let key: KeyPair;
let lockedKey: KeyPair;
let cli: CliSession;
let keyFile: string;
let fingerprints: { target: string; jump: string };

const fingerprintOf = (server: SshServer): string => execFileSync('ssh-keygen', ['-lf', join(server.folder, 'host_ed25519')], { encoding: 'utf8' }).split(' ')[1] ?? '';

beforeAll(async () => {
  if (missing !== null) return;
  [target, jump] = await Promise.all([startSshServer(), startSshServer()]);
  fingerprints = { target: fingerprintOf(target), jump: fingerprintOf(jump) };
  key = makeKey(target.folder);
  lockedKey = makeKey(target.folder, { passphrase: canary });
  for (const server of [target, jump]) authorize(server, key, lockedKey);
});
afterAll(() => Promise.all([target?.stop(), jump?.stop()]));
beforeEach(async (context) => {
  if (missing !== null) context.skip(missing);
  cli = cliSession(await temporaryFolder('cli-host'));
  keyFile = join(cli.home, 'id');
  writeFileSync(keyFile, key.privateKey, { mode: 0o600 });
  await cli.read(documents.systemAddedDocument, 'system', 'add', 'Shop');
});

const address = (server: SshServer): string => `${server.user}@127.0.0.1:${server.port}`;
const add = (label: string, server: SshServer, ...options: string[]) => cli.read(documents.hostAddedDocument, 'host', 'add', 'Shop', address(server), '--label', label, ...(options.includes('--agent') || options.includes('--key') ? [] : ['--key', keyFile]), ...options);
const trust = (label: string, fingerprint: string, ...options: string[]) => cli.read(documents.hostTrustedDocument, 'host', 'trust', label, '--fingerprint', fingerprint, ...options);
const keysOf = async (label: string) => (await cli.read(documents.hostDocument, 'host', 'show', label)).keys;

/** As if another key had been trusted before: the machine was rebuilt since. */
function trustedOtherKey(server: SshServer): string {
  const [type = '', other = ''] = makeKey(cli.home).publicKey.split(' ');
  const store = openDatabase(cli.home, cli.home, systemClock.now());
  createHostKeyRepository(store).insert({ id: systemRandom.id(), host: '127.0.0.1', port: server.port, type, key: other, state: 'trusted', source: 'known-hosts', by: 'test', at: systemClock.now() });
  store.close();
  return other;
}

/** A person at a terminal, who answers one question. */
async function atTerminal(question: string, answer: string, ...args: string[]): Promise<{ status: number; shown: string }> {
  const terminal = { stdin: new PassThrough(), columns: 80 };
  const started: StartedCommand = startCommand(['--home', cli.home, ...args], '', terminal);
  await waitFor(`the question "${question}"`, () => started.said().includes(question));
  terminal.stdin.write(`${answer}\r`);
  return { status: (await started.result).status, shown: started.said() };
}

describe('a host behind another one', () => {
  test('is told with its layers by the test of a database that is reached through it', async () => {
    await add('gate', jump);
    await trust('gate', fingerprints.jump);
    await command(['--home', cli.home, 'database', 'add', 'Shop', 'postgres://ann@127.0.0.1:1/shop', '--via', 'gate', '--tls', 'disable', '--password-from', 'none']);
    const { stdout, status } = await command(['--home', cli.home, 'database', 'test', 'shop']);
    expect([status, stdout.split('\n').map((line) => line.trim().split(/\s{2,}/).slice(0, 2).join(' ')).slice(0, 8)]).toEqual([1, [`gate (127.0.0.1 port ${jump.port})`, 'name ok', 'network ok', 'host-key ok', 'sign-in ok', 'command ok', 'name ok', 'network failed']]);
  });
  test('is added, trusted machine by machine, tested and forgotten by a script', async () => {
    await add('gate', jump);
    await add('db', target, '--via', 'gate');
    await trust('gate', fingerprints.jump);
    const { test: tested } = await trust('db', fingerprints.target);
    expect(tested.machines.map(({ label, layers }) => [label, layers.every(({ state }) => state === 'ok')])).toEqual([['gate', true], ['db', true]]);
    expect((await cli.read(documents.hostTestDocument, 'host', 'test', 'db')).test.ok).toBe(true);
    expect((await cli.read(documents.hostDocument, 'host', 'show', 'db')).way.map(({ label }) => label)).toEqual(['gate', 'db']);
    expect(await cli.fail('host', 'remove', 'gate', '--confirm', 'gate')).toMatchObject({ code: 'store.conflict', message: 'gate is the way to db.' });
    for (const label of ['db', 'gate']) await cli.read(documents.hostRemovedDocument, 'host', 'remove', label, '--confirm', label);
    expect((await cli.read(documents.hostListDocument, 'host', 'list')).hosts).toEqual([]);
  });
  test('is not trusted before the one on the way, which is named', async () => {
    await add('gate', jump);
    await add('db', target, '--via', 'gate');
    expect(await cli.fail('host', 'trust', 'db', '--fingerprint', fingerprints.target)).toMatchObject({ code: 'ssh.host-key-unknown', hint: 'Trust that machine first: host trust "gate"' });
  });
});

describe('a host that is forgotten', () => {
  beforeEach(async () => {
    await add('db', target);
    for (const name of ['configuration', 'logs']) await cli.read(documents.filesAddedDocument, 'files', 'add', 'db', name, `/etc/${name}`);
  });
  const left = async () => [(await cli.read(documents.hostListDocument, 'host', 'list')).hosts.length, (await cli.read(documents.filesListDocument, 'files', 'list')).sets.length];
  test('is not, as long as nobody typed its name, and its file sets are named', async () => {
    const error = await cli.fail('--yes', 'host', 'remove', 'db');
    expect([error.code, error.message, await left()]).toEqual(['operation.name-not-confirmed', 'db was not forgotten: there is nobody here to ask. Its 2 file sets "configuration", "logs" go with it; the copies stay on this computer.', [1, 2]]);
  });
  test.each([['db', 0, [0, 0]], ['127.0.0.1', 1, [1, 2]]] as const)('is by a person who read what goes with it and types %s (status %d)', async (answer, status, after) => {
    const terminal = await atTerminal('type the name of the host, db: ', answer, 'host', 'remove', 'db');
    expect([terminal.status, terminal.shown.includes('Its 2 file sets "configuration", "logs" go with it; the copies stay on this computer.'), await left()]).toEqual([status, true, after]);
  });
  test('is by a script that names it, and is told what went with it', async () => {
    expect((await cli.read(documents.hostRemovedDocument, '--confirm', 'db', 'host', 'remove', 'db')).fileSets).toEqual(['configuration', 'logs']);
  });
});

describe('what runs on a host', () => {
  test('is told for people and for scripts, with what could not be seen', async () => {
    const folder = await temporaryFolder('stand-ins');
    const standIn = (name: string, script: string) => writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    standIn('docker', 'case $1 in ps) printf "shop-db\\tpostgres:16\\t0.0.0.0:5439->5432/tcp\\n" ;; exec) echo "pg_dump (PostgreSQL) 16.4" ;; inspect) echo "172.17.0.9 " ;; esac');
    standIn('kubectl', 'echo "no cluster" >&2; exit 1');
    const server = await startSshServer({ settings: { SetEnv: `PATH=${folder}:/usr/bin:/bin` } });
    onTestFinished(() => server.stop());
    authorize(server, key);
    await add('db', server);
    await trust('db', fingerprintOf(server));
    const { findings } = await cli.read(documents.hostDetectDocument, 'host', 'detect', 'db');
    const { stdout, status } = await command(['--home', cli.home, 'host', 'detect', 'db']);
    expect([status, findings.postgres.some(({ container }) => container === 'shop-db'), findings.blind.length > 0]).toEqual([0, true, true]);
    const wanted = [/^Postgres +16\.4 +on .*:5439.*; in the container shop-db/m, /^program +pg_dump 16\.4 +in the container shop-db$/m, ...findings.services.map(({ name }) => name), ...findings.paths.map(({ path }) => path), 'Not seen:', ...findings.blind];
    expect(wanted.filter((each) => (typeof each === 'string' ? !stdout.includes(each) : !each.test(stdout)))).toEqual([]);
  });
});

describe('the list of hosts', () => {
  test('is in the order of their numbers, and says at which machine a way fails', async () => {
    for (const label of ['web-10', 'gate']) await add(label, jump);
    await add('web-2', target, '--via', 'gate');
    await cli.run('host', 'test', 'web-2');
    const { stdout } = await command(['--home', cli.home, 'host', 'list']);
    expect(stdout.trim().split('\n').slice(1).map((line) => line.trim().split(/\s{2,}/).filter((_cell, at) => at === 1 || at >= 3).slice(0, -1))).toEqual([['gate', 'ssh.host-key-unknown'], ['web-2', 'gate', 'gate: ssh.host-key-unknown'], ['web-10', 'never tried']]);
  });
});

describe('an unknown key', () => {
  test('is told by a test with the command that trusts it, of the machine that shows it', async () => {
    await add('gate', jump);
    await add('db', target, '--via', 'gate');
    const { test: tested } = documents.hostTestDocument.parse((await cli.run('host', 'test', 'db')).document());
    expect(tested.error).toMatchObject({ code: 'ssh.host-key-unknown', hint: 'Compare it, and trust it: host trust "gate"' });
  });
  test('is not trusted by a script that names no fingerprint, whatever else it says', async () => {
    await add('db', target);
    expect(await cli.fail('--yes', '--confirm', 'db', 'host', 'trust', 'db')).toMatchObject({ status: 1, code: 'ssh.host-key-unknown', hint: expect.stringContaining(`--fingerprint ${fingerprints.target}`) as string });
    expect(await keysOf('db')).toEqual([]);
  });
  test('is not trusted where it has another fingerprint', async () => {
    await add('db', target);
    expect(await cli.fail('host', 'trust', 'db', '--fingerprint', fingerprints.jump)).toMatchObject({ code: 'ssh.host-key-changed', details: { expected: fingerprints.jump, found: fingerprints.target } });
    expect(await keysOf('db')).toEqual([]);
  });
  test('is shown to a person with the way to compare it, and trusted by "yes"', async () => {
    await add('db', target);
    const { status, shown } = await atTerminal('type yes: ', 'yes', 'host', 'trust', 'db');
    expect([status, shown.includes(fingerprints.target), shown.includes('ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub'), (await keysOf('db')).map(({ state, decidedBy }) => [state, decidedBy])]).toEqual([0, true, true, [['trusted', 'cli']]]);
  });
  test.each(['', 'y', 'YES', 'db'])('is not trusted by "%s"', async (answer) => {
    await add('db', target);
    const { status } = await atTerminal('type yes: ', answer, '--yes', 'host', 'trust', 'db');
    expect([status, await keysOf('db')]).toEqual([1, []]);
  });
  test('that is trusted already is none, unless another fingerprint was expected', async () => {
    await add('db', target);
    await trust('db', fingerprints.target);
    expect((await trust('db', fingerprints.target)).test.ok).toBe(true);
    expect(await cli.fail('host', 'trust', 'db', '--fingerprint', fingerprints.jump)).toMatchObject({ code: 'ssh.host-key-changed' });
  });
});

describe('a key that changed', () => {
  test('is not trusted, and the command that replaces it is named', async () => {
    await add('db', target);
    const other = trustedOtherKey(target);
    expect(await cli.fail('host', 'trust', 'db', '--fingerprint', fingerprints.target)).toMatchObject({ code: 'ssh.host-key-changed', hint: expect.stringContaining('host replace-key "db"') as string });
    expect((await keysOf('db')).map((each) => each.key)).toEqual([other]);
  });
  test.each([[['test', 'db'], 1], [['show', 'db'], 0]] as const)('is told by %j with the command that replaces it', async (args, ends) => {
    await add('db', target);
    trustedOtherKey(target);
    await cli.run('host', 'test', 'db');
    const { status, stdout } = await command(['--home', cli.home, 'host', ...args]);
    expect([status, stdout.includes('If you know that it was: host replace-key "db"'), stdout.includes('in the settings')]).toEqual([ends, true, false]);
  });
  test('is replaced by a script that names its fingerprint and the host', async () => {
    await add('db', target);
    trustedOtherKey(target);
    const { key: now, replaced, test: tested } = await cli.read(documents.hostKeyReplacedDocument, '--confirm', 'db', 'host', 'replace-key', 'db', '--fingerprint', fingerprints.target);
    expect([now.fingerprint, replaced.map(({ state }) => state), tested.ok]).toEqual([fingerprints.target, ['replaced'], true]);
  });
  test.each([['only the host', ['--confirm', 'db'], []], ['only the fingerprint', [], ['--fingerprint']], ['its address', ['--confirm', '127.0.0.1'], ['--fingerprint']]])('is not replaced by a script that names %s', async (_what, before, after) => {
    await add('db', target);
    const other = trustedOtherKey(target);
    expect(await cli.fail(...before, 'host', 'replace-key', 'db', ...after.flatMap((option) => [option, fingerprints.target]))).toMatchObject({ code: 'operation.name-not-confirmed' });
    expect((await keysOf('db')).map((each) => each.key)).toEqual([other]);
  });
  test('is shown to a person beside the known one, and replaced by the name of the host', async () => {
    await add('db', target);
    trustedOtherKey(target);
    const { status, shown } = await atTerminal('type the name of the host, db: ', 'db', 'host', 'replace-key', 'db');
    expect([status, shown.includes(`Shown  ssh-ed25519 ${fingerprints.target}`), shown.includes('Known  ssh-ed25519 SHA256:'), (await keysOf('db')).map(({ state }) => state)]).toEqual([0, true, true, ['trusted', 'replaced']]);
  });
  test('is none where nothing is known', async () => {
    await add('db', target);
    expect(await cli.fail('host', 'replace-key', 'db', '--fingerprint', fingerprints.target, '--confirm', 'db')).toMatchObject({ code: 'store.conflict', hint: expect.stringContaining('host trust "db"') as string });
  });
});

describe('a key is revoked', () => {
  test('by a script that names its fingerprint and the host, and is refused from then on', async () => {
    await add('db', target);
    await trust('db', fingerprints.target);
    const { key: revoked } = await cli.read(documents.hostKeyRevokedDocument, '--confirm', 'db', 'host', 'revoke-key', 'db', '--fingerprint', fingerprints.target);
    expect([revoked.state, (await keysOf('db')).map(({ state }) => state), documents.hostTestDocument.parse((await cli.run('host', 'test', 'db')).document()).test.error?.code]).toEqual(['revoked', ['revoked', 'replaced'], 'ssh.host-key-revoked']);
  });
  test('though it was never trusted, where the host shows it', async () => {
    await add('db', target);
    await cli.read(documents.hostKeyRevokedDocument, '--confirm', 'db', 'host', 'revoke-key', 'db', '--fingerprint', fingerprints.target);
    expect(await cli.fail('host', 'trust', 'db', '--fingerprint', fingerprints.target)).toMatchObject({ code: 'ssh.host-key-revoked' });
  });
  test.each([['only the host', ['--confirm', 'db'], []], ['only the fingerprint', [], ['--fingerprint']], ['its address', ['--confirm', '127.0.0.1'], ['--fingerprint']]])('by no script that names %s', async (_what, before, after) => {
    await add('db', target);
    await trust('db', fingerprints.target);
    expect(await cli.fail(...before, 'host', 'revoke-key', 'db', ...after.flatMap((option) => [option, fingerprints.target]))).toMatchObject({ code: 'operation.name-not-confirmed' });
    expect((await keysOf('db')).map(({ state }) => state)).toEqual(['trusted']);
  });
  test('by a person who types the name of the host', async () => {
    await add('db', target);
    await trust('db', fingerprints.target);
    const { status, shown } = await atTerminal('type the name of the host, db: ', 'db', 'host', 'revoke-key', 'db');
    expect([status, shown.includes(fingerprints.target), (await keysOf('db')).map(({ state }) => state)]).toEqual([0, true, ['revoked', 'replaced']]);
  });
});

describe('a host is changed', () => {
  const update = async (...options: string[]) => (await cli.read(documents.hostAddedDocument, 'host', 'update', 'db', ...options)).host;
  beforeEach(() => add('db', target));
  test('in what is said, and stays as it was in the rest', async () => {
    expect(await update('--address', 'ann@[2001:db8::7]:2222', '--label', 'db')).toMatchObject({ label: 'db', connection: { user: 'ann', host: '2001:db8::7', port: 2222, viaId: null, signIn: { keys: [{ path: keyFile }], agent: false } } });
  });
  test('in the way to it, and back', async () => {
    const gate = (await add('gate', jump)).host.id;
    expect([(await update('--via', 'gate')).connection.viaId, (await update('--agent')).connection.viaId, (await update('--no-via')).connection.viaId]).toEqual([gate, gate, null]);
  });
  test('in what one signs in with', async () => {
    expect((await update('--no-key', '--agent', '--questions')).connection.signIn).toEqual({ keys: [], agent: true, password: { source: 'none' }, questions: true });
    expect((await update('--key', keyFile, '--no-agent', '--no-questions')).connection.signIn).toEqual({ keys: [{ path: keyFile, passphrase: { source: 'none' } }], agent: false, password: { source: 'none' }, questions: false });
  });
  test('to nothing that nobody could sign in with', async () => {
    expect(await cli.fail('host', 'update', 'db', '--no-key')).toMatchObject({ status: 64, hint: expect.stringContaining('--key FILE') as string });
  });
  test('to nothing where nothing is said', async () => {
    expect(await cli.fail('host', 'update', 'db')).toMatchObject({ status: 64 });
  });
});

describe('what one signs in with', () => {
  test('may be a key whose passphrase stands in a file, and stands nowhere else', async () => {
    const locked = join(cli.home, 'locked');
    writeFileSync(locked, lockedKey.privateKey, { mode: 0o600 });
    const passphraseFile = join(await temporaryFolder('secret'), 'passphrase');
    writeFileSync(passphraseFile, `${canary}\n`, { mode: 0o600 });
    const results = [await cli.run('host', 'add', 'Shop', address(target), '--label', 'db', '--key', locked, '--key-passphrase-from', 'ask', '--key-passphrase-file', passphraseFile), await cli.run('host', 'trust', 'db', '--fingerprint', fingerprints.target, '--key-passphrase-file', passphraseFile), await cli.run('host', 'test', 'db', '--key-passphrase-file', passphraseFile), await cli.run('host', 'test', 'db')];
    expect([results.map(({ status }) => status), documents.hostTestDocument.parse(results[3]?.document()).test.error?.code]).toEqual([[0, 0, 0, 1], 'ssh.passphrase-needed']);
    const found = execFileSync('sh', ['-c', 'grep -rlF -- "$1" "$2" || true', 'sh', canary, cli.home], { encoding: 'utf8' });
    expect([found, results.some(({ stdout, stderr }) => (stdout + stderr).includes(canary))]).toEqual(['', false]);
  });
  test('may be the keys of an agent', async () => {
    const socket = join(await temporaryFolder('agent'), 'agent.sock');
    const agent = spawn('ssh-agent', ['-D', '-a', socket], { stdio: 'ignore' });
    onTestFinished(() => void agent.kill());
    await waitFor('the agent', () => execFileSync('ssh-add', ['-q', keyFile], { env: { ...process.env, SSH_AUTH_SOCK: socket }, stdio: 'pipe' }) !== null);
    const before = process.env['SSH_AUTH_SOCK'];
    process.env['SSH_AUTH_SOCK'] = socket;
    onTestFinished(() => void (before === undefined ? delete process.env['SSH_AUTH_SOCK'] : (process.env['SSH_AUTH_SOCK'] = before)));
    await add('db', target, '--agent');
    expect((await trust('db', fingerprints.target)).test.machines[0]?.layers[3]).toMatchObject({ layer: 'sign-in', state: 'ok', detail: 'the keys of the agent (a test)' });
  });
  test('has to be said', async () => {
    expect(await cli.fail('host', 'add', 'Shop', address(target))).toMatchObject({ status: 64, hint: expect.stringContaining('--key FILE') as string });
  });
});

describe('an address', () => {
  test.each(['127.0.0.1', 'ann@', '@web', 'ann@web:0', 'ann@web:70000', 'ann@2001:db8::7', 'ann@web:ssh'])('"%s" is none', async (text) => {
    expect(await cli.fail('host', 'add', 'Shop', text, '--agent')).toMatchObject({ status: 64, code: 'contract.invalid-input' });
  });
  test('may be of IPv6, and its port is 22 unless it is said', async () => {
    const { host } = await cli.read(documents.hostAddedDocument, 'host', 'add', 'Shop', 'ann@corp@[2001:db8::7]', '--agent');
    expect(host.connection).toMatchObject({ user: 'ann@corp', host: '2001:db8::7', port: 22 });
  });
});
