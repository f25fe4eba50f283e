import { useSyncExternalStore } from 'react';
import type { EngineState } from '#shared/contract/desktop.ts';
import { desktop } from './desktop.ts';

let state: EngineState | null = null;
const listeners = new Set<() => void>();
desktop?.onEngineState((next) => {
  state = next;
  for (const listener of listeners) listener();
});

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

/** How the engine of this window is doing; null in a browser, and before the window has said. */
export function useEngineState(): EngineState | null {
  return useSyncExternalStore(subscribe, () => state);
}
