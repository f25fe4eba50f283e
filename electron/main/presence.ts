/** How the application shows outside its window: badge, notifications, theme of its frame, and keeping the computer awake. */
import { join } from 'node:path';
import { app, nativeImage, nativeTheme, Notification, powerSaveBlocker, type BrowserWindow } from 'electron';
import type { Told } from './engine-process.ts';

export interface Presence {
  tell(told: Told): void;
  /** Titles of what is under way. */
  working(): readonly string[];
}

/** @param onOpen somebody clicked a notification that leads to this place */
export function createPresence({ window, onOpen }: { window: () => BrowserWindow | null; onOpen: (place: string) => void }): Presence {
  let working: readonly string[] = [];
  let blocker: number | null = null;
  /** A notification that nobody holds is forgotten, and its click with it. */
  const shown = new Set<Notification>();

  const keepAwake = (needed: boolean): void => {
    if (needed && blocker === null) blocker = powerSaveBlocker.start('prevent-app-suspension');
    else if (!needed && blocker !== null) {
      powerSaveBlocker.stop(blocker);
      blocker = null;
    }
  };
  const notify = ({ title, body, place }: Extract<Told, { type: 'notify' }>): void => {
    // Who looks at the window sees it there.
    if (window()?.isFocused() === true || !Notification.isSupported()) return;
    const notification = new Notification({ title, body });
    shown.add(notification);
    notification.on('click', () => onOpen(place));
    notification.on('close', () => shown.delete(notification));
    notification.show();
  };
  const badge = (count: number, worst: string | null): void => {
    if (process.platform !== 'win32') return void app.setBadgeCount(count);
    const icon = nativeImage.createFromPath(join(import.meta.dirname, '..', '..', 'resources', 'icons', 'overlay.png'));
    window()?.setOverlayIcon(count === 0 ? null : icon, count === 0 ? '' : `${count === 1 ? '1 needs' : `${count} need`} you. ${worst ?? ''}`);
  };

  return {
    tell(told) {
      if (told.type === 'notify') notify(told);
      else if (told.type === 'attention') badge(told.count, told.worst);
      else if (told.type === 'theme') nativeTheme.themeSource = told.theme;
      else {
        working = told.titles;
        keepAwake(working.length > 0);
      }
    },
    working: () => working,
  };
}
