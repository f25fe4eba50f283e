/** From the browser process to the screen: the process of the test, with its Chromium. */
import type { CrossingMessage } from './crossing.ts';
import { connectCalls, type Caller } from './calls.ts';
import { hasScreen } from './surroundings.ts';

/** What the browser process may ask of the screen. */
export interface ScreenSide {
  openPage(window: number, look: PageLook): void;
  /** Resolves once it has loaded. @returns why it did not, or null */
  load(window: number, url: string): string | null;
  reload(window: number): void;
  changeLook(window: number, look: PageLook): void;
  closePage(window: number): void;
  /** To the document of a page whose preload script says so. */
  tellPage(window: number, document: string, message: CrossingMessage): void;
  /** A box that only says something; the application may end right after it. */
  errorBox(box: ErrorBox): void;
  /** A process that did not get the lock of a data folder tells whoever has it. */
  secondInstance(told: { folder: string; argv: string[]; workingDirectory: string; additionalData: unknown }): void;
}

export interface ErrorBox {
  title: string;
  content: string;
}

export interface PageLook {
  width: number;
  height: number;
  dark: boolean;
  zoom: number;
}

/** Where nobody looks every page is one that loaded. */
const dark: Caller<ScreenSide> = {
  openPage: async () => {},
  load: async () => null,
  reload: async () => {},
  changeLook: async () => {},
  closePage: async () => {},
  tellPage: async () => {},
  errorBox: async () => {},
  secondInstance: async () => {},
};

/** Reaches the screen; where there is none, nothing. Set once by `offerHands`. */
export let screenSide: Caller<ScreenSide> = dark;

/** Lets the screen call what the test does with its hands: clicks, menus, answers, a lid that closes. */
export function offerHands(hands: object): void {
  if (!hasScreen || process.send === undefined) return;
  screenSide = connectCalls<ScreenSide>(
    {
      send: (message) => void process.send?.(message, undefined, undefined, () => {}), // A screen that is gone ends this process, below.
      onMessage: (listener) => void process.on('message', listener),
      onClose: (listener) => void process.on('disconnect', listener),
    },
    hands,
  );
  process.on('disconnect', () => process.exit());
}
