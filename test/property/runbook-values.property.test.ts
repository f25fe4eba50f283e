/** Whatever a value is, it arrives as it is and nothing of it is run: asked of real shells. */
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fillAddress, fillBody } from '#engine/runbooks/resolve/fill.ts';
import { parseExpression } from '#shared/domain/runbook/expression.ts';
import { compilePattern, problemOfPattern } from '#shared/domain/runbook/patterns.ts';
import { compileScript, shellUses } from '#shared/domain/runbook/shell-context.ts';
import { compileSql, splitStatements, sqlTokens } from '#shared/domain/runbook/sql-text.ts';
import { fill, references, templateParts } from '#shared/domain/runbook/template.ts';
import { realShells, runIn, whyNoShell } from '#test/real-shells.ts';
import { makeTemporaryFolder } from '#test/temporary-folder.ts';

let folder = '';
beforeAll(async () => {
  folder = await makeTemporaryFolder('runbook-values');
  mkdirSync(join(folder, 'place'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Pieces that mean something to a shell, an array of bash, a database or a program behind it. */
const nasty = fc.constantFrom("'", '"', '\\', '$', '`', '$(touch canary)', '`touch canary`', "';touch canary;'", '";touch canary;"', ';touch canary;', '\ntouch canary\n', '\nEOF\ntouch canary\n', '|touch canary', '&', 'a[$(touch canary)]', '${x}', '$x', '{{ x }}', '*', '?', '~', '#', ' ', '\t', '\r', '\n', '-n', '-rf', '--', '=', '%s', '!', '(', ')', '{a,b}', '<', '>', 'ö', '数', '\u0081', '\u0088', '\u0001', '\u007f');
const value = fc
  .array(fc.oneof(nasty, fc.string({ unit: 'grapheme', maxLength: 4 })), { maxLength: 8 })
  .map((parts) => parts.join('').replaceAll('\0', ''))
  .filter((text) => !/[\ud800-\udfff]/u.test(text));

const everywhere = `printf '%s\\0' {{ x }} "{{ x }}" pre{{ x }}_old "a {{ x }} b" "$x" "\${x}" 'a'"{{ x }}"'b'
printf '%s\\0' "$(printf '%s.' {{ x }})" "$(printf '%s.' "{{ x }}")" "\`printf '%s.' {{ x }}\`"
v={{ x }}; printf '%s\\0' "$v"
case {{ x }} in {{ x }}) printf 'same\\0' ;; *) printf 'other\\0' ;; esac
for word in {{ words }}; do printf '%s\\0' "$word"; done
pass() { for each in "$@"; do printf '%s\\0' "$each"; done; }
pass {{ x }} {{ words }}
sh -c 'printf "%s\\0" "$1"' sh {{ x }} # {{ x }}
cat <<EOF
{{ x }}|"{{ x }}"|$x
EOF
printf '\\0'
cat <<-EOF && printf '\\0%s' {{ x }}
	{{ x }}.
	EOF
`;
const arrives = (x: string, words: readonly string[]): string => [x, x, `pre${x}_old`, `a ${x} b`, x, x, `a${x}b`, `${x}.`, `${x}.`, `${x}.`, x, 'same', ...words, x, ...words, x, `${x}|"${x}"|${x}\n`, `${x}.\n`, x].join('\0');

describe.each(realShells)('a value in a script for %s', (_name, shell) => {
  const why = whyNoShell(shell);
  test('arrives as it is in every place where it can stand, and nothing of it is run', (context) => {
    if (why !== null) context.skip(why);
    fc.assert(
      fc.property(value, fc.array(value, { maxLength: 3 }), (x, words) => {
        const compiled = compileScript(everywhere, { x, words });
        if ('fault' in compiled) throw new Error(compiled.fault);
        const { stdout, left } = runIn(folder, shell, `${compiled.prelude}${compiled.body}`);
        expect([stdout, left]).toEqual([arrives(x, words), []]);
      }),
      { numRuns: 40 },
    );
  });

  const pieces = fc.constantFrom('{{ x }}', '{{ x }}', '{{ x }}', '$x', '${x}', 'x', ' ', ' ', ' ', '"', '"', "'", '`', '$(', ')', '(', '${', '}', '$((', '))', '((', '$[', ']', '[', 'a[', '\\', '\n', '\n', ';', ' | ', ' && ', '&', '#', 'echo ', 'printf %s ', 'sh -c ', 'sh ', 'eval ', 'cat ', '<<EOF\n', "<<'EOF'\n", '<<-EOF\n', 'EOF\n', '<<< ', '<(', '[[ ', ' ]]', ' -eq 1 ', '-v ', 'test ', 'let ', 'declare ', 'unset ', 'export ', 'case ', ' in ', 'a) ', ';; ', 'esac', 'if ', 'then ', 'fi', 'for y in ', 'do ', 'done', '{ ', '}', 'y=', 'y=(', ':-', '!', '@P', "$'", "\\'", 'awk ', 'sed ', 'env ', 'xargs ', 'f() ', '2>&1 ', 'trap ', ' EXIT', '. ', '--', 'BASH_ENV=', 'printf -v ', 'bash -c ', 'bash ');
  const runs = ['$(touch canary)', 'touch canary', 'a[$(touch canary)]', '";touch canary;"', "';touch canary;'", ';touch canary\n', 'BEGIN{system("touch canary")}', 'e touch canary'];
  test('is refused, or is not run, whatever the script is', (context) => {
    if (why !== null) context.skip(why);
    fc.assert(
      fc.property(fc.array(pieces, { minLength: 1, maxLength: 14 }).map((parts) => parts.join('')), fc.constantFrom(...runs), (script, x) => {
        const compiled = compileScript(script, { x });
        const left = 'fault' in compiled ? [] : runIn(folder, shell, `${compiled.prelude}${compiled.body}`).left;
        expect(left.filter((name) => name === 'canary')).toEqual([]);
      }),
      { numRuns: 150 },
    );
  });
});

const fragments = ['{{ x }}', '{{', '}}', "'", '"', '$$', '$a$', ':x', '::', '/*', '*/', '--', '\n', 'E', 'U&', '\\', '[', ']', '(', ')', ';', ' ', 'a', '1', '<<EOF\n', 'case a in ', '`', '$(', 'BEGIN ATOMIC ', 'END'];
const anything = fc.oneof(fc.string({ unit: 'binary', maxLength: 200 }), fc.array(fc.constantFrom(...fragments), { maxLength: 40 }).map((parts) => parts.join('')));

describe('any text', () => {
  test('is read without a fault, and every value of it has its place', () => {
    fc.assert(
      fc.property(anything, (text) => {
        expect(shellUses(text).map(({ from }) => from)).toEqual(references(text).map(({ from }) => from));
        expect(templateParts(text).map(({ from, to }) => text.slice(from, to)).join('')).toBe(text);
        expect(sqlTokens(text).map(({ from, to }) => text.slice(from, to)).join('')).toBe(text);
        for (const statement of splitStatements(text)) expect(text.slice(statement.from, statement.to)).toBe(statement.text);
        expect([typeof parseExpression(text), typeof compileSql(text, { x: 'a' }), typeof compileScript(text, { x: 'a' }), ['string', 'object'].includes(typeof problemOfPattern(text))]).toEqual(['object', 'object', 'object', true]);
      }),
      { numRuns: 400 },
    );
  });
  test('is filled in once', () => {
    fc.assert(
      fc.property(value, (x) => {
        expect(fill('a {{ x }}', () => x)).toBe(`a ${x}`);
      }),
    );
  });
});

test('a value in a pattern finds itself, and nothing else', () => {
  fc.assert(
    fc.property(value.filter((text) => text !== ''), value, (x, other) => {
      const compiled = compilePattern('(?:{{ x }})', () => x, true);
      if ('problem' in compiled) throw new Error(compiled.problem);
      expect([compiled.pattern.test(x), compiled.pattern.test(other)]).toEqual([true, other === x]);
    }),
  );
});

test('a value in a body of JSON stays the text that it is', () => {
  fc.assert(
    fc.property(value, (x) => {
      expect(JSON.parse(fillBody('{"a": "<{{ x }}>", "b": {{ x }}, "c\\"": 1}', () => x, 'application/json'))).toEqual({ a: `<${x}>`, b: x, 'c"': 1 });
    }),
  );
});

test('a value in an address stays one piece of it', () => {
  fc.assert(
    fc.property(value.filter((text) => text !== '.' && text !== '..'), (x) => {
      const filled = fillAddress('https://shop.example/a/{{ x }}/b?c={{ x }}', () => x);
      const url = new URL('fault' in filled ? 'x:' : filled.text);
      expect([url.host, url.pathname.split('/').length, decodeURIComponent(url.pathname.split('/')[2] ?? ''), url.searchParams.get('c'), url.hash]).toEqual(['shop.example', 4, x, x, '']);
    }),
  );
});
