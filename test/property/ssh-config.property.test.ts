/** What is read of an ssh_config is what OpenSSH reads of it: random configurations, asked of `ssh -G`. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { hostname, userInfo } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { loadConfig, type ConfigFiles } from '#engine/ssh/config/load.ts';
import { expandTokens } from '#engine/ssh/config/tokens.ts';
import { parseJump, resolveHost, wayTo, type ConfigOwner } from '#engine/ssh/config/resolve.ts';
import { makeTemporaryFolder } from '#test/temporary-folder.ts';

const me = userInfo();
const owner: ConfigOwner = { user: me.username, homeFolder: me.homedir, computer: hostname(), environment: process.env };
const aliases = ['web', 'db', 'web.example', 'db-1', 'bastion'];

let folder = '';
beforeAll(async () => {
  folder = await makeTemporaryFolder('ssh-config');
  return () => undefined;
});

const filesOf = (texts: Record<string, string>): ConfigFiles => ({
  homeFolder: me.homedir,
  read: (path) => {
    const text = texts[path];
    if (text === undefined) throw new Error('There is no such file.');
    return text;
  },
  glob: (pattern) => Object.keys(texts).filter((path) => path === pattern),
});

const pattern = fc.oneof(fc.constantFrom(...aliases), fc.constantFrom('*', 'db*', '*.example', 'w?b', '!web', '!db-1', 'WEB'));
const word = fc.constantFrom('one', 'two', 'a.b.example', 'three');
const quoted = (text: string) => fc.constantFrom(text, `"${text}"`);
const setting = fc.oneof(
  word.chain(quoted).map((value) => `HostName ${value}`),
  fc.constantFrom('%h.example', '%h', 'x%%y').map((value) => `HostName ${value}`),
  word.chain(quoted).map((value) => `User ${value}`),
  fc.integer({ min: 1, max: 65_535 }).map((value) => `Port=${value}`),
  fc.constantFrom('~/.ssh/id_one', '/keys/%h', '~/keys/%r-%p', '"~/with space"', 'relative', '/keys/%n', '/keys/%u').map((value) => `IdentityFile ${value}`),
  fc.constantFrom('yes', 'no').map((value) => `IdentitiesOnly ${value}`),
  fc.constantFrom('bastion', 'me@bastion:2222', 'one,two', 'none', 'u@h:22,v@[::1]:2022').map((value) => `ProxyJump ${value}`),
  fc.constantFrom('none', 'ssh -W %h:%p bastion').map((value) => `ProxyCommand ${value}`),
  fc.constantFrom('  # a comment', '', '\tServerAliveInterval 15', 'ConnectTimeout 7', 'User "with space" # a comment'),
);
const condition = fc.oneof(
  fc.array(pattern, { minLength: 1, maxLength: 3 }).map((patterns) => `Host ${patterns.join(' ')}`),
  fc.array(pattern, { minLength: 1, maxLength: 2 }).map((patterns) => `Match host ${patterns.join(',')}`),
  pattern.map((value) => `Match originalhost ${value}`),
  fc.tuple(fc.constantFrom('', '!'), fc.constantFrom('one', me.username, 't*')).map(([not, value]) => `Match ${not}user ${value}`),
  fc.constantFrom('Match all', 'Match final all', `Match localuser ${me.username}`, 'Match localuser nobody-else', 'Match final host *.example', 'Match !final all'),
);
const block = fc.tuple(condition, fc.array(setting, { maxLength: 4 })).map(([head, settings]) => [head, ...settings]);
const body = fc.tuple(fc.array(setting, { maxLength: 2 }), fc.array(block, { maxLength: 5 })).map(([settings, blocks]) => [...settings, ...blocks.flat()]);

/** What OpenSSH makes of a configuration; null where it refuses it. */
function asked(path: string, alias: string): Map<string, string[]> | null {
  try {
    const text = execFileSync('ssh', ['-G', '-F', path, alias], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
    const found = new Map<string, string[]>();
    for (const line of text.split('\n')) {
      const space = line.indexOf(' ');
      if (space > 0) found.set(line.slice(0, space), [...(found.get(line.slice(0, space)) ?? []), line.slice(space + 1)]);
    }
    return found;
  } catch {
    return null; // Which text was refused is not what this test is about.
  }
}

describe('an ssh_config', () => {
  test('means what it means to OpenSSH', () => {
    let counter = 0;
    let compared = 0;
    fc.assert(
      fc.property(body, fc.option(body, { nil: null, freq: 3 }), fc.constantFrom(...aliases), (lines, included, alias) => {
        counter += 1;
        const main = join(folder, `config-${counter}`);
        const other = join(folder, `config-${counter}.d`, 'other');
        const texts: Record<string, string> = { [main]: [...lines.slice(0, 4), ...(included === null ? [] : [`Include ${other}`]), ...lines.slice(4)].join('\n') };
        if (included !== null) texts[other] = included.join('\n');
        mkdirSync(join(folder, `config-${counter}.d`));
        for (const [path, text] of Object.entries(texts)) writeFileSync(path, `${text}\n`, { mode: 0o600 });
        const theirs = asked(main, alias);
        if (theirs === null) return;
        compared += 1;
        const ours = resolveHost(loadConfig(main, filesOf(texts)), alias, owner);
        // "ssh -W" is a jump in other words.
        const jumps = theirs.get('proxyjump')?.[0] ?? theirs.get('proxycommand')?.[0]?.replace(/^ssh -W %h:%p /, '');
        const seen = {
          hostName: theirs.get('hostname')?.[0], user: theirs.get('user')?.[0], port: Number(theirs.get('port')?.[0]), identitiesOnly: theirs.get('identitiesonly')?.[0] === 'yes',
          jumps: jumps === undefined || jumps === 'none' ? [] : jumps.split(',').map(parseJump),
        };
        expect({ hostName: ours.hostName.toLowerCase(), user: ours.user, port: ours.port, identitiesOnly: ours.identitiesOnly, jumps: ours.jumps }, texts[main]).toEqual({ ...seen, hostName: seen.hostName?.toLowerCase() });
        // It prints them as they stand, and its own where none is named.
        const tokens = { h: ours.hostName, n: alias, p: String(ours.port), r: ours.user, u: owner.user };
        const files = (theirs.get('identityfile') ?? []).map((file) => expandTokens(file.replace(/^~/, owner.homeFolder), tokens)).map((expanded) => ('value' in expanded ? expanded.value : '?'));
        // A relative one is another file for each folder that ssh is started in: it is told, and not taken.
        const named = [...new Set(files)].filter((file) => file.startsWith('/'));
        if (ours.identityFiles === null) expect(named, texts[main]).toContain(`${owner.homeFolder}/.ssh/id_ed25519_sk`);
        else expect(named, texts[main]).toEqual(ours.identityFiles);
      }),
      { numRuns: process.env.PILOTHOUSE_FULL === '1' ? 600 : 120 },
    );
    expect(compared).toBeGreaterThan(counter / 3);
  });
  test('never fails and never hangs, whatever is in it', () => {
    const piece = fc.constantFrom('Host', 'Match', 'Include', 'ProxyJump', 'ProxyCommand', 'exec', 'ssh -W %h:%p', '"', "'", '\\', '=', '#', '%', '%h', '${', '${HOME}', '*', '!', ',', ' ', '\t', '\r', '\0', '@', ':', '[', ']', '~', '~root/x', 'ÿ', '9'.repeat(30));
    const text = fc.array(fc.oneof(piece, fc.string({ unit: 'binary', maxLength: 8 }), fc.constant('\n')), { maxLength: 80 }).map((parts) => parts.join(''));
    fc.assert(
      fc.property(text, fc.constantFrom(...aliases, ''), (content, alias) => {
        const config = loadConfig('/config', { homeFolder: '/home/me', read: (path) => (path === '/config' ? content : content.slice(0, 50)), glob: (wanted) => [wanted] });
        const way = wayTo(config, alias, { user: 'me', homeFolder: '/home/me', computer: 'laptop', environment: {} });
        expect('problem' in way || way.stops.every(({ port }) => port > 0 && port < 65_536)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });
});
