/** What of an ssh_config can be imported, and what not and why. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Host } from '#shared/contract/hosts.ts';
import type { ImportedHost } from '#shared/contract/imports.ts';
import type { KnownHostKey } from '#shared/domain/host-trust.ts';
import { previewHosts, type SshPreview } from '#engine/import/ssh-hosts.ts';
import type { SshSource } from '#engine/import/ssh-source.ts';
import { defaultStepTimeoutMs } from '#engine/ssh/dial.ts';
import { makeKey } from '#test/ssh-server.ts';
import { temporaryFolder } from '#test/temporary-folder.ts';

let home: string;
beforeEach(async () => {
  home = await temporaryFolder('hosts-preview');
  mkdirSync(join(home, '.ssh'));
  write('id_ed25519', makeKey(home).privateKey);
});

const write = (name: string, text: string, mode = 0o600): string => {
  const path = join(home, '.ssh', name);
  writeFileSync(path, text, { mode });
  return path;
};
const look = (source: SshSource = {}, hosts: Host[] = [], keys: KnownHostKey[] = []): Promise<SshPreview> =>
  previewHosts(source, { person: { user: 'ann', homeFolder: home, computer: 'laptop', environment: {} }, hosts, hostKeys: { known: () => keys }, agent: null });
async function shown(config: string, source: SshSource = {}): Promise<ImportedHost[]> {
  return (await look({ text: config, ...source })).items.map((item) => item.shown);
}
const brief = (hosts: ImportedHost[]) => hosts.map(({ label, state, through }) => [label, state, ...through].join(' '));
const only = async (config: string): Promise<ImportedHost> => {
  const hosts = await shown(config);
  const last = hosts.at(-1);
  if (last === undefined) throw new Error('Nothing is shown.');
  return last;
};

describe('hosts of a configuration', () => {
  test('are those with a name; patterns are rules', async () => {
    expect(brief(await shown('Host web db\nHost *.example\n  User me\nHost !no yes\nHost w?b'))).toEqual(['web new', 'db new', 'yes new']);
  });
  test('are there although nothing is said of them but by a rule', async () => {
    expect(await only('Host db\nHost *\n  Port 2222')).toMatchObject({ label: 'db', port: 2222, user: 'ann' });
  });
  test('that are one machine are one, by all their names', async () => {
    expect(await shown('Host db 10.0.0.5 main\n  HostName 10.0.0.5')).toMatchObject([{ label: 'db', aliases: ['db', '10.0.0.5', 'main'] }]);
  });
  test('that differ by their account are two', async () => {
    expect(brief(await shown('Host db\n  HostName x\nHost db-root\n  HostName x\n  User root'))).toEqual(['db new', 'db-root new']);
  });
  test('are reached through jumps that are hosts of their own, each once', async () => {
    expect(brief(await shown('Host gate\n  HostName gate.example\nHost a b\n  HostName %h.internal\n  ProxyJump gate'))).toEqual(['gate new', 'a new gate', 'b new gate']);
  });
  test('are reached through a chain as OpenSSH makes it: only the first jump has jumps of its own', async () => {
    expect(brief(await shown('Host outer\nHost inner\n  ProxyJump outer\nHost db\n  ProxyJump inner,last\nHost last\n  ProxyJump outer'))).toEqual(['outer new', 'inner new outer', 'last through inner new outer inner', 'db new outer inner last through inner', 'last new outer']);
  });
  test('have a jump of another account as another machine', async () => {
    expect(brief(await shown('Host gate\n  User ops\nHost db\n  ProxyJump root@gate:2222'))).toEqual(['gate new', 'root@gate:2222 new', 'db new root@gate:2222']);
  });
  test('understand ssh -W as a jump', async () => {
    expect(brief(await shown('Host db\n  ProxyCommand ssh -q -W %h:%p gate'))).toEqual(['gate new', 'db new gate']);
  });
});

describe('a host cannot be imported, and it is said why,', () => {
  test.each([
    ['where a command is to be run to reach it', 'Host db\n  ProxyCommand nc -x proxy:1080 %h %p', 'pasted text:2 (proxycommand)'],
    ['where its way leads through itself', 'Host a\n  ProxyJump b\nHost b\n  ProxyJump a', 'leads through itself'],
    ['where a Match that runs a command may set its way', 'Host db\nMatch host db exec "on-vpn"\n  ProxyJump gate', 'pasted text:3 (proxyjump): whether it is for this host cannot be told'],
    ['where a token in its name cannot be told', 'Host db\n  HostName %p.example', 'has a token that HostName does not know'],
    ['where its port is none', 'Host db\n  Port 99999', 'is no number from 1 to 65535'],
    ['where what its user means is not certain', 'Host db\n  User %u-admin', 'depends on the version of OpenSSH'],
    ['where a line for it cannot be read', 'Host db\n  HostName "db.example', 'the quotation marks do not match'],
    ['where a list of jumps cannot be read', 'Host db\n  ProxyJump gate:notaport', 'is not a list of jump hosts'],
    ['where an included file is in the home of somebody else', 'Include ~bob/config\nHost db', '~bob/config is in the home of somebody else'],
    ['where OpenSSH would look for its name elsewhere', 'CanonicalizeHostname yes\nCanonicalDomains corp.example\nHost db', 'may look for db in other domains first'],
    ['where its name is none', 'Host db\n  HostName a/b', 'nothing that can be connected to'],
    ['where nobody could sign in', 'Host db\n  IdentityFile ~/.ssh/missing\n  PasswordAuthentication no\n  KbdInteractiveAuthentication no', 'Nobody could sign in'],
  ])('%s', async (_when, config, why) => {
    const host = await only(config);
    expect(host.state).toBe('unsupported');
    expect(host.reasons.join('\n')).toContain(why);
  });
  test('where an included file cannot be read', async () => {
    mkdirSync(join(home, '.ssh', 'folder'));
    const [host] = await shown('Include folder\nHost db');
    expect([host?.state, host?.reasons.join()]).toEqual(['unsupported', expect.stringContaining(join(home, '.ssh', 'folder'))]);
  });
  test('where what it is reached through cannot be imported', async () => {
    expect(await only('Host gate\n  ProxyCommand corkscrew %h\nHost db\n  ProxyJump gate')).toMatchObject({ state: 'unsupported', reasons: ['It is reached through gate, which cannot be imported.'] });
  });
  test('but not those that the line is not for', async () => {
    expect(brief(await shown('Host db\n  ProxyCommand nc %h %p\nHost web'))).toEqual(['db unsupported', 'web new']);
  });
  test('nor where another criterion of such a Match does not hold', async () => {
    expect(await only('Host db\nMatch exec "on-vpn" host web\n  ProxyJump gate')).toMatchObject({ state: 'new', cautions: [] });
  });
});

describe('what is otherwise than in OpenSSH is told', () => {
  test.each([
    ['of how long it waits', 'Host db\n  ConnectTimeout 5', `may take ${defaultStepTimeoutMs / 1000} seconds`],
    ['of signs of life', 'Host db\n  ServerAliveInterval 60', 'sign of life'],
    ['of the order of methods', 'Host db\n  PreferredAuthentications password', 'in this order'],
    ['of a relative path', 'Host db\n  IdentityFile keys/db', 'is relative: OpenSSH takes it from the folder in which ssh is started'],
    ['of certificates', 'Host db\n  CertificateFile ~/.ssh/id-cert.pub', 'certificates of users are not supported'],
    ['of algorithms', 'Host db\n  Ciphers aes128-ctr', 'algorithms are those of Pilothouse'],
    ['of an agent of its own that is not there', 'Host db\n  IdentityAgent ~/.other/agent.sock', '.other/agent.sock holds no key just now'],
    ['of a Match that may set a key', 'Host db\nMatch exec true\n  IdentityFile ~/.ssh/id_ed25519', 'whether it is for this host cannot be told'],
    ['of a keyword that is not known', 'Host db\n  RootPassword canary-in-a-keyword', 'it has a keyword that is not known here'],
  ])('%s', async (_what, config, why) => {
    const host = await only(config);
    expect([host.state, host.cautions.join('\n')]).toEqual(['new', expect.stringContaining(why)]);
  });
  test('but not of what makes no difference', async () => {
    expect((await only('Host db\n  ForwardAgent yes\n  Compression yes\n  ControlMaster auto\n  GSSAPIAuthentication no\n  StrictHostKeyChecking no')).cautions).toEqual([]);
  });
  test('and what stands in a line is not repeated', async () => {
    const preview = await look({ text: 'RootPassword canary-in-a-line\nHost "canary-in-quotes\nHost db' });
    expect(JSON.stringify(preview)).not.toContain('canary');
  });
});

describe('what one signs in with', () => {
  test('are the key files that are there, and of the others it is said what is wrong', async () => {
    const encrypted = write('encrypted', makeKey(home, { passphrase: 'canary' }).privateKey);
    const pem = write('pem', makeKey(home, { type: 'rsa', pem: true, passphrase: 'canary' }).privateKey);
    const open = write('open', makeKey(home).privateKey, 0o644);
    const text = write('text', 'no key at all');
    const host = await only(`Host db\n${[encrypted, pem, open, text, '~/.ssh/gone', '~/.ssh/id_ed25519'].map((path) => `  IdentityFile ${path}`).join('\n')}`);
    expect(host.keys.map(({ state }) => state)).toEqual(['encrypted', 'encrypted', 'open-to-others', 'unusable', 'missing', 'ready']);
    expect(host.cautions.filter((words) => words.includes('passphrase'))).toHaveLength(2);
  });
  test('are the keys that OpenSSH tries by itself, where none is named', async () => {
    expect(await only('Host db')).toMatchObject({ keys: [{ path: join(home, '.ssh', 'id_ed25519'), state: 'ready' }], agent: false, password: false });
  });
  test('is no key that wants a passphrase, where another one is at hand and none is named', async () => {
    write('id_rsa', makeKey(home, { type: 'rsa', passphrase: 'canary' }).privateKey);
    const [item] = (await look({ text: 'Host db' })).items;
    expect(item?.connection.signIn.keys.map(({ path }) => path)).toEqual([join(home, '.ssh', 'id_ed25519')]);
    expect(item?.shown.cautions).toEqual([expect.stringContaining('is left out: it wants a passphrase')]);
  });
  test('is a password where there is nothing else', async () => {
    expect(await only('Host db\n  IdentityFile none')).toMatchObject({ password: true, cautions: [expect.stringContaining('Its password is asked for')] });
  });
});

describe('keys of hosts', () => {
  const key = () => makeKey(home).publicKey.split(' ').slice(0, 2).join(' ');
  test('are found by the alias that HostKeyAlias gives', async () => {
    write('known_hosts', `db-alias ${key()}\n[10.0.0.5]:2222 ${key()}\n`);
    expect((await only('Host db\n  HostName 10.0.0.5\n  Port 2222\n  HostKeyAlias db-alias')).hostKeys).toMatchObject([{ line: 1, state: 'new' }]);
  });
  test('of two machines at one address, that only their aliases tell apart, are left out', async () => {
    write('known_hosts', `one ${key()}\ntwo ${key()}\n`);
    const hosts = await shown('Host one\n  HostName 10.0.0.5\n  HostKeyAlias one\nHost two\n  HostName 10.0.0.5\n  HostKeyAlias two');
    expect(hosts.flatMap(({ hostKeys }) => hostKeys.map(({ state }) => state))).toEqual(['conflict', 'conflict']);
  });
  test('behind two jumps the same address is two machines', async () => {
    write('known_hosts', `one ${key()}\ntwo ${key()}\n`);
    const hosts = await shown('Host a\nHost b\nHost one\n  HostName 10.0.0.5\n  HostKeyAlias one\n  ProxyJump a\nHost two\n  HostName 10.0.0.5\n  HostKeyAlias two\n  ProxyJump b');
    expect(hosts.flatMap(({ hostKeys }) => hostKeys.map(({ state }) => state))).toEqual(['new', 'new']);
  });
  test('are read of the files that the configuration names, and of a chosen one instead', async () => {
    write('known_hosts', `db ${key()}\n`);
    const other = write('other_hosts', `db ${key()}\ndb ${key()}\nnonsense\n`);
    expect((await only(`Host db\n  UserKnownHostsFile ${other} ~/.ssh/known_hosts`)).hostKeys.map(({ line }) => line)).toEqual([1, 2, 1]);
    expect((await only('Host db\n  UserKnownHostsFile none')).hostKeys).toEqual([]);
    const chosen = await look({ text: 'Host db', knownHostsPath: other });
    expect([chosen.items[0]?.shown.hostKeys.length, chosen.problems]).toEqual([2, [{ file: other, line: 3, reason: 'a line is hosts, type of the key, and the key' }]]);
  });
  test('that are revoked here are not trusted again', async () => {
    const half = key();
    write('known_hosts', `db ${half}\n`);
    const { items } = await look({ text: 'Host db' }, [], [{ type: 'ssh-ed25519', key: half.split(' ')[1] ?? '', revoked: true }]);
    expect(items[0]?.shown.hostKeys.map(({ state }) => state)).toEqual(['known-revoked']);
  });
});

describe('what is here', () => {
  const here = (label: string, changes: Partial<Host['connection']> = {}): Host => ({ id: `id-of-${label}`, systemId: 's', label, platform: null, lastSeenAt: null, lastError: null, connection: { host: label, port: 22, user: 'ann', signIn: { keys: [{ path: join(home, '.ssh', 'id_ed25519'), passphrase: { source: 'none' } }], agent: false, password: { source: 'none' } }, viaId: null, ...changes } });
  const judged = async (config: string, ...hosts: Host[]) => (await look({ text: config }, hosts)).items.map(({ shown: { label, state, reasons } }) => `${label} ${state}: ${reasons.join(' ')}`);
  test('is known, by whatever it is called here', async () => {
    expect(await judged('Host db\n  HostName DB.example', { ...here('db.example'), label: 'main' })).toEqual(['db known: It is here as main.']);
  });
  test('is changed where another way leads to it', async () => {
    expect(await judged('Host gate\nHost db\n  ProxyJump gate', here('gate'), here('db'))).toEqual(['gate known: It is here.', 'db changed: Here it is reached directly.']);
  });
  test('is one host only, though another one has its name', async () => {
    expect(await judged('Host gate\n  HostName new.example\nHost old\n  HostName gate', here('gate'))).toEqual(['gate new: ', 'old known: It is here as gate.']);
  });
});

describe('what is chosen', () => {
  test('is the usual file, and that it is not there is said', async () => {
    expect((await look()).files[0]).toEqual({ path: join(home, '.ssh', 'config'), kind: 'ssh-config', state: 'absent' });
  });
  test('is read whole, or it is said that it is too large', async () => {
    const large = write('large', `Host db\n${'# '.repeat(600_000)}`);
    expect(await look({ configPath: large })).toMatchObject({ items: [], problems: [{ file: large, reason: 'it is larger than 1048576 bytes' }], files: [{ state: 'unusable' }] });
  });
  test('is a file, and no device or folder', async () => {
    expect((await look({ configPath: '/dev/zero' })).problems).toEqual([{ file: '/dev/zero', line: null, reason: 'it is no plain file' }]);
  });
  test('is shown with what it includes', async () => {
    mkdirSync(join(home, '.ssh', 'conf.d'));
    const more = write('conf.d/10-more', 'Host more\n');
    write('conf.d/.hidden', 'Host hidden\n');
    const config = write('config', 'Include conf.d/*\nHost db\n');
    const preview = await look();
    expect([preview.files.map(({ path }) => path).slice(0, 2), brief(preview.items.map((item) => item.shown))]).toEqual([[config, more], ['more new', 'db new']]);
  });
});
