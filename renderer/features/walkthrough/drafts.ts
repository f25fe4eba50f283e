/**
 * What was typed in a walkthrough and not yet sent. It is kept for this window, by walkthrough and step, so that neither
 * a reload nor somebody who was faster takes it away. Secrets are never among it.
 */
import { useCallback, useState } from 'react';

const prefix = (walkthroughId: string, key: string | null): string => `pilothouse.walkthrough.${walkthroughId}.${key ?? ''}|`;

function read(name: string): string {
  return window.sessionStorage.getItem(name) ?? '';
}

/** @returns false where the window has no room for it: it lives on in the field alone */
function write(name: string, text: string): boolean {
  try {
    if (text === '') window.sessionStorage.removeItem(name);
    else window.sessionStorage.setItem(name, text);
    return true;
  } catch (error) {
    if (error instanceof DOMException && error.name === 'QuotaExceededError') return false;
    throw error;
  }
}

export interface Draft {
  text: string;
  set(text: string): void;
  /** What stands in the field, but was too much to be kept over a reload. */
  tooLong: boolean;
}

/** @param key of the step; null: of the walkthrough as a whole. The component has to be drawn anew for another step. */
export function useDraft(walkthroughId: string, key: string | null, field: string, initial = ''): Draft {
  const name = prefix(walkthroughId, key) + field;
  const [text, setText] = useState(() => read(name) || initial);
  const [tooLong, setTooLong] = useState(false);
  const set = useCallback((next: string) => {
    setText(next);
    setTooLong(!write(name, next));
  }, [name]);
  return { text, set, tooLong };
}

/** The note that stands beside a step and was not saved by itself. */
export const pendingNote = (walkthroughId: string, key: string | null): string => read(`${prefix(walkthroughId, key)}note`);

/** What is typed in a step, by the name under which it is kept. */
export const fieldWords: Record<string, string> = { answer: 'Answer', output: 'What it answered', skip: 'Why it was to be skipped', wrong: 'What went wrong', seen: 'What was seen', pass: 'Why it was to be left behind', 'end-wait': 'Why the wait was to end', approval: 'Note of the approval' };

/** What was typed for a step and not sent, but for its note. */
export function typedDrafts(walkthroughId: string, key: string): { field: string; text: string }[] {
  const start = prefix(walkthroughId, key);
  return Object.keys(window.sessionStorage)
    .filter((name) => name.startsWith(start))
    .map((name) => ({ field: name.slice(start.length), text: read(name) }))
    .filter(({ field, text }) => field in fieldWords && text.trim() !== '');
}

/** Whether a step was run from this window, in any of its attempts. */
export function wasRunHere(walkthroughId: string, key: string): boolean {
  const start = `${prefix(walkthroughId, key)}operation-run`;
  return Object.keys(window.sessionStorage).some((name) => name.startsWith(start));
}

/** Forgets what was typed for a step, once it was sent: some fields of it, all, or all but the note, which is sent by itself. */
export function forgetDrafts(walkthroughId: string, key: string | null, fields: readonly string[] | 'all' | 'all-but-note'): void {
  const start = prefix(walkthroughId, key);
  const goes = (field: string): boolean => (typeof fields === 'string' ? fields === 'all' || field !== 'note' : fields.includes(field));
  for (const name of Object.keys(window.sessionStorage)) {
    if (name.startsWith(start) && goes(name.slice(start.length))) window.sessionStorage.removeItem(name);
  }
}
