/** Which lines of a known_hosts are about a host: asked of `ssh-keygen -F`. */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { isAbout, knownHostsName, parseKnownHosts } from '#engine/ssh/known-hosts.ts';
import { makeTemporaryFolder } from '#test/temporary-folder.ts';

let folder = '';
const keys: string[] = [];
beforeAll(async () => {
  folder = await makeTemporaryFolder('known-hosts');
  for (const type of ['ed25519', 'ecdsa', 'rsa']) {
    execFileSync('ssh-keygen', ['-q', '-t', type, '-N', '', '-C', 'of a test', '-f', join(folder, type)]);
    keys.push(execFileSync('cat', [join(folder, `${type}.pub`)], { encoding: 'utf8' }).trim());
  }
});

const name = fc.constantFrom('web', 'db', 'web.example', '10.0.0.7', '::1', 'WEB.example', 'xn--bcher-kva.example');
const pattern = fc.oneof(name, fc.constantFrom('*', '*.example', 'w?b', '!web', '!*.example', '[web]:2222', '[db]:22', '[*]:2222', '[10.0.0.7]:2022'));
const port = fc.constantFrom(22, 2222, 2022);

describe('a known_hosts', () => {
  test('is about the hosts that OpenSSH finds in it, hashed or not', () => {
    let counter = 0;
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.array(pattern, { minLength: 1, maxLength: 3 }), fc.nat(2), fc.constantFrom('', '', '@revoked ', '@cert-authority ')), { minLength: 1, maxLength: 5 }), name, port, fc.boolean(), (lines, host, at, hashed) => {
        const path = join(folder, `hosts-${(counter += 1)}`);
        writeFileSync(path, `# a comment\n\n${lines.map(([patterns, key, marker]) => `${marker}${patterns.join(',')} ${keys[key]}`).join('\n')}\n`);
        if (hashed) execFileSync('ssh-keygen', ['-H', '-f', path], { stdio: 'ignore' });
        const text = execFileSync('cat', [path], { encoding: 'utf8' });
        const theirs = finds(path, knownHostsName(host, at));
        const { entries, problems } = parseKnownHosts(text);
        expect({ problems, lines: entries.filter((entry) => isAbout(entry, host, at)).map(({ line }) => line) }, text).toEqual({ problems: [], lines: theirs });
      }),
      { numRuns: 80 },
    );
  });
  test('never fails, and says of each line that it cannot use what is wrong', () => {
    const piece = fc.oneof(fc.constantFrom('@revoked', '@other', '|1|', '|', '=', 'ssh-rsa', 'ssh-ed25519', 'AAAAC3NzaC1lZDI1NTE5AAAAI', '#', ' ', '\t', ',', '*', '!', '\r'), fc.string({ unit: 'binary', maxLength: 6 }));
    fc.assert(
      fc.property(fc.array(fc.array(piece, { maxLength: 8 }).map((parts) => parts.join('')), { maxLength: 6 }), (lines) => {
        const { entries, problems } = parseKnownHosts(lines.join('\n'));
        expect(problems.every(({ reason }) => reason !== '') && entries.length + problems.length <= lines.join('\n').split('\n').length).toBe(true);
        for (const entry of entries) isAbout(entry, 'web', 22);
      }),
    );
  });
});

/** The numbers of the lines that ssh-keygen finds. */
function finds(path: string, wanted: string): number[] {
  try {
    return [...execFileSync('ssh-keygen', ['-F', wanted, '-f', path], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).matchAll(/found: line (\d+)/g)].map((match) => Number(match[1]));
  } catch {
    return []; // Its exit status says that nothing was found.
  }
}
