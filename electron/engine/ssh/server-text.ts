/** What a server says, as it may be shown: plain text of a bounded length, nothing that a terminal or a reader's eye obeys. */
import { plain } from '#shared/domain/plain-text.ts';

/** Signs that turn the direction of what follows, or stand there unseen: they make one text look like another. */
const deceptive = /[\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g;

/** @param longest characters that are kept */
export function serverText(text: string, longest: number): string {
  // What is far too long is cut before it is looked through.
  const clean = plain(text.slice(0, longest * 4).replaceAll('\r\n', '\n')).replace(deceptive, '');
  return clean.length > longest ? `${clean.slice(0, longest)}…` : clean;
}
