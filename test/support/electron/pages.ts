/** What the screen tells of its pages, and asks about what they want to do. */
import type { Crossed } from './crossing.ts';
import { asReal } from './faithful.ts';
import { createFrame, type FramePlace } from './frames.ts';
import { ipcMain } from './ipc-main.ts';
import { portOf } from './main-ports.ts';
import { createPortEnds } from './port-ends.ts';
import { answerRequest, isPermitted, mayDownload, mayRequest, type PageAnswer, type PageRequest } from './session.ts';
import { windowOf } from './windows.ts';

export interface Asked extends PageRequest {
  /** A frame goes to another document. */
  navigates: boolean;
  /** By itself: no `loadURL` or `reload` of the main process is behind it. */
  byPage: boolean;
  place: FramePlace;
}

/** What became of a request, and by whom. */
export type Outcome = { became: 'answered'; answer: PageAnswer } | { became: 'prevented' | 'cancelled' | 'outside' | 'failed'; by: string };

/** A message as it would come from anywhere: a page that is not ours, a frame in ours, a window that nobody knows. */
export interface ForgedMessage {
  /** The window whose page sends it; null: one of another window. */
  window: number | null;
  place: FramePlace | null;
  kind: 'invoke' | 'send';
  channel: string;
  args: unknown[];
  /** How many ports come with it. */
  ports: number;
}

/** Ports of forged messages, and whether the main process closed them. */
const forgedPorts: { closed: boolean }[] = [];

export const pageHands = {
  async request(id: number, asked: Asked): Promise<Outcome> {
    const { contents } = windowOf(id);
    if (asked.navigates && asked.byPage) {
      const by = contents.wantsTo(asked.url, asked.place);
      if (by !== null) return { became: 'prevented', by };
    }
    if (!(await mayRequest(asked, contents, asked.place))) return { became: 'cancelled', by: 'onBeforeRequest' };
    try {
      const answer = await answerRequest(asked);
      if (answer === null) return { became: 'outside', by: 'the network' };
      const redirected = new Headers(answer.headers).get('location');
      if (asked.navigates && answer.status >= 300 && answer.status < 400 && redirected !== null && !contents.mayRedirect(new URL(redirected, asked.url).href, asked.place)) return { became: 'prevented', by: 'will-redirect' };
      return { became: 'answered', answer };
    } catch (error) {
      return { became: 'failed', by: error instanceof Error ? error.message : String(error) };
    }
  },
  /** The scheme's handler alone, as a request that no page makes. */
  answer: (request: PageRequest): Promise<PageAnswer | null> => answerRequest(request),

  begin: (id: number, document: string, url: string): { key: string; value: Crossed }[] => windowOf(id).contents.begin(document, url),
  callPreload(id: number, document: string, fn: number, args: Crossed[]): { value: Crossed } | { message: string } {
    try {
      return { value: windowOf(id).contents.callPreload(document, fn, args) };
    } catch (error) {
      // Errors of a preload script are of its own world.
      return { message: typeof error === 'object' && error !== null && 'message' in error ? String(error.message) : String(error) };
    }
  },
  navigated: (id: number, url: string, inPage: boolean) => windowOf(id).contents.navigated(url, inPage),
  titled: (id: number, title: string) => {
    const window = windowOf(id);
    window.contents.title = title;
    window.pageTitled(title);
  },
  loaded: (id: number) => windowOf(id).contents.loaded(),
  painted: (id: number) => windowOf(id).firstPaint(),
  crashed: (id: number) => windowOf(id).contents.crash({ reason: 'crashed', exitCode: 139 }),
  mayOpen: (id: number, details: Electron.HandlerDetails): boolean => windowOf(id).contents.mayOpen(details),
  mayAttachWebview: (id: number): boolean => windowOf(id).contents.mayAttachWebview(),
  isPermitted: (id: number, permission: string, url: string): boolean => isPermitted(windowOf(id).contents, permission, url),
  mayDownload: (id: number, url: string, filename: string): { savePath: string } | null => mayDownload(windowOf(id).contents, url, filename),

  /** @returns what the sender hears of it */
  async forge({ window, place, kind, channel, args, ports }: ForgedMessage): Promise<{ value?: unknown; problem?: string }> {
    const contents = window === null ? {} : windowOf(window).contents;
    const sender = { sender: asReal<Electron.WebContents>(contents), senderFrame: place === null ? null : createFrame(place) };
    if (kind === 'invoke') return ipcMain.invoked(sender, channel, args).then((value) => ({ value }), (error: Error) => ({ problem: error.message }));
    const given = Array.from({ length: ports }, () => {
      const [kept, sent] = createPortEnds();
      const state = { closed: false };
      forgedPorts.push(state);
      kept.listen((arrival) => {
        if (arrival === 'closed') state.closed = true;
      });
      return portOf(sent);
    });
    ipcMain.sent(sender, channel, args, given);
    return {};
  },
  forgedPorts: () => forgedPorts,
};
