/** What a person types into a runbook is never run: by real shells, by a real Postgres, and what they show of secrets. */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { describeSent, resolveAction } from '#engine/runbooks/resolve/index.ts';
import type { Scope } from '#engine/runbooks/sent.ts';
import { compileScript, shellUses, whyNotHere } from '#shared/domain/runbook/shell-context.ts';
import { compileSql, splitStatements, sqlWithLiterals } from '#shared/domain/runbook/sql-text.ts';
import { Secret } from '#shared/domain/secret.ts';
import { startPostgres, type PostgresServer } from '#test/postgres-server.ts';
import { descendantsOf } from '#test/processes.ts';
import { realShells, runIn, whyNoShell } from '#test/real-shells.ts';
import { makeTemporaryFolder } from '#test/temporary-folder.ts';
import { waitFor } from '#test/wait-for.ts';

let folder = '';
beforeAll(async () => {
  folder = await makeTemporaryFolder('runbook-injection');
  mkdirSync(join(folder, 'place'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What has run something in other products, or would in a template that is pasted. */
const payloads = ['$(touch canary)', '`touch canary`', "'; touch canary; '", '"; touch canary; "', '\ntouch canary\n', "'\ntouch canary\n'", '|touch canary', '&& touch canary', '> canary', '\nEOF\ntouch canary\n', '${IFS}touch${IFS}canary', '$((a[$(touch canary)]))', 'a[$(touch canary)]', '*', '~', '-exec touch canary ;', "\\'; touch canary #", '\u0001$(touch canary)'];

describe.each(realShells)('a payload in a script for %s', (_name, shell) => {
  const why = whyNoShell(shell);
  test.skipIf(why !== null).each([
    ['bare', "printf '%s' {{ x }}"], ['within a word', "printf '%s' {{ x }}''"], ['in double quotes', `printf '%s' "{{ x }}"`], ['in a here-document', "cat <<EOF | tr -d '\\001' >/dev/null; printf '%s' {{ x }}\n{{ x }}\nEOF\n"], ['in a substitution', `printf '%s' "$(printf '%s.' {{ x }})" | sed '$s/\\.$//'`], ['in backticks', 'v=`printf "%s." "{{ x }}"`; printf "%s" "${v%.}"'], ['as a variable', `printf '%s' "$x"`],
    ['as the pattern of a case', `case {{ x }} in {{ x }}) printf '%s' {{ x }} ;; esac`], ['as the name of a file', `f() { printf '%s' "$2"; }; f >/dev/null a b; f -- {{ x }}`], ['behind a command of another shell', `sh -c 'printf "%s" "$1"' sh {{ x }}`], ['in a test', `[ {{ x }} = "$x" ] && printf '%s' {{ x }}`], ['in a comment', `# {{ x }}\nprintf '%s' "$x"`],
  ])('arrives as it is %s, and is not run', (_where, script) => {
    for (const x of payloads) {
      const compiled = compileScript(script, { x });
      const { stdout, left } = 'fault' in compiled ? { stdout: compiled.fault, left: ['refused'] } : runIn(folder, shell, `${compiled.prelude}${compiled.body}`);
      expect([stdout, left]).toEqual([x, []]);
    }
  });
  test('would be run where it is pasted: the test sees what it is about', (context) => {
    if (why !== null) context.skip(why);
    expect([runIn(folder, shell, "echo ''; touch canary; ''").left, runIn(folder, shell, 'sh -c "echo $(touch canary)"').left]).toEqual([['canary'], ['canary']]);
  });
});

/** Each runs its value, in one shell or in all: that is why it is refused. */
const dangerous: readonly [string, string, readonly string[]][] = [
  ['echo $(( {{ x }} ))', 'a[$(touch canary)]', ['bash']], ['[[ {{ x }} -eq 1 ]]', 'a[$(touch canary)]', ['bash']], ['(( {{ x }} ))', 'a[$(touch canary)]', ['bash']], ['let {{ x }}', 'a[$(touch canary)]', ['bash']], ['test -v {{ x }}', 'a[$(touch canary)]', ['bash']], ['a=(1); unset {{ x }}', 'a[$(touch canary)]', ['bash']],
  ['eval {{ x }}', 'touch canary', ['dash', 'bash', 'BusyBox']], ['sh -c {{ x }}', 'touch canary', ['dash', 'bash', 'BusyBox']], ['trap {{ x }} EXIT', 'touch canary', ['dash', 'bash', 'BusyBox']], ['printf "%s" {{ x }} | sh', 'touch canary', ['dash', 'bash', 'BusyBox']], ['sh <<EOF\n{{ x }}\nEOF\n', 'touch canary', ['dash', 'bash', 'BusyBox']], ["find . -maxdepth 0 -exec sh -c {{ x }} ';'", 'touch canary', ['dash', 'bash', 'BusyBox']], ['awk {{ x }} </dev/null', 'BEGIN { system("touch canary") }', ['dash', 'bash', 'BusyBox']], ['{ echo {{ x }}; } | while read -r line; do sh -c "$line"; done; echo {{ x }} | { sh; }', 'touch canary', ['dash', 'bash', 'BusyBox']],
];
describe('a value where it would be run', () => {
  test.each(dangerous)('is refused in %j', (script) => {
    expect(shellUses(script).some((use) => whyNotHere(use) !== null)).toBe(true);
  });
  test.each(dangerous)('does run in %j, quoted as it is', (script, x, shells) => {
    for (const [name, shell] of realShells.filter(([each]) => shells.includes(each) && whyNoShell(realShells.find(([other]) => other === each)?.[1] ?? ['sh']) === null)) {
      const pasted = `x='${x.replaceAll("'", `'\\''`)}'\n${script.replaceAll('{{ x }}', script.includes('EOF') ? '${x}' : '"${x}"')}`;
      expect([name, runIn(folder, shell, pasted).left]).toEqual([name, ['canary']]);
    }
  });
});

const scope = (more: Partial<Scope> = {}): Scope => ({ values: { order: 'visible-canary' }, secrets: new Map([['password', new Secret('secret-canary-91')]]), secretNames: new Set(['password']), item: null, bindings: { app: { kind: 'ssh', hostId: 'h', label: 'web-1', fingerprint: null } }, ...more });
const around = { target: 'app', database: null, cwd: null, sudo: null, shell: 'sh', env: {}, stdin: null, risk: 'change' } as const;

test('a secret of a script is in no list of processes and in no environment, and is read from its input', async () => {
  const out = join(folder, 'read');
  const sent = resolveAction({ ...around, action: { kind: 'sh', script: `IFS= read -r secret; printf '%s' "$secret" >'${out}'; sleep 600 & wait` }, stdin: '{{ password }}\n' }, scope(), { jobId: null });
  expect(sent).toMatchObject({ kind: 'sh', stdin: expect.any(Secret) });
  const file = join(folder, 'with-secret');
  writeFileSync(file, sent.kind === 'sh' ? sent.script : '');
  const child = spawn('sh', [file], { stdio: ['pipe', 'ignore', 'ignore'] });
  onTestFinished(() => {
    for (const { pid } of descendantsOf(child.pid ?? 0)) process.kill(pid, 'SIGKILL');
    child.kill('SIGKILL');
  });
  child.stdin.end(sent.kind === 'sh' && sent.stdin instanceof Secret ? sent.stdin.reveal() : '');
  await waitFor('the script to have read it', () => existsSync(out) && readFileSync(out, 'utf8') !== '' && descendantsOf(child.pid ?? 0).length > 0);
  const pids = [child.pid ?? 0, ...descendantsOf(child.pid ?? 0).map(({ pid }) => pid)];
  const shown = pids.flatMap((pid) => ['cmdline', 'environ'].map((name) => readFileSync(`/proc/${pid}/${name}`, 'utf8'))).join('\n');
  expect([readFileSync(out, 'utf8'), pids.length, shown.includes('secret-canary')]).toEqual(['secret-canary-91', 2, false]);
});

test.each([['a script', { kind: 'sh', script: 'echo {{ password }}' }], ['a variable of a script', { kind: 'sh', script: 'echo "$password"' }], ['a statement', { kind: 'sql', statement: 'SELECT :password' }], ['a path', { kind: 'transfer', direction: 'upload', here: '/tmp/{{ password }}', there: '/tmp/x' }], ['an address', { kind: 'http', method: 'GET', path: null, url: 'https://shop.example/{{ password }}', through: null, headers: {}, body: null }]] as const)('a secret in %s is refused before anything is sent', (_where, action) => {
  expect(() => resolveAction({ ...around, action }, scope(), { jobId: null })).toThrow(expect.objectContaining({ code: 'runbook.not-sent' }));
});

test('what history keeps of a step has its values, and no secret', () => {
  const sh = resolveAction({ ...around, action: { kind: 'sh', script: 'login {{ order }}' }, stdin: 'a:{{ password }}' }, scope(), { jobId: null });
  const http = resolveAction({ ...around, action: { kind: 'http', method: 'POST', path: null, url: 'https://shop.example/{{ order }}', through: null, headers: { Authorization: 'Bearer {{ password }}' }, body: '{"p": "{{ password }}"}' } }, scope(), { jobId: null });
  const kept = [sh, http].map((sent) => `${describeSent(sent)}\n${JSON.stringify(sent)}`);
  expect([kept.every((text) => text.includes('visible-canary')), kept.some((text) => text.includes('secret-canary'))]).toEqual([true, false]);
});

describe('a value in a statement', () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgres({ major: 18 });
    await server.query(`CREATE TABLE canary(x text)`);
  });
  afterAll(async () => server.stop());

  const value = fc.array(fc.oneof(fc.constantFrom("'", '"', '\\', '$$', '$a$', ';', '--', '/*', '*/', "'; DROP TABLE canary; --", '"; DROP TABLE canary; --', ':x', '{{ x }}', '\n', "E'", "\\'", '{', '}', ',', ' '), fc.string({ unit: 'grapheme', maxLength: 4 })), { maxLength: 6 }).map((parts) => parts.join('').replaceAll('\0', '')).filter((text) => !/[\ud800-\udfff]/u.test(text));
  const stands = async (): Promise<boolean> => (await server.query(`SELECT to_regclass('canary') IS NOT NULL AS here`))[0]?.['here'] === true;

  test('arrives as it is where it is bound, alone and in a list', async () => {
    await fc.assert(
      fc.asyncProperty(value, fc.array(value, { maxLength: 3 }), async (x, list) => {
        const compiled = compileSql(`SELECT :x::text AS x, :list::text[] AS list, ':x' AS same, :x = ANY(:list) AS among -- {{ x }}`, { x, list });
        if ('fault' in compiled) throw new Error(compiled.fault);
        expect(await server.query(compiled.statement, compiled.parameters)).toEqual([{ x, list, same: ':x', among: list.includes(x) }]);
      }),
      { numRuns: 60 },
    );
    expect(await stands()).toBe(true);
  });
  test('is a name, and nothing else, where it stands for one', async () => {
    await fc.assert(
      fc.asyncProperty(value.filter((text) => text !== '' && new TextEncoder().encode(text).length <= 63), async (x) => {
        const compiled = compileSql('SELECT 1 AS {{ x | ident }}, a.{{ x | ident }} FROM (SELECT 2 AS {{ x | ident }}) a', { x });
        if ('fault' in compiled) throw new Error(compiled.fault);
        expect([splitStatements(compiled.statement).length, Object.keys((await server.query(compiled.statement))[0] ?? {})]).toEqual([1, [x]]);
      }),
      { numRuns: 60 },
    );
    expect(await stands()).toBe(true);
  });
  test('means the same where a person types the statement that is shown', async () => {
    await fc.assert(
      fc.asyncProperty(value, fc.array(value, { maxLength: 2 }), async (x, list) => {
        const written = sqlWithLiterals('SELECT :x::text AS x, :list::text[] AS list', { x, list });
        expect(await server.query('fault' in written ? written.fault : written.statement)).toEqual([{ x, list }]);
      }),
      { numRuns: 40 },
    );
    expect(await stands()).toBe(true);
  });
});
