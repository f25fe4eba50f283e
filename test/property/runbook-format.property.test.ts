/** Whatever is in a file: it is read in time, nothing is thrown, and every problem has a place within the text. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { completionsAt, readRunbook } from '#engine/runbooks/format/index.ts';
import { restart, restore } from '#test/runbooks/texts.ts';

/** Milliseconds: far more than it takes, so that a busy machine fails nothing, and far less than what is not linear. */
const inTime = 20_000;

/** Reads a text, and says what is wrong with how that went. */
function fault(text: string): string | null {
  const started = performance.now();
  const { runbook, problems } = readRunbook(text);
  const tookMs = performance.now() - started;
  if (tookMs > inTime) return `It took ${Math.round(tookMs)} ms.`;
  if (runbook === null && !problems.some(({ severity }) => severity === 'error')) return 'There is no runbook, and nobody says why.';
  const lines = text.split('\n');
  for (const { line, column, endLine, endColumn, message } of problems) {
    const isWithin = line >= 1 && endLine <= lines.length && column >= 1 && column <= (lines[line - 1] ?? '').length + 1 && endColumn >= 1 && endColumn <= (lines[endLine - 1] ?? '').length + 1;
    if (!isWithin || endLine < line || (endLine === line && endColumn < column)) return `"${message}" is at ${line}:${column} to ${endLine}:${endColumn}, which is not in the text.`;
    if (message.trim() === '') return `"${message}" is no message.`;
  }
  if (problems.some(({ line }, index) => line < (problems[index - 1]?.line ?? 0))) return 'The problems are not in the order of their lines.';
  return null;
}

const good = fc.constantFrom(restart, restore);
const line = fc.nat({ max: 200 });

/** One thing that happens to a file in an editor, or in a merge. */
const mutation = fc.oneof(
  fc.record({ kind: fc.constant('delete' as const), at: line }),
  fc.record({ kind: fc.constant('double' as const), at: line }),
  fc.record({ kind: fc.constant('indent' as const), at: line, by: fc.integer({ min: -4, max: 4 }) }),
  fc.record({ kind: fc.constant('swap' as const), at: line, with: line }),
  fc.record({ kind: fc.constant('insert' as const), at: line, text: fc.oneof(fc.string({ unit: 'binary', maxLength: 20 }), fc.constantFrom('\t', '&a ', '*a', '!!js/function ', '<<: *a', '---', '...', '%YAML 1.1', '{{', '}}', '{{ order', '|', '>', '"', "'", '[', '{', '? ', ': ', '- ', '#', '\r', '\u0000', '\u202e', '\ufeff', 'null', '~', '22:00', 'yes', '.nan', '0x1f', '1e999')) }),
  fc.record({ kind: fc.constant('cut' as const), at: fc.nat({ max: 8000 }), length: fc.nat({ max: 40 }) }),
);

function mutate(text: string, changes: readonly (typeof mutation extends fc.Arbitrary<infer T> ? T : never)[]): string {
  return changes.reduce((current, change) => {
    if (change.kind === 'cut') return current.slice(0, change.at) + current.slice(change.at + change.length);
    const lines = current.split('\n');
    const at = change.at % lines.length;
    const own = lines[at] ?? '';
    if (change.kind === 'delete') lines.splice(at, 1);
    else if (change.kind === 'double') lines.splice(at, 0, own);
    else if (change.kind === 'indent') lines[at] = change.by >= 0 ? ' '.repeat(change.by) + own : own.slice(Math.min(-change.by, own.length - own.trimStart().length));
    else if (change.kind === 'swap') [lines[at], lines[change.with % lines.length]] = [lines[change.with % lines.length] ?? '', own];
    else {
      const middle = Math.floor(own.length / 2);
      lines[at] = own.slice(0, middle) + change.text + own.slice(middle);
    }
    return lines.join('\n');
  }, text);
}

describe('a file', () => {
  test('of any text is read', () => {
    fc.assert(fc.property(fc.oneof(fc.string({ unit: 'binary', maxLength: 300 }), fc.string({ unit: fc.constantFrom(...' \n\t:-{}[],&*!|>\'"%@`#?ab1~\r'), maxLength: 300 })), (text) => {
      expect(fault(text)).toBeNull();
    }), { numRuns: 200 });
  });

  test('that was a runbook before something happened to it is read', () => {
    fc.assert(fc.property(good, fc.array(mutation, { minLength: 1, maxLength: 6 }), (text, changes) => {
      expect(fault(mutate(text, changes))).toBeNull();
    }), { numRuns: 100 });
  });

  test('with any text for a value is read', () => {
    fc.assert(fc.property(good, fc.nat({ max: 200 }), fc.string({ unit: 'binary', maxLength: 60 }), (text, at, value) => {
      const lines = text.split('\n');
      const own = lines[at % lines.length] ?? '';
      lines[at % lines.length] = own.replace(/: .*$/, () => `: ${JSON.stringify(value)}`);
      expect(fault(lines.join('\n'))).toBeNull();
    }), { numRuns: 100 });
  });

  test('with any script or statement in it is read', () => {
    const code = fc.string({ unit: fc.oneof(fc.constantFrom(...' \n$`"\'\\(){}[]<>|&;#=*?!:{{order}}'), fc.constantFrom('{{ order }}', 'rm -rf ', '$(', '<<EOF\n', 'EOF\n', 'case x in', 'esac', '/*', '*/', '$$', '--', 'DELETE FROM ', "E'")), maxLength: 60 });
    fc.assert(fc.property(code, fc.constantFrom('sh', 'sql'), (text, kind) => {
      const step = JSON.stringify({ id: 'one', title: 'A', target: 'web', [kind]: text, risk: 'read' });
      expect(fault(`schema: runbook/1\nid: a\ntitle: A\nversion: "1.0.0"\ntargets: { web: { kind: ssh } }\nparams: { order: { type: string } }\nsteps:\n  - ${step}\n`)).toBeNull();
    }), { numRuns: 100 });
  });

  test('gets its completion at every place', () => {
    fc.assert(fc.property(good, fc.array(mutation, { maxLength: 3 }), fc.nat({ max: 8000 }), (text, changes, at) => {
      const mutated = mutate(text, changes);
      const { from } = completionsAt(mutated, at);
      expect(from >= 0 && from <= mutated.length).toBe(true);
    }), { numRuns: 100 });
  });
});

const mebibyte = 1_048_576;
const fill = (piece: string): string => piece.repeat(Math.floor(mebibyte / piece.length));

describe('a mebibyte', () => {
  test.each([
    ['open lists', fill('[')],
    ['open groups', fill('{a: ')],
    ['closed lists', fill(']')],
    ['lists in lists', fill('- ')],
    ['complex names', fill('? ')],
    ['colons', fill(': ')],
    ['names without values', fill('a:\n')],
    ['names', Array.from({ length: 60_000 }, (_, index) => `name-${index}: 1`).join('\n')],
    ['deeper and deeper names', Array.from({ length: 1400 }, (_, index) => `${' '.repeat(index)}a:`).join('\n')],
    ['one text', `a: ${'x'.repeat(mebibyte - 10)}`],
    ['a text that never ends', `"${fill('a\n').slice(2)}`],
    ['comments', fill('#\n')],
    ['empty lines', fill('\n')],
    ['tabs', fill('\t')],
    ['documents', fill('---\n')],
    ['anchors', fill('&a ')],
    ['aliases', `a: &a [x]\nb: [${fill('*a,').slice(20)}]`],
    ['aliases of aliases', `a: &a [x]\n${Array.from({ length: 30 }, (_, index) => `b${index}: &b${index} [${`*${index === 0 ? 'a' : `b${index - 1}`},`.repeat(10)}]`).join('\n')}`],
    ['tags', fill('!a ')],
    ['escapes', `a: "${fill(String.raw`\x41`).slice(8)}"`],
    ['braces', `schema: runbook/1\nid: a\ntitle: A\nversion: "1.0.0"\ntargets: { web: { kind: ssh } }\nsteps:\n  - id: one\n    title: A\n    target: web\n    risk: read\n    sh: "${fill('{{ a }} ').slice(0, 90_000)}"\n`],
    ['commands', `schema: runbook/1\nid: a\ntitle: A\nversion: "1.0.0"\ntargets: { web: { kind: ssh } }\nsteps:\n  - id: one\n    title: A\n    target: web\n    risk: read\n    sh: "${fill('rm -rf a;').slice(0, 90_000)}"\n`],
    ['brackets of a statement', `schema: runbook/1\nid: a\ntitle: A\nversion: "1.0.0"\ntargets: { db: { kind: postgres } }\nsteps:\n  - id: one\n    title: A\n    target: db\n    risk: read\n    sql: "${fill('( ').slice(0, 90_000)}"\n`],
    ['statements', `schema: runbook/1\nid: a\ntitle: A\nversion: "1.0.0"\ntargets: { db: { kind: postgres } }\nsteps:\n  - id: one\n    title: A\n    target: db\n    risk: read\n    sql: "${fill('SELECT 1 INTO x;').slice(0, 90_000)}"\n`],
    ['dollars', `schema: runbook/1\nid: a\ntitle: A\nversion: "1.0.0"\ntargets: { web: { kind: ssh } }\nsteps:\n  - id: one\n    title: A\n    target: web\n    risk: read\n    sh: "${fill('$(').slice(0, 90_000)}"\n`],
    ['dashes of one word', `schema: runbook/1\nid: a\ntitle: A\nversion: "1.0.0"\ntargets: { web: { kind: ssh } }\nsteps:\n  - id: one\n    title: A\n    target: web\n    risk: read\n    sh: "docker ${fill('--a b ').slice(0, 90_000)}"\n`],
  ])('of %s is read, or refused, in time', (_what, text) => {
    expect(fault(text)).toBeNull();
  });

  test('is the most that is read', () => {
    expect(readRunbook('x'.repeat(mebibyte + 1)).problems).toMatchObject([{ line: 1, column: 1, rule: 'too-large' }]);
  });

  test('is counted in bytes', () => {
    expect(readRunbook('ä'.repeat(mebibyte / 2 + 1)).problems).toMatchObject([{ rule: 'too-large' }]);
  });
});
