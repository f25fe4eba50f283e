/** What goes to a target for a step, and what is shown of that. */
import { describe, expect, test } from 'vitest';
import { describeAction, describeSent, resolveAction } from '#engine/runbooks/resolve/index.ts';
import type { Scope } from '#engine/runbooks/sent.ts';
import type { Action, Risk, Surroundings } from '#shared/domain/runbook/definition.ts';
import { Secret } from '#shared/domain/secret.ts';

const scope: Scope = {
  values: { order: "7; rm -rf '/'", ns: 'prod', n: 3, units: ['a b', 'c'], url: 'https://shop.example/', table: 'or"ders', host: 'web-1' },
  secrets: new Map([['password', new Secret('canary-7f3')]]),
  secretNames: new Set(['password', 'lost']),
  item: 'backend',
  bindings: { app: { kind: 'ssh', hostId: 'h1', label: 'web-1', fingerprint: null }, db: { kind: 'postgres', databaseId: 'd1', label: 'shop', database: 'shop', systemIdentifier: null }, api: { kind: 'http', url: 'https://api.example/v1/' } },
};
type Given = Surroundings & { action: Action; risk: Risk };
const around: Surroundings = { target: 'app', database: null, cwd: null, sudo: null, shell: 'sh', env: {}, stdin: null };
const sh = (script: string, more: Partial<Given> = {}): Given => ({ ...around, action: { kind: 'sh', script }, risk: 'change', ...more });
const sql = (statement: string, more: Partial<Given> = {}): Given => ({ ...around, target: 'db', action: { kind: 'sql', statement }, risk: 'read', ...more });
const http = (action: Partial<Extract<Action, { kind: 'http' }>>, more: Partial<Given> = {}): Given => ({ ...around, target: 'api', action: { kind: 'http', method: 'POST', path: null, url: null, through: null, headers: {}, body: null, ...action }, risk: 'change', ...more });
const resolve = (step: Given) => resolveAction(step, scope, { jobId: null });
const described = (step: Given) => describeAction(step, scope, { setBy: (name) => (name === 'replicas' ? 'Remember' : null) });

describe('a script that is sent', () => {
  test('has its values in front, with what surrounds it, and a job where it has one', () => {
    const step = sh('echo {{ order }} {{ item }}\n', { cwd: '/srv/{{ ns }}', sudo: 'shop', shell: 'bash', env: { LEVEL: '{{ n }}' }, stdin: 'user\n{{ ns }}' });
    expect(resolveAction(step, scope, { jobId: 'rb-1' })).toEqual({ kind: 'sh', hostId: 'h1', label: 'web-1', script: "order='7; rm -rf '\\''/'\\'''\nitem=backend\necho \"${order}\" \"${item}\"\n", shell: 'bash', cwd: '/srv/prod', sudo: 'shop', env: { LEVEL: '3' }, stdin: 'user\nprod', jobId: 'rb-1' });
  });
  test('gets a secret by its standard input alone, where nobody sees it in what is kept', () => {
    const sent = resolve(sh('cat', { stdin: 'shop:{{ password }}\n' }));
    const stdin = sent.kind === 'sh' ? sent.stdin : null;
    expect([stdin instanceof Secret ? stdin.reveal() : stdin, describeSent(sent), JSON.stringify(sent).includes('canary')]).toEqual(['shop:canary-7f3\n', 'cat\n# Its standard input:\n#   [redacted]', false]);
  });
  test.each<[string, Given, string, string]>([
    ['a secret in it', sh('echo {{ password }}'), 'runbook.not-sent', '"password" is a secret, and stands where others could read it'], ['a secret as a variable', sh('echo "$password"'), 'runbook.not-sent', 'is a secret'], ['a secret in its environment', sh('ls', { env: { A: '{{ password }}' } }), 'runbook.not-sent', 'is a secret'], ['a secret in its folder', sh('ls', { cwd: '/{{ password }}' }), 'runbook.not-sent', 'is a secret'],
    ['a secret that nobody knows', sh('cat', { stdin: '{{ lost }}' }), 'runbook.secret-needed', '"lost" has to be typed once more'], ['values that are missing', sh('echo {{ replicas }} {{ other }}'), 'runbook.not-sent', '"replicas", "other" has no value yet'], ['a value where it is run', sh('eval {{ order }}'), 'runbook.not-sent', 'is run by somebody'], ['no target', sh('ls', { target: null }), 'runbook.not-sent', 'names no target'], ['a target that was not chosen', sh('ls', { target: 'nobody' }), 'runbook.not-sent', 'Nothing was chosen for the target "nobody"'], ['another kind of target', sh('ls', { target: 'db' }), 'runbook.not-sent', 'is a database, and this step needs a host'],
    ['a folder on two lines', sh('ls', { cwd: '/{{ order }}\n' }), 'runbook.not-sent', 'control character'], ['an account that is none', sh('ls', { sudo: '-s' }), 'runbook.not-sent', '"-s" is no name of an account'], ['a value in what a shell runs at its start', sh('ls', { env: { BASH_ENV: '{{ order }}' } }), 'runbook.not-sent', 'A shell runs what stands in BASH_ENV'], ['a person', { ...sh(''), action: { kind: 'manual', text: 'Look' } }, 'runbook.not-sent', 'nothing that is sent'],
  ])('is refused for %s', (_what, step, code, said) => {
    expect(() => resolve(step)).toThrow(expect.objectContaining({ code, message: expect.stringContaining(said) }));
  });
});

describe('a statement that is sent', () => {
  test('has its values beside it, and cannot write where the step reads', () => {
    expect([resolve(sql('SELECT :order FROM {{ table | ident }}')), resolve(sql('DELETE FROM t', { risk: 'destructive', database: '{{ ns }}_old' }))]).toEqual([
      { kind: 'sql', databaseId: 'd1', label: 'shop', database: null, statement: 'SELECT $1 FROM "or""ders"', parameters: ["7; rm -rf '/'"], readOnly: true },
      { kind: 'sql', databaseId: 'd1', label: 'shop', database: 'prod_old', statement: 'DELETE FROM t', parameters: [], readOnly: false },
    ]);
  });
  test.each([['SELECT :password', 'is a secret'], ['SELECT :nobody', 'has no value yet'], ['SELECT :n; SELECT 2', 'one statement at a time'], [' -- nothing', 'no statement'], ['SELECT {{ n }}', 'would be pasted']])('is refused: %s', (statement, said) => {
    expect(() => resolve(sql(statement))).toThrow(expect.objectContaining({ code: 'runbook.not-sent', message: expect.stringContaining(said) }));
  });
});

describe('a request that is sent', () => {
  const sentUrl = (action: Partial<Extract<Action, { kind: 'http' }>>, target = 'api'): string => {
    const sent = resolve(http(action, { target }));
    return sent.kind === 'http' ? sent.url : '';
  };
  test('goes below the address of its target, with each value as one piece of it', () => {
    expect([sentUrl({ path: '/orders/{{ order }}?unit={{ item }}' }), sentUrl({ path: 'health' }), sentUrl({ path: null }), sentUrl({ url: '{{ url }}/a/{{ ns }}' }, 'app'), sentUrl({ url: 'http://{{ host }}:3000/health' }, 'app')]).toEqual(["https://api.example/v1/orders/7%3B%20rm%20-rf%20'%2F'?unit=backend", 'https://api.example/v1/health', 'https://api.example/v1/', 'https://shop.example/a/prod', 'http://web-1:3000/health']);
  });
  test('goes through a host where it says so', () => {
    expect(resolve(http({ method: 'GET', url: 'http://localhost:3000/', through: 'app' }, { target: 'app' }))).toMatchObject({ throughHostId: 'h1', label: 'localhost:3000 through web-1' });
  });
  test('has secrets in headers and body, where nobody sees them in what is kept', () => {
    const sent = resolve(http({ headers: { Authorization: 'Bearer {{ password }}', 'X-Unit': '{{ item }}' }, body: '{"p":"{{ password }}"}' }));
    expect([describeSent(sent), sent.kind === 'http' && sent.headers['Authorization'] instanceof Secret ? sent.headers['Authorization'].reveal() : null, sent.kind === 'http' && sent.body instanceof Secret ? sent.body.reveal() : null]).toEqual(['POST https://api.example/v1/\nAuthorization: [redacted]\nX-Unit: backend\n\n[redacted]', 'Bearer canary-7f3', '{"p":"canary-7f3"}']);
  });
  test.each([
    ['{"a": "{{ q }}", "n": {{ n }}, "u": {{ units }}, "t": {{ q }}}', {}, '{"a": "x\\",\\"admin\\":\\"", "n": 3, "u": ["a b","c"], "t": "x\\",\\"admin\\":\\""}'], ['a={{ q }}', { 'Content-Type': 'application/x-www-form-urlencoded' }, 'a=x%22%2C%22admin%22%3A%22'], ['{{ q }}', { 'content-type': 'text/plain' }, 'x","admin":"'],
  ])('has the body %s, in which a value says no more than itself', (body, headers, expected) => {
    const sent = resolveAction(http({ body, headers }), { ...scope, values: { ...scope.values, q: 'x","admin":"' } }, { jobId: null });
    expect(sent.kind === 'http' ? sent.body : null).toBe(expected);
  });
  test.each<[string, Partial<Extract<Action, { kind: 'http' }>>, string]>([['another machine', { url: 'https://{{ evil }}/' }, 'stands for the name of a machine'], ['another path', { path: '/a/{{ up }}/b' }, 'another path'], ['a header of two lines', { headers: { A: '{{ lines }}' } }, 'control character'], ['no address', { url: 'nothing' }, 'is no address of http'], ['a secret in the address', { path: '/{{ password }}' }, 'is a secret'], ['an account in the address', { url: 'https://a:b@c/' }, 'an account or a password']])('is refused for %s', (_what, action, said) => {
    expect(() => resolveAction(http(action), { ...scope, values: { ...scope.values, evil: 'evil.example/?', up: '..', lines: 'a\r\nB: c' } }, { jobId: null })).toThrow(expect.objectContaining({ code: 'runbook.not-sent', message: expect.stringContaining(said) }));
  });
});

test('a transfer that is sent has its paths filled in', () => {
  expect(resolve({ ...around, risk: 'change', action: { kind: 'transfer', direction: 'upload', here: '/tmp/{{ ns }}', there: '/srv/{{ item }}' } })).toEqual({ kind: 'transfer', hostId: 'h1', label: 'web-1', direction: 'upload', here: '/tmp/prod', there: '/srv/backend' });
});

describe('what is shown before', () => {
  test('is the script as it will be sent, with what is not known yet said in its place', () => {
    expect(described(sh('scale {{ ns }} {{ replicas }} {{ other }}', { cwd: '/srv', sudo: 'root', stdin: '{{ password }}' }))).toEqual({ language: 'sh', text: "# Run as root, in /srv\nns=prod\nreplicas='⟨set by step Remember⟩'\nother='⟨other⟩'\nscale \"${ns}\" \"${replicas}\" \"${other}\"\n# Its standard input:\n#   [redacted]", missing: ['replicas, which step "Remember" sets', 'other'] });
  });
  test('is what was written where it cannot be sent, with the reason', () => {
    expect(described(sh("echo '{{ ns }}'"))).toEqual({ language: 'sh', text: "echo '{{ ns }}'", missing: [expect.stringContaining('single quotes')] });
  });
  test('is the statement as a person would type it', () => {
    expect(described(sql('SELECT :ns, :replicas FROM {{ table | ident }}', { database: 'old' }))).toEqual({ language: 'sql', text: "-- In the database old\nSELECT 'prod', '⟨set by step Remember⟩' FROM \"or\"\"ders\"", missing: ['replicas, which step "Remember" sets'] });
  });
  test('is the request, with its target by name where none was chosen', () => {
    expect([described(http({ path: '/a/{{ replicas }}', headers: { A: '{{ password }}' }, body: '{"n": "{{ n }}"}', through: 'app' })).text, described(http({ path: '/a' }, { target: 'later' })).text]).toEqual(['POST https://api.example/v1/a/⟨set by step Remember⟩\n(through web-1)\nA: [redacted]\n\n{"n": "3"}', 'POST ⟨later⟩/a']);
  });
  test.each<[Action, string]>([[{ kind: 'manual', text: 'Look at {{ ns }}, {{ password }}' }, 'Look at prod, [redacted]'], [{ kind: 'wait', forMs: 600_000 }, 'Wait 10 min'], [{ kind: 'decide', ask: 'Is {{ ns }} down?', choices: [] }, 'Is prod down?'], [{ kind: 'approve', by: ['dba', 'lead'], show: [] }, 'Go or no-go, by dba, lead'], [{ kind: 'transfer', direction: 'download', here: '/a', there: '/b/{{ ns }}' }, 'Download /b/prod from web-1 to /a']])('is the text of %j', (action, expected) => {
    expect(described({ ...around, action, risk: 'read' })).toMatchObject({ text: expected, language: 'text' });
  });
});

test('what was sent is told with what surrounded it', () => {
  expect([describeSent(resolve(sh('ls', { cwd: '~/a', env: { A: 'b' }, shell: 'bash', stdin: 'x\ny\n' }))), describeSent(resolve(sql('SELECT :ns, :n', { database: 'old' })))]).toEqual(['# Run in ~/a, with bash\n# A=b\nls\n# Its standard input:\n#   x\n#   y', '-- In the database old\nSELECT $1, $2\n-- $1 = "prod"\n-- $2 = 3']);
});
