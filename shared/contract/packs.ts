/** Packs: ready-made systems that ship or were imported, and what a system has adopted of one. */
import { z } from 'zod';
import { questionKinds } from '#shared/domain/pack/definition.ts';
import { environment, id, instant } from './common.ts';
import { itemKey, itemKinds } from './items.ts';
import { command, query } from './method.ts';

/** Of a pack, the name of its folder. */
export const packName = z.string().regex(/^[a-z0-9][a-z0-9-]{0,80}$/, 'Small letters, digits and dashes, at most 81');
const kind = z.enum(itemKinds);

export const packProblem = z.object({
  /** Below the folder of the pack: "pack.yaml", "runbooks/morning-check.yaml". */
  file: z.string(),
  line: z.number().int(),
  column: z.number().int(),
  severity: z.enum(['error', 'warning']),
  rule: z.string(),
  message: z.string(),
  fix: z.string().nullable(),
});

/** How many of each kind of item there are; kinds of which there is none are left out. */
const counts = z.partialRecord(kind, z.number().int());

export const packCard = z.object({
  name: packName,
  title: z.string(),
  version: z.string(),
  summary: z.string(),
  /** It comes with Pilothouse, or was imported here. */
  origin: z.enum(['shipped', 'imported']),
  /** What is proposed for a new system of it. */
  environment,
  guide: z.object({ file: z.string(), title: z.string().nullable() }).nullable(),
  counts,
  runbooks: z.number().int(),
  questions: z.number().int(),
  warnings: z.number().int(),
  /** Systems that have adopted it, and whether the one that is here is newer than what they have. */
  usedBy: z.array(z.object({ systemId: id, systemName: z.string(), version: z.string(), isNewer: z.boolean() })),
});
export type PackCard = z.infer<typeof packCard>;

/** One that is there and cannot be adopted. */
const refusedPack = z.object({ name: z.string(), origin: z.enum(['shipped', 'imported']), folder: z.string(), message: z.string(), problems: z.array(packProblem) });

const itemName = { kind, key: itemKey };
export const roleBinding = z.union([z.strictObject({ hostId: id }), z.strictObject({ databaseId: id })]);
/** By role; null: none. */
const bindings = z.record(itemKey, roleBinding.nullable());
/** By question; null: not answered. */
const answers = z.record(itemKey, z.string().max(2000).nullable());

export const packRole = z.object({
  name: itemKey,
  kind: z.enum(['host', 'database']),
  title: z.string(),
  needed: z.boolean(),
  why: z.string().nullable(),
  /** What the system has of the kind. */
  candidates: z.array(z.object({ binding: roleBinding, label: z.string(), note: z.string().nullable() })),
  /** What it is given to now, else what is proposed. */
  proposed: roleBinding.nullable(),
});

export const packQuestion = z.object({
  key: itemKey,
  ask: z.string(),
  kind: z.enum(questionKinds),
  choices: z.array(z.object({ value: z.string(), label: z.string(), /** The lines of the guide that say so. */ source: z.string().nullable() })),
  optional: z.boolean(),
  /** What was answered, else what is proposed; null where a person has to say. */
  proposed: z.string().nullable(),
  from: z.enum(['answered', 'detected', 'pack']).nullable(),
  /** What goes by the answer. */
  items: z.array(z.object({ ...itemName, title: z.string() })),
  params: z.array(z.string()),
});

/** What is still to be said. */
export const packOpen = z.object({
  /** Without an answer their items are not there. */
  questions: z.array(z.object({ key: itemKey, ask: z.string(), items: z.array(z.object({ ...itemName, title: z.string() })) })),
  /** Roles that are needed and were given to nothing. */
  roles: z.array(z.object({ name: itemKey, kind: z.enum(['host', 'database']), title: z.string() })),
});
export type PackOpen = z.infer<typeof packOpen>;

const form = { card: packCard, roles: z.array(packRole), questions: z.array(packQuestion), /** Of what the pack says at this moment. */ hash: z.string() };
const adopted = z.object({ systemId: id, open: packOpen, counts, /** Left out because a question that may stay unanswered did. */ leftOut: z.array(z.object(itemName)) });

/** A field of an item that is another, by its path: "clocks.respond". */
const difference = z.object({ field: z.string(), was: z.unknown(), mine: z.unknown(), theirs: z.unknown(), /** Changed here and in the pack, to different things. */ conflict: z.boolean() });
export const itemChange = z.object({
  ...itemName,
  title: z.string(),
  /**
   * `conflict`: changed here as well, and one of both has to be chosen. `kept`: it is gone from the pack, was changed
   * here, and becomes one's own. `hidden`: it was removed here and stays so.
   */
  change: z.enum(['added', 'changed', 'removed', 'conflict', 'kept', 'hidden']),
  fields: z.array(difference),
});
export type ItemChange = z.infer<typeof itemChange>;

export const packMethods = {
  'pack.list': query('Packs that can be adopted, and those that are there and cannot, with why.', z.strictObject({}), z.object({ packs: z.array(packCard), refused: z.array(refusedPack), /** What is proposed for a new system; null where it is not there. */ forNew: packName.nullable(), /** Where those that were imported are. */ folder: z.string() })),
  'pack.get': query(
    'What is in a pack, by kind.',
    z.strictObject({ pack: packName }),
    z.object({
      card: packCard,
      hosts: z.array(z.object({ name: itemKey, title: z.string(), needed: z.boolean(), why: z.string().nullable() })),
      databases: z.array(z.object({ name: itemKey, title: z.string(), needed: z.boolean(), why: z.string().nullable(), database: z.string().nullable() })),
      items: z.array(z.object({ ...itemName, title: z.string(), covers: z.array(z.string()) })),
      runbooks: z.array(z.object({ ref: z.string(), title: z.string() })),
      warnings: z.array(packProblem),
    }),
  ),
  'pack.check': query(
    'What is wrong in a pack, each with its file, line and column. Takes the texts of its files by their path below its folder; nothing is kept.',
    z.strictObject({ name: packName, files: z.record(z.string().max(200), z.string().max(1_048_576)) }),
    z.object({ problems: z.array(packProblem), title: z.string().nullable(), version: z.string().nullable() }),
  ),
  'pack.prepare': query(
    'What has to be said to adopt a pack: which host or database has which role, and its questions, with what can be proposed.',
    z.strictObject({ pack: packName, systemId: id.nullable() }),
    z.object({ ...form, /** What is proposed for a new system. */ name: z.string(), environment }),
  ),
  'pack.adopt': command(
    'Makes a system of a pack, new or one that is there. What was not answered keeps its items out, and can be answered later.',
    z.strictObject({
      pack: packName,
      /** Of the form that was shown; left out: whatever it says now. */
      hash: z.string().optional(),
      system: z.union([z.strictObject({ systemId: id }), z.strictObject({ name: z.string().trim().min(1).max(80), environment })]),
      bindings: bindings.default({}),
      answers: answers.default({}),
    }),
    adopted,
  ),
  'pack.standing': query(
    'Which pack a system has, what is still open, and whether there is a newer one.',
    z.strictObject({ systemId: id }),
    z.object({
      adoption: z
        .object({
          pack: packName,
          title: z.string(),
          version: z.string(),
          adoptedAt: instant,
          updatedAt: instant,
          bindings: z.record(itemKey, roleBinding),
          answers: z.record(itemKey, z.string()),
          open: packOpen,
          /** What has a role, with what the pack calls that. */
          held: z.array(z.object({ name: itemKey, title: z.string(), binding: roleBinding })),
          /** Null: there is no such pack any more, or it cannot be read; `trouble` says why. */
          available: z.object({ version: z.string(), isNewer: z.boolean() }).nullable(),
          trouble: z.string().nullable(),
        })
        .nullable(),
    }),
  ),
  'pack.reopen': query('What was said when a pack was adopted, to say it anew.', z.strictObject({ systemId: id }), z.object(form)),
  'pack.answer': command('Answers questions of an adopted pack and gives its roles to hosts and databases. What is not named stays as it is; null takes it back.', z.strictObject({ systemId: id, bindings: bindings.default({}), answers: answers.default({}) }), adopted),
  'pack.preview': query(
    'What an update of the pack would make of a system, item by item and field by field.',
    z.strictObject({ systemId: id }),
    z.object({ from: z.string(), to: z.string(), hash: z.string(), items: z.array(itemChange), /** Asked by the newer one alone. */ questions: z.array(packQuestion), roles: z.array(packRole) }),
  ),
  'pack.update': command(
    'Brings a system to what its pack says now. What was changed here stays, and each conflict goes as it was chosen.',
    z.strictObject({
      systemId: id,
      /** Of the preview. */
      hash: z.string(),
      /** By "kind/key" of a conflict. */
      choices: z.record(z.string().max(100), z.enum(['mine', 'theirs'])).default({}),
      bindings: bindings.default({}),
      answers: answers.default({}),
    }),
    adopted,
  ),
};

const fields = z.record(z.string().max(60), z.unknown());

export const itemView = z.object({
  ...itemName,
  title: z.string(),
  /** Its fields, as `itemSchemas` of its kind has them. */
  value: fields,
  /** As the pack has it; null: it was made here. */
  packValue: fields.nullable(),
  standing: z.enum(['pack', 'changed', 'own', 'removed']),
});
export type ItemView = z.infer<typeof itemView>;

export const itemMethods = {
  'item.list': query('What a system consists of: all kinds, or one; in the order of its pack.', z.strictObject({ systemId: id, kind: kind.optional(), /** Those of the pack that were removed here as well. */ removed: z.boolean().default(false) }), z.object({ items: z.array(itemView) })),
  'item.save': command('Adds an item, or changes it. Without a key it gets one of its title.', z.strictObject({ systemId: id, kind, key: itemKey.nullable(), value: fields }), z.object({ item: itemView })),
  'item.remove': command('Removes an item. One of a pack stays away at its updates, and can be taken back.', z.strictObject({ systemId: id, ...itemName }), z.object({})),
  'item.reset': command('Takes an item of a pack back to what the pack says.', z.strictObject({ systemId: id, ...itemName }), z.object({ item: itemView })),
};
