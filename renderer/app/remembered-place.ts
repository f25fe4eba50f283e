import { useEffect, useRef } from 'react';
import { useLocation } from 'wouter';

const lastKey = 'pilothouse.place';
const systemKey = (systemId: string) => `pilothouse.place.${systemId}`;

/** The screen one was last on in a system; its home where one never was. Details are not remembered, only screens. */
export function lastPlaceOf(systemId: string): string | null {
  return window.localStorage.getItem(systemKey(systemId));
}

/** Remembers where one is, and goes there again when the console is opened without an address of its own. */
export function useRememberedPlace(location: string): void {
  const [, navigate] = useLocation();
  const opened = useRef(false);
  useEffect(() => {
    if (!opened.current) {
      opened.current = true;
      const last = window.localStorage.getItem(lastKey);
      if (location === '/' && last !== null && last !== '/') {
        navigate(last, { replace: true });
        return;
      }
    }
    window.localStorage.setItem(lastKey, location);
    const match = /^\/systems\/([^/]+)\/([a-z]+)$/.exec(location);
    if (match?.[1] !== undefined) window.localStorage.setItem(systemKey(match[1]), location);
  }, [location, navigate]);
}
