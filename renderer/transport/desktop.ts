import type { DesktopBridge } from '#shared/contract/desktop.ts';

declare global {
  interface Window {
    /** Put there by the preload script of the desktop's window, before anything of the page runs. */
    readonly pilothouse?: DesktopBridge;
  }
}

/** The window around the page; null in a browser. */
export const desktop: DesktopBridge | null = window.pilothouse ?? null;
