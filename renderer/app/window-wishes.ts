import { useEffect, useRef } from 'react';
import { useLocation } from 'wouter';
import type { WindowWish } from '#shared/contract/desktop.ts';
import { desktop } from '../transport/desktop.ts';

/** What menus and notifications of the window ask for. The bridge takes listeners for good, so that there is one for all times. */
const listeners = new Set<(wish: WindowWish) => void>();
desktop?.onWish((wish) => {
  for (const listener of listeners) listener(wish);
});

export function useWindowWishes(overlays: { palette: () => void; shortcuts: () => void }): void {
  const [, go] = useLocation();
  const follow = useRef<(wish: WindowWish) => void>(() => {});
  follow.current = (wish) => {
    if (wish.wish === 'go') go(wish.place);
    else overlays[wish.wish]();
  };
  useEffect(() => {
    const listener = (wish: WindowWish): void => follow.current(wish);
    listeners.add(listener);
    return () => void listeners.delete(listener);
  }, []);
}
