import { useEffect } from 'react';

export const modifierName = /Mac|iPhone|iPad/.test(navigator.userAgent) ? '⌘' : 'Ctrl';

interface Keys {
  palette: () => void;
  shortcuts: () => void;
}

function writes(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName));
}

/** The primary button that can be seen: of the dialog where one is open, else of the page. */
function pressPrimary(): void {
  const dialogs = [...document.querySelectorAll<HTMLElement>('[role="dialog"]')];
  const within: ParentNode = dialogs.at(-1) ?? document.querySelector('main') ?? document;
  within.querySelector<HTMLElement>('[data-primary]:not([disabled])')?.click();
}

/** Ctrl or ⌘ with K, with Enter, and the question mark. Nothing is taken from fields. */
export function useKeyboard(keys: Keys): void {
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent): void => {
      if (event.defaultPrevented) return;
      const modified = event.ctrlKey || event.metaKey;
      if (modified && !event.altKey && event.key.toLowerCase() === 'k') {
        event.preventDefault();
        keys.palette();
      } else if (modified && event.key === 'Enter') {
        event.preventDefault();
        pressPrimary();
      } else if (event.key === '?' && !modified && !writes(event.target)) {
        event.preventDefault();
        keys.shortcuts();
      }
    };
    window.addEventListener('keydown', onKeyDown);
    return () => window.removeEventListener('keydown', onKeyDown);
  }, [keys]);
}
