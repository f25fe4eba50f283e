/** A runbook is a file from anywhere: what YAML offers beyond what one reads in it is refused, each with its place. */
import { expect, test } from 'vitest';
import { detectRisk, readRunbook } from '#engine/runbooks/format/index.ts';
import { shStep, sqlStep, withSteps } from '#test/runbooks/problems-of.ts';

const sound = withSteps(shStep('uptime'));
const rulesOf = (text: string): string[] => [...new Set(readRunbook(text).problems.map(({ rule }) => rule))];

test('a sound one is read', () => {
  expect(readRunbook(sound).problems).toEqual([]);
});

test.each([
  ['an anchor', sound.replace('title: Small', 'title: &t Small'), 'yaml-anchor', 3],
  ['an alias', sound.replace('title: Small', 'title: &t Small\nsummary: *t'), 'yaml-alias', 4],
  ['a tag', sound.replace('title: Small', 'title: !!str Small'), 'yaml-tag', 3],
  ['a tag of a program', sound.replace('title: Small', 'title: !ruby/object Small'), 'yaml-tag', 3],
  ['a merge key', sound.replace('title: Small', 'title: Small\n<<: { summary: A }'), 'yaml-merge', 4],
  ['a second document', `${sound}---\n${sound}`, 'yaml-documents', 14],
  ['a directive', `%YAML 1.1\n---\n${sound}`, 'yaml-directive', 1],
  ['a name that stands twice', sound.replace('title: Small', 'title: Small\ntitle: Other'), 'duplicate-key', 4],
  ['a character that cannot be seen', sound.replace('uptime', 'up\u202etime'), 'hidden-character', 12],
  ['what is nested without end', `a: ${'['.repeat(5000)}`, 'too-deep', 1],
])('%s is refused', (_what, text, rule, line) => {
  expect(readRunbook(text).problems.filter((problem) => problem.rule === rule).map((problem) => [problem.line, problem.severity])).toContainEqual([line, 'error']);
});

test('more than a mebibyte is refused before it is read', () => {
  expect(rulesOf(`${sound}#${'x'.repeat(1_048_576)}`)).toEqual(['too-large']);
});

test.each([
  ['single quotes', "echo '{{ order }}'"],
  ['a quoted here-document', "cat <<'EOF'\n{{ order }}\nEOF"],
  ['a formula', 'echo $(( {{ order }} + 1 ))'],
  ['code of a shell', 'sh -c "echo {{ order }}"'],
  ['code of another host', 'ssh web "echo {{ order }}"'],
])('a value of a script is refused in %s', (_where, script) => {
  expect(rulesOf(withSteps(shStep(script)))).toEqual(['template']);
});

test('a value is never pasted into a statement', () => {
  expect(rulesOf(withSteps(sqlStep('SELECT {{ order }}')))).toEqual(['sql-template']);
});

test.each([
  ['a script', shStep('echo {{ password }}')],
  ['the environment', shStep('true', 'risk: read\nenv: { P: "{{ password }}" }')],
  ['a statement', sqlStep('SELECT :password')],
  ['a text for people', '  - { id: one, title: A, manual: "Type {{ password }}." }'],
])('a secret is refused in %s', (_where, steps) => {
  expect(rulesOf(withSteps(steps, { params: ', password: { type: secret }' }))).toEqual(['secret']);
});

test('a step that says less than it does is refused', () => {
  expect(rulesOf(withSteps(shStep('rm -rf /srv/old')))).toEqual(['risk-too-low']);
});

test.each([['quotes', '"rm" -rf a'], ['a path', '/bin/rm -rf a'], ['a backslash', '\\rm -rf a'], ['another shell', "sh -c 'rm -rf a'"], ['a line that goes on', 'rm \\\n -rf a'], ['sudo', 'sudo -n rm -rf a']])('what is destructive is found behind %s', (_what, script) => {
  expect(detectRisk('sh', script).risk).toBe('destructive');
});
