import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { yamlText } from '#engine/guides/draft/yaml-text.ts';
import { afterAcknowledging, afterDeciding } from '#engine/guides/decide.ts';
import { imported, reimport } from '#engine/guides/reimport.ts';
import { takeOutSecrets } from '#shared/domain/guide/secrets.ts';
import { folded } from '#shared/domain/guide/plain.ts';
import { readText, uncoveredLines } from '#test/read-fixture-guide.ts';

const word = fc.constantFrom('alpha', 'bravo', 'charlie', 'delta', 'check', 'restart', 'backup', 'daily', 'Sunday', '02:00', 'UTC', '15 minutes', '> 80 %', 'critical', 'team@shop.test', 'Prüfung', 'Zeit', 'ORDER_ID', '{{ x }}', '`code`', '**bold**', '[link](x.md)', ':', '|', 'yes');
const line = fc.array(word, { minLength: 1, maxLength: 6 }).map((words) => words.join(' '));
const lines = (prefix: string) => fc.array(line, { minLength: 1, maxLength: 4 }).map((all) => all.map((each) => `${prefix}${each}`).join('\n'));
const block = fc.oneof(
  line,
  fc.tuple(fc.integer({ min: 1, max: 6 }), line).map(([level, text]) => `${'#'.repeat(level)} ${text}`),
  line.map((text) => `${text}\n===`),
  lines('- '),
  lines('- [ ] '),
  lines('> '),
  lines('    '),
  fc.array(line, { minLength: 1, maxLength: 4 }).map((all) => all.map((each, index) => `${index + 1}. ${each}`).join('\n')),
  fc.tuple(line, line).map(([one, other]) => `1. **${one}**\n   \`\`\`bash\n   # ${other}\n   systemctl restart nginx\n   \`\`\``),
  fc.tuple(fc.constantFrom('bash', 'sql', 'yaml', 'console', '', 'nginx', 'markdown', 'js'), fc.array(line, { maxLength: 4 }), fc.boolean()).map(([language, all, closed]) => `\`\`\`${language}\n${all.join('\n')}${closed ? '\n```' : ''}`),
  fc.array(fc.tuple(line, line), { minLength: 1, maxLength: 4 }).map((rows) => `| Time | Task |\n|---|---|\n${rows.map(([one, other]) => `| ${one} | ${other} |`).join('\n')}`),
  line.map((text) => `<div>\n${text}\n</div>`),
  fc.constantFrom('---', '***', '[ref]: https://shop.test "x"', '![picture](a.png)', '<!-- nothing -->'),
);
const guide = fc.array(block, { maxLength: 14 }).map((blocks) => blocks.join('\n\n'));
const words = (text: string): string[] => folded(text).match(/[\p{L}]{4,}/gu) ?? [];

describe('any guide', () => {
  it('has each of its lines in an item', () => {
    fc.assert(
      fc.property(guide, (text) => {
        expect(uncoveredLines(readText(text))).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });

  it('has each of its words in what was made of their line', () => {
    fc.assert(
      fc.property(guide, (text) => {
        const { items, text: kept } = readText(text);
        for (const [index, each] of kept.split('\n').entries()) {
          const there = items.filter((item) => item.lines.some(({ from, to }) => from <= index + 1 && index + 1 <= to));
          // What a fence says of its language, and a table of its columns, is what they became. A heading is its title.
          if (/^\s*(?:```|~~~|\||\[ref\]|<)/.test(each)) continue;
          const made = folded(there.map((item) => `${item.text}\n${item.title}\n${item.path.join('\n')}`).join('\n'));
          const lost = words(each).filter((one) => !made.includes(one));
          expect([each, lost]).toEqual([each, []]);
        }
      }),
      { numRuns: 60, examples: [['```bash\nteam@shop.test > 80 % alpha']] },
    );
  });

  it('is read whatever it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (text) => {
        expect(uncoveredLines(readText(text))).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });

  it('is read the same when it is read again, and keeps what was decided', () => {
    fc.assert(
      fc.property(guide, guide, (text, more) => {
        const decided = imported(readText(text).items).map((item) => afterDeciding(item, { decision: 'reject', text: null }, { by: 'me', at: 1, problems: () => [] }));
        const again = reimport(decided, readText(text).items);
        expect([again.new, again.changed, again.gone, again.items.every(({ decision }) => decision === 'rejected')]).toEqual([[], [], [], true]);
        const longer = reimport(decided, readText(`${text}\n\n# Quite another part\n\n${more}`).items);
        expect(longer.items.filter(({ standing }) => standing === 'new' || standing === 'changed').every(({ decision }) => decision === 'open')).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  it('is not accepted as long as a flag is open', () => {
    fc.assert(
      fc.property(guide, (text) => {
        for (const item of imported(readText(text).items)) {
          if (item.flags.length === 0) continue;
          const accept = (of: typeof item): unknown => afterDeciding(of, { decision: 'accept', text: null }, { by: 'me', at: 1, problems: () => [] }).decision;
          const looked = item.flags.reduce((all, flag) => afterAcknowledging(all, flag.id, 'keep', 'seen'), item);
          expect(() => accept(item)).toThrow(/nobody has looked at/);
          expect(accept(looked)).toMatch(/accepted|edited/);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('loses no line when its secrets are taken out, and none the second time', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(line, fc.constantFrom('password: Sommer-2026', 'postgres://a:b1c2@d/e', '-----BEGIN RSA PRIVATE KEY-----', '-----END RSA PRIVATE KEY-----', 'AbCdEf0123456789AbCdEf0123456789', ''))), (all) => {
        const { text } = takeOutSecrets(all.join('\n'));
        expect(text.split('\n').length).toBe(Math.max(1, all.length));
        expect(takeOutSecrets(text).taken).toEqual([]);
      }),
    );
  });

  it('is written as YAML that both versions read as it is meant', () => {
    const text = fc.oneof(line, fc.string({ maxLength: 30 }), fc.constantFrom('yes', '~', '22:00', '1.10', '# no comment', 'a: b', 'a #b', '- x', '{{ x }}', '  two blanks', 'two\nlines', 'two\n\nlines\n', '', "it's", '"quoted"', '2026-01-01', '0x1f', 'e0', '=', '<<', '!tag', '&a', '*a', '|', '>'));
    const settled = (value: string): string => value.replaceAll('\r', '').replaceAll(/[^\S\n]+$/gm, '').replaceAll('\t', '    ').replaceAll(/[\u0000-\u0008\u000B-\u001F\u007F-\u009F\u2028\u2029\uFEFF\uFFFE\uFFFF]/g, ' ').toWellFormed();
    const tree = fc.record({ title: text, version: text, list: fc.array(text), steps: fc.array(fc.record({ id: text, why: text, number: fc.integer(), inner: fc.record({ text, flag: fc.boolean() }) })) });
    fc.assert(
      fc.property(tree, (fields) => {
        const wanted = JSON.parse(JSON.stringify(fields), (_key, value: unknown) => (typeof value === 'string' ? settled(value) : value)) as unknown;
        const written = yamlText(fields);
        expect([parse(written, { version: '1.2' }), parse(written, { version: '1.1' })]).toEqual([wanted, wanted]);
      }),
    );
  });
});
