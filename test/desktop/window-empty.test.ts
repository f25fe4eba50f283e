import { afterEach, describe, expect, it, vi } from 'vitest';
import { openHome } from '#engine/home.ts';
import { app } from '#test/electron/app.ts';
import { WebContentsDouble } from '#test/electron/web-contents.ts';
import { temporaryFolder } from '#test/temporary-folder.ts';
import { createWindow } from '../../electron/main/window.ts';

afterEach(() => void vi.restoreAllMocks());

describe('a window whose page cannot be loaded', () => {
  it('is shown all the same, and the log says why it is empty', async () => {
    app.becomeReady();
    // Else the last window that goes would end this process.
    app.on('window-all-closed', () => {});
    vi.spyOn(WebContentsDouble.prototype, 'loadURL').mockRejectedValue(new Error("ERR_FAILED (-2) loading 'app://pilothouse/'"));
    const logged: [object, string][] = [];
    const log = (fields: object, message: string): void => void logged.push([fields, message]);
    const home = openHome(await temporaryFolder('window-empty'));
    const window = await new Promise<Electron.BrowserWindow>((resolve) => {
      const made = createWindow({ home, logger: { info: log, warn: log, error: log }, place: '/', onPainted: () => resolve(made) });
    });
    expect([window.isVisible(), logged]).toEqual([true, [[{ error: "Error: ERR_FAILED (-2) loading 'app://pilothouse/'" }, 'The page of the window could not be loaded.']]]);
    window.destroy();
  });
});
