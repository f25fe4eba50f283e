/** What was filled in before a start, kept for reloads and for the page to print. Secrets are never part of it. */
import { useEffect, useState } from 'react';
import { modes, type Mode } from '#shared/domain/runbook/walkthrough.ts';
import type { Choice, Texts } from './values.ts';

export interface StartDraft {
  systemId: string | null;
  mode: Mode;
  texts: Texts;
  chosen: Readonly<Record<string, Choice | null>>;
}

const keyFor = (systemId: string | null, ref: string): string => `pilothouse.start.${systemId ?? ''}.${ref}`;

function isDraft(value: unknown): value is StartDraft {
  return typeof value === 'object' && value !== null && 'mode' in value && (modes as readonly unknown[]).includes(value.mode) && 'texts' in value && typeof value.texts === 'object' && 'chosen' in value && typeof value.chosen === 'object' && 'systemId' in value;
}

/** What was filled in last in this tab. */
export function keptDraft(systemId: string | null, ref: string): StartDraft {
  const fresh: StartDraft = { systemId, mode: 'live', texts: {}, chosen: {} };
  const kept = window.sessionStorage.getItem(keyFor(systemId, ref));
  if (kept === null) return fresh;
  try {
    const draft: unknown = JSON.parse(kept);
    return isDraft(draft) ? draft : fresh;
  } catch {
    return fresh; // Written by something else: nothing of it can be used.
  }
}

export function forgetDraft(systemId: string | null, ref: string): void {
  window.sessionStorage.removeItem(keyFor(systemId, ref));
}

/** The draft of a start, kept at every change. */
export function useStartDraft(systemId: string | null, ref: string): [StartDraft, (part: Partial<StartDraft>) => void] {
  const [draft, setDraft] = useState(() => keptDraft(systemId, ref));
  useEffect(() => window.sessionStorage.setItem(keyFor(systemId, ref), JSON.stringify(draft)), [draft, systemId, ref]);
  return [draft, (part) => setDraft((before) => ({ ...before, ...part }))];
}
