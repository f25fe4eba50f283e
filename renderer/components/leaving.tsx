/** Leaving a screen on which something stands that is not saved: it is asked first. */
import { useEffect, useState } from 'react';
import type { AroundNavHandler } from 'wouter';
import { desktop } from '../transport/desktop.ts';
import { Button } from './button.tsx';
import { Dialog } from './dialog.tsx';

type Go = () => void;

/** Who is asked before a screen is left; null: nobody. There is one screen at a time. */
let guard: ((go: Go) => void) | null = null;

/** For the router: every way to another screen passes here. */
export const aroundLeaving: AroundNavHandler = (navigate, to, options) => {
  const go = (): void => navigate(to, options);
  if (guard === null) go();
  else guard(go);
};

/** While it is active, whoever goes to another screen is asked. A window is closed without a word: what was written is kept there. */
export function LeaveGuard({ active, title, words }: { active: boolean; title: string; words: string }) {
  const [asked, setAsked] = useState<{ go: Go } | null>(null);
  useEffect(() => {
    if (!active) return;
    guard = (go) => setAsked({ go });
    const onUnload = (event: BeforeUnloadEvent): void => event.preventDefault();
    // In a window this would keep it from closing, and nobody would be asked.
    if (desktop === null) window.addEventListener('beforeunload', onUnload);
    return () => {
      guard = null;
      window.removeEventListener('beforeunload', onUnload);
    };
  }, [active]);
  if (asked === null) return null;
  const stay = (): void => setAsked(null);
  return (
    <Dialog title={title} size={440} onClose={stay}>
      <p className="t2">{words}</p>
      <div className="btns row end wrap">
        <Button data-autofocus onClick={stay}>Stay</Button>
        <Button onClick={() => { setAsked(null); asked.go(); }}>Leave</Button>
      </div>
    </Dialog>
  );
}
