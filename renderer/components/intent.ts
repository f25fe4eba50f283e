/** What one came to a screen to do. It travels in the history's state, so that no address repeats it. */
import { useEffect, useRef } from 'react';

export type Intent = 'run-checks' | 'back-up' | 'add-database' | 'add-database-behind' | 'test-connection' | 'add-system' | 'add-host' | 'test-host' | 'host-keys';

export interface IntentState {
  intent: Intent;
  /** What it is about, where the screen alone does not say. */
  about?: string;
}

function pending(): IntentState | null {
  const state: unknown = window.history.state;
  if (typeof state !== 'object' || state === null || !('intent' in state) || typeof state.intent !== 'string') return null;
  return state as IntentState; // Only our own navigation writes this state.
}

/** Carries out an intent once, when one arrives with it or while one is already here. */
export function useIntent(intent: Intent, ready: boolean, run: (about: string | null) => void): void {
  const latest = useRef(run);
  useEffect(() => {
    latest.current = run;
  });
  useEffect(() => {
    if (!ready) return;
    const look = (): void => {
      const state = pending();
      if (state?.intent !== intent) return;
      window.history.replaceState(null, '', window.location.href);
      latest.current(state.about ?? null);
    };
    look();
    window.addEventListener('hashchange', look);
    return () => window.removeEventListener('hashchange', look);
  }, [intent, ready]);
}
