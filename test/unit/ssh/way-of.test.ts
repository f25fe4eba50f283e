/** What is read and asked for on the way to a host, without a connection. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Host, HostConnection, HostSignIn } from '#shared/contract/hosts.ts';
import { Secret } from '#shared/domain/secret.ts';
import { createScrubber } from '#shared/domain/scrub.ts';
import { agentAddress } from '#engine/platform/sockets.ts';
import { createHostSecrets, hostPasswordRecord } from '#engine/ssh/host-secrets.ts';
import { wayOf, type Destination, type Way } from '#engine/ssh/way-of.ts';
import { silentLogger } from '#engine/ports.ts';
import { createTypedPasswords } from '#engine/systems/passwords.ts';
import type { Vault } from '#engine/vault/index.ts';
import { temporaryFolder } from '#test/temporary-folder.ts';

const only = (changes: Partial<HostSignIn>): HostSignIn => ({ keys: [], agent: false, password: { source: 'none' }, ...changes });
const destination = (id: string, signIn: HostSignIn, changes: Partial<HostConnection> = {}): Host => ({ id, systemId: 'shop', label: id, connection: { host: `${id}.example`, port: 22, user: 'ann', signIn, viaId: null, ...changes }, platform: null, lastSeenAt: null, lastError: null });

const typed = createTypedPasswords();
const secrets = createHostSecrets({ vault: {} as Vault, typed, scrubber: createScrubber(), logger: silentLogger });
const read = (to: Destination, options: { before?: Host[]; agent?: string | null; given?: Secret } = {}): Promise<Way> =>
  wayOf(to, { password: options.given }, { hosts: { wayTo: () => options.before ?? [] }, hostKeys: { known: ({ host }) => [{ type: 'ssh-ed25519', key: host, revoked: false }] }, secrets, agent: () => options.agent ?? null, ask: () => Promise.resolve('declined') });

describe('the way to a host', () => {
  test('has each machine with what is known of its own key', async () => {
    const way = await read(destination('db', only({ agent: true })), { before: [destination('gate', only({ agent: true }))], agent: '/agent' });
    expect(way.map(({ hop }) => [hop.host, hop.knownKeys.map(({ key }) => key)])).toEqual([['gate.example', ['gate.example']], ['db.example', ['db.example']]]);
  });
  test('gives the password that was typed to the last machine alone', async () => {
    typed.set(hostPasswordRecord('gate', { host: 'gate.example', port: 22, user: 'ann' }), new Secret('of the gate'));
    const asks = only({ password: { source: 'ask' } });
    const way = await read(destination('db', asks), { before: [destination('gate', asks)], given: new Secret('of the database') });
    expect(way.map(({ hop }) => hop.account.password?.reveal())).toEqual(['of the gate', 'of the database']);
  });
  test('tells what each machine lacks, and lets it be looked at all the same', async () => {
    const way = await read(destination('db', only({ keys: [{ path: '/no/such/key', passphrase: { source: 'none' } }] })), { before: [destination('gate', only({ password: { source: 'ask' } }), { user: 'bob' })] });
    expect(way.map(({ lack, hop }) => [lack?.code, lack?.message.split(':')[0], hop.account.keys])).toEqual([['ssh.password-needed', 'gate (bob@gate.example)', []], ['ssh.key-file', 'db (ann@db.example, reached through gate)', []]]);
  });
});

describe('an agent', () => {
  test('that is the only way, and is not there, is told', async () => {
    expect((await read(destination('db', only({ agent: true }))))[0].lack).toMatchObject({ code: 'ssh.agent-missing' });
  });
  test('that is not there is no matter where a key can be tried', async () => {
    const path = join(await temporaryFolder('key'), 'id');
    writeFileSync(path, 'the key', { mode: 0o600 });
    const [{ lack, hop }] = await read(destination('db', only({ agent: true, keys: [{ path, passphrase: { source: 'none' } }] })));
    expect([lack, hop.account.agent, hop.account.keys.length]).toEqual([null, null, 1]);
  });
  test('is asked only by a host that says so', async () => {
    expect((await read(destination('db', only({ password: { source: 'ask' } })), { agent: '/agent', given: new Secret('words') }))[0].hop.account.agent).toBeNull();
  });
  test('is where the environment says', () => {
    expect(agentAddress({ SSH_AUTH_SOCK: '/run/agent' })).toBe('/run/agent');
  });
});
