/** Where a page is led by others than itself: each event of Electron's by itself, on the code of the main process. */
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { containPages, containSession, openOutside } from '../../electron/main/containment.ts';
import { app } from '#test/electron/app.ts';
import { BrowserWindow, hands } from '#test/electron/double.ts';
import { defaultSession } from '#test/electron/session.ts';
import type { WebContentsDouble } from '#test/electron/web-contents.ts';

vi.mock('electron', () => import('#test/electron/double.ts'));

let contents: WebContentsDouble;
/** One that the factory did not make: what holds for pages holds for it too. */
const makeWindow = (webPreferences: object) => Reflect.construct(BrowserWindow, [{ show: false, webPreferences }]) as InstanceType<typeof BrowserWindow>;
const ours = { url: 'app://pilothouse/', parent: null };
beforeAll(() => {
  containPages();
  app.becomeReady();
  ({ contents } = makeWindow({ webviewTag: true }));
});

const elsewhere = ['https://evil.example/', 'file:///etc/passwd', 'app://evil/', 'app://pilothouse.evil.example/', 'https://www.postgresql.org/docs/', 'about:blank'];

describe('a page is led nowhere', () => {
  test.each([...elsewhere, 'app://pilothouse/', 'app://pilothouse/mark.svg'])('by a redirect, whoever answers with one: %s', (url) => {
    expect(contents.mayRedirect(url, ours)).toBe(false);
  });
  test.each(elsewhere)('by a link or a script: %s', (url) => {
    expect(contents.wantsTo(url, ours)).not.toBeNull();
  });
  test.each(elsewhere)('where only will-navigate asks: %s', (url) => {
    let prevented = false;
    contents.emit('will-navigate', { url, isMainFrame: true, preventDefault: () => (prevented = true) });
    expect(prevented).toBe(true);
  });
  test.each([...elsewhere, 'app://pilothouse/'])('in a frame: %s', (url) => {
    expect(contents.wantsTo(url, { url, parent: ours })).toBe('will-frame-navigate');
  });
  test('and may go on within itself', () => {
    expect(contents.wantsTo('app://pilothouse/#/history', ours)).toBeNull();
  });
});

test('no web view is attached, though the page were allowed the tag', () => {
  expect(contents.mayAttachWebview()).toBe(false);
});

test('pages of every kind are held to it, whatever made them', () => {
  const other = makeWindow({});
  expect([other.contents.wantsTo('https://evil.example/', ours), other.contents.mayRedirect('https://evil.example/', ours), other.contents.mayOpen({ url: 'https://evil.example/', frameName: '', features: '', disposition: 'new-window', referrer: { url: '', policy: 'default' } })]).toEqual(['will-frame-navigate', false, false]);
});

test('nothing but documentation is opened outside, by whoever asks', () => {
  for (const url of ['https://evil.example/', 'http://www.postgresql.org/docs/', 'file:///usr/bin/xterm', 'nonsense', 'https://www.postgresql.org/docs/18/']) openOutside(url);
  expect(hands.opened().outside).toEqual(['https://www.postgresql.org/docs/18/']);
});

test('a permission is denied by each of two handlers: asked for, and checked without asking', () => {
  containSession();
  const { request, check } = defaultSession.handlers;
  let granted: boolean | null = null;
  request?.({} as never, 'geolocation', (decision) => (granted = decision), {} as never);
  expect([granted, check?.(null, 'geolocation', 'app://pilothouse', {} as never)]).toEqual([false, false]);
});
