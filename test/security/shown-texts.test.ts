/** Texts of guides, packs, calendars and incidents, which anybody may have written: shown as words, in pages, reports and terminals. */
import { prerenderToNodeStream } from 'react-dom/static';
import { text } from 'node:stream/consumers';
import { createElement, type ReactNode } from 'react';
import { describe, expect, test, vi } from 'vitest';
import { plain } from '#shared/domain/plain-text.ts';
import { mailHref, plainText } from '../../renderer/components/format.ts';
import { mailTo } from '../../renderer/features/incidents/words.ts';

// What the page asks of its window as it is loaded.
vi.hoisted(() => vi.stubGlobal('window', {}));

const { Markdown } = await vi.importActual<{ Markdown: (shown: { text: string }) => ReactNode }>('../../renderer/components/markdown.tsx');
const page = async (markdown: string): Promise<string> => text((await prerenderToNodeStream(createElement(Markdown, { text: markdown }))).prelude);
const tagsIn = (html: string): string[] => [...new Set([...html.matchAll(/<([a-z][a-z0-9]*)/g)].map(([, tag = '']) => tag))].toSorted();
const hrefsIn = (html: string): string[] => [...html.matchAll(/(?:href|src|action|on\w+|style)="([^"]*)"/g)].map(([, value = '']) => value);

describe('Markdown', () => {
  test.each([
    ['a script', '<script>alert(1)</script>'],
    ['a picture with a handler', '<img src=x onerror=alert(1)>'],
    ['a frame', '<iframe src="https://evil.test"></iframe>'],
    ['a script in a list', '- a\n\n  <svg onload=alert(1)>'],
    ['a script in a table', '| a |\n|---|\n| <script>alert(1)</script> |'],
    ['a style', '<style>@import "https://evil.test"</style>'],
  ])('with HTML in it is words: %s', async (_what, markdown) => {
    const html = await page(markdown);
    expect([tagsIn(html).filter((tag) => !['div', 'p', 'ul', 'li', 'table', 'thead', 'tbody', 'tr', 'th', 'td'].includes(tag)), hrefsIn(html), html.includes('&lt;')]).toEqual([[], [], true]);
  });
  test.each([
    ['a script', '[a](javascript:alert(1))'],
    ['a script with entities', '[a](java&#115;cript:alert(1))'],
    ['data', '[a](data:text/html,x)'],
    ['a program', '[a](vscode://file/etc/passwd)'],
    ['the web', '[a](https://evil.test)'],
    ['an autolink', '<https://evil.test>'],
    ['a picture', '![a](https://evil.test/a.png)'],
    ['a file', '[a](file:///etc/passwd)'],
    ['a letter with more receivers', '[a](mailto:ann@shop.test?bcc=evil@evil.test)'],
    ['a letter to several', '[a](mailto:ann@shop.test,evil@evil.test)'],
    ['a letter with a line end', '[a](mailto:ann@shop.test%0Abcc:evil@evil.test)'],
    ['an autolink to a letter with more', '<mailto:ann@shop.test?cc=evil@evil.test>'],
  ])('leads nowhere: %s', async (_what, markdown) => {
    expect(hrefsIn(await page(markdown))).toEqual([]);
  });
  test('begins a letter to one address, which is shown', async () => {
    const html = await page('[Ann](mailto:ann@shop.test)');
    expect([hrefsIn(html), html.replaceAll(/<[^>]*>/g, '')]).toEqual([['mailto:ann@shop.test'], 'Ann ann@shop.test']);
  });
  test('shows no text in another order than it is written', async () => {
    expect(await page('a\u202etxt.exe\u2066b\u001b[31mc')).toContain('atxt.exebc');
  });
});

describe('a letter', () => {
  test.each([
    ['more receivers', 'ann@shop.test?bcc=evil@evil.test', 'mailto:ann@shop.test%3Fbcc%3Devil@evil.test'],
    ['a second receiver', 'ann@shop.test,evil@evil.test', 'mailto:ann@shop.test%2Cevil@evil.test'],
    ['a header', 'ann@shop.test\nBcc: evil', 'mailto:ann@shop.test%0ABcc%3A%20evil'],
    ['what is encoded', 'ann@shop.test%3Fbcc=e', 'mailto:ann@shop.test%253Fbcc%3De'],
  ])('takes no %s from an address', (_what, address, href) => {
    expect(mailHref(address)).toBe(href);
  });
  test('takes no header from a subject or a text', () => {
    const { searchParams } = new URL(mailTo('ann@shop.test?bcc=evil@evil.test', 'INC-1: a&bcc=evil@evil.test', 'b\n&cc=evil@evil.test#'));
    expect([...searchParams]).toEqual([['subject', 'INC-1: a&bcc=evil@evil.test'], ['body', 'b\n&cc=evil@evil.test#']]);
  });
});

test.each([['in the page', plainText], ['on the command line', plain]])('a title has no signs that a terminal or an eye would obey: %s', (_where, clean) => {
  expect(clean('a\u001b]0;b\u0007\u001b[2J\u202ec\u202c\u2067d\u2069\u009b31m')).toBe('acd31m');
});
