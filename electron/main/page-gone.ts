/** A page that breaks down is loaded anew once by itself, and then only if somebody says so. The engine goes on meanwhile. */
import { app, dialog, type BrowserWindow } from 'electron';
import type { Logger } from '#engine/ports.ts';

/** Two breakdowns within so many milliseconds are one that loading it anew does not mend. */
const againAndAgainMs = 60_000;

/** @param options.logs the folder of the logs, where it is said why */
export function bringBackPage(window: BrowserWindow, { logger, logs }: { logger: Logger; logs: string }): void {
  let brokeDownAt = 0;
  const reload = (): void => {
    if (!window.isDestroyed()) window.webContents.reload();
  };
  const ask = async (): Promise<void> => {
    const question = {
      type: 'error' as const,
      message: 'What this window shows broke down twice within a minute.',
      detail: `What is under way goes on. The log in ${logs} says more.`,
      buttons: ['Show it again', 'Quit'],
      defaultId: 0,
      cancelId: 0,
      noLink: true,
    };
    // One that was never shown has nothing that a dialog could stand before.
    const { response } = window.isVisible() ? await dialog.showMessageBox(window, question) : await dialog.showMessageBox(question);
    if (response === 1) app.quit();
    else reload();
  };
  window.webContents.on('render-process-gone', (_event, details) => {
    logger.error({ ...details }, 'The page of the window broke down.');
    const isAgain = Date.now() - brokeDownAt < againAndAgainMs;
    brokeDownAt = Date.now();
    if (isAgain) void ask();
    // Not at once: Chromium is still taking down what the page was.
    else setImmediate(reload);
  });
}
