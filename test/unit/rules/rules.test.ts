/** Each rule finds what it is about, where it stands, and leaves alone what is right. */
import { describe, expect, it } from 'vitest';
import { findWrongs, rules } from '#engine/rules/index.ts';
import { examples } from '#test/rules/examples.ts';

const found = (text: string, { language, kind = 'block' }: Pick<(typeof examples)[number], 'language' | 'kind'>) => findWrongs(text, { language, kind });
const edited = (text: string, language: string, rule: string): string => {
  const edit = findWrongs(text, { language }).find((each) => each.rule === rule)?.edit;
  return edit === undefined || edit === null ? text : `${text.slice(0, edit.from)}${edit.text}${text.slice(edit.to)}`;
};

describe('the rule', () => {
  it.each(examples)('$rule finds $wrong', (example) => {
    expect(found(example.wrong, example).map(({ rule }) => rule)).toContain(example.rule);
  });

  it.each(examples)('$rule leaves alone $right', (example) => {
    expect(found(example.right, example).map(({ rule }) => rule)).not.toContain(example.rule);
  });

  it.each(examples)('$rule says something of a place in $wrong, and what to do', (example) => {
    const all = found(example.wrong, example).filter(({ rule }) => rule === example.rule);
    expect(all.every(({ from, to, message }) => from >= 0 && from < to && to <= example.wrong.length && /[.)]$/.test(message))).toBe(true);
  });
});

describe('the book', () => {
  it('has an example for each of its rules', () => {
    const shown = new Set(examples.map(({ rule }) => rule));
    expect(rules().map(({ id }) => id).filter((id) => !shown.has(id))).toEqual([]);
  });

  it('says of each rule what it is about, once', () => {
    expect(new Set(rules().map(({ id }) => id)).size).toBe(rules().length);
    expect(rules().filter(({ title, explanation, languages }) => title === '' || !explanation.endsWith('.') || languages.length === 0)).toEqual([]);
  });

  it('says what holds for other versions of Postgres alone only where it may be one of these', () => {
    const ids = (postgresMajor?: number) => findWrongs('SELECT mean_time FROM pg_stat_statements', { language: 'sql', kind: 'step', ...(postgresMajor === undefined ? {} : { postgresMajor }) }).map(({ rule }) => rule);
    expect([ids(12), ids(13), ids()]).toEqual([[], ['statements-columns'], ['statements-columns']]);
  });

  it('takes a prompt and what the computer answered for what they are', () => {
    expect(findWrongs('$ systemctl status nginx\nActive: rm -rf /', { language: 'console' }).map(({ rule, from }) => [rule, from])).toEqual([['status-for-people', 2]]);
  });

  it('reads a fence by its first word, in any case', () => {
    expect(findWrongs('VACUUM FULL', { language: 'PostgreSQL {.numbers}' }).map(({ rule }) => rule)).toContain('vacuum-full');
  });
});

describe('one click', () => {
  it.each([
    ['catalog-columns', 'sql', 'SELECT tablename FROM pg_stat_user_tables', 'SELECT relname FROM pg_stat_user_tables'],
    ['statements-columns', 'sql', 'SELECT mean_time FROM pg_stat_statements', 'SELECT mean_exec_time FROM pg_stat_statements'],
    ['index-locks', 'sql', 'create index a ON b(c)', 'CREATE INDEX CONCURRENTLY a ON b(c)'],
    ['curl-does-not-fail', 'bash', 'curl -s https://a.test/', 'curl -fsS --max-time 5 https://a.test/'],
    ['compose-v1', 'bash', 'sudo docker-compose pull', 'sudo docker compose pull'],
    ['status-for-people', 'bash', 'systemctl status nginx', 'systemctl is-active nginx'],
    ['psql-goes-on', 'bash', 'psql -h db scratch < a.sql', 'psql -X -v ON_ERROR_STOP=1 --single-transaction -h db scratch < a.sql'],
    ['value-percent', 'yaml', 'a: "{{ $value }}%"', 'a: "{{ $value | humanizePercentage }}"'],
  ])('puts %s right', (rule, language, wrong, right) => {
    expect(edited(wrong, language, rule)).toBe(right);
  });
});

describe('ten times as many lines', () => {
  const lines = (line: string, count: number): string => Array.from({ length: count }, (_, at) => line.replace('%', String(at))).join('\n');
  it.each([
    ['bash', (count: number) => `${lines('psql -c "SELECT a%" | tee -a "$LOG"\nSELECT a% FROM b;\nnginx -t\nsystemctl reload nginx', count / 5)}\ncat <<EOF\n${lines("it's $(echo %) and `date`", count / 5)}\nEOF`],
    ['sql', (count: number) => lines("DELETE FROM a% WHERE b < NOW() - INTERVAL '90 days';", count)],
    ['yaml', (count: number) => lines('- time: "Sunday 03:00 UTC %"', count)],
    ['markdown', (count: number) => lines('- Critical issues %: 4 hours', count)],
  ])('of %s take no longer than ten times as long', (language, textOf) => {
    const kind = language === 'markdown' ? 'document' : 'block';
    const took = (text: string, times: number): number => {
      const start = performance.now();
      for (let at = 0; at < times; at += 1) findWrongs(text, { language, kind });
      return performance.now() - start;
    };
    // The quicker of two: what else runs on the machine only makes it slower.
    const quickest = (text: string, times: number): number => Math.min(took(text, times), took(text, times));
    const inParts = quickest(textOf(150), 10);
    // What grows with the square would take ten times as long at once as in ten parts.
    expect(quickest(textOf(1500), 1)).toBeLessThan(Math.max(20, inParts) * 4);
  });
});
