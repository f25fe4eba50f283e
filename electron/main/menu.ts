/** The application menu, as each platform has it. What is the console's own is asked of the page. */
import { app, Menu, shell, type BrowserWindow, type MenuItemConstructorOptions } from 'electron';
import type { WindowWish } from '#shared/contract/desktop.ts';
import { openOutside } from './containment.ts';

type Item = MenuItemConstructorOptions;

const line: Item = { type: 'separator' };

/** @param wish what the page is asked for @param logs the folder of the logs */
export function menuTemplate({ platform, packaged, wish, logs }: { platform: NodeJS.Platform; packaged: boolean; wish: (wish: WindowWish) => void; logs: string }): Item[] {
  const onMac = platform === 'darwin';
  const settings: Item = { label: onMac ? 'Settings…' : 'Settings', accelerator: 'CmdOrCtrl+,', click: () => wish({ wish: 'go', place: '/settings' }) };
  const about: Item = { label: 'About Pilothouse', click: () => wish({ wish: 'go', place: '/settings/about' }) };
  return [
    ...(onMac ? [{ label: 'Pilothouse', submenu: [about, line, settings, line, { role: 'services' }, line, { role: 'hide' }, { role: 'hideOthers' }, { role: 'unhide' }, line, { role: 'quit' }] } satisfies Item] : []),
    {
      label: '&File',
      submenu: [
        { label: 'Overview', click: () => wish({ wish: 'go', place: '/' }) },
        { label: 'Import hosts…', click: () => wish({ wish: 'go', place: '/import/hosts' }) },
        { label: 'Import databases…', click: () => wish({ wish: 'go', place: '/import/databases' }) },
        line,
        ...(onMac ? [{ role: 'close' } satisfies Item] : [settings, line, { role: 'quit' } satisfies Item]),
      ],
    },
    { role: 'editMenu' },
    {
      label: '&View',
      submenu: [
        // The page listens to these keys itself: the menu only shows them.
        { label: 'Find or run…', accelerator: 'CmdOrCtrl+K', registerAccelerator: false, click: () => wish({ wish: 'palette' }) },
        { label: 'Operations', click: () => wish({ wish: 'go', place: '/operations' }) },
        { label: 'History', click: () => wish({ wish: 'go', place: '/history' }) },
        line,
        { role: 'reload' },
        ...(packaged ? [] : [{ role: 'toggleDevTools' } satisfies Item]),
        line,
        { role: 'resetZoom' },
        { role: 'zoomIn' },
        { role: 'zoomOut' },
        line,
        { role: 'togglefullscreen' },
      ],
    },
    { role: 'windowMenu' },
    {
      role: 'help',
      submenu: [
        { label: 'Keyboard shortcuts', click: () => wish({ wish: 'shortcuts' }) },
        { label: 'PostgreSQL documentation', click: () => openOutside('https://www.postgresql.org/docs/current/') },
        { label: 'Show the logs', click: () => void shell.openPath(logs) },
        ...(onMac ? [] : [line, about]),
      ],
    },
  ];
}

export function setMenu(options: { wish: (wish: WindowWish) => void; logs: string }): void {
  Menu.setApplicationMenu(Menu.buildFromTemplate(menuTemplate({ ...options, platform: process.platform, packaged: app.isPackaged })));
}

/** What one expects on a right click in text: Electron shows nothing by itself. */
export function offerContextMenu(window: BrowserWindow): void {
  window.webContents.on('context-menu', (_event, { isEditable, selectionText }) => {
    const template: Item[] = isEditable ? [{ role: 'undo' }, { role: 'redo' }, line, { role: 'cut' }, { role: 'copy' }, { role: 'paste' }, line, { role: 'selectAll' }] : selectionText === '' ? [] : [{ role: 'copy' }];
    if (template.length > 0) Menu.buildFromTemplate(template).popup({ window });
  });
}
