import { describe, expect, test } from 'vitest';
import { jsonDocument, markdownDocument, toEntry, type HistoryEntry } from '#engine/history/document.ts';
import { outsideCode } from '#test/outside-code.ts';

const about = { at: '2026-11-20T12:00:00.000Z', operationId: 'op-1', operation: 'Look at shop', state: 'succeeded', target: 'shop on 127.0.0.1:5432', kind: 'log', level: 'info', text: 'all is well', command: null } satisfies HistoryEntry;
const command = { text: 'SELECT 1', target: 'shop', exitStatus: 3, durationMs: 12.3, output: 'one\n\n\n\ntwo' };
const markdown = (entry: Partial<HistoryEntry>, nextCursor: string | null = null) => markdownDocument({ exportedAt: about.at, search: '', entries: [{ ...about, ...entry }], nextCursor });

describe('history as Markdown', () => {
  test.each([
    'a ![picture](http://evil.example/x.png)',
    '<img src=http://evil.example/x.png>',
    '` <img src=x> `',
    '``` <img src=x>',
    'first\n```\n<img src=x>',
    'first\n````\n\n<img src=x>\n`````\n![x](y)',
    'first\r<img src=x>',
    'first\n~~~\n<https://evil.example>',
    '[a link]: http://evil.example',
    '# a heading\n\n[a](b)',
  ])('makes nothing of %j but code', (text) => {
    const everywhere = { text, operation: text, target: text, command: { ...command, text: `x${text}`, target: text, output: text, signal: text } };
    expect(outsideCode(markdown({ text }) + markdown(everywhere))).not.toMatch(/evil|[<>![\]~]|^#+ a/m);
  });
  test('says what was sent, to what, how it ended and what it answered, line by line', () => {
    expect(markdown({ text: 'SELECT 1', command })).toContain('of `Look at shop`, succeeded, on `shop on 127.0.0.1:5432`:\n\nSent to `shop` (exit status 3, 12 ms): `SELECT 1`\n\nIts output:\n\n```text\none\n\n\n\ntwo\n```\n');
  });
  test('says when it is not all, and how to get the rest', () => {
    expect([markdown({}), markdown({}, '17')].map((text) => text.includes('with the cursor 17'))).toEqual([false, true]);
  });
});

describe('history as JSON', () => {
  test('says when it is not all, and how to get the rest', () => {
    expect(JSON.parse(jsonDocument({ exportedAt: about.at, search: '', entries: [about], nextCursor: '17' }))).toMatchObject({ complete: false, nextCursor: '17', rest: expect.stringContaining('cursor 17'), events: [about] });
  });
  test('holds the whole of an error', () => {
    const error = { code: 'store.disk-full', message: 'It is full.', hint: 'Free some.', retryable: true, details: {}, correlationId: '' } as const;
    expect(toEntry({ row: 1, event: { operationId: 'op-1', seq: 1, at: about.at, kind: 'result', state: 'failed', summary: 'Failed.', error }, operation: { title: 'Look', state: 'failed', target: 'shop' } }).text).toBe('Failed.\nstore.disk-full: It is full.\nFree some.');
  });
});
