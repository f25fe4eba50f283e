/** Guides in Markdown that are turned into systems: what was made of each line, what has to be looked at, and what was decided. */
import { z } from 'zod';
import { id, instant } from './common.ts';
import { command, query } from './method.ts';
import { itemKey } from './items.ts';

/** What becomes of a piece of a guide. `card`: to look up. `note`: what stands around it; those that are accepted are kept together on one card. */
export const guideItemKinds = ['runbook', 'calendar', 'threshold', 'severity', 'tier', 'role', 'contact', 'channel', 'template', 'card', 'note'] as const;
export type GuideItemKind = (typeof guideItemKinds)[number];

/** Why a line has to be looked at. */
export const flagClasses = ['destructive', 'changing', 'placeholder', 'endless', 'language', 'quoting', 'wrong', 'contradiction', 'secret', 'unsure'] as const;
export type FlagClass = (typeof flagClasses)[number];

/** Characters of a guide. */
export const largestGuide = 4_000_000;
const guideText = z.string().min(1).max(largestGuide);
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const fileName = z.string().trim().min(1).max(200);

/** Lines count from 1, both ends belong to it. */
export const lineSpan = z.object({ from: z.number().int(), to: z.number().int() });
export type LineSpan = z.infer<typeof lineSpan>;

export const guideFlag = z.object({
  /** Unique within its item. */
  id: z.string(),
  rule: z.string(),
  class: z.enum(flagClasses),
  /** In the guide, from 1. */
  line: z.number().int(),
  column: z.number().int(),
  message: z.string(),
  /** What to know to decide; empty where the message says it. */
  explanation: z.string(),
  /** What to do instead, in words. */
  fix: z.string().nullable(),
  /** What one click writes into the draft: the first place that reads `find` becomes `replace`. */
  edit: z.object({ title: z.string(), find: z.string(), replace: z.string() }).nullable(),
  /** `fixed`: the edit was written, or the text no longer says it. `kept`: a person left it so, for a reason. */
  state: z.enum(['open', 'fixed', 'kept']),
  reason: z.string().nullable(),
});
export type GuideFlag = z.infer<typeof guideFlag>;

export const guideDecisions = ['open', 'accepted', 'edited', 'rejected'] as const;

export const guideItem = z.object({
  key: z.string(),
  kind: z.enum(guideItemKinds),
  title: z.string(),
  /** The headings above it, outermost first. */
  path: z.array(z.string()),
  /** Where it stands in the guide, in order. */
  lines: z.array(lineSpan),
  /** What it will be: runbook/1, the fields of an item as a pack has them, or Markdown with front matter. */
  text: z.string(),
  /** Of the text. */
  hash: sha256,
  /** What was made of the guide, where a person changed that. */
  draft: z.string().nullable(),
  flags: z.array(guideFlag),
  /** Flags that nobody has looked at. */
  open: z.number().int(),
  /** What is wrong with the text as it stands, by line of the text. */
  problems: z.array(z.object({ line: z.number().int(), severity: z.enum(['error', 'warning']), rule: z.string(), message: z.string() })),
  decision: z.enum(guideDecisions),
  decidedBy: z.string().nullable(),
  decidedAt: instant.nullable(),
  /** Since the guide was last read. */
  standing: z.enum(['same', 'new', 'changed', 'gone']),
});
export type GuideItem = z.infer<typeof guideItem>;

/** How many of each there are, and what is left to look at. */
export const guideCounts = z.object({
  byKind: z.record(z.enum(guideItemKinds), z.number().int()),
  /** Of the source: as B.6 counts them. */
  source: z.object({ lines: z.number().int(), fences: z.record(z.string(), z.number().int()), numbered: z.number().int(), bullets: z.number().int(), boxes: z.number().int(), rows: z.number().int() }),
  items: z.number().int(),
  undecided: z.number().int(),
  openFlags: z.number().int(),
  flags: z.record(z.enum(flagClasses), z.number().int()),
});
export type GuideCounts = z.infer<typeof guideCounts>;

/** What was noticed about the guide as a whole. */
export const guideProblem = z.object({ line: z.number().int(), rule: z.string(), message: z.string() });

export const guideSummary = z.object({
  id,
  name: itemKey,
  title: z.string(),
  fileName: z.string(),
  state: z.enum(['reviewing', 'published']),
  importedAt: instant,
  publishedAt: instant.nullable(),
  sha256,
  counts: guideCounts,
  problems: z.array(guideProblem),
});
export type GuideSummary = z.infer<typeof guideSummary>;

const previewItem = guideItem.pick({ key: true, kind: true, title: true, path: true, lines: true, text: true, flags: true }).extend({ /** Of a runbook: on which line of the guide each step stands. */ steps: z.array(z.object({ id: z.string(), line: z.number().int() })) });

/** What a new reading of a guide makes of each item. */
const changes = z.object({ same: z.number().int(), new: z.array(z.string()), changed: z.array(z.string()), gone: z.array(z.string()) });

export const guideMethods = {
  'guide.read': query(
    'What would be made of a guide. Nothing is stored, nothing runs.',
    z.strictObject({ fileName, text: guideText }),
    z.object({ title: z.string(), name: itemKey, counts: guideCounts, problems: z.array(guideProblem), items: z.array(previewItem), tookMs: z.number() }),
  ),
  'guide.import': command('Reads a guide and keeps what was made of it, to be looked at. Secrets in it are taken out first.', z.strictObject({ fileName, text: guideText, title: z.string().trim().min(1).max(200).optional() }), z.object({ guide: guideSummary })),
  'guide.list': query('Guides that were read, newest first, with what is left to look at.', z.strictObject({}), z.object({ guides: z.array(guideSummary) })),
  'guide.get': query('One guide: its items in order, with flags, lines and decisions.', z.strictObject({ guideId: id }), z.object({ guide: guideSummary, items: z.array(guideItem) })),
  'guide.source': query('The text of a guide by lines, without its secrets.', z.strictObject({ guideId: id }), z.object({ fileName: z.string(), sha256, lines: z.array(z.string()) })),
  'guide.decide': command(
    'Accepts an item as it is, leaves it out, writes it anew, or keeps its lines as a note that is only read. Refused where the text was changed by somebody else meanwhile.',
    z.strictObject({ guideId: id, key: z.string().max(200), decision: z.enum(['accept', 'reject', 'edit', 'note', 'reopen']), /** For edit. */ text: z.string().max(1_048_576).optional(), /** Of the text that was looked at. */ expectedHash: sha256 }),
    z.object({ item: guideItem, left: z.number().int() }),
  ),
  'guide.acknowledge': command(
    'A flag was looked at: its fix is written, or the text is kept for a reason.',
    z.strictObject({ guideId: id, key: z.string().max(200), flagId: z.string().max(200), how: z.enum(['fix', 'keep', 'reopen']), reason: z.string().trim().max(500).default(''), expectedHash: sha256 }),
    z.object({ item: guideItem, left: z.number().int() }),
  ),
  'guide.acceptPlain': command('Accepts all undecided items that have no flag and no error.', z.strictObject({ guideId: id }), z.object({ accepted: z.number().int(), left: z.number().int() })),
  'guide.publish': command(
    'Writes what was accepted as a pack of one\'s own, and remembers its runbooks as looked at. Refused while anything is left.',
    z.strictObject({ guideId: id, name: itemKey, title: z.string().trim().min(1).max(200) }),
    z.object({ pack: itemKey, folder: z.string(), files: z.array(z.string()), runbooks: z.number().int(), items: z.number().int() }),
  ),
  'guide.reimport': command('Reads a newer text of a guide: decisions stay for what is the same.', z.strictObject({ guideId: id, text: guideText, fileName: fileName.optional() }), z.object({ guide: guideSummary, changes })),
  'guide.remove': command('Forgets a guide and what was decided about it. A pack that was made of it stays.', z.strictObject({ guideId: id }), z.object({})),
};
