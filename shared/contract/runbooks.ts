/** Runbooks: files that are listed, checked and edited; what is walked is in `walkthroughs.ts`. */
import { z } from 'zod';
import { paramTypes, risks, targetKinds } from '#shared/domain/runbook/definition.ts';
import { modes, runStates, sources, stepStates } from '#shared/domain/runbook/walkthrough.ts';
import { id, instant, nothing, secret } from './common.ts';
import { command, query } from './method.ts';

export const risk = z.enum(risks);
export const mode = z.enum(modes);
export const runState = z.enum(runStates);
export const stepState = z.enum(stepStates);
export const source = z.enum(sources);
export const value = z.union([z.string().max(20_000), z.number(), z.boolean(), z.array(z.string().max(2000)).max(500)]);

/** Names a file of the library: "own/wal-fills-the-disk", "ecommerce-cod/morning-check". */
export const runbookRef = z.string().regex(/^[a-z0-9][a-z0-9-]{0,80}\/[a-z0-9][a-z0-9-]{0,80}$/, 'A runbook is named by its pack and its file');
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
/** Of a file, in characters: a mebibyte of text. */
export const runbookText = z.string().max(1_048_576);

export const problem = z.object({
  line: z.number().int(),
  column: z.number().int(),
  endLine: z.number().int(),
  endColumn: z.number().int(),
  severity: z.enum(['error', 'warning']),
  rule: z.string(),
  message: z.string(),
  fix: z.string().nullable(),
  edit: z.object({ title: z.string(), text: z.string() }).nullable(),
});

export const runSummary = z.object({
  id,
  ref: runbookRef.nullable(),
  runbookId: z.string(),
  title: z.string(),
  version: z.string(),
  mode,
  state: runState,
  /** "Step 6 of 12 waits for you", "2 steps skipped", "Stopped at Drop the slot". */
  stateText: z.string(),
  systemId: id.nullable(),
  systemName: z.string().nullable(),
  /** The step that is to be done now: its title and number. Null where it is over. */
  current: z.object({ key: z.string(), title: z.string(), number: z.number().int() }).nullable(),
  steps: z.number().int(),
  done: z.number().int(),
  skipped: z.number().int(),
  failed: z.number().int(),
  unknown: z.number().int(),
  startedAt: instant,
  endedAt: instant.nullable(),
  /** Without the time it was paused. */
  durationMs: z.number().nullable(),
  operator: z.string(),
  parentId: id.nullable(),
  seq: z.number().int(),
});
export type RunSummary = z.infer<typeof runSummary>;

export const runbookCard = z.object({
  ref: runbookRef,
  id: z.string(),
  title: z.string(),
  version: z.string(),
  summary: z.string().nullable(),
  tags: z.array(z.string()),
  owner: z.string().nullable(),
  /** Of a pack that comes with Pilothouse, of one that was imported here, or a file of one's own. */
  origin: z.enum(['pack', 'imported', 'own']),
  packTitle: z.string().nullable(),
  file: z.string(),
  hash: sha256,
  risk,
  steps: z.number().int(),
  estimateMs: z.number().nullable(),
  /** The median of the live walkthroughs that were done; null where there is none. */
  usualMs: z.number().nullable(),
  reviewedOn: z.string().nullable(),
  reviewEveryMs: z.number().nullable(),
  /** When it has to be looked at again; null where nobody has said so. */
  reviewDueAt: instant.nullable(),
  review: z.enum(['fresh', 'due', 'never', 'none']),
  errors: z.number().int(),
  warnings: z.number().int(),
  /** The newest that is over, live or on paper before rehearsals. */
  last: runSummary.nullable(),
  runs: z.number().int(),
  inProgress: z.array(runSummary),
  /** Where a search found its words; empty without one. */
  hits: z.array(z.object({ where: z.string(), text: z.string() })),
});
export type RunbookCard = z.infer<typeof runbookCard>;

/** How a step went where it was walked: of live and paper walkthroughs. */
export const stepStats = z.object({ stepId: z.string(), runs: z.number().int(), medianMs: z.number().nullable(), skips: z.number().int(), failures: z.number().int(), unknowns: z.number().int(), reasons: z.array(z.string()) });

/** A step as it will be sent or asked, with what is known by then. Nothing is executed to make it. */
export const previewStep = z.object({
  key: z.string(),
  stepId: z.string(),
  title: z.string(),
  why: z.string().nullable(),
  section: z.enum(['prerequisites', 'steps', 'rollback']),
  kind: z.enum(['manual', 'note', 'sh', 'sql', 'http', 'transfer', 'wait', 'decide', 'approve', 'runbook', 'procedure', 'undo-completed']),
  line: z.number().int(),
  item: z.string().nullable(),
  /** "web-1", "shop on db-1"; null where there is none. */
  target: z.string().nullable(),
  targetRole: z.string().nullable(),
  risk,
  /** The command, statement, request or question. `missing`: what is not known yet, in words; such a thing stands as "⟨set by step remember⟩". */
  text: z.string(),
  language: z.enum(['sh', 'sql', 'http', 'text']),
  missing: z.array(z.string()),
  skip: z.enum(['never', 'with-reason', 'free']),
  pause: z.boolean(),
  detached: z.boolean(),
  idempotent: z.boolean(),
  hasProbe: z.boolean(),
  /** The command or statement of the probe, as it would be sent; null where there is none. */
  probeText: z.string().nullable(),
  /** Commands that take it back, in order; null where nothing was said of a way back. */
  undo: z.array(z.string()).nullable(),
  expectations: z.array(z.string()),
  captures: z.array(z.string()),
  confirm: z.enum(['checkbox', 'text', 'number', 'choice', 'photo']).nullable(),
  choices: z.array(z.object({ label: z.string(), to: z.string().nullable() })),
  by: z.array(z.string()),
  timeoutMs: z.number().nullable(),
});
export type PreviewStep = z.infer<typeof previewStep>;

export const targetRole = z.object({ name: z.string(), kind: z.enum(targetKinds), label: z.string(), default: z.string().nullable() });
export const runbookParam = z.object({
  name: z.string(),
  type: z.enum(paramTypes),
  label: z.string(),
  help: z.string().nullable(),
  required: z.boolean(),
  default: value.nullable(),
  /** Of an enum what it may be; of a host those of the system, which are proposed. */
  choices: z.array(z.string()),
  pattern: z.string().nullable(),
  min: z.number().nullable(),
  max: z.number().nullable(),
  when: z.string().nullable(),
  of: z.string().nullable(),
  /** The command or statement that lists choices when somebody asks for them; null where none does. */
  optionsFrom: z.object({ target: z.string(), text: z.string() }).nullable(),
});

/** What a role is given to at the start. */
export const bindingChoice = z.union([z.strictObject({ hostId: id }), z.strictObject({ databaseId: id }), z.strictObject({ url: z.url({ protocol: /^https?$/ }).max(2000) })]);
export type BindingInput = z.input<typeof bindingChoice>;
const bindings = z.record(z.string().max(80), bindingChoice).default({});
const values = z.record(z.string().max(80), value).default({});

export const runbookMethods = {
  'runbook.list': query(
    'Runbooks of the library: those in progress, when they were walked last, and which are due for review.',
    z.strictObject({ systemId: id.optional(), text: z.string().max(200).default('') }),
    z.object({ runbooks: z.array(runbookCard), /** Files that are no runbooks, with why. */ broken: z.array(z.object({ ref: z.string(), file: z.string(), message: z.string() })), folder: z.string(), tookMs: z.number() }),
  ),
  'runbook.get': query(
    'One runbook: its text, what is wrong in it, its steps, and how they went.',
    z.strictObject({ ref: runbookRef }),
    z.object({ card: runbookCard, text: runbookText, problems: z.array(problem), targets: z.array(targetRole), params: z.array(runbookParam), steps: z.array(previewStep), stats: z.array(stepStats), runs: z.array(runSummary), contacts: z.array(z.object({ role: z.string(), name: z.string().nullable(), email: z.string().nullable(), phone: z.string().nullable(), afterMs: z.number().nullable() })) }),
  ),
  'runbook.check': query(
    'What is wrong in a text, and its steps as they would be sent. Executes nothing.',
    z.strictObject({ text: runbookText, bindings, values }),
    z.object({ problems: z.array(problem), id: z.string().nullable(), title: z.string().nullable(), targets: z.array(targetRole), params: z.array(runbookParam), steps: z.array(previewStep) }),
  ),
  'runbook.complete': query(
    'What may stand at a place of a text, for an editor.',
    z.strictObject({ text: runbookText, offset: z.number().int().min(0) }),
    z.object({ from: z.number().int(), options: z.array(z.object({ label: z.string(), detail: z.string(), apply: z.string().optional() })) }),
  ),
  'runbook.save': command(
    'Writes a runbook of one\'s own. Refused where the file was changed by somebody else meanwhile.',
    z.strictObject({ /** Null: a new one, named by its id. */ ref: runbookRef.nullable(), text: runbookText, /** Of the text that it was opened with. */ expectedHash: sha256.nullable() }),
    z.object({ ref: runbookRef, hash: sha256, file: z.string(), problems: z.array(problem) }),
  ),
  'runbook.copy': command('Copies a runbook of a pack to one\'s own, to change it there.', z.strictObject({ ref: runbookRef }), z.object({ ref: runbookRef })),
  'runbook.remove': command('Moves a runbook of one\'s own aside. What was walked stays.', z.strictObject({ ref: runbookRef, confirmName: z.string().max(200) }), z.object({ /** Where its file is now. */ movedTo: z.string() })),
  'runbook.markReviewed': command('A person has looked at a runbook of a pack that was imported: from now on this very text can be begun live.', z.strictObject({ ref: runbookRef, /** Of the text that was shown. */ hash: sha256 }), z.object({})),
  'runbook.schema': query('The JSON Schema of the format, for editors.', nothing, z.object({ schema: z.record(z.string(), z.unknown()) })),
  'runbook.prepare': query(
    'What has to be said before a runbook is walked for a system: its targets with what fits them, its parameters with what is proposed.',
    z.strictObject({ ref: runbookRef, systemId: id.nullable() }),
    z.object({
      card: runbookCard,
      problems: z.array(problem),
      targets: z.array(targetRole.extend({ candidates: z.array(z.object({ choice: bindingChoice, label: z.string(), /** "production", "last seen 3 d ago"; why it may not do. */ note: z.string().nullable() })), proposed: bindingChoice.nullable() })),
      params: z.array(runbookParam.extend({ proposed: value.nullable() })),
      contacts: z.array(z.object({ role: z.string(), name: z.string().nullable(), email: z.string().nullable(), phone: z.string().nullable(), afterMs: z.number().nullable() })),
    }),
  ),
  'runbook.options': query('Asks a target for the choices of a parameter. Sends what the runbook says, which only reads.', z.strictObject({ ref: runbookRef, param: z.string().max(80), bindings, values }), z.object({ options: z.array(z.string()) })),
  'runbook.preview': query(
    'The steps of a runbook with these targets and values, as they would be sent; and what is wrong with the values. Executes nothing.',
    z.strictObject({ ref: runbookRef, systemId: id.nullable(), bindings, values, /** To be printed: with what a person does by hand for a procedure of the console. */ onPaper: z.boolean().default(false) }),
    z.object({ steps: z.array(previewStep), faults: z.array(z.object({ name: z.string(), message: z.string() })) }),
  ),
  'runbook.checklist': query(
    'A runbook as a page to print: boxes to tick, commands as they would be sent, lines to write on.',
    z.strictObject({ ref: runbookRef, systemId: id.nullable(), bindings, values }),
    z.object({ fileName: z.string(), mediaType: z.string(), content: z.string() }),
  ),
  'walkthrough.start': command(
    'Begins a walkthrough: the text of the runbook, the targets and the values are kept as they are now.',
    z.strictObject({
      ref: runbookRef,
      /** Of the text that was shown. */
      hash: sha256,
      systemId: id.nullable(),
      mode: mode.default('live'),
      bindings,
      values,
      secrets: z.record(z.string().max(80), secret).default({}),
      /** An earlier walkthrough that this one takes the place of, in a newer version. */
      continues: id.optional(),
      /** The incident that it is begun for; it becomes part of its timeline. */
      incidentId: id.optional(),
    }),
    z.object({ walkthroughId: id }),
  ),
};
