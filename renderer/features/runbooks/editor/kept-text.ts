/** What was written and not saved, kept where it outlives a reload; in a window also its closing. */
import { desktop } from '../../../transport/desktop.ts';

export interface KeptText {
  text: string;
  /** Of the file that it was begun from; null: a new one. */
  hash: string | null;
}

const store = desktop === null ? window.sessionStorage : window.localStorage;
const keyFor = (ref: string | null): string => `pilothouse.runbook.${ref ?? 'new'}`;

export function keptText(ref: string | null): KeptText | null {
  const kept = store.getItem(keyFor(ref));
  if (kept === null) return null;
  try {
    const value: unknown = JSON.parse(kept);
    if (typeof value === 'object' && value !== null && 'text' in value && typeof value.text === 'string' && 'hash' in value && (value.hash === null || typeof value.hash === 'string')) return { text: value.text, hash: value.hash };
  } catch {
    // Written by something else: nothing of it can be used.
  }
  return null;
}

/** @returns whether it is kept: there is room for so much only */
export function keepText(ref: string | null, kept: KeptText): boolean {
  try {
    store.setItem(keyFor(ref), JSON.stringify(kept));
    return true;
  } catch {
    return false;
  }
}

export function forgetText(ref: string | null): void {
  store.removeItem(keyFor(ref));
}
