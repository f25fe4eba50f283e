/** Secrets of hosts that are easy to find, through everything that is done over SSH; then every place where they must not be is searched, here and on the server. */
import { once } from 'node:events';
import { chmodSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { createClient } from '#shared/contract/client.ts';
import type { EngineClient } from '#shared/contract/index.ts';
import type { HostConnection, HostSignIn, HostTest } from '#shared/contract/hosts.ts';
import { startAskingServer, type AskingServer } from '#test/asking-server.ts';
import { startConsole } from '#test/processes-of-ours.ts';
import { authorize, makeKey, startSshServer, whyNoSshServer, type SshServer } from '#test/ssh-server.ts';
import { makeSudoUser, whyNoSudoUser, type SudoUser } from '#test/sudo-user.ts';
import { makeTemporaryFolder } from '#test/temporary-folder.ts';
import { browserHeaders } from '#test/transports.ts';
import { waitFor } from '#test/wait-for.ts';

const missing = whyNoSshServer() ?? whyNoSudoUser();
const canaries: Record<string, string> = {
  'the passphrase of the vault': 'canary passphrase of the vault',
  'the passphrase of a key': `canary key pass'phräse" %41&-${process.pid}`,
  'a wrong passphrase of a key': 'canary-wrong-passphrase-33',
  'a wrong password': 'canary-wrong-password-44',
  'a wrong password for sudo': 'canary-wrong-sudo-55',
  'an answer to a server': 'canary-hidden-answer-66',
  'a wrong answer to a server': 'canary-wrong-answer-67',
};
const secret = (name: string): string => canaries[name] ?? '';

/** The ways a secret may be written that nobody would call encrypted. */
const formsOf = (value: string): string[] => [value, encodeURIComponent(value), Buffer.from(value).toString('base64').replace(/=+$/, ''), Buffer.from(value).toString('hex'), JSON.stringify(value).slice(1, -1)];

let home: string;
let keys: string;
let server: SshServer;
let asking: AskingServer;
let user: SudoUser;
const wire: string[] = [];
const processes = new Set<string>();
let said = '';
/** Whether each got through that was to get through. */
const ways: Record<string, boolean> = {};

function lookAtProcesses(): void {
  for (const pid of readdirSync('/proc')) {
    // This process holds the canaries in its source.
    if (!/^\d+$/.test(pid) || Number(pid) === process.pid) continue;
    for (const file of ['cmdline', 'environ']) {
      try {
        processes.add(readFileSync(`/proc/${pid}/${file}`, 'utf8'));
      } catch {
        continue; // It ended meanwhile, or is not ours to read.
      }
    }
  }
}

async function openClient(link: URL): Promise<EngineClient & { close(): void }> {
  const response = await fetch(new URL('/api/session', link), { method: 'POST', headers: browserHeaders(link.origin), body: JSON.stringify({ token: link.hash.slice('#token='.length) }) });
  const { session } = (await response.json()) as { session: string };
  const socket = new WebSocket(`ws://${link.host}/api/socket`, { origin: link.origin });
  await once(socket, 'open');
  socket.send(JSON.stringify({ session }));
  return createClient({
    send: (text) => socket.send(text),
    onMessage: (listener) =>
      void socket.on('message', (data) => {
        const text = (data as Buffer).toString('utf8');
        wire.push(text);
        listener(text);
      }),
    onClose: (listener) => void socket.on('close', listener),
    close: () => socket.close(),
  });
}

const none = { source: 'none' as const };
const only = (changes: Partial<HostSignIn>): HostSignIn => ({ keys: [], agent: false, password: none, ...changes });

async function useEverything(client: EngineClient): Promise<void> {
  const mayFail = (work: Promise<unknown>): Promise<unknown> => work.catch((error: unknown) => error);
  await client.call('vault.create', { passphrase: secret('the passphrase of the vault') });
  const { system } = await client.call('system.add', { name: 'Shop', environment: 'staging' });
  const to = ({ port }: { port: number }, signIn: HostSignIn): HostConnection => ({ host: '127.0.0.1', port, user: user.name, signIn, viaId: null });
  const trust = async (hostId: string): Promise<void> => {
    const { keyType, key, fingerprint } = ((await client.call('host.test', { hostId })).error?.details ?? {}) as { keyType: string; key: string; fingerprint: string };
    await client.call('host.trustKey', { machine: { hostId }, keyType, key, fingerprint });
  };

  const byPassword = (await client.call('host.add', { systemId: system.id, label: 'by password', connection: to(server, only({ password: { source: 'vault' }, sudo: { source: 'ask' } })), password: user.password })).host.id;
  await trust(byPassword);
  ways['by password'] = (await client.call('host.test', { hostId: byPassword })).ok;
  await client.call('host.test', { hostId: byPassword, password: secret('a wrong password') });
  await mayFail(client.call('host.testSudo', { hostId: byPassword, asUser: 'nobody', sudoPassword: secret('a wrong password for sudo') }));
  ways['by sudo'] = (await client.call('host.testSudo', { hostId: byPassword, asUser: 'nobody', sudoPassword: user.password })).withPassword;

  const path = join(keys, 'id');
  const key = { path, passphrase: { source: 'vault' as const } };
  const byKey = (await client.call('host.add', { systemId: system.id, label: 'by key', connection: { ...to(server, only({ keys: [key] })), viaId: null }, passphrases: [{ path, passphrase: secret('the passphrase of a key') }] })).host.id;
  ways['by key'] = (await client.call('host.test', { hostId: byKey })).ok;
  await client.call('host.test', { hostId: byKey, passphrases: [{ path, passphrase: secret('a wrong passphrase of a key') }] });

  const byAnswers = (await client.call('host.add', { systemId: system.id, label: 'by answers', connection: to(asking, only({ questions: true })) })).host.id;
  await trust(byAnswers);
  const answering = async (answer: string): Promise<HostTest> => {
    const testing = client.call('host.test', { hostId: byAnswers });
    const question = await waitFor('the question', async () => (await client.call('host.questions', {})).questions[0]);
    await client.call('host.answer', { questionId: question.id, answers: [answer] });
    // What was answered comes back in the next question.
    const next = await Promise.race([testing.then(() => null), waitFor('the next question', async () => (await client.call('host.questions', {})).questions.find(({ id }) => id !== question.id))]);
    if (next !== null) await client.call('host.answer', { questionId: next.id, answers: ['yes'] });
    return testing;
  };
  ways['by answers'] = (await answering(secret('an answer to a server'))).ok;
  await answering(secret('a wrong answer to a server'));

  await client.call('host.update', { hostId: byKey, label: 'renamed', connection: to(server, only({ keys: [key], password: { source: 'ask' } })), password: secret('a wrong password') });
  await client.call('vault.lock', {});
  await mayFail(client.call('host.test', { hostId: byPassword }));
  await client.call('vault.unlock', { passphrase: secret('the passphrase of the vault') });
  for (const text of ['canary', user.password, '']) await mayFail(client.call('history.search', { text }));
  for (const method of ['host.list', 'host.questions', 'overview.get', 'app.about', 'vault.status', 'store.backup', 'store.export'] as const) await client.call(method, {});
  await client.call('host.remove', { hostId: byPassword, confirmName: 'by password' });
}

beforeAll(async () => {
  if (missing !== null) return;
  home = await makeTemporaryFolder('ssh-canaries');
  keys = await makeTemporaryFolder('ssh-canaries-keys');
  user = makeSudoUser();
  canaries['the password of an account'] = user.password;
  user.allow('NAME ALL=(nobody) PASSWD: ALL');
  server = await startSshServer({ settings: { PasswordAuthentication: 'yes' } });
  // sshd reads it as the account that signs in.
  chmodSync(server.folder, 0o711);
  const key = makeKey(keys, { passphrase: secret('the passphrase of a key') });
  canaries['a private key'] = key.privateKey.split('\n')[2] ?? '';
  authorize(server, key);
  chmodSync(join(server.folder, 'authorized_keys'), 0o644);
  writeFileSync(join(keys, 'id'), key.privateKey, { mode: 0o600 });
  const answer = secret('an answer to a server');
  asking = await startAskingServer([{ prompts: [{ text: 'Code: ', shown: false, answer }] }, { title: `You said ${answer}`, prompts: [{ text: `Is it ${answer}?`, shown: true, answer: 'yes' }] }]);
  const console = await startConsole(home, [], { stays: true });
  const watching = setInterval(lookAtProcesses, 40);
  const client = await openClient(console.link);
  await useEverything(client);
  client.close();
  clearInterval(watching);
  console.child.kill('SIGTERM');
  await console.ended;
  said = `${console.output().stdout}${console.output().stderr}`;
}, 60_000);
afterAll(async () => {
  await server?.stop();
  asking?.close();
  user?.remove();
  for (const folder of [home, keys]) if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
});

const foundIn = (texts: Iterable<string>): string[] => {
  const all = [...texts];
  return Object.entries(canaries).filter(([, value]) => formsOf(value).some((form) => all.some((text) => text.includes(form)))).map(([name]) => name);
};
const filesBelow = (folder: string): string[] => readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));

describe('secrets of hosts', () => {
  beforeEach((context) => {
    if (missing !== null) context.skip(missing);
  });
  test('open what they are for', () => {
    expect(ways).toEqual({ 'by password': true, 'by sudo': true, 'by key': true, 'by answers': true });
  });
  test('are in no file of the data folder: not in SQLite, its journal, the logs, the vault, a copy or an export', () => {
    const files = filesBelow(home);
    expect([files.some((file) => file.endsWith('pilothouse.db')), files.some((file) => file.endsWith('.log')), foundIn(files.map((file) => readFileSync(file, 'latin1'))), foundIn(files.map((file) => readFileSync(file, 'utf8')))]).toEqual([true, true, [], []]);
  });
  test('come back over no wire', () => {
    expect([wire.some((text) => text.includes('[redacted]')), foundIn(wire)]).toEqual([true, []]);
  });
  test('are on no command line and in no environment, here and on the server', () => {
    expect([[...processes].some((text) => text.includes('sudo\u0000')), foundIn(processes)]).toEqual([true, []]);
  });
  test('are in nothing that the engine or the server said', () => {
    expect(foundIn([said, server.log()])).toEqual([]);
  });
});
