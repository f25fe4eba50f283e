/** Runbooks that were read are kept by their text: the library and the packs read the same files, and reading one takes a while. */
import type { Problem, Runbook } from '#shared/domain/runbook/definition.ts';
import { readRunbook, textHash } from './read-runbook.ts';

type Read = Readonly<{ runbook: Runbook | null; problems: Problem[] }>;

/** More than all packs have together. What was asked for longest ago goes first. */
const most = 600;
const known = new Map<string, Read>();

/** As `readRunbook`; the same text gives the same object, which nobody may change. */
export function readRunbookOnce(text: string): Read {
  const hash = textHash(text);
  const read = known.get(hash) ?? readRunbook(text);
  known.delete(hash);
  known.set(hash, read);
  const [oldest] = known.keys();
  if (known.size > most && oldest !== undefined) known.delete(oldest);
  return read;
}
