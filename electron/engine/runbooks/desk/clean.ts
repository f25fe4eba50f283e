/**
 * Events as they are kept: words without secrets, and everything that a walkthrough goes by as it is. A password may be an
 * ordinary word, or a part of a hash, and what stands for it would lead elsewhere, or be sent.
 */
import type { Value } from '#shared/domain/runbook/definition.ts';
import type { WalkthroughEvent } from '#shared/domain/runbook/walkthrough.ts';
import type { Scrubber } from '#shared/domain/scrub.ts';

/** Names, kinds, instants and hashes of ours, and what stands in the file. */
const asItIs: ReadonlySet<string> = new Set(['kind', 'key', 'as', 'by', 'to', 'mode', 'risk', 'state', 'decision', 'choice', 'definitionHash', 'resolvedSha256', 'sha256', 'version', 'appVersion', 'runbookId', 'systemId', 'operationId', 'jobId', 'hostId', 'walkthroughId', 'timerId', 'commentId', 'evidenceId', 'parent', 'continues', 'dueAt', 'doneAt', 'media', 'secrets', 'slots']);
/** What is sent with its steps: looked at before it is taken (`holdsSecret`). */
const looked: ReadonlySet<string> = new Set(['values', 'captured', 'bindings', 'binding']);

function clean(value: unknown, name: string, scrubber: Pick<Scrubber, 'scrub'>): unknown {
  if (asItIs.has(name) || looked.has(name)) return value;
  if (typeof value === 'string') return scrubber.scrub(value);
  if (Array.isArray(value)) return value.map((each) => clean(each, '', scrubber));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([field, each]) => [field, clean(each, field, scrubber)]));
}

export function cleanEvent(event: WalkthroughEvent, scrubber: Pick<Scrubber, 'scrub'>): WalkthroughEvent {
  const cleaned = clean(event, '', scrubber) as WalkthroughEvent;
  // Whoever approves is named by the file, whoever signs by himself.
  return event.kind === 'approved' || event.kind === 'met' ? ({ ...cleaned, role: event.role } as WalkthroughEvent) : cleaned;
}

/** Whether a value holds a secret that this process knows: then it is neither kept nor sent. */
export function holdsSecret(value: Value, scrubber: Pick<Scrubber, 'scrub'>): boolean {
  const texts = typeof value === 'object' ? value : [String(value)];
  return texts.some((text) => scrubber.scrub(text) !== text);
}
