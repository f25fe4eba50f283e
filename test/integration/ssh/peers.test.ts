/** Servers, keys and agents of others: what people have, as they have it. */
import { execFileSync, spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { chmodSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import type { HostConnection, HostSignIn } from '#shared/contract/hosts.ts';
import { createScrubber } from '#shared/domain/scrub.ts';
import { silentLogger } from '#engine/ports.ts';
import { connectChain, type SshConnection } from '#engine/ssh/chain.ts';
import { exec, execOrFail } from '#engine/ssh/exec.ts';
import { createHostSecrets } from '#engine/ssh/host-secrets.ts';
import { quoteCommand } from '#engine/ssh/quote.ts';
import { readKey } from '#engine/ssh/sign-in.ts';
import type { SshHop } from '#engine/ssh/types.ts';
import { wayOf } from '#engine/ssh/way-of.ts';
import { createTypedPasswords } from '#engine/systems/passwords.ts';
import type { Vault } from '#engine/vault/index.ts';
import { makeAccount, whyNoAccount, type Account } from '#test/account.ts';
import { startDropbear, whyNoDropbear, type DropbearServer } from '#test/dropbear-server.ts';
import { authorize, makeKey, sshKey, startSshServer, whyNoSshServer, type KeyPair, type KeyType, type SshServer } from '#test/ssh-server.ts';
import { temporaryFolder } from '#test/temporary-folder.ts';
import { waitFor } from '#test/wait-for.ts';

async function open(...way: [SshHop, ...SshHop[]]): Promise<SshConnection> {
  const connection = await connectChain(way, { stepTimeoutMs: 8000 });
  onTestFinished(() => connection.close());
  return connection;
}
const refusal = (...way: [SshHop, ...SshHop[]]) => connectChain(way, { stepTimeoutMs: 8000 }).then((connection) => (connection.close(), null), (error: unknown) => error as { code: string; message: string; hint: string });

const kinds: [string, { type: KeyType; pem?: boolean; passphrase?: string }][] = [
  ['ed25519 in OpenSSH\'s format', { type: 'ed25519' }],
  ['ECDSA in OpenSSH\'s format', { type: 'ecdsa' }],
  ['RSA in OpenSSH\'s format', { type: 'rsa' }],
  ['ECDSA in PEM', { type: 'ecdsa', pem: true }],
  ['RSA in PEM', { type: 'rsa', pem: true }],
  ['ed25519 in OpenSSH\'s format with a passphrase', { type: 'ed25519', passphrase: 'open sésame' }],
  ['ECDSA in OpenSSH\'s format with a passphrase', { type: 'ecdsa', passphrase: 'open sésame' }],
  ['RSA in OpenSSH\'s format with a passphrase', { type: 'rsa', passphrase: 'open sésame' }],
  ['ECDSA in PEM with a passphrase', { type: 'ecdsa', pem: true, passphrase: 'open sesame' }],
  ['RSA in PEM with a passphrase', { type: 'rsa', pem: true, passphrase: 'open sesame' }],
];

describe('Dropbear, with the shell of BusyBox,', () => {
  const missing = whyNoDropbear();
  let server: DropbearServer;
  let key: KeyPair;
  beforeAll(async () => {
    if (missing !== null) return;
    server = await startDropbear();
    key = makeKey(server.folder);
  });
  afterAll(() => server?.stop());
  beforeEach((context) => {
    if (missing !== null) return context.skip(missing);
    server.authorize(key);
  });
  const hop = () => server.hop({ account: { keys: [sshKey('id', key)] } });

  test.each(kinds)('lets in by a key: %s', async (_what, options) => {
    const own = makeKey(server.folder, options);
    server.authorize(own);
    const connection = await open(server.hop({ account: { keys: [sshKey('id', own, options.passphrase ?? null)] } }));
    expect((await execOrFail(connection, 'id -un')).stdout.trim()).toBe(server.user);
  });
  test.each([['ed25519'], ['RSA', '-pkeyopt', 'rsa_keygen_bits:2048'], ['EC', '-pkeyopt', 'ec_paramgen_curve:P-256']])('lets in by a key as OpenSSL makes it (PKCS#8): %s', async (...algorithm) => {
    for (const passphrase of [null, 'open sésame']) {
      const path = join(server.folder, `pkcs8-${randomBytes(4).toString('hex')}`);
      execFileSync('openssl', ['genpkey', '-algorithm', ...algorithm, '-out', path, ...(passphrase === null ? [] : ['-aes256', '-pass', 'stdin'])], { input: passphrase ?? '', stdio: 'pipe' });
      const privateKey = readFileSync(path, 'utf8');
      const own = readKey(sshKey('id', { privateKey, publicKey: '' }, passphrase));
      if (typeof own === 'string') throw new Error(own);
      server.authorize({ privateKey, publicKey: `${own.type} ${own.getPublicSSH().toString('base64')}` });
      expect((await open(server.hop({ account: { keys: [sshKey('id', { privateKey, publicKey: '' }, passphrase)] } }))).isOpen).toBe(true);
      if (passphrase !== null) expect([readKey(sshKey('id', { privateKey, publicKey: '' })), readKey(sshKey('id', { privateKey, publicKey: '' }, 'other words'))]).toEqual(['id is encrypted, and its passphrase is not known', 'id does not open with this passphrase']);
    }
  });
  test('refuses another key, and says what it takes', async () => {
    expect(await refusal(server.hop({ account: { keys: [sshKey('id_other', makeKey(server.folder))] } }))).toMatchObject({ code: 'ssh.authentication', message: expect.stringContaining('It takes publickey; refused: the key id_other.') as string });
  });
  test('is refused where its key is not the one that is known', async () => {
    expect(await refusal({ ...hop(), knownKeys: [{ type: 'ssh-ed25519', key: 'AAAA', revoked: false }] })).toMatchObject({ code: 'ssh.host-key-changed' });
  });
  test('runs commands of any words, with all that is sent to them, and says how they end', async () => {
    const payload = randomBytes(500_000);
    const connection = await open(hop());
    const words = ["it's", '$(id)', 'a  b', '*', '-n', ''];
    expect((await execOrFail(connection, quoteCommand(['printf', '%s|', ...words]))).stdout).toBe(`${words.join('|')}|`);
    expect((await execOrFail(connection, 'sha256sum', { input: payload })).stdout.split(' ')[0]).toBe(createHash('sha256').update(payload).digest('hex'));
    expect(await exec(connection, 'echo oops >&2; exit 7')).toMatchObject({ exitStatus: 7, stderr: 'oops\n' });
  });
  test('is a way to others', async () => {
    const target = await startSshServer();
    onTestFinished(() => target.stop());
    const connection = await open(hop(), target.hop());
    expect((await execOrFail(connection, 'echo here')).stdout).toBe('here\n');
  });
});

describe('an agent that holds several keys', () => {
  const missing = whyNoSshServer();
  let server: SshServer;
  let folder: string;
  let socket: string;
  let keys: KeyPair[];
  beforeAll(async () => {
    // It hangs up after three keys.
    if (missing === null) server = await startSshServer({ settings: { MaxAuthTries: '3' } });
  });
  afterAll(() => server?.stop());
  beforeEach(async (context) => {
    if (missing !== null) return context.skip(missing);
    folder = await temporaryFolder('agent');
    socket = join(folder, 'agent.sock');
    const agent = spawn('ssh-agent', ['-D', '-a', socket], { stdio: 'ignore' });
    onTestFinished(() => void agent.kill());
    await waitFor('the agent', () => execFileSync('sh', ['-c', '[ -S "$1" ]', 'sh', socket]) !== null);
    keys = Array.from({ length: 6 }, () => makeKey(folder));
    keys.forEach(({ privateKey, publicKey }, index) => {
      const path = join(folder, `id_${index}`);
      writeFileSync(path, privateKey, { mode: 0o600 });
      writeFileSync(`${path}.pub`, publicKey.replace('a test', `key ${index}`));
      execFileSync('ssh-add', ['-q', path], { env: { ...process.env, SSH_AUTH_SOCK: socket }, stdio: 'pipe' });
    });
    authorize(server, keys[5] as KeyPair);
  });

  async function hop(signIn: Partial<HostSignIn>): Promise<SshHop> {
    const connection: HostConnection = { host: '127.0.0.1', port: server.port, user: server.user, signIn: { keys: [], agent: true, password: { source: 'none' }, ...signIn }, viaId: null };
    const secrets = createHostSecrets({ vault: {} as Vault, typed: createTypedPasswords(), scrubber: createScrubber(), logger: silentLogger });
    const [step] = await wayOf({ id: 'h', label: 'h', connection }, {}, { hosts: { wayTo: () => [] }, hostKeys: { known: () => server.knownKeys }, secrets, agent: () => socket, ask: () => Promise.resolve('declined') });
    if (step.lack !== null) throw new Error(step.lack.message);
    return step.hop;
  }
  const named = (...indices: number[]) => indices.map((index) => ({ path: join(folder, `id_${index}`), passphrase: { source: 'none' as const } }));

  test('offers all of them, and a server that hangs up after a few is told so', async () => {
    expect(await refusal(await hop({}))).toMatchObject({ code: 'ssh.authentication', message: expect.stringMatching(/hung up.*the keys of the agent/) as string, hint: expect.stringContaining('MaxAuthTries') as string });
  });
  test('offers those alone that are named, where it is to', async () => {
    for (const { path } of named(5)) rmSync(path);
    const connection = await open(await hop({ keys: named(5), identitiesOnly: true }));
    expect(connection.hops[0]?.report.tried).toEqual(['the keys of the agent (a test)']);
  });
  test('is offered none that it does not hold, and that is said', async () => {
    const other = makeKey(folder);
    writeFileSync(join(folder, 'id_9.pub'), other.publicKey);
    expect(await refusal(await hop({ keys: named(9), identitiesOnly: true }))).toMatchObject({ code: 'ssh.authentication', message: expect.stringContaining('the agent, which holds no key that is to be offered') as string });
  });
  test('knows an encrypted key by its public half', async () => {
    const path = join(folder, 'id_5');
    execFileSync('ssh-keygen', ['-q', '-p', '-P', '', '-N', 'words that nobody knows', '-f', path]);
    rmSync(`${path}.pub`);
    const connection = await open(await hop({ keys: named(5), identitiesOnly: true }));
    expect(connection.isOpen).toBe(true);
  });
  test('that does not answer leaves the other ways', async () => {
    socket = join(folder, 'nobody.sock');
    const connection = await open(await hop({ keys: named(5) }));
    expect(connection.isOpen).toBe(true);
  });
});

describe('a way through two machines', () => {
  const missing = whyNoSshServer() ?? whyNoAccount();
  beforeEach((context) => {
    if (missing !== null) context.skip(missing);
  });
  test('has another account and another key at each, and no key works at another', async () => {
    const folder = await temporaryFolder('way');
    const accounts: Account[] = [makeAccount(), makeAccount(), makeAccount()];
    const servers = await Promise.all(accounts.map(() => startSshServer()));
    onTestFinished(async () => {
      await Promise.all(servers.map((server) => server.stop()));
      for (const account of accounts) account.remove();
    });
    const keys = (['ed25519', 'ecdsa', 'rsa'] as const).map((type) => makeKey(folder, { type }));
    servers.forEach((server, index) => {
      // sshd reads it as the account that signs in.
      chmodSync(server.folder, 0o711);
      writeFileSync(join(server.folder, 'authorized_keys'), `${keys[index]?.publicKey}\n`);
      chmodSync(join(server.folder, 'authorized_keys'), 0o644);
    });
    const way = (order: readonly number[]) => servers.map((server, index) => server.hop({ account: { user: accounts[index]?.name ?? '', keys: [sshKey(`id_${index}`, keys[order[index] ?? 0] as KeyPair)] } })) as [SshHop, ...SshHop[]];
    const connection = await open(...way([0, 1, 2]));
    expect([(await execOrFail(connection, 'id -un')).stdout.trim(), servers.map((server, index) => server.log().includes(`Accepted publickey for ${accounts[index]?.name} `))]).toEqual([accounts[2]?.name, [true, true, true]]);
    const codes = [await refusal(...way([1, 0, 2])), await refusal(...way([0, 2, 1])), await refusal(...way([0, 1, 0]))].map((error) => error?.message.split(':')[0]);
    expect(codes).toEqual(accounts.map(({ name }) => `${name}@127.0.0.1`));
  });
});

test('a key of RSA signs with SHA-2 alone', async (context) => {
  const missing = whyNoSshServer();
  if (missing !== null) return context.skip(missing);
  const server = await startSshServer({ settings: { PubkeyAcceptedAlgorithms: 'rsa-sha2-512,rsa-sha2-256' } });
  onTestFinished(() => server.stop());
  const key = makeKey(server.folder, { type: 'rsa' });
  authorize(server, key);
  expect((await open(server.hop({ account: { keys: [sshKey('id', key)] } }))).isOpen).toBe(true);
});
