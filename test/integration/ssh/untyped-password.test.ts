/** Hosts that are set to ask for a password, as imported ones without a key are, and nobody has typed it: what they want shows when they are tried. */
import { PassThrough } from 'node:stream';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { HostConnection } from '#shared/contract/hosts.ts';
import type { EngineClient } from '#shared/contract/index.ts';
import { createEngine } from '#engine/create-engine.ts';
import { silentLogger, silentNotifier, systemClock, systemRandom } from '#engine/ports.ts';
import { startAskingServer, type AskingServer, type Round } from '#test/asking-server.ts';
import { cliSession } from '#test/cli-session.ts';
import { startCommand } from '#test/command-line.ts';
import { temporaryFolder } from '#test/temporary-folder.ts';
import { waitFor } from '#test/wait-for.ts';

const code: Round = { prompts: [{ text: 'One-time code: ', shown: true, answer: '123456' }] };
const word: Round = { prompts: [{ text: 'Password: ', shown: false, answer: 'canary-word-7' }] };

async function start(rounds: readonly Round[], password?: string): Promise<AskingServer> {
  const server = await startAskingServer(rounds, password === undefined ? {} : { password });
  onTestFinished(() => server.close());
  return server;
}

interface Known {
  client: EngineClient;
  hostId: string;
  root: string;
}

/** A host whose key is trusted, which is set to ask for its password. */
async function know(server: AskingServer, signIn: Partial<HostConnection['signIn']> = {}): Promise<Known> {
  const root = await temporaryFolder('untyped');
  const engine = await createEngine({ root, ports: { clock: systemClock, random: systemRandom, logger: silentLogger, keyWrapping: null, notifier: silentNotifier, host: 'test' } });
  onTestFinished(() => engine.close());
  const client = engine.client('console');
  const { system } = await client.call('system.add', { name: 'Shop', environment: 'production' });
  const { host } = await client.call('host.add', { systemId: system.id, label: 'web', connection: { host: '127.0.0.1', port: server.port, user: 'ann', signIn: { keys: [], agent: false, password: { source: 'ask' }, ...signIn }, viaId: null } });
  const { keyType, key, fingerprint } = ((await client.call('host.test', { hostId: host.id })).error?.details ?? {}) as { keyType: string; key: string; fingerprint: string };
  await client.call('host.trustKey', { machine: { hostId: host.id }, keyType, key, fingerprint });
  return { client, hostId: host.id, root };
}

/** Tests it, and answers what it asks. */
async function answering({ client, hostId }: Known, answers: string[] | null): Promise<string> {
  const testing = client.call('host.test', { hostId });
  const { id } = await waitFor('a question', async () => (await client.call('host.questions', {})).questions[0]);
  await client.call('host.answer', { questionId: id, answers });
  return (await testing).error?.code ?? 'let in';
}
const codeOf = async ({ client, hostId }: Known, password?: string): Promise<string> => (await client.call('host.test', { hostId, ...(password === undefined ? {} : { password }) })).error?.code ?? 'let in';

describe('a host that only asks', () => {
  test('lets in whoever answers, and work there goes on without a password', async () => {
    const server = await start([code]);
    const known = await know(server);
    expect(await answering(known, ['123456'])).toBe('let in');
    const detected = known.client.call('host.detect', { hostId: known.hostId });
    await detected;
    expect([server.answered, server.passwords]).toEqual([[['123456']], []]);
  });
  test('is not asked by work that nobody tested it for before', async () => {
    const server = await start([code]);
    const { client, hostId } = await know(server);
    await expect(client.call('host.detect', { hostId })).rejects.toMatchObject({ code: 'ssh.password-needed', hint: expect.stringContaining('Test this host') as string, details: { hostId } });
    expect(server.answered).toEqual([]);
  });
  test('says that its question was not answered, and nothing of a password', async () => {
    expect(await answering(await know(await start([code])), null)).toBe('ssh.question-unanswered');
  });
  test('says that the answer was refused, and nothing of a password', async () => {
    expect(await answering(await know(await start([code], 'words')), ['000000'])).toBe('ssh.authentication');
  });
});

describe('a host that wants the password', () => {
  test.each([
    ['as such', [] as Round[], 'canary-word-7'],
    ['as its question', [word], undefined],
  ])('%s says so, is told none before it is typed, and keeps it for the next time', async (_how, rounds, password) => {
    const server = await start(rounds, password);
    const known = await know(server);
    expect([await codeOf(known), server.passwords, server.answered]).toEqual(['ssh.password-needed', [], []]);
    expect([await codeOf(known, 'canary-word-7'), await codeOf(known)]).toEqual(['let in', 'let in']);
  });
  test('after its question says so as well', async () => {
    const server = await start([word, code]);
    const known = await know(server);
    expect(await codeOf(known)).toBe('ssh.password-needed');
    const testing = known.client.call('host.test', { hostId: known.hostId, password: 'canary-word-7' });
    const { id, prompts } = await waitFor('a question', async () => (await known.client.call('host.questions', {})).questions[0]);
    await known.client.call('host.answer', { questionId: id, answers: ['123456'] });
    expect([(await testing).ok, prompts.map(({ text }) => text)]).toEqual([true, ['One-time code:']]);
  });
  test('and is never to be asked anything says so, too', async () => {
    expect(await codeOf(await know(await start([word]), { questions: false }))).toBe('ssh.password-needed');
  });
  test('takes no key is told by the ways that it has, as the settings call them', async () => {
    const { client, hostId } = await know(await start([], 'words'), { password: { source: 'none' }, questions: true });
    expect((await client.call('host.test', { hostId })).error).toMatchObject({ code: 'ssh.authentication', hint: 'Name a way that it takes, in the settings of this host: a password.' });
  });
});

test('at a terminal a host that only asks is got into without knowing any setting', async () => {
  const server = await start([code]);
  const root = await temporaryFolder('untyped-cli');
  const cli = cliSession(root);
  await cli.run('system', 'add', 'Shop');
  await cli.run('host', 'add', 'Shop', `ann@127.0.0.1:${server.port}`, '--label', 'web', '--password-from', 'ask', '--password-file', cli.secretFile('none', 'never sent'));
  const shown = await cli.fail('host', 'trust', 'web');
  await cli.run('host', 'trust', 'web', '--fingerprint', String(shown.details['fingerprint']));
  const terminal = { stdin: new PassThrough(), columns: 80 };
  const started = startCommand(['--home', root, 'host', 'test', 'web'], '', terminal);
  await waitFor('the question', () => started.said().includes('One-time code:'));
  terminal.stdin.write('123456\r');
  const { status, stdout } = await started.result;
  expect([status, stdout.includes('It can be reached.'), server.answered, server.passwords]).toEqual([0, true, [['123456']], []]);
});
