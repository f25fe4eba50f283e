/** How a browser gets in: a one-time token in the address becomes a session for this tab. */
const storageKey = 'pilothouse.session';

/**
 * Takes the one-time token out of the address, so that neither the history nor a copied link keeps it. Call it before
 * anything is rendered.
 */
export function takeToken(): string | null {
  const match = /^#token=([^&]+)/.exec(window.location.hash);
  if (match === null) return null;
  window.history.replaceState(null, '', `${window.location.pathname}#/`);
  return match[1] ?? null;
}

/** Why nobody is let in: the address had no token, its token was used or is too old, or the engine has been started anew. */
export type Refusal = 'no-token' | 'token-used' | 'engine-restarted';

export type Entry = { kind: 'session'; session: string } | { kind: 'refused'; why: Refusal } | { kind: 'unreachable' };

/** The session of this tab: exchanged for the token once, then kept for reloads in sessionStorage. */
export async function enter(token: string | null): Promise<Entry> {
  const kept = window.sessionStorage.getItem(storageKey);
  if (token === null) return kept === null ? { kind: 'refused', why: 'no-token' } : { kind: 'session', session: kept };
  let response: Response;
  try {
    response = await fetch('/api/session', { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ token }) });
  } catch {
    return { kind: 'unreachable' }; // fetch says no more than that the other side did not answer.
  }
  if (!response.ok) {
    const mayTryAgain = response.status >= 500;
    if (mayTryAgain) return { kind: 'unreachable' };
    return kept === null ? { kind: 'refused', why: 'token-used' } : { kind: 'session', session: kept };
  }
  const body: unknown = await response.json();
  if (typeof body !== 'object' || body === null || !('session' in body) || typeof body.session !== 'string') return { kind: 'refused', why: 'token-used' };
  window.sessionStorage.setItem(storageKey, body.session);
  return { kind: 'session', session: body.session };
}

/** Forgets a session that the engine no longer knows. */
export function forgetSession(): void {
  window.sessionStorage.removeItem(storageKey);
}
