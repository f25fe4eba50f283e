/** All of a walkthrough as JSON: what was seen, what was kept, and how to see whether it was changed since. */
import { definitionHash, type WalkthroughReport } from './report.ts';

/** See `store/event-chain.ts`. */
const verify = [
  'The truth is in "events": numbered from 1 without gaps. "prevHash" is the "hash" of the one before, and 64 zeros of the first.',
  '"hash" is the SHA-256, in hex, of the event as JSON: its actor, at, commandId, event, monoMs, prevHash and seq, the names of every object in the order of their code units, nothing between them, in UTF-8.',
  'What does not fit was changed, put in or taken out since. That shows changes by accident; whoever owns the file of the walkthrough can write another chain.',
  'Where a secret was found in a text only later, [redacted] stands in its place, and the hash of that event is of what was kept.',
].join(' ');

export function jsonOf({ view, timeline, events, evidence, definitionText, appVersion, exportedAt }: WalkthroughReport): string {
  return `${JSON.stringify({ kind: 'pilothouse-walkthrough', version: 1, exportedAt, appVersion, verify, walkthrough: view, definition: { sha256: definitionHash(events), text: definitionText }, events, timeline, evidence: evidence.map(({ id, name, media, content }) => ({ id, name, media, encoding: media.startsWith('image/') ? 'base64' : 'text', content })) }, null, 2)}\n`;
}
