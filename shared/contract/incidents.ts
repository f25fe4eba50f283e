/** Incidents: what is wrong, since when, who does what, and by when people are promised something. */
import { z } from 'zod';
import { deedKinds } from '#shared/domain/incident/decide.ts';
import { clockNames, incidentStates, linkKinds, passedWays } from '#shared/domain/incident/incident.ts';
import { environment, id, instant } from './common.ts';
import { itemKey } from './items.ts';
import { command, query } from './method.ts';

const words = z.string().trim().max(20_000);
const why = words.min(1, 'Say why');
const name = z.string().trim().max(200);
const clockLimits = z.record(z.enum(clockNames), z.number().nullable());
export const severityTone = z.enum(['critical', 'warn', 'info']);

export const severityChoice = z.object({
  key: z.string(),
  title: z.string(),
  rank: z.number().int(),
  tone: severityTone,
  examples: z.array(z.string()),
  text: z.string(),
  /** Milliseconds; null: no such clock. */
  clocks: clockLimits,
  /** "Office hours, America/New_York; holidays are not known here"; null: its clocks go all the time. */
  hours: z.string().nullable(),
  /** Where it comes from: the system, or what is built in. */
  builtIn: z.boolean(),
});
export type SeverityChoice = z.infer<typeof severityChoice>;

export const incidentClock = z.object({
  name: z.enum(clockNames),
  /** "Next update". */
  title: z.string(),
  limitMs: z.number().nullable(),
  from: instant,
  dueAt: instant.nullable(),
  state: z.enum(['running', 'stopped', 'kept', 'missed', 'not-needed']),
  at: instant.nullable(),
  leftMs: z.number().nullable(),
  /** How it was told that it passed; null: it did not, or nobody was told yet. */
  passed: z.object({ at: instant, as: z.enum(passedWays) }).nullable(),
});
export type IncidentClock = z.infer<typeof incidentClock>;

export const incidentSummary = z.object({
  id,
  number: z.number().int(),
  title: z.string(),
  systemId: id.nullable(),
  /** As it was called when it was declared, where it is gone. */
  systemName: z.string().nullable(),
  environment: environment.nullable(),
  state: z.enum(incidentStates),
  severity: z.object({ key: z.string(), title: z.string(), rank: z.number().int(), tone: severityTone }),
  paused: z.boolean(),
  declaredAt: instant,
  endedAt: instant.nullable(),
  /** What runs out first; null where nothing does. */
  next: z.object({ clock: z.enum(clockNames), title: z.string(), dueAt: instant }).nullable(),
  seq: z.number().int(),
});
export type IncidentSummary = z.infer<typeof incidentSummary>;

export const incidentEntry = z.object({
  /** Unique within the timeline. */
  key: z.string(),
  at: instant,
  group: z.enum(['incident', 'clock', 'note', 'operation', 'step', 'health']),
  /** Of an entry of the log. */
  kind: z.string(),
  seq: z.number().int().nullable(),
  title: z.string(),
  detail: z.string(),
  actor: z.string(),
  tone: z.enum(['ok', 'warn', 'critical', 'unknown', 'skipped', 'running', 'plain']),
  operationId: id.nullable(),
  walkthroughId: id.nullable(),
  /** Of an operation or a walkthrough: whether it is part of the incident, or only happened meanwhile. */
  linked: z.boolean(),
  /** What it should have said, the last word of it. */
  corrected: z.object({ text: z.string(), at: instant, actor: z.string() }).nullable(),
});
export type IncidentEntry = z.infer<typeof incidentEntry>;

export const incidentContact = z.object({ key: z.string(), title: z.string(), about: z.string(), email: z.string().nullable(), phone: z.string().nullable(), url: z.string().nullable(), afterMs: z.number().nullable(), outside: z.boolean() });
export const incidentPeople = z.object({
  roles: z.array(z.object({ key: z.string(), title: z.string(), duties: z.array(z.string()), /** Who holds it in this incident; null: nobody yet. */ who: z.string().nullable(), /** Who holds it otherwise. */ proposed: z.string().nullable() })),
  tiers: z.array(z.object({ key: z.string(), title: z.string(), rank: z.number().int(), escalateWhen: z.array(z.string()), /** For the severity of now, in milliseconds. */ respondsMs: z.number().nullable(), next: z.string().nullable() })),
  contacts: z.array(incidentContact),
  channels: z.array(z.object({ key: z.string(), title: z.string(), address: z.string(), usedFor: z.array(z.string()), outside: z.boolean() })),
});

export const incidentView = z.object({
  incident: incidentSummary,
  seen: z.string(),
  /** The lower severity that somebody named without being sure. */
  unsureOf: z.string().nullable(),
  hours: z.string().nullable(),
  clocks: z.array(incidentClock),
  /** Since when and why clocks stand still; null: they do not. */
  paused: z.object({ since: instant, why: z.string() }).nullable(),
  severities: z.array(z.object({ at: instant, key: z.string(), title: z.string(), reason: z.string(), actor: z.string() })),
  states: z.array(z.object({ at: instant, state: z.enum(incidentStates) })),
  people: incidentPeople,
  timeline: z.array(incidentEntry),
  /** What happened before, or is too much to show: how many entries are left out. */
  leftOut: z.number().int(),
  /** Texts that are prepared, filled from the log. */
  texts: z.array(z.object({ key: z.string(), title: z.string(), purpose: z.string(), text: z.string(), /** Names in it that nothing here stands for. */ unknown: z.array(z.string()) })),
  /** The runbook of the severity; `ref` null: it is not in the library. */
  runbook: z.object({ ref: z.string().nullable(), title: z.string() }).nullable(),
  /** Walkthroughs that are linked. */
  walkthroughs: z.array(z.object({ id, title: z.string(), stateText: z.string(), over: z.boolean() })),
  choices: z.array(severityChoice),
  can: z.array(z.enum(deedKinds)),
});
export type IncidentView = z.infer<typeof incidentView>;

export const incidentAct = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('acknowledge'), by: name.default('') }),
  z.strictObject({ kind: z.literal('respond'), by: name.default(''), text: words.default('') }),
  /** `who` empty: nobody any more. */
  z.strictObject({ kind: z.literal('assign'), role: itemKey, who: name, contact: itemKey.nullable().default(null) }),
  z.strictObject({ kind: z.literal('note'), text: words.min(1, 'Say what') }),
  z.strictObject({ kind: z.literal('update'), text: words.min(1, 'Say what was told'), channel: itemKey.nullable().default(null), to: name.default('') }),
  z.strictObject({ kind: z.literal('severity'), severity: itemKey, reason: why }),
  z.strictObject({ kind: z.literal('escalate'), tier: itemKey.nullable().default(null), contact: itemKey.nullable().default(null), to: name.default(''), how: name.default(''), by: name.default('') }),
  z.strictObject({ kind: z.literal('mitigate'), text: words.default('') }),
  z.strictObject({ kind: z.literal('resolve'), text: words.default('') }),
  z.strictObject({ kind: z.literal('close'), text: words.default('') }),
  z.strictObject({ kind: z.literal('reopen'), reason: why }),
  z.strictObject({ kind: z.literal('pause'), reason: why }),
  z.strictObject({ kind: z.literal('resume'), reason: words.default('') }),
  z.strictObject({ kind: z.literal('link'), what: z.enum(linkKinds), id }),
  z.strictObject({ kind: z.literal('correct'), seq: z.number().int().min(1), text: words.min(1, 'Say what it should have said') }),
]);
export type IncidentAct = z.infer<typeof incidentAct>;
export type IncidentActInput = z.input<typeof incidentAct>;

const commandId = z.string().min(8).max(64);

export const incidentMethods = {
  'incident.list': query(
    'Incidents, those that are open first, the gravest of them before, then the newest.',
    z.strictObject({ systemId: id.optional(), open: z.boolean().optional(), before: instant.optional(), limit: z.number().int().min(1).max(500).default(100) }),
    z.object({ incidents: z.array(incidentSummary) }),
  ),
  'incident.choices': query('What an incident of a system can be declared as. Null: of no system.', z.strictObject({ systemId: id.nullable() }), z.object({ severities: z.array(severityChoice) })),
  'incident.get': query('One incident as it stands: clocks, people, everything that happened, texts to send.', z.strictObject({ incidentId: id }), incidentView),
  'incident.open': command(
    'Declares an incident. Nobody is paged by it: this computer cannot.',
    z.strictObject({
      /** The same one twice opens one. */
      commandId,
      title: z.string().trim().min(1, 'Say what is wrong, in a few words').max(200),
      systemId: id.nullable(),
      severity: itemKey,
      /** Not sure of the severity: the next graver one is taken. */
      unsure: z.boolean().default(false),
      /** Left out: now. */
      declaredAt: instant.optional(),
      seen: words.default(''),
    }),
    z.object({ incidentId: id, number: z.number().int(), /** The severity that was taken. */ severity: z.string() }),
  ),
  'incident.act': command(
    'What a person does in an incident. It is kept before it is answered. Where somebody else was faster nothing is done, and the answer says so.',
    z.strictObject({ incidentId: id, /** As it was seen. */ expectedSeq: z.number().int().min(0), /** The same one twice is done once. */ commandId, act: incidentAct }),
    z.object({ outcome: z.enum(['done', 'duplicate', 'stale']), seq: z.number().int() }),
  ),
  'incident.export': query(
    'The report of an incident, from its log: how long it was of which severity and in which state, which promises were kept, who did what.',
    z.strictObject({ incidentId: id, format: z.enum(['markdown', 'html', 'json']) }),
    z.object({ fileName: z.string(), mediaType: z.string(), content: z.string() }),
  ),
};
