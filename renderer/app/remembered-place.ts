import { useEffect, useState } from 'react';
import { useLocation } from 'wouter';
import { useEngine } from '../transport/engine-context.ts';
import { useMethod } from '../transport/use-method.ts';

/** Goes where one was last when the console is opened without an address of its own, and remembers where one is. */
export function useRememberedPlace(location: string): { opened: boolean; placeIn: (systemId: string) => string | null } {
  const engine = useEngine();
  const [, navigate] = useLocation();
  const kept = useMethod('app.places', {}, { freshMs: Infinity });
  const [opened, setOpened] = useState(false);
  /** The screens one has been on since. */
  const [visited, setVisited] = useState<Readonly<Record<string, string>>>({});
  const known = kept.data !== undefined || kept.error !== null;
  const last = kept.data?.last ?? null;
  useEffect(() => {
    if (!known || opened) return;
    if (location === '/' && last !== null) navigate(last, { replace: true });
    setOpened(true);
  }, [known, opened, location, last, navigate]);
  useEffect(() => {
    if (!opened) return;
    const [, systemId = null, below = ''] = /^\/systems\/([^/]+)(.*)$/.exec(location) ?? [];
    // A name leads back to a screen of its system; not to a single backup or restore, which may be gone by then.
    const screen = /^\/[a-z]+$/.test(below);
    if (systemId !== null && screen) setVisited((before) => ({ ...before, [systemId]: location }));
    engine.call('app.rememberPlace', { place: location, systemId, screen }).catch(() => {
      // Nothing that anybody asked for: the next start opens one step further back.
    });
  }, [opened, location, engine]);
  return { opened, placeIn: (systemId) => visited[systemId] ?? kept.data?.systems[systemId] ?? null };
}
