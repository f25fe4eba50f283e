/**
 * What a system consists of besides hosts and databases: each thing is an item with a kind and a key. A pack brings
 * them, a person changes them, an update of the pack meets both.
 */
import { z } from 'zod';
import { healthUnit } from './health.ts';

/** "morning-check", "p1". Unique within its kind. */
export const itemKey = z.string().regex(/^[a-z0-9][a-z0-9-]{0,60}$/, 'Small letters, digits and dashes, at most 61');
const title = z.string().trim().min(1).max(200);
const text = z.string().max(40_000);
const line = z.string().trim().min(1).max(500);
const ms = z.number().int().positive().max(10 * 366 * 86_400_000);
/** Where it stands in the guide that it was taken from, and what of the guide's inventory it is. */
const origin = {
  source: z.strictObject({ file: z.string().max(200), lines: z.string().regex(/^\d+(-\d+)?(, \d+(-\d+)?)*$/).nullable() }).nullable().default(null),
  covers: z.array(z.string().max(20)).max(60).default([]),
};

export const endpointItem = z.strictObject({
  title,
  url: z.url({ protocol: /^https?$/ }).max(2000),
  method: z.enum(['GET', 'HEAD']).default('GET'),
  /** Any of them is well. */
  status: z.array(z.number().int().min(100).max(599)).min(1).max(20).default([200]),
  /** Milliseconds until the whole answer is there. */
  warnMs: ms.nullable().default(null),
  criticalMs: ms.nullable().default(null),
  /** A regular expression that the body has to match. */
  bodyMatches: z.string().max(500).nullable().default(null),
  /** A field of a JSON body, as a path, and what it has to be. */
  json: z.strictObject({ path: z.string().max(200), equals: z.union([z.string(), z.number(), z.boolean()]) }).nullable().default(null),
  /** The role of the host that makes the connection; null: this computer. */
  through: itemKey.nullable().default(null),
  ...origin,
});

export const serviceItem = z.strictObject({
  title,
  /** The role of the host that it runs on. */
  host: itemKey,
  manager: z.enum(['systemd', 'openrc', 'pm2', 'docker', 'kubernetes', 'process']),
  /** Its unit, process or container: "nginx", "pm2-neff". */
  name: line,
  ...origin,
});

export const pathItem = z.strictObject({
  title,
  host: itemKey,
  path: z.string().regex(/^\/[^\0\n]*$/).max(1000),
  holds: z.enum(['backups', 'logs', 'uploads', 'configuration', 'application', 'certificates']),
  /** For logs: a regular expression of what is an error. */
  pattern: z.string().max(500).nullable().default(null),
  ...origin,
});

export const thresholdItem = z.strictObject({
  title,
  /** What goes by it: a health check, the answers of endpoints, or nothing here (it is a figure of the system's own monitoring that people go by). */
  drives: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('check'), check: z.string().max(80) }),
    z.strictObject({ kind: z.literal('endpoints'), keys: z.array(itemKey).max(50) }),
    z.strictObject({ kind: z.literal('backup-age') }),
    z.strictObject({ kind: z.literal('people') }),
  ]),
  /** In the unit; null: no such limit. `lowerIsWorse`: it is crossed from above. */
  warn: z.number().nullable().default(null),
  critical: z.number().nullable().default(null),
  unit: z.union([healthUnit, z.string().max(40)]),
  lowerIsWorse: z.boolean().default(false),
  /** How long it has to last. */
  forMs: ms.nullable().default(null),
  /** What it means, and what one does. */
  text: text.default(''),
  ...origin,
});

/** Hours in which people work, for clocks that stand still outside them. */
export const hoursItem = z.strictObject({
  title,
  /** IANA. */
  tz: z.string().max(60),
  spans: z.array(z.strictObject({ days: z.array(z.enum(['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'])).min(1).max(7), from: z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/), to: z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$|^24:00$/) })).min(1).max(20),
  ...origin,
});

export const severityItem = z.strictObject({
  title,
  /** 1 is the gravest. */
  rank: z.number().int().min(1).max(9),
  tone: z.enum(['critical', 'warn', 'info']),
  /** What is of this severity. */
  examples: z.array(line).max(40).default([]),
  /** From the moment it is declared, but `update`, which counts from the last one. Null: no such clock. */
  clocks: z.strictObject({ acknowledge: ms.nullable().default(null), respond: ms.nullable().default(null), update: ms.nullable().default(null), escalate: ms.nullable().default(null), resolve: ms.nullable().default(null) }),
  /** The key of hours in which the clocks go; null: always. */
  hours: itemKey.nullable().default(null),
  /** The runbook that one begins with, by its file in the pack. */
  runbook: itemKey.nullable().default(null),
  text: text.default(''),
  ...origin,
});

/** A level of support that work is passed on to. */
export const tierItem = z.strictObject({
  title,
  rank: z.number().int().min(1).max(9),
  duties: z.array(line).max(40).default([]),
  /** When it is passed on to the next. */
  escalateWhen: z.array(line).max(40).default([]),
  /** By the key of a severity. */
  responds: z.record(itemKey, ms).default({}),
  /** The key of the next one; null: there is none. */
  next: itemKey.nullable().default(null),
  role: itemKey.nullable().default(null),
  text: text.default(''),
  ...origin,
});

export const roleItem = z.strictObject({
  title,
  duties: z.array(line).max(40).default([]),
  /** Who holds it now: the key of a contact. */
  contact: itemKey.nullable().default(null),
  /** Whether it is given to somebody in an incident. */
  incident: z.boolean().default(false),
  ...origin,
});

export const contactItem = z.strictObject({
  title,
  /** What one turns to them for. */
  about: z.string().max(500).default(''),
  email: z.email().max(254).nullable().default(null),
  /** As it is dialled: "+1 555 0100". */
  phone: z.string().regex(/^\+?[0-9][0-9 ().-]{2,28}[0-9]$/, 'A telephone number, in digits').nullable().default(null),
  url: z.url().max(500).nullable().default(null),
  hours: itemKey.nullable().default(null),
  /** How long one waits before turning to them. */
  afterMs: ms.nullable().default(null),
  outside: z.boolean().default(false),
  ...origin,
});

/** A way by which people are told: a mailing list, a chat, a status page. */
export const channelItem = z.strictObject({ title, address: z.string().max(500).default(''), usedFor: z.array(line).max(30).default([]), outside: z.boolean().default(false), ...origin });

/** A local date and time without a zone: "2026-01-04T02:00". */
export const localTime = z.string().regex(/^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d$/, 'A date and a time: 2026-01-04T02:00');

export const calendarItem = z.strictObject({
  title,
  text: text.default(''),
  /** The first one, as the clock on the wall shows it there. */
  starts: localTime,
  /** As in iCalendar, without "RRULE:"; null: once. */
  rrule: z.string().max(500).nullable().default(null),
  /** IANA: "America/New_York", "UTC". */
  tz: z.string().min(1).max(60),
  durationMs: ms.nullable().default(null),
  /** How long before its end nothing new is begun. */
  cutoffMs: ms.nullable().default(null),
  /** How long before its beginning people are told. */
  noticeMs: ms.nullable().default(null),
  /** What becomes of one that nobody did: it waits for an answer, the newest is due until it is done, or it passes. */
  missed: z.enum(['ask', 'run-once', 'skip']).default('run-once'),
  /** How far back one that was missed is asked for. */
  lookBackMs: ms.nullable().default(null),
  work: z.discriminatedUnion('kind', [
    /** By its file in the pack, or "own/name". */
    z.strictObject({ kind: z.literal('runbook'), runbook: z.string().regex(/^([a-z0-9][a-z0-9-]{0,80}\/)?[a-z0-9][a-z0-9-]{0,80}$/) }),
    z.strictObject({ kind: z.literal('procedure'), procedure: z.enum(['health.check', 'backup.run']) }),
    z.strictObject({ kind: z.literal('tasks'), tasks: z.array(line).min(1).max(60) }),
  ]),
  /** Others that have to be done before, and how long ago at the most. `proven`: by a backup that was restored and counted. */
  after: z.array(z.strictObject({ key: itemKey, withinMs: ms, needs: z.enum(['done', 'proven-backup']) })).max(10).default([]),
  role: itemKey.nullable().default(null),
  /** Whether it removes something that a copy must exist of. */
  removes: z.boolean().default(false),
  enabled: z.boolean().default(true),
  ...origin,
});

export const templateItem = z.strictObject({ title, purpose: z.enum(['incident-report', 'status-update', 'notice', 'ticket', 'report', 'other']), text, ...origin });
/** Something to look up: a configuration, a list, links. It is shown, and never run. */
export const cardItem = z.strictObject({ title, text, ...origin });

export const backupItem = z.strictObject({
  title,
  /** The role of the database; or of the host, for files. */
  database: itemKey.nullable().default(null),
  files: z.strictObject({ host: itemKey, paths: z.array(z.string().max(1000)).min(1).max(100), exclude: z.array(z.string().max(1000)).max(100).default([]) }).nullable().default(null),
  proof: z.enum(['L0', 'L1', 'L2', 'L3']).default('L3'),
  keep: z.strictObject({ newest: z.number().int().min(1).max(1000).nullable().default(null), daily: z.number().int().min(0).max(1000).nullable().default(null), weekly: z.number().int().min(0).max(1000).nullable().default(null), monthly: z.number().int().min(0).max(1000).nullable().default(null) }),
  ...origin,
});

/** Every kind of item, with what it is made of. */
export const itemSchemas = {
  endpoint: endpointItem,
  service: serviceItem,
  path: pathItem,
  threshold: thresholdItem,
  backup: backupItem,
  calendar: calendarItem,
  severity: severityItem,
  tier: tierItem,
  hours: hoursItem,
  role: roleItem,
  contact: contactItem,
  channel: channelItem,
  template: templateItem,
  card: cardItem,
} as const;
export type ItemKind = keyof typeof itemSchemas;
export type ItemOf<Kind extends ItemKind> = z.output<(typeof itemSchemas)[Kind]>;
export const itemKinds = Object.keys(itemSchemas) as [ItemKind, ...ItemKind[]];

/** An item with where it came from: `pack` as the pack has it, `changed` by a person here, `own` made here, `removed` of the pack and taken away here. */
export interface Item<Kind extends ItemKind = ItemKind> {
  systemId: string;
  kind: Kind;
  key: string;
  value: ItemOf<Kind>;
  standing: 'pack' | 'changed' | 'own' | 'removed';
}
