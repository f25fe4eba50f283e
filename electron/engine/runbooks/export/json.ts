/** All of a walkthrough as JSON: what was seen, what was kept, and how to see whether it was changed since. */
import { definitionHash, type WalkthroughReport } from './report.ts';

const verify = [
  'The truth is in "events": numbered from 1 without gaps, each with "hash" and with "prevHash", which is the "hash" of the one before.',
  'Whoever goes through them in order and finds a gap, or a "prevHash" that is not that hash, knows that something was taken out, put in or exchanged since.',
  'The chain shows changes by accident; whoever owns the file of the walkthrough can write another chain.',
  'Where a secret stood in a text, it is written as [redacted] here, so that the hash of that event is of what was kept and not of what is shown.',
].join(' ');

export function jsonOf({ view, timeline, events, evidence, definitionText, appVersion, exportedAt }: WalkthroughReport): string {
  return `${JSON.stringify({ kind: 'pilothouse-walkthrough', version: 1, exportedAt, appVersion, verify, walkthrough: view, definition: { sha256: definitionHash(events), text: definitionText }, events, timeline, evidence: evidence.map(({ id, name, media, content }) => ({ id, name, media, encoding: media.startsWith('image/') ? 'base64' : 'text', content })) }, null, 2)}\n`;
}
