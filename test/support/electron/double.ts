/**
 * The modules of Electron's main process that Pilothouse uses, behaving as the documentation and electron.d.ts say. What
 * is not here is refused: a module by the name that cannot be imported, the rest by `faithful.ts`.
 */
import { appHands } from './app.ts';
import { desktopHands } from './desktop-parts.ts';
import { dialogHands } from './dialog.ts';
import { menuHands } from './menu.ts';
import { themeHands } from './native-theme.ts';
import { pageHands } from './pages.ts';
import { keychainHands } from './safe-storage.ts';
import { sessionHands } from './session.ts';
import { offerHands } from './to-screen.ts';
import { utilityHands } from './utility-process.ts';
import { windowHands } from './windows.ts';

export { app } from './app.ts';
export { clipboard, crashReporter, nativeImage, Notification, powerMonitor, powerSaveBlocker, screen, shell } from './desktop-parts.ts';
export { dialog } from './dialog.ts';
export { ipcMain } from './ipc-main.ts';
export { MessageChannelMainDouble as MessageChannelMain } from './main-ports.ts';
export { Menu, MenuItem } from './menu.ts';
export { nativeTheme } from './native-theme.ts';
export { safeStorage } from './safe-storage.ts';
export { protocol, session } from './session.ts';
export { utilityProcess } from './utility-process.ts';
export { BrowserWindow } from './windows.ts';

/** What a test does around the application, as a person or the desktop would; in the same process called right here. */
export const hands = { ...appHands, ...desktopHands, ...dialogHands, ...keychainHands, ...menuHands, ...pageHands, ...sessionHands, ...themeHands, ...utilityHands, ...windowHands };
export type Hands = typeof hands;

offerHands(hands);
