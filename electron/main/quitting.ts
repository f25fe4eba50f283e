/** Quitting: asked for where work is under way, and only once the engine has cleaned up. */
import { app, dialog, type BrowserWindow } from 'electron';

/** What is under way, as a dialog lists it. */
const mostNamed = 8;

async function mayCancel(titles: readonly string[], window: BrowserWindow | null): Promise<boolean> {
  const named = titles.slice(0, mostNamed).map((title) => `• ${title}`);
  const more = titles.length > mostNamed ? [`and ${titles.length - mostNamed} more`] : [];
  const question = {
    type: 'question' as const,
    message: 'Cancel what is under way and quit?',
    detail: [...named, ...more, '', 'It is cancelled and cleaned up before Pilothouse closes. A dump that a server makes by itself goes on there.'].join('\n'),
    buttons: ['Cancel it and quit', 'Keep working'],
    defaultId: 1,
    cancelId: 1,
    noLink: true,
  };
  // Over a minimised window nobody would see it, and nothing else happens until it is answered.
  if (window?.isMinimized() === true) window.restore();
  const { response } = window === null ? await dialog.showMessageBox(question) : await dialog.showMessageBox(window, question);
  return response === 0;
}

export interface Quitting {
  quitUnasked(): void;
  /** Whether it is decided: the engine cleans up, and nothing is shown any more. */
  isClosing(): boolean;
  /** Whether the engine has cleaned up, so that windows may go. */
  isQuitting(): boolean;
}

/** @param close has the engine clean up; called once */
export function askBeforeQuitting(options: { working: () => readonly string[]; window: () => BrowserWindow | null; close: () => Promise<void> }): Quitting {
  let stage: 'open' | 'asking' | 'closing' | 'closed' = 'open';

  const end = (): void => {
    if (stage === 'closing' || stage === 'closed') return;
    stage = 'closing';
    // Cleaning up may take a moment; nothing more can be done in the window meanwhile.
    options.window()?.hide();
    const over = (): void => {
      stage = 'closed';
      app.quit();
    };
    options.close().then(over, over);
  };
  app.on('before-quit', (event) => {
    if (stage === 'closed') return;
    event.preventDefault();
    if (stage !== 'open') return;
    const titles = options.working();
    if (titles.length === 0) return end();
    stage = 'asking';
    const stay = (): void => {
      if (stage === 'asking') stage = 'open';
    };
    mayCancel(titles, options.window()).then((quit) => (quit ? end() : stay()), stay);
  });
  return {
    isClosing: () => stage === 'closing' || stage === 'closed',
    isQuitting: () => stage === 'closed',
    quitUnasked: end,
  };
}
