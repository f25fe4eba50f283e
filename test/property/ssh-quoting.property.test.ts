/** Whatever is in an argument, a server's shell passes on exactly that: asked of real shells. */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { quoteCommand, quoteWord } from '#engine/ssh/quote.ts';

const shells: Record<string, [string, ...string[]]> = { sh: ['/bin/sh'], bash: ['/bin/bash', '--norc'], busybox: ['/bin/busybox', 'sh'] };
const nasty = fc.constantFrom("'", '"', '\\', '$', '`', '$(id)', '!', '\n', '\r', '\t', ' ', '*', '?', '[', '~', '#', '&', ';', '|', '<', '>', '(', ')', '{a,b}', '=', '-n', '--', '%s', 'ö', '数', '\u0001', '\u007f', "'\\''", '$IFS', '${x:-y}');
const argument = fc.oneof(fc.array(fc.oneof(nasty, fc.string({ unit: 'grapheme', maxLength: 4 })), { maxLength: 8 }).map((parts) => parts.join('')), fc.constant('')).map((text) => text.replaceAll('\0', ''));
const lone = /[\ud800-\udfff]/u;

describe.each(Object.entries(shells))('an argument on a command line for %s', (_name, [program, ...first]) => {
  test('arrives as it is', (context) => {
    if (!existsSync(program)) context.skip(`there is no ${program}`);
    fc.assert(
      fc.property(fc.array(argument.filter((text) => !lone.test(text)), { minLength: 1, maxLength: 6 }), (words) => {
        // Each is written with its length, so that nothing in it can pass for a border between two.
        const script = quoteCommand([process.execPath, '-e', 'process.stdout.write(JSON.stringify(process.argv.slice(1)))', '--', ...words]);
        const output = execFileSync(program, [...first, '-c', script], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'], env: { PATH: '/usr/bin:/bin' } });
        expect(JSON.parse(output)).toEqual(words);
      }),
      { numRuns: 40 },
    );
  });
});

describe('a word on a command line', () => {
  test('is refused where it holds NUL', () => {
    expect(() => quoteWord('a\0b')).toThrow(expect.objectContaining({ code: 'contract.invalid-input' }));
  });
  test('is left readable where nothing in it means anything', () => {
    expect(quoteCommand(['pg_dump', '--format=custom', '/var/lib/x-1.0', "it's"])).toBe(`pg_dump '--format=custom' /var/lib/x-1.0 'it'\\''s'`);
  });
  test('in front is never an assignment', () => {
    expect(execFileSync('/bin/sh', ['-c', `${quoteCommand(['PATH=/nowhere', 'x'])}; echo "$PATH"`], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'], env: { PATH: '/usr/bin' } })).toBe('/usr/bin\n');
  });
});
