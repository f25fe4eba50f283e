import { useEffect, useRef, useState } from 'react';
import { useLocation } from 'wouter';
import type { WindowWish } from '#shared/contract/desktop.ts';
import { Button } from '../components/button.tsx';
import { Dialog } from '../components/dialog.tsx';
import { desktop } from '../transport/desktop.ts';

/** What menus and notifications of the window ask for. The bridge takes listeners for good, so that there is one for all times. */
const listeners = new Set<(wish: WindowWish) => void>();
desktop?.onWish((wish) => {
  for (const listener of listeners) listener(wish);
});

/** Whether something stands in a dialog that leaving the screen would throw away. What one searches for is nothing of the kind. */
function isTyping(): boolean {
  const fields = document.querySelectorAll<HTMLInputElement | HTMLTextAreaElement>('[role="dialog"] :is(input:not([type="checkbox"], [type="radio"], [role="combobox"]), textarea)');
  return [...fields].some((field) => field.value !== '');
}

/** Follows what is asked for, and asks first where that would close a dialog in which somebody has written. */
export function WindowWishes({ overlays }: { overlays: { palette: () => void; shortcuts: () => void } }) {
  const [, go] = useLocation();
  const [asked, setAsked] = useState<string | null>(null);
  const follow = useRef<(wish: WindowWish) => void>(() => {});
  follow.current = (wish) => {
    if (wish.wish !== 'go') overlays[wish.wish]();
    else if (isTyping()) setAsked(wish.place);
    else go(wish.place);
  };
  useEffect(() => {
    const listener = (wish: WindowWish): void => follow.current(wish);
    listeners.add(listener);
    return () => void listeners.delete(listener);
  }, []);
  if (asked === null) return null;
  const stay = (): void => setAsked(null);
  const leave = (): void => {
    setAsked(null);
    go(asked);
  };
  return (
    <Dialog title="Leave the open dialog?" size={420} onClose={stay}>
      <p className="t2">What stands in it is not kept.</p>
      <div className="btns row end wrap">
        <Button data-autofocus onClick={stay}>Stay</Button>
        <Button look="danger" needsEngine={false} onClick={leave}>Leave the dialog</Button>
      </div>
    </Dialog>
  );
}
