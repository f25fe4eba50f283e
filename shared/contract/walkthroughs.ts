/** Walkthroughs: one person's progress through a runbook. */
import { z } from 'zod';
import { environment, id, instant, nothing, secret } from './common.ts';
import { command, query } from './method.ts';
import { plan } from './operations.ts';
import { mode, previewStep, risk, runSummary, source, stepState, value } from './runbooks.ts';

export const verdict = z.object({ say: z.string(), ok: z.boolean(), seen: z.string() });

/** What can be done about a step now. */
export const stepCan = z.enum(['run', 'look', 'answer', 'went-wrong', 'decide', 'approve', 'skip', 'record', 'settle', 'retry', 'pass', 'start-wait', 'end-wait', 'call', 'rollback']);
export type StepCan = z.infer<typeof stepCan>;

export const walkedStep = previewStep.extend({
  number: z.number().int(),
  state: stepState,
  /** "84 %", "no, says the owner", "skipped: not needed". Null where there is nothing to say yet. */
  outcome: z.string().nullable(),
  attempt: z.number().int(),
  operationId: id.nullable(),
  childId: id.nullable(),
  startedAt: instant.nullable(),
  endedAt: instant.nullable(),
  /** When it was done by hand, as it was typed. */
  doneAt: instant.nullable(),
  by: source.nullable(),
  /** Who has to approve it: the roles of an approval; else empty. */
  roles: z.array(z.string()),
  exitStatus: z.number().int().nullable(),
  durationMs: z.number().nullable(),
  verdicts: z.array(verdict),
  output: z.object({ evidenceId: id.nullable(), bytes: z.number(), truncated: z.boolean(), sha256: z.string(), /** The end of it, for the screen. */ tail: z.string() }).nullable(),
  answer: value.nullable(),
  reason: z.string().nullable(),
  passed: z.boolean(),
  approvals: z.array(z.object({ role: z.string(), who: z.string(), decision: z.enum(['approved', 'rejected']), note: z.string(), at: instant })),
  timer: z.object({ dueAt: instant, state: z.enum(['armed', 'due', 'stale', 'cut-short']) }).nullable(),
  unknown: z.object({ since: instant, looks: z.array(z.object({ at: instant, found: z.string() })), /** How one can find out. */ ways: z.array(z.enum(['job', 'operation', 'probe', 'person'])), /** A reading step, or one that may be repeated: it can be begun again by whoever wants that. */ mayRepeat: z.boolean() }).nullable(),
  /** For a runbook that is called: those that ended well lately enough. */
  usable: z.array(runSummary),
  can: z.array(stepCan),
  comments: z.number().int(),
});
export type WalkedStep = z.infer<typeof walkedStep>;

export const boundTarget = z.object({
  role: z.string(),
  label: z.string(),
  kind: z.enum(['ssh', 'postgres', 'http']),
  /** What it was given to: "web-1", "shop on db-1", "https://shop.example/". */
  to: z.string(),
  /** SHA-256 of the host key, or the system identifier, as it was at the start; null where nobody knew. */
  identity: z.string().nullable(),
  hostId: id.nullable(),
  databaseId: id.nullable(),
  /** Since when it is not reached; null where it is, or nobody tried. */
  lostSince: instant.nullable(),
  /** Why nothing is sent to it: it was removed, or is another one now. */
  trouble: z.string().nullable(),
});

export const walkthroughView = z.object({
  run: runSummary,
  /** Why it is paused, blocked or unknown. */
  stateReason: z.string().nullable(),
  environment: environment.nullable(),
  readOnly: z.boolean(),
  targets: z.array(boundTarget),
  /** Parameters and what was captured. Secrets are shown as such. */
  values: z.array(z.object({ name: z.string(), label: z.string(), text: z.string(), secret: z.boolean(), /** The step that set it; null for a parameter. */ setBy: z.string().nullable() })),
  /** Secrets that have to be typed again, since the process that knew them is gone. */
  secretsNeeded: z.array(z.object({ name: z.string(), label: z.string() })),
  steps: z.array(walkedStep),
  current: z.string().nullable(),
  /** Whether it can be rolled back, and what that would undo, newest first. */
  rollback: z.object({ possible: z.boolean(), undoes: z.array(z.string()), afterwards: z.array(z.string()), started: instant.nullable() }),
  usualMs: z.number().nullable(),
  estimateMs: z.number().nullable(),
  /** The file says something else by now. */
  newer: z.object({ version: z.string(), hash: z.string(), changes: z.array(z.string()) }).nullable(),
  contacts: z.array(z.object({ role: z.string(), name: z.string().nullable(), email: z.string().nullable(), phone: z.string().nullable(), afterMs: z.number().nullable() })),
  comments: z.array(z.object({ key: z.string().nullable(), text: z.string(), at: instant, actor: z.string() })),
  evidence: z.array(z.object({ id, key: z.string().nullable(), name: z.string(), media: z.string(), bytes: z.number(), at: instant })),
  signatures: z.array(z.object({ key: z.string().nullable(), role: z.string(), who: z.string(), decision: z.enum(['approved', 'rejected']), note: z.string(), seenSeq: z.number().int(), at: instant })),
  children: z.array(runSummary),
  canPause: z.boolean(),
  canResume: z.boolean(),
  canAbort: z.boolean(),
  canGoLive: z.boolean(),
});
export type WalkthroughView = z.infer<typeof walkthroughView>;

const key = z.string().min(1).max(300);
const words = z.string().trim().max(20_000);
const why = words.min(1, 'Say why');
const decision = z.enum(['approved', 'rejected']);
const seenSeq = z.number().int().min(0);

/** See `Act` in `shared/domain/runbook/walkthrough.ts`. */
export const act = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('answer'), key, value: value.nullable(), note: words.default('') }),
  z.strictObject({ kind: z.literal('went-wrong'), key, note: why }),
  z.strictObject({ kind: z.literal('decide'), key, choice: z.string().max(500) }),
  z.strictObject({ kind: z.literal('approve'), key, role: z.string().max(100), who: z.string().trim().min(1).max(200), decision, note: words.default(''), seenSeq }),
  z.strictObject({ kind: z.literal('skip'), key, reason: words.default('') }),
  z.strictObject({ kind: z.literal('record'), key, worked: z.boolean(), exitStatus: z.number().int().nullable(), output: z.string().max(1_000_000).default(''), expectations: z.array(z.boolean()).max(100).default([]), captured: z.record(z.string().max(80), z.string().max(20_000)).default({}), doneAt: instant.nullable().default(null), note: words.default('') }),
  z.strictObject({ kind: z.literal('settle'), key, happened: z.boolean(), evidence: why }),
  z.strictObject({ kind: z.literal('retry'), key }),
  z.strictObject({ kind: z.literal('pass'), key, reason: why }),
  z.strictObject({ kind: z.literal('start-wait'), key }),
  z.strictObject({ kind: z.literal('end-wait'), key, reason: why }),
  z.strictObject({ kind: z.literal('call'), key, use: z.union([z.literal('new'), z.strictObject({ walkthroughId: id })]) }),
  z.strictObject({ kind: z.literal('rollback'), reason: why }),
  z.strictObject({ kind: z.literal('pause'), why: words.default('') }),
  z.strictObject({ kind: z.literal('resume') }),
  z.strictObject({ kind: z.literal('go-live') }),
  z.strictObject({ kind: z.literal('go-paper') }),
  z.strictObject({ kind: z.literal('abort'), reason: why }),
  z.strictObject({ kind: z.literal('comment'), key: key.nullable(), text: why }),
  /** `data` in base64. */
  z.strictObject({ kind: z.literal('attach'), key: key.nullable(), name: z.string().trim().min(1).max(200), media: z.enum(['text/plain', 'image/png', 'image/jpeg', 'image/webp']), data: z.string().max(8_000_000) }),
  z.strictObject({ kind: z.literal('sign'), key: key.nullable(), role: z.string().trim().min(1).max(100), who: z.string().trim().min(1).max(200), decision, note: words.default(''), seenSeq }),
]);

export const timelineEntry = z.object({ seq: z.number().int(), at: instant, actor: z.string(), kind: z.string(), key: z.string().nullable(), attempt: z.number().int().nullable(), text: z.string(), operationId: id.nullable(), hash: z.string() });
export type TimelineEntry = z.infer<typeof timelineEntry>;

export const walkthroughMethods = {
  'walkthrough.list': query(
    'Walkthroughs, newest first; those that are called by another are part of that one.',
    z.strictObject({ systemId: id.optional(), runbookId: z.string().max(200).optional(), active: z.boolean().optional(), limit: z.number().int().min(1).max(500).default(50), before: instant.optional() }),
    z.object({ runs: z.array(runSummary) }),
  ),
  'walkthrough.get': query('One walkthrough as it stands, with every step as it was or would be sent.', z.strictObject({ walkthroughId: id }), walkthroughView),
  'walkthrough.act': command(
    'What a person does in a walkthrough. It is kept before it is answered. Where somebody else was faster nothing is done, and the answer says so.',
    z.strictObject({ walkthroughId: id, /** As it was seen. */ expectedSeq: z.number().int().min(0), /** The same one twice is done once. */ commandId: z.string().min(8).max(64), act }),
    z.object({ outcome: z.enum(['done', 'duplicate', 'stale']), seq: z.number().int(), childId: id.nullable() }),
  ),
  'walkthrough.planStep': query(
    'What running a step (or its undo) now would do, exactly; or, of one that is unknown, what finding out would do.',
    z.strictObject({ walkthroughId: id, key, expectedSeq: z.number().int().min(0), action: z.enum(['run', 'look']).default('run') }),
    z.object({ plan }),
  ),
  'walkthrough.giveSecrets': command('Secrets of a walkthrough that was begun by an earlier process. They are kept in memory alone.', z.strictObject({ walkthroughId: id, secrets: z.record(z.string().max(80), secret) }), nothing),
  'walkthrough.evidence': query('A piece of evidence: text as it is, anything else in base64.', z.strictObject({ walkthroughId: id, evidenceId: id }), z.object({ name: z.string(), media: z.string(), encoding: z.enum(['text', 'base64']), content: z.string(), sha256: z.string(), at: instant })),
  'walkthrough.timeline': query('All that happened, in order.', z.strictObject({ walkthroughId: id, afterSeq: z.number().int().min(0).default(0) }), z.object({ entries: z.array(timelineEntry) })),
  'walkthrough.export': query(
    'A report of a walkthrough: what happened, what was skipped and why, and what nobody knows. As a checklist: a page to print, on which what is done is ticked and the rest has room to write.',
    z.strictObject({ walkthroughId: id, format: z.enum(['markdown', 'html', 'json', 'checklist']) }),
    z.object({ fileName: z.string(), mediaType: z.string(), content: z.string() }),
  ),
};

export type WalkthroughAct = z.infer<typeof act>;
export { mode, risk };
