/** What servers ask while they are signed in to, with a whole engine and at a terminal. */
import { execFileSync } from 'node:child_process';
import { PassThrough } from 'node:stream';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import type { HostConnection, HostQuestion, HostTest } from '#shared/contract/hosts.ts';
import type { EngineClient } from '#shared/contract/index.ts';
import { createEngine } from '#engine/create-engine.ts';
import { silentLogger, silentNotifier, systemClock, systemRandom } from '#engine/ports.ts';
import * as documents from '../../../electron/cli/documents.ts';
import { startAskingServer, type AskingServer, type Round } from '#test/asking-server.ts';
import { cliSession, type CliSession } from '#test/cli-session.ts';
import { startCommand, type StartedCommand } from '#test/command-line.ts';
import { temporaryFolder } from '#test/temporary-folder.ts';
import { waitFor } from '#test/wait-for.ts';

const canary = 'canary-of-the-code-61';
const rounds: Round[] = [
  { title: 'The gate', prompts: [{ text: 'Password: ', shown: false, answer: canary }] },
  { title: 'The gate', instructions: 'Two more', prompts: [{ text: 'One-time code: ', shown: true, answer: '123456' }, { text: 'Where from? ', shown: true, answer: 'home' }] },
];

let root: string;
let server: AskingServer;
beforeEach(async () => {
  root = await temporaryFolder('questions');
  server = await startAskingServer(rounds);
  onTestFinished(() => server.close());
});

const connection = ({ port }: Pick<AskingServer, 'port'> = server): HostConnection => ({ host: '127.0.0.1', port, user: 'ann', signIn: { keys: [], agent: false, password: { source: 'none' }, questions: true }, viaId: null });

describe('the engine', () => {
  let client: EngineClient;
  beforeEach(async () => {
    const engine = await createEngine({ root, ports: { clock: systemClock, random: systemRandom, logger: silentLogger, keyWrapping: null, notifier: silentNotifier, host: 'test' } });
    onTestFinished(() => engine.close());
    client = engine.client('console');
  });

  /** A host whose key is trusted. */
  async function addHost(of: AskingServer = server): Promise<string> {
    const systemId = (await client.call('system.add', { name: `Shop ${of.port}`, environment: 'production' })).system.id;
    const hostId = (await client.call('host.add', { systemId, label: 'web', connection: connection(of) })).host.id;
    const { keyType, key, fingerprint } = ((await client.call('host.test', { hostId })).error?.details ?? {}) as { keyType: string; key: string; fingerprint: string };
    await client.call('host.trustKey', { machine: { hostId }, keyType, key, fingerprint });
    return hostId;
  }
  const nextQuestion = (): Promise<HostQuestion> => waitFor('a question', async () => (await client.call('host.questions', {})).questions[0]);
  const test_ = async (answer: (question: HostQuestion) => Promise<unknown>, of = server): Promise<HostTest> => {
    const hostId = await addHost(of);
    const testing = client.call('host.test', { hostId });
    await answer(await nextQuestion());
    return testing;
  };

  test('puts each round with all its prompts, and hands the answers on', async () => {
    const asked: HostQuestion[] = [];
    const tested = await test_(async (first) => {
      asked.push(first);
      await client.call('host.answer', { questionId: first.id, answers: [canary] });
      asked.push(await nextQuestion());
      await client.call('host.answer', { questionId: asked[1]?.id ?? '', answers: ['123456', 'home'] });
    });
    expect([tested.ok, asked.map(({ host, hop, title, instructions, prompts }) => ({ host, hop, title, instructions, prompts }))]).toEqual([
      true,
      [
        { host: 'web', hop: `web (ann@127.0.0.1:${server.port})`, title: 'The gate', instructions: '', prompts: [{ text: 'Password:', shown: false }] },
        { host: 'web', hop: `web (ann@127.0.0.1:${server.port})`, title: 'The gate', instructions: 'Two more', prompts: [{ text: 'One-time code:', shown: true }, { text: 'Where from?', shown: true }] },
      ],
    ]);
  });
  test('goes on to no machine whose key was revoked while somebody was asked', async () => {
    const hostId = await addHost();
    const [key] = (await client.call('host.keys', { machine: { hostId } })).keys;
    const detecting = client.call('host.detect', { hostId });
    await client.call('host.answer', { questionId: (await nextQuestion()).id, answers: [canary] });
    const { id: questionId } = await nextQuestion();
    await client.call('host.revokeKey', { machine: { hostId }, keyType: key?.type ?? '', key: key?.key ?? '', fingerprint: key?.fingerprint ?? '', confirmName: 'web' });
    await client.call('host.answer', { questionId, answers: ['123456', 'home'] });
    await expect(detecting).rejects.toMatchObject({ code: 'ssh.host-key-revoked' });
  });
  test('tells consoles at once that there is a question, and that it is closed', async () => {
    const topics: string[] = [];
    const leaving = new AbortController();
    const follow = async (): Promise<void> => {
      for await (const change of client.follow('changes.follow', {}, { signal: leaving.signal })) topics.push(...change.topics);
    };
    const hostId = await addHost();
    const following = follow();
    const testing = client.call('host.test', { hostId });
    await waitFor('the question to be told', () => topics.includes('questions'));
    topics.length = 0;
    await client.call('host.answer', { questionId: (await nextQuestion()).id, answers: null });
    await testing;
    await waitFor('its end to be told', () => topics.includes('questions'));
    leaving.abort();
    await following;
    expect((await client.call('host.questions', {})).questions).toEqual([]);
  });
  test('ends where a person does not want to answer, and says what was asked', async () => {
    const tested = await test_(({ id }) => client.call('host.answer', { questionId: id, answers: null }));
    expect(tested.error).toMatchObject({ code: 'ssh.question-unanswered', message: expect.stringMatching(/^web \(ann@127\.0\.0\.1:\d+\): .*It asked "Password" \(The gate\), and it was not answered\.$/) as string, hint: expect.any(String) as string });
  });
  test('closes a question when whoever wanted the connection leaves', async () => {
    const hostId = await addHost();
    const leaving = new AbortController();
    const testing = client.call('host.test', { hostId }, { signal: leaving.signal });
    const { id } = await nextQuestion();
    leaving.abort(new Error('enough'));
    await expect(testing).rejects.toThrow();
    await expect(client.call('host.answer', { questionId: id, answers: ['x'] })).rejects.toMatchObject({ code: 'store.not-found' });
  });
  test('takes no other number of answers than there are prompts, and keeps the question', async () => {
    const tested = await test_(async ({ id }) => {
      await expect(client.call('host.answer', { questionId: id, answers: [] })).rejects.toMatchObject({ code: 'contract.invalid-input' });
      await client.call('host.answer', { questionId: id, answers: null });
    });
    expect(tested.ok).toBe(false);
  });
  test('shows the words of a server as plain text of a bounded length', async () => {
    const nasty = await startAskingServer([{ title: '\u001b]0;owned\u0007\u001b[2JThe gate', instructions: `<b>Hello</b>\r\n\u202eevil${'x'.repeat(10_000)}`, prompts: [{ text: `\u009b31mCode\u0008: ${'y'.repeat(2000)}`, shown: false, answer: '1' }] }]);
    onTestFinished(() => nasty.close());
    const shown: HostQuestion[] = [];
    const tested = await test_((question) => (shown.push(question), client.call('host.answer', { questionId: question.id, answers: null })), nasty);
    const [{ title, instructions, prompts } = {} as HostQuestion] = shown;
    expect([title, instructions.slice(0, 20), instructions.length, prompts[0]?.text.slice(0, 9), prompts[0]?.text.length, /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202e]/.test(JSON.stringify(shown) + tested.error?.message)]).toEqual(['The gate', '<b>Hello</b>\nevilxxx', 2001, '31mCode: ', 501, false]);
  });
  test('keeps an answer nowhere', async () => {
    const tested = await test_(({ id }) => client.call('host.answer', { questionId: id, answers: [canary] }).then(async () => client.call('host.answer', { questionId: (await nextQuestion()).id, answers: null })));
    const found = execFileSync('sh', ['-c', 'grep -rlF -- "$1" "$2" || true', 'sh', canary, root], { encoding: 'utf8' });
    expect([server.answered[0], found, JSON.stringify(tested).includes(canary)]).toEqual([[canary], '', false]);
  });
});

describe('the command line', () => {
  let cli: CliSession;
  beforeEach(async () => {
    cli = cliSession(root);
    await cli.read(documents.systemAddedDocument, 'system', 'add', 'Shop');
    await cli.read(documents.hostAddedDocument, 'host', 'add', 'Shop', `ann@127.0.0.1:${server.port}`, '--label', 'web', '--questions');
    const shown = await cli.fail('host', 'trust', 'web');
    await cli.run('host', 'trust', 'web', '--fingerprint', String(shown.details['fingerprint']));
  });

  test('asks prompt by prompt at a terminal, and shows nothing of what is secret', async () => {
    const terminal = { stdin: new PassThrough(), columns: 80 };
    const started: StartedCommand = startCommand(['--home', root, 'host', 'test', 'web'], '', terminal);
    for (const [question, answer] of [['Password: ', canary], ['One-time code: ', '123456'], ['Where from? ', 'home']] as const) {
      await waitFor(`the question "${question}"`, () => started.said().includes(question));
      terminal.stdin.write(`${answer}\r`);
    }
    const { status, stdout } = await started.result;
    expect([status, stdout.includes('It can be reached.'), started.said().includes('The gate'), (started.said() + stdout).includes(canary)]).toEqual([0, true, true, false]);
  });
  test('asks whatever it is that connects', async () => {
    const terminal = { stdin: new PassThrough(), columns: 80 };
    const started: StartedCommand = startCommand(['--home', root, 'host', 'sudo', 'web', '--as', 'no-such-account'], '', terminal);
    for (const [question, answer] of [['Password: ', canary], ['One-time code: ', '123456'], ['Where from? ', 'home']] as const) {
      await waitFor(`the question "${question}"`, () => started.said().includes(question));
      terminal.stdin.write(`${answer}\r`);
    }
    // It got as far as sudo.
    expect([(await started.result).status, /ssh\.sudo-\S+/.test(started.said())]).toEqual([1, true]);
  });
  test('declines at once where nobody is', async () => {
    expect(documents.hostTestDocument.parse((await cli.run('host', 'test', 'web')).document()).test.error).toMatchObject({ code: 'ssh.question-unanswered', message: expect.stringContaining('It asked "Password" (The gate)') as string });
  });
  test('declines when Ctrl-C is pressed', async () => {
    const terminal = { stdin: new PassThrough(), columns: 80 };
    const started: StartedCommand = startCommand(['--home', root, 'host', 'test', 'web'], '', terminal);
    await waitFor('the question', () => started.said().includes('Password: '));
    terminal.stdin.write('\u0003');
    expect((await started.result).status).toBe(130);
  });
});
