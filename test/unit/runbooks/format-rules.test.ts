/** Rules of the linter beyond the table of messages, each with what it says and where. */
import { describe, expect, test } from 'vitest';
import { readRunbook } from '#engine/runbooks/format/index.ts';
import { ofRule, shStep, sqlStep, told, withSteps } from '#test/runbooks/problems-of.ts';
import { restart, restore } from '#test/runbooks/texts.ts';

const manual = (id: string, more = ''): string => `  - { id: ${id}, title: A, manual: Look.${more} }`;
const secret = { params: ', password: { type: secret }' };
const many = { params: ', units: { type: list }' };

test.each([['a restart', restart], ['a restore', restore]])('%s with every field of the format has nothing wrong', (_name, text) => {
  expect(told(text)).toEqual([]);
});

test('what stands behind a comma between braces is told apart from a field that there is not', () => {
  expect([
    told(withSteps('  - { id: one, title: A, manual: Stop it, then wait. }')),
    told(withSteps('  - { id: one, title: A, manual: Stop it., colour: red }')),
  ]).toEqual([
    ['line 8: "then wait." is not a step field. A comma ends a text between braces: put quotes around a text that has one.'],
    ['line 8: "colour" is not a step field.'],
  ]);
});

describe('values in a script', () => {
  test.each([
    ["echo '{{ order }}'", 'single quotes'],
    ["cat <<'EOF'\n{{ order }}\nEOF", 'here-document whose word is quoted'],
    ['echo $(( {{ order }} + 1 ))', 'a formula'],
    ['eval {{ order }}', 'run by somebody'],
    ['sh -c "echo {{ order }}"', 'run by somebody'],
    ['ssh web "echo {{ order }}"', 'run by somebody'],
    ['psql -c "SELECT {{ order }}"', 'run by somebody'],
    ['awk "{print {{ order }}}" file', 'run by somebody'],
    ['find . -exec sh -c "ls {{ order }}" \\;', 'run by somebody'],
  ])('%j is refused', (script, why) => {
    expect(ofRule(withSteps(shStep(script)), 'template').map(({ message }) => message)).toEqual([expect.stringContaining(why)]);
  });

  test('is told where it stands', () => {
    expect(ofRule(withSteps(shStep("uptime\necho '{{ order }}'")), 'template')).toMatchObject([{ line: 13, column: 13, endColumn: 24 }]);
  });

  test.each(['echo {{ order }}', 'echo "{{ order }}"', 'cat <<EOF\n{{ order }}\nEOF', 'echo "$order"', '# about {{ order }}\ntrue'])('%j is taken', (script) => {
    expect(told(withSteps(shStep(script)))).toEqual([]);
  });

  test('that are a list stand by themselves', () => {
    expect(ofRule(withSteps(shStep('echo "{{ units }}"'), many), 'template')).toHaveLength(1);
  });

  test('that are pasted make the step destructive', () => {
    expect(told(withSteps(shStep('echo {{ order | raw }}')))).toEqual(['line 13: "{{ order | raw }}" is destructive, but this step says read. Write risk: destructive and pause: before.']);
  });

  test('whose braces are not closed are told', () => {
    expect(ofRule(withSteps(shStep('echo {{ order')), 'template')).toHaveLength(1);
  });
});

describe('a secret', () => {
  test.each([
    ['a script', shStep('echo {{ password }}'), 'seen in a list of processes'],
    ['a variable of the environment', shStep('true', 'risk: read\nenv: { P: "{{ password }}" }'), 'seen in a list of processes'],
    ['a title', '  - { id: one, title: "{{ password }}", manual: Look. }', 'seen in history'],
    ['the text of a manual step', '  - { id: one, title: A, manual: "Type {{ password }}." }', 'seen in history'],
    ['a statement', sqlStep('SELECT :password'), 'seen in the log of the server'],
    ['an address', '  - { id: one, title: A, target: api, http: { path: "/{{ password }}" }, risk: read }', 'seen in history'],
    ['a condition', manual('one', ", when: password == 'x'"), 'kept in history'],
  ])('is refused in %s', (_where, steps, why) => {
    expect(ofRule(withSteps(steps, secret), 'secret').map(({ message }) => message)).toEqual([expect.stringContaining(why)]);
  });

  test.each([
    ['stdin', shStep('cat > /dev/null', 'risk: read\nstdin: "{{ password }}"')],
    ['a header', '  - { id: one, title: A, target: api, http: { path: /, headers: { Authorization: "Bearer {{ password }}" } }, risk: read }'],
    ['a body', '  - { id: one, title: A, target: api, http: { method: POST, path: /, body: "{{ password }}" }, risk: change, expect: [{ status: 200 }] }'],
  ])('is taken in %s', (_where, steps) => {
    expect(told(withSteps(steps, secret))).toEqual([]);
  });

  test('never stands in a file', () => {
    expect(ofRule(withSteps(manual('one'), { params: ', password: { type: secret, default: hunter2 }' }), 'secret')).toHaveLength(1);
  });
});

describe('a statement', () => {
  test('takes values by name alone', () => {
    expect(told(withSteps(sqlStep('SELECT * FROM orders WHERE id = {{ order }}')))).toEqual(['line 12: {{ order }} would be pasted into the statement. Write :order for a value, or {{ order | ident }} for the name of a table or column.']);
  });

  test('takes quoted names', () => {
    expect(told(withSteps(sqlStep('SELECT * FROM {{ order | ident }} WHERE id = :order')))).toEqual([]);
  });

  test('names values that are there', () => {
    expect(told(withSteps(sqlStep('SELECT :ordr')))).toEqual(['line 12: :ordr is not a parameter, a captured value or a built-in. Known: order (line 6).']);
  });

  test('stands alone where values are bound', () => {
    expect(ofRule(withSteps(sqlStep('SELECT :order; SELECT 2')), 'several-statements')).toHaveLength(1);
  });

  test('that reads has no writing verb', () => {
    expect(told(withSteps(sqlStep('WITH gone AS (DELETE FROM orders RETURNING 1) SELECT 1')))).toContain('line 13: "DELETE FROM" is destructive, but this step says read. Write risk: destructive and pause: before.');
  });
});

describe('a shell', () => {
  test.each([
    ['[[ -f a ]]', '[['],
    ['a=(1 2)', 'an array'],
    ['set -euo pipefail', 'set -o pipefail'],
    ['source ./a', 'source'],
    ['function a { true; }', 'function'],
    ['cat <<< a', '<<<'],
  ])('of POSIX does not know %j', (script, what) => {
    expect(ofRule(withSteps(shStep(script)), 'bash-only').map(({ message, severity }) => [severity, message])).toEqual([['warning', expect.stringContaining(`${what} is known to bash alone`)]]);
  });

  test('of bash knows them', () => {
    expect(told(withSteps(shStep('set -o pipefail\n[[ -f a ]]', 'risk: read\nshell: bash')))).toEqual([]);
  });

  test('loses the status of what stands before a pipe', () => {
    const text = withSteps(`${shStep('npm install | tail -n 5', 'risk: change')}\n${manual('look', ', confirm: checkbox')}`);
    expect(told(text)).toEqual(['line 12 (warning): What stands before a pipe may fail without a word: only the last command of it counts. Write it by itself, or expect something of the output.']);
  });

  test.each([
    ['tail -f /var/log/app.log', 'Write tail -n 200.'],
    ['tail -n 5 -F a.log', 'Write tail -n 200.'],
    ['top', 'Write top -b -n 1.'],
    ['htop', 'Write top -b -n 1.'],
    ['sudo htop', 'Write top -b -n 1.'],
    ['watch df', 'wait_until'],
    ['less a', 'Write cat'],
    ['vi a', 'sed -i'],
    ['psql', 'sql step'],
    ['sudo -u postgres psql', 'sql step'],
    ['psql -d shop', 'sql step'],
    ['redis-cli', 'redis-cli info'],
    ['redis-server', 'as a service'],
    ['journalctl -fu app', 'journalctl -n 200'],
    ['docker logs -f app', '--tail=200'],
    ['kubectl logs -f app', '--tail=200'],
    ['ping web', 'ping -c 3'],
  ])('never comes back from %j', (script, fix) => {
    expect(ofRule(withSteps(shStep(script)), 'endless').map(({ message }) => message)).toEqual([expect.stringContaining(fix)]);
  });

  test.each(['tail -n 100 a', 'top -b -n 1', 'psql -c "SELECT 1"', 'psql -f look.sql', 'echo "SELECT 1" | psql', 'psql <<EOF\nSELECT 1\nEOF', 'timeout 5 tail -f a', 'redis-cli info', 'redis-cli -h localhost info', 'docker logs --tail 5 app', 'ping -c 3 web', 'journalctl -n 5'])('comes back from %j', (script) => {
    expect(ofRule(withSteps(shStep(script)), 'endless')).toEqual([]);
  });
});

describe('a target', () => {
  test.each([
    ['sh', '  - { id: one, title: A, target: db, sh: uptime, risk: read }', 'step "one" needs a host (ssh), and target "db" is a database (postgres). Of that kind: web (line 5).'],
    ['sql', '  - { id: one, title: A, target: web, sql: SELECT 1, risk: read }', 'step "one" needs a database (postgres), and target "web" is a host (ssh). Of that kind: db (line 5).'],
    ['http', '  - { id: one, title: A, target: web, http: { path: / }, risk: read }', 'step "one" needs an address (http), and target "web" is a host (ssh). Of that kind: api (line 5).'],
    ['through', '  - { id: one, title: A, http: { url: "http://localhost/", through: db }, risk: read }', 'through needs a host (ssh), and target "db" is a database (postgres). Of that kind: web (line 5).'],
    ['host_in', '  - { id: one, title: A, for_each: { host_in: [web, db] }, sh: uptime, risk: read }', 'step "one" needs a host (ssh), and target "db" is a database (postgres). Of that kind: web (line 5).'],
    ['a procedure', '  - { id: one, title: A, target: web, call: { procedure: backup.run } }', 'step "one" needs a database (postgres), and target "web" is a host (ssh). Of that kind: db (line 5).'],
  ])('of %s is of a kind that fits', (_what, steps, message) => {
    expect(ofRule(withSteps(steps), 'target-kind').map((each) => each.message)).toEqual([message]);
  });

  test('is named where one is needed', () => {
    expect(told(withSteps('  - { id: one, title: A, sh: uptime, risk: read }'))).toEqual(['line 8: step "one" needs a host (ssh), and no target is named. Write target: with one of these: web (line 5).']);
  });

  test('is declared where there is none at all', () => {
    const text = withSteps('  - { id: one, title: A, target: web, sh: uptime, risk: read }').replace(/^targets: .*$/m, '');
    expect(ofRule(text, 'unknown-target').map((each) => each.message)).toEqual(['target "web" is not declared. No target is: write targets: at the top, and below it web: { kind: ssh }, or kind: postgres or http.']);
  });

  test('is declared where there is none of its kind', () => {
    const text = withSteps('  - { id: one, title: A, sh: uptime, risk: read }').replace('web: { kind: ssh }, ', '');
    expect(ofRule(text, 'no-target').map((each) => each.message)).toEqual(['step "one" needs a host (ssh), and no target is named. Declare one under targets: with kind: ssh, and write target: with its name.']);
  });

  test('of host_in is declared', () => {
    expect(ofRule(withSteps('  - { id: one, title: A, for_each: { host_in: [web, wbe] }, sh: uptime, risk: read }'), 'unknown-target')).toHaveLength(1);
  });
});

describe('a jump', () => {
  const rollback = '    - { id: back, title: Back, undo_completed: true }';

  test.each([
    ['next', manual('one', ', next: nowhere'), 'next names step "nowhere" which does not exist.'],
    ['decide', '  - { id: one, title: A, decide: { ask: Which, choices: { "yes": nowhere } } }', 'decide names step "nowhere" which does not exist.'],
    ['show', '  - { id: one, title: A, approve: { by: [dba], show: [nowhere] } }', 'show names step "nowhere" which does not exist.'],
  ])('of %s leads to a step that exists', (_what, steps, message) => {
    expect(ofRule(withSteps(steps), 'unknown-step').map((each) => each.message)).toEqual([message]);
  });

  test('does not enter a rollback', () => {
    expect(ofRule(withSteps(manual('one', ', next: back'), { rollback }), 'jump-across').map(({ line, message }) => [line, message])).toEqual([[8, 'step "back" (line 11) is in rollback, which nothing jumps into. Write on_fail: rollback.']]);
  });

  test('does not leave a rollback', () => {
    expect(ofRule(withSteps(manual('one'), { rollback: '    - { id: back, title: Back, manual: Look., next: one }' }), 'jump-across')).toHaveLength(1);
  });

  test('makes no loop in a rollback either', () => {
    expect(told(withSteps(manual('one'), { rollback: '    - { id: a, title: A, manual: Look. }\n    - { id: b, title: B, manual: Look., next: a }' }))).toEqual(['lines 11 → 12 → 11: next makes a loop without wait_until; the run could never end.']);
  });

  test('may go back where somebody decides', () => {
    expect(told(withSteps(`${manual('one')}\n  - { id: again, title: Again, decide: { ask: Again, choices: { "yes": one, "no": last } } }\n${manual('last')}`))).toEqual([]);
  });

  test('that leaves a step out says which', () => {
    expect(told(withSteps([manual('one', ', next: three'), manual('two'), manual('three')].join('\n')))).toEqual(['line 9 (warning): step "two" is never reached: nothing leads to it.']);
  });

  test('of undo_completed is in a rollback', () => {
    expect(ofRule(withSteps('  - { id: one, title: A, undo_completed: true }'), 'not-in-rollback')).toHaveLength(1);
  });
});

describe('an expression', () => {
  test.each([
    [manual('one', ', when: "order = 1"'), 'expression'],
    [manual('one', ', when: "ordr == 1"'), 'unknown-value'],
    [shStep('nproc', 'risk: read\nexpect: [{ number: "value <" }]'), 'expression'],
    [sqlStep('SELECT 1', 'risk: read\n    expect: [{ rows: "value > limit" }]'), 'unknown-value'],
    [shStep('nproc', 'risk: read\nexpect: [{ expr: "order ==" }]'), 'expression'],
  ])('%j is read when the runbook is', (steps, rule) => {
    expect(ofRule(withSteps(steps), rule)).toHaveLength(1);
  });
});

describe('what is expected', () => {
  test.each([
    ['exit of a statement', sqlStep('SELECT 1', 'risk: read\n    expect: [{ exit: 0 }]'), 'never-seen'],
    ['status of a script', shStep('true', 'risk: read\nexpect: [{ status: 200 }]'), 'never-seen'],
    ['rows of a script', shStep('true', 'risk: read\nexpect: [{ rows: "value > 0" }]'), 'never-seen'],
    ['a broken pattern', shStep('true', 'risk: read\nexpect: [{ matches: "(" }]'), 'pattern'],
    ['a broken path', shStep('true', 'risk: read\nexpect: [{ json: "items" }]'), 'json-path'],
    ['a cell without what it is', sqlStep('SELECT 1', 'risk: read\n    expect: [{ cell: a }]'), 'missing'],
    ['an answer that nobody asks for', manual('one', ', expect: [{ equals: 0 }]'), 'never-seen'],
    ['two things at once', shStep('true', 'risk: read\nexpect: [{ exit: 0, matches: a }]'), 'two-of-one'],
    ['nothing', shStep('true', 'risk: read\nexpect: [{ say: It works }]'), 'missing'],
  ])('is refused for %s', (_what, steps, rule) => {
    expect(ofRule(withSteps(steps), rule)).toHaveLength(1);
  });

  test('has a sentence of its own where the author wrote none', () => {
    expect(readRunbook(withSteps(shStep('true', 'risk: read\nexpect: [{ exit: [0, 1] }, { not_matches: fatal }]'))).runbook?.steps[0]?.expect.map(({ say }) => say)).toEqual(['The exit status is 0 or 1', 'The output does not match fatal']);
  });
});

test.each([
  ['a destructive step that does not pause', shStep('rm -rf a', 'risk: destructive\nundo: []\nwhy: A.\nexpect: [{ exit: 0 }]'), 'no-pause'],
  ['a probe that writes', shStep('true', 'risk: read\nprobe: { sh: "rm -rf a", done_if: { exit: 0 } }'), 'probe-writes'],
  ['a field that does nothing', manual('one', ', sudo: true'), 'no-effect'],
  ['a choice between nothing', manual('one', ', confirm: choice'), 'missing'],
  ['a proof that a procedure does not give', '  - { id: one, title: A, target: db, call: { procedure: backup.run, require: equal } }', 'value'],
])('%s is told', (_what, steps, rule) => {
  expect(ofRule(withSteps(steps), rule)).toHaveLength(1);
});

test.each([
  ['a default that does not fit', ', size: { type: int, default: "many" }', 'default'],
  ['a default that is no choice', ', size: { type: enum, enum: [a, b], default: c }', 'default'],
  ['an enum without choices', ', size: { type: enum }', 'param'],
  ['a name that is taken', ', item: { type: string }', 'taken-name'],
  ['a name of a built-in', ', today: { type: date }', 'taken-name'],
  ['choices that are not only looked at', ', size: { type: string, options_from: { target: web, sh: rm -rf a } }', 'options-write'],
  ['a question after an answer that comes later', ", size: { type: string, when: \"kind == 'a'\" }, kind: { type: string }", 'value-too-early'],
  ['a least that is more than the most', ', size: { type: int, min: 5, max: 1 }', 'param'],
])('of parameters %s is told', (_what, params, rule) => {
  const text = withSteps(manual('one'), { params }).replace(/params: \{ (.*) \}\n/, (_all, inner: string) => `params:\n${inner.split(/, (?=\w+: \{ type)/).map((each) => `  ${each}`).join('\n')}\n`);
  expect(ofRule(text, rule)).toHaveLength(1);
});

test('what is meant as it stands is no placeholder', () => {
  expect(told(withSteps(shStep('echo ORDER_ID # literal: ORDER_ID')))).toEqual([]);
});

test.each(['curl -s https://api.example.com/', 'echo <name>', 'echo your-key', 'cat backup_file.sql', 'echo XXX', 'echo API_TOKEN'])('in %j something was left to be filled in', (script) => {
  expect(ofRule(withSteps(shStep(script)), 'placeholder')).toHaveLength(1);
});

test.each(['echo $ORDER_ID', 'echo "${ORDER_ID}"', 'ORDER_ID=1', 'sort <input >/dev/null'])('in %j nothing was', (script) => {
  expect(ofRule(withSteps(shStep(script)), 'placeholder')).toEqual([]);
});

describe('what a procedure takes', () => {
  const call = (procedure: string, given: string, more = ''): string => `  - { id: one, title: A, target: db, call: { procedure: ${procedure}, with: { ${given} } }${more} }`;

  test.each([
    [call('backup.run', 'prof: L2'), 'line 8 (warning): backup.run takes no "prof", so it has no effect. It takes database, proof. Did you mean "proof"?'],
    [call('restore.swap', 'from: one, keep_old: 7d', ', pause: before, undo: []'), 'line 8 (warning): restore.swap takes no "keep_old", so it has no effect. It takes from, restore.'],
  ])('%j', (steps, said) => {
    expect(told(withSteps(steps)).filter((each) => each.includes('takes no'))).toEqual([said]);
  });
  test('is looked at in what takes a step back, too', () => {
    const steps = '  - { id: one, title: A, target: db, sql: SELECT 1, risk: read, undo: [{ call: { procedure: restore.undo, with: { form: one } } }] }';
    expect(told(withSteps(steps)).filter((each) => each.includes('takes no')).join()).toContain('Did you mean "from"?');
  });
});
