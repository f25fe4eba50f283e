/** The window around the page, as far as a screen needs one: `window.pilothouse` whose other side is the test. */
import type { Page } from 'playwright-core';
import type { BridgeLine, DesktopBridge, EngineState, PickRequest, WindowWish } from '#shared/contract/desktop.ts';
import type { Channel } from '#shared/contract/protocol.ts';
import { serveChannel } from '#engine/dispatch/serve-channel.ts';
import type { FixtureEngine } from './fixture-engine.ts';

export interface FakeBridge {
  /** What was handed to the clipboard, the oldest first. */
  copied: string[];
  /** What was asked of the operating system's dialog. */
  asked: PickRequest[];
  /** What that answers: a path, null where it is cancelled, or why it does not open. */
  answer: string | null | Error;
  tell(state: EngineState): Promise<void>;
  wish(wish: WindowWish): Promise<void>;
}

/** What is in the page besides the bridge, for the test alone. */
interface OtherSide {
  fakeConnect(line: number): Promise<void>;
  fakeSend(line: number, text: string): Promise<void>;
  fakeClose(line: number): Promise<void>;
  fakePick(request: PickRequest): Promise<{ path: string | null } | { problem: string }>;
  fakeCopy(text: string): Promise<void>;
  fakeHear(line: number, text: string | null): void;
  fakeState(state: EngineState): void;
  fakeWish(wish: WindowWish): void;
}

/** Runs in the page, before anything of it. */
function inPage(): void {
  const other = window as unknown as OtherSide & { pilothouse: DesktopBridge };
  const lines = new Map<number, { message: (text: string) => void; close: () => void }>();
  const states: ((state: EngineState) => void)[] = [];
  const wishes: ((wish: WindowWish) => void)[] = [];
  let state: EngineState = { state: 'running', restartedAt: null, attached: false };
  other.fakeHear = (line, text) => {
    const listeners = lines.get(line);
    if (text !== null) return listeners?.message(text);
    lines.delete(line);
    listeners?.close();
  };
  other.fakeState = (next) => {
    state = next;
    for (const listener of states) listener(state);
  };
  other.fakeWish = (wish) => {
    for (const listener of wishes) listener(wish);
  };
  other.pilothouse = {
    platform: 'linux',
    async connect(listeners): Promise<BridgeLine> {
      const line = lines.size + Math.round(Math.random() * 1e9);
      lines.set(line, listeners);
      await other.fakeConnect(line);
      return { send: (text) => void other.fakeSend(line, text), close: () => void other.fakeClose(line) };
    },
    async pickPath(request) {
      const picked = await other.fakePick(request);
      if ('problem' in picked) throw new Error(picked.problem);
      return picked.path;
    },
    copyText: (text) => other.fakeCopy(text),
    onEngineState(listener) {
      states.push(listener);
      listener(state);
    },
    startEngine: async () => {},
    onWish: (listener) => void wishes.push(listener),
  };
}

/** Puts the bridge into a page that is not opened yet; its lines lead to the engine of canned answers. */
export async function putFakeBridge(page: Page, engine: Pick<FixtureEngine, 'dispatcher'>): Promise<FakeBridge> {
  const lines = new Map<number, { hear: (text: string) => void; close: () => void }>();
  const hear = (line: number, text: string | null): Promise<void> =>
    page.evaluate(([to, said]) => (window as unknown as OtherSide).fakeHear(to, said), [line, text] as const).catch((error: unknown) => {
      // A page that was closed or left hears nothing any more.
      if (!/closed|destroyed/i.test(String(error))) throw error;
    });
  const bridge: FakeBridge = {
    copied: [],
    asked: [],
    answer: null,
    tell: (state) => page.evaluate((next) => (window as unknown as OtherSide).fakeState(next), state),
    wish: (wish) => page.evaluate((next) => (window as unknown as OtherSide).fakeWish(next), wish),
  };
  const connect = (line: number): void => {
    const messages: ((text: string) => void)[] = [];
    const closes: (() => void)[] = [];
    const close = (): void => {
      if (!lines.delete(line)) return;
      for (const listener of closes) listener();
      void hear(line, null);
    };
    lines.set(line, { hear: (text) => { for (const listener of messages) listener(text); }, close });
    const channel: Channel = { send: (text) => hear(line, text), onMessage: (listener) => void messages.push(listener), onClose: (listener) => void closes.push(listener), close };
    serveChannel(channel, engine.dispatcher, 'console');
  };
  page.on('close', () => {
    for (const { close } of [...lines.values()]) close();
  });
  await page.exposeFunction('fakeConnect', connect);
  await page.exposeFunction('fakeSend', (line: number, text: string) => lines.get(line)?.hear(text));
  await page.exposeFunction('fakeClose', (line: number) => lines.get(line)?.close());
  await page.exposeFunction('fakePick', (request: PickRequest) => {
    bridge.asked.push(request);
    return bridge.answer instanceof Error ? { problem: bridge.answer.message } : { path: bridge.answer };
  });
  await page.exposeFunction('fakeCopy', (text: string) => void bridge.copied.push(text));
  await page.addInitScript(inPage);
  return bridge;
}
