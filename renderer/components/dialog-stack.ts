/** Dialogs that are open, one over another: which of them is on top, and where the focus goes when one closes: to what opened it, else to the heading of the screen. */
import { useCallback, useEffect, useState } from 'react';

interface Way {
  /** The address at which the dialog opened. */
  from: string;
  /** What may take the focus back, the best first. */
  back: readonly HTMLElement[];
}

/** Dialogs that are open, the topmost last. */
const open: Way[] = [];

function wayHere(): Way {
  const focused = document.activeElement;
  const below = open.at(-1)?.back ?? [];
  // One dialog may take another's place, as the shortcuts take the palette's: what had the focus goes, what opened the first stays.
  return { from: window.location.hash, back: focused instanceof HTMLElement && focused !== document.body ? [focused, ...below] : below };
}

function isLost(): boolean {
  return document.activeElement === null || document.activeElement === document.body;
}

/** @returns whether it has the focus now: what is gone, hidden or disabled takes none. */
function focus(element: HTMLElement | null): boolean {
  element?.focus({ preventScroll: true });
  return element !== null && document.activeElement === element;
}

function focusScreen(): void {
  if (!focus(document.querySelector<HTMLElement>('main h1'))) focus(document.querySelector<HTMLElement>('main'));
}

/** What a dialog took away is often the row that opened it, and that goes only when the list has been read again. */
function watch(element: HTMLElement): void {
  const observer = new MutationObserver(() => {
    if (element.isConnected) return;
    leave();
    if (isLost()) focusScreen();
  });
  const leave = () => {
    observer.disconnect();
    document.removeEventListener('focusin', leave);
    document.removeEventListener('pointerdown', leave);
  };
  observer.observe(document.body, { childList: true, subtree: true });
  document.addEventListener('focusin', leave);
  document.addEventListener('pointerdown', leave);
}

function goBack({ from, back }: Way): void {
  if (!isLost()) return;
  const taker = from === window.location.hash ? back.find(focus) : undefined;
  if (taker === undefined) focusScreen();
  else watch(taker);
}

/** For a component that is a dialog for as long as it is mounted. @returns whether no other lies over it */
export function useOpenDialog(): () => boolean {
  // Taken while it is first drawn: its own fields take the focus before any effect of it runs.
  const [way] = useState(wayHere);
  useEffect(() => {
    open.push(way);
    return () => {
      open.splice(open.indexOf(way), 1);
      goBack(way);
    };
  }, [way]);
  return useCallback(() => open.at(-1) === way, [way]);
}
