/** What is imported is what OpenSSH and libpq make of it, or it is said that it is not: whatever stands in the files. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { importMethods } from '#shared/contract/imports.ts';
import { Secret } from '#shared/domain/secret.ts';
import { previewDatabases } from '#engine/import/databases.ts';
import { fitsGlob } from '#engine/import/read-file.ts';
import { previewHosts } from '#engine/import/ssh-hosts.ts';
import type { SshSource } from '#engine/import/ssh-source.ts';
import type { ConfigOwner } from '#engine/ssh/config/resolve.ts';
import { quoteWord } from '#engine/ssh/quote.ts';
import { makeTemporaryFolder } from '#test/temporary-folder.ts';

let folder = '';
let owner: ConfigOwner;
beforeAll(async () => {
  folder = await makeTemporaryFolder('imports');
  mkdirSync(join(folder, '.ssh'));
  owner = { user: userInfo().username, homeFolder: folder, computer: 'laptop', environment: {} };
});

const full = process.env.PILOTHOUSE_FULL === '1';
const preview = async (source: SshSource) => {
  const { hash, items, ...rest } = await previewHosts(source, { person: owner, hosts: [], hostKeys: { known: () => [] }, agent: null });
  return importMethods['import.previewSsh'].output.parse({ previewHash: hash, ...rest, hosts: items.map(({ shown }) => shown) });
};

/** What OpenSSH would do; null where it refuses. */
function asked(args: readonly string[]): Record<string, string> | null {
  try {
    const lines = execFileSync('ssh', ['-G', ...args], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).split('\n');
    return Object.fromEntries(lines.filter((line) => line.includes(' ')).map((line) => [line.slice(0, line.indexOf(' ')), line.slice(line.indexOf(' ') + 1)]));
  } catch {
    return null; // Which of them are refused is not what this test is about.
  }
}

const host = fc.constantFrom('web', 'db', 'db.example', '10.0.0.7', 'gate');
const user = fc.constantFrom('ann', 'bob', 'a@b');
const port = fc.integer({ min: 1, max: 65_535 }).map(String);
const jumps = fc.constantFrom('gate', 'ann@gate:2022', 'gate,web', 'none');
const option = fc.oneof(
  fc.tuple(fc.constant('-l'), user), fc.tuple(fc.constant('-p'), port), fc.tuple(fc.constant('-J'), jumps),
  port.map((value) => [`-p${value}`]), fc.constantFrom(['-A'], ['-4'], ['-vN'], ['-qp', '2022'], ['-L', '80:x:80'], ['-i', '/keys/one']),
  fc.tuple(fc.constant('-o'), fc.oneof(user.map((name) => `User=${name}`), port.map((value) => `Port ${value}`), host.map((name) => `HostName=${name}`), jumps.map((way) => `proxyjump ${way}`))),
);
const destination = fc.oneof(host, fc.tuple(user, host).map(([who, where]) => `${who}@${where}`), fc.tuple(host, port).map(([where, at]) => `ssh://ann@${where}:${at}`));
const config = fc.constantFrom('', 'Host db\n  User eve\n  Port 99\n', 'Host *\n  HostName %h.internal\nHost gate\n  User ops\n', 'Host web\n  ProxyJump gate\n');

describe('a pasted ssh line', () => {
  test('means what it means to ssh', async () => {
    let compared = 0;
    await fc.assert(
      fc.asyncProperty(config, fc.array(option, { maxLength: 4 }), destination, fc.array(option, { maxLength: 2 }), async (text, before, where, after) => {
        const file = join(folder, 'config');
        writeFileSync(file, text, { mode: 0o600 });
        const args = ['-F', file, ...before.flat(), where, ...after.flat()];
        const theirs = asked(args);
        if (theirs === null) return;
        const { hosts, problems } = await preview({ text: `ssh ${args.map(quoteWord).join(' ')}` });
        const ours = hosts.find(({ aliases }) => aliases.length > 0);
        // A way through itself is refused by ssh too, but only when it connects.
        if (ours?.state === 'unsupported' && /leads through itself/.test(ours.reasons.join())) return;
        compared += 1;
        expect({ host: ours?.host, user: ours?.user, port: String(ours?.port), problems }, args.join(' ')).toEqual({ host: theirs['hostname'], user: theirs['user'], port: theirs['port'], problems: [] });
        const way = theirs['proxyjump'] === undefined || theirs['proxyjump'] === 'none' ? 0 : theirs['proxyjump'].split(',').length;
        expect((ours?.through.length ?? 0) >= way && (way > 0 || ours?.through.length === 0), args.join(' ')).toBe(true);
      }),
      { numRuns: full ? 500 : 120 },
    );
    expect(compared).toBeGreaterThan(40);
  });
});

describe('a configuration', () => {
  const pattern = fc.oneof(host, fc.constantFrom('*', 'd*', '!web'));
  const line = fc.oneof(
    fc.array(pattern, { minLength: 1, maxLength: 3 }).map((patterns) => `Host ${patterns.join(' ')}`), host.map((name) => `HostName ${name}`), user.map((name) => `User ${name}`), port.map((value) => `Port ${value}`), jumps.map((way) => `ProxyJump ${way}`),
    fc.constantFrom('Match exec true', 'Match host db', 'ProxyCommand nc %h %p', 'ProxyCommand ssh -W %h:%p gate', 'HostName %h.x', 'IdentityFile /keys/%h', 'IdentityFile keys/x'),
  );
  test('is imported as ssh would connect by it, or not at all', async () => {
    let compared = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(line, { maxLength: 14 }), async (lines) => {
        const file = join(folder, 'config');
        writeFileSync(file, `${lines.join('\n')}\nHost db web gate\n`, { mode: 0o600 });
        const { hosts } = await preview({ configPath: file });
        for (const { aliases, state, host: name, user: who, port: at, through, reasons } of hosts) {
          expect(state === 'new' || reasons.length > 0).toBe(true);
          const [alias] = aliases;
          const theirs = alias === undefined || state === 'unsupported' ? null : asked(['-F', file, alias]);
          if (theirs === null) continue;
          compared += 1;
          const command = theirs['proxycommand'];
          expect({ name, who, at: String(at) }, lines.join('\n')).toEqual({ name: theirs['hostname'], who: theirs['user'], at: theirs['port'] });
          const jumped = theirs['proxyjump'] !== undefined && theirs['proxyjump'] !== 'none';
          expect(through.length > 0, lines.join('\n')).toBe(jumped || (command !== undefined && command !== 'none'));
        }
      }),
      { numRuns: full ? 400 : 60 },
    );
    expect(compared).toBeGreaterThan(30);
  });
});

describe('whatever stands in a file', () => {
  const piece = fc.constantFrom('Host ', 'Match ', 'Include ', 'ProxyJump ', 'ProxyCommand ', 'HostName ', 'User ', 'Port ', 'IdentityFile ', 'exec ', 'ssh -W %h:%p ', 'a', 'b', '"', "'", '\\', '=', '#', '%h', '%', '${X}', '*', '!', ',', ' ', '\t', '\r', '\0', '@', ':', '[', ']', '~', '9'.repeat(30), 'x'.repeat(5000), 'ÿ', '\n', '\n');
  const text = fc.oneof(fc.array(fc.oneof(piece, fc.string({ unit: 'binary', maxLength: 8 })), { minLength: 1, maxLength: 60 }).map((parts) => parts.join('')), fc.uint8Array({ minLength: 1, maxLength: 300 }).map((bytes) => Buffer.from(bytes).toString('latin1')));
  test('hosts are shown or problems told, and nothing fails', async () => {
    await fc.assert(
      fc.asyncProperty(text, fc.boolean(), async (content, asFile) => {
        const file = join(folder, 'any');
        writeFileSync(file, content, { mode: 0o600 });
        writeFileSync(join(folder, '.ssh', 'a'), content);
        writeFileSync(join(folder, '.ssh', 'known_hosts'), content);
        const { hosts } = await preview(asFile ? { configPath: file } : { text: content });
        expect(hosts.every(({ state, reasons }) => state === 'new' || reasons.length > 0)).toBe(true);
      }),
      { numRuns: full ? 1000 : 200 },
    );
  });
  test('of ssh lines, nothing fails', async () => {
    const word = fc.oneof(fc.constantFrom('-p', '-J', '-o', '-i', '-F', '-l', '--', '-', 'ssh', 'a@b', 'ssh://x', '-Wx', '-oProxyCommand=nc', '-oInclude=x', '"', "'", '\\', '$x', ';', '|', '#', '-Z', '-vvvp'), fc.string({ maxLength: 6 }));
    await fc.assert(fc.asyncProperty(fc.array(word, { maxLength: 8 }), async (words) => void (await preview({ text: `ssh ${words.join(' ')}` }))), { numRuns: full ? 2000 : 300 });
  });
  test('of databases, nothing fails and no password is shown', () => {
    const part = fc.constantFrom('postgres://', 'u:', 'canary-77', '@h', '/d', '?sslmode=', 'host=', 'user=u ', 'password=canary-77 ', "'", '\\', ':', '*', '[s]\n', '\n', '#', '{', '}', '"Servers"', 'dbname=', ' ', '=', '%', '%zz', 'service=', 'ldap://');
    const any = fc.array(fc.oneof(part, fc.string({ unit: 'binary', maxLength: 4 })), { minLength: 1, maxLength: 40 }).map((parts) => parts.join(''));
    fc.assert(
      fc.property(any, fc.constantFrom('text', 'passfilePath', 'serviceFilePath', 'pgadminPath'), (content, kind) => {
        const file = join(folder, 'databases');
        writeFileSync(file, content, { mode: 0o600 });
        const { hash, items, ...rest } = previewDatabases(kind === 'text' ? { text: new Secret(content) } : { [kind]: file }, { person: owner, databases: [], viaId: null });
        const shown = importMethods['import.previewDatabases'].output.parse({ previewHash: hash, ...rest, databases: items.map((item) => item.shown) });
        expect(shown.databases.every(({ state, reasons }) => state === 'new' || reasons.length > 0)).toBe(true);
      }),
      { numRuns: full ? 2000 : 400 },
    );
  });
  test('passwords in passfiles, services and URLs are never in what is shown', () => {
    const name = fc.stringMatching(/^[a-z][a-z0-9_]{0,8}$/);
    const password = fc.string({ minLength: 1, maxLength: 12 }).map((word) => `canary${word.replaceAll(/[\r\n\0]/g, '')}`);
    fc.assert(
      fc.property(name, name, password, (where, who, secret) => {
        const passfile = join(folder, 'passfile');
        const services = join(folder, 'services');
        writeFileSync(passfile, `${where}:5432:shop:${who}:${secret.replaceAll(/[:\\]/g, '\\$&')}\n`, { mode: 0o600 });
        writeFileSync(services, `[${where}]\nhost=${where}\nuser=${who}\npassword=${secret}\n`, { mode: 0o600 });
        const look = (source: Parameters<typeof previewDatabases>[0]) => previewDatabases(source, { person: owner, databases: [], viaId: null });
        const all = [look({ passfilePath: passfile }), look({ serviceFilePath: services }), look({ text: new Secret(`postgres://${who}:${encodeURIComponent(secret)}@${where}/shop`) })];
        expect(all.map(({ items }) => items.length)).toEqual([1, 1, 1]);
        expect(JSON.stringify(all)).not.toContain('canary');
      }),
      { numRuns: 100 },
    );
  });
});

describe('includes', () => {
  test('that are nested deeply, lead in circles or multiply come to an end, and are told', async () => {
    rmSync(join(folder, '.ssh', 'known_hosts'), { force: true });
    for (let depth = 0; depth < 20; depth += 1) writeFileSync(join(folder, '.ssh', `deep-${depth}`), `Include deep-${depth + 1}\nHost h${depth}\n`);
    writeFileSync(join(folder, '.ssh', 'round'), 'Include round\nInclude round\nHost round\n');
    const deep = await preview({ text: 'Include deep-0\nHost db' });
    const round = await preview({ text: 'Include round\nHost db' });
    const told = ({ problems }: typeof deep) => problems.map(({ reason }) => reason);
    expect([told(deep), deep.hosts.find(({ label }) => label === 'db')?.state]).toEqual([['includes are nested deeper than 16'], 'unsupported']);
    expect(told(round)).toContain('more than 200 files are included');
    expect(round.hosts.every(({ state }) => state === 'unsupported')).toBe(true);
  });
  test('a file of as many hosts as it can hold is shown in time, and that some are left out is said', async () => {
    const text = Array.from({ length: 60_000 }, (_each, index) => `Host h${index}`).join('\n').slice(0, 1_000_000);
    const began = performance.now();
    const { hosts, problems } = await preview({ text });
    expect([hosts.length > 0 && hosts.length < 1000, problems.map(({ reason }) => /only the first \d+ are shown/.test(reason))]).toEqual([true, [true]]);
    expect(performance.now() - began).toBeLessThan(20_000);
  });
});

test('patterns of names fit what a shell makes of them', () => {
  mkdirSync(join(folder, 'glob'));
  const sign = fc.constantFrom('a', 'b', '.', '-', '1');
  const names = fc.array(fc.string({ unit: sign, minLength: 1, maxLength: 4 }).filter((text) => text !== '.' && text !== '..'), { minLength: 1, maxLength: 4 });
  const pattern = fc.array(fc.oneof(sign, fc.constantFrom('*', '?', '[ab]', '[!a]', '[a-b1]')), { minLength: 1, maxLength: 5 }).map((parts) => parts.join(''));
  fc.assert(
    fc.property(names, pattern, (some, wanted) => {
      const script = 'wanted=$1; shift; for name do case $name in $wanted) echo "$name";; esac; done';
      const theirs = new Set(execFileSync('sh', ['-c', script, 'sh', wanted, ...some], { encoding: 'utf8' }).split('\n').filter((text) => text !== ''));
      // A shell's "case" takes a dot in front like any sign; where files are looked for it has to be written.
      for (const name of some) if (!name.startsWith('.')) expect(fitsGlob(wanted, name), `${wanted} ${name}`).toBe(theirs.has(name));
    }),
    { numRuns: full ? 500 : 80 },
  );
});
