/** A system and its pack: adopted, answered later, and brought to a newer one. */
import type { z } from 'zod';
import type { ItemKind } from '#shared/contract/items.ts';
import type { ItemChange, packMethods } from '#shared/contract/packs.ts';
import { systemPolicy } from '#shared/contract/systems.ts';
import { answeredParams, answerFault } from '#shared/domain/pack/answers.ts';
import type { Pack } from '#shared/domain/pack/definition.ts';
import { PilothouseError } from '#shared/domain/errors.ts';
import type { EngineContext } from '../engine-context.ts';
import type { Adoption, AdoptionRepository, RoleBinding } from '../store/adoption-repository.ts';
import type { SystemItemRepository } from '../store/system-item-repository.ts';
import type { Written } from './backups-in-use.ts';
import { plannedChanges, writeChanges, type PlannedChange } from './changes.ts';
import { madeItems, type Made } from './made-items.ts';
import { answeredWith, openOf, questionForms } from './questions.ts';
import type { Roles } from './roles.ts';
import type { Shelf, ShelvedPack } from './shelf.ts';
import { isNewer } from './versions.ts';

type Input<Name extends keyof typeof packMethods> = z.output<(typeof packMethods)[Name]['input']>;
type Adopted = z.output<(typeof packMethods)['pack.adopt']['output']>;
type Preview = z.output<(typeof packMethods)['pack.preview']['output']>;
type Said = { bindings: Readonly<Record<string, RoleBinding | null>>; answers: Readonly<Record<string, string | null>> };

export interface Adopting {
  adopt(input: Input<'pack.adopt'>): Adopted;
  answer(input: Input<'pack.answer'>): Adopted;
  preview(systemId: string): Preview;
  update(input: Input<'pack.update'>): Adopted;
  /** What was added to a system gets the one needed role of its kind that was given to nothing; where there are more, or another version of the pack, a person says it. Never throws. */
  give(systemId: string, added: RoleBinding): void;
  /** The row, with what of it still fits the pack as it is now. */
  fitting(pack: Pack, adoption: Adoption): Pick<Adoption, 'bindings' | 'answers'>;
}

export interface AdoptingParts {
  context: Pick<EngineContext, 'store' | 'systems' | 'ports' | 'changes'>;
  shelf: Shelf;
  adoptions: AdoptionRepository;
  items: SystemItemRepository;
  roles: Roles;
  /** Of this computer. */
  zone: string;
  /** What else of the system goes by its items, within the same transaction. */
  onWritten: (systemId: string, written: Written) => void;
}

const nameOf = ({ kind, key }: { kind: ItemKind; key: string }): string => `${kind}/${key}`;

function countsOf(items: readonly { kind: ItemKind }[]): Partial<Record<ItemKind, number>> {
  const counts: Partial<Record<ItemKind, number>> = {};
  for (const { kind } of items) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
}

const changeOut = ({ kind, key, title, outcome }: PlannedChange): ItemChange => ({ kind, key, title, change: outcome.change, fields: outcome.fields.map(({ field, was = null, mine = null, theirs = null, conflict }) => ({ field, was, mine, theirs, conflict })) });

export function createAdopting({ context, shelf, adoptions, items, roles, zone, onWritten }: AdoptingParts): Adopting {
  const { store, systems, ports, changes } = context;

  function fitting(pack: Pack, { systemId, bindings, answers }: Pick<Adoption, 'systemId' | 'bindings' | 'answers'>): Pick<Adoption, 'bindings' | 'answers'> {
    const names = new Set([...pack.hosts, ...pack.databases].map(({ name }) => name));
    return {
      bindings: Object.fromEntries(Object.entries(roles.living(systemId, bindings)).filter(([name]) => names.has(name))),
      answers: Object.fromEntries(Object.entries(answers).filter(([key, answer]) => pack.questions.some((question) => question.key === key && answerFault(question, answer) === undefined))),
    };
  }

  const refuseChanged = ({ hash, pack }: ShelvedPack, expected: string): void => {
    if (hash !== expected) throw new PilothouseError('pack.changed', `The pack ${pack.name} was changed since it was shown.`, { hint: 'Look at it again, then go on.', retryable: true, details: { pack: pack.name } });
  };

  /** Writes what the pack makes of the system, with the row, or nothing of it. */
  function write(systemId: string, pack: Pack, row: Pick<Adoption, 'bindings' | 'answers'>, planned: readonly PlannedChange[], made: Made, choose: (name: string) => 'mine' | 'theirs' = () => 'mine'): Adopted {
    const at = ports.clock.now();
    adoptions.save({ systemId, pack: pack.name, version: pack.version, title: pack.title, ...row, params: Object.fromEntries(answeredParams(pack.questions, row.answers)) }, at);
    writeChanges(items, systemId, planned, choose, at);
    onWritten(systemId, new Map(planned.map((each) => [nameOf(each), each.before])));
    return { systemId, open: openOf(pack, row.answers, new Set(Object.keys(row.bindings))), counts: countsOf(made.items), leftOut: made.leftOut };
  }

  const inOneGo = <Result>(work: () => Result): Result => {
    const done = store.transaction(work)();
    changes.changed('systems', 'items', 'calendar', 'incidents', 'health', 'runbooks', 'backups');
    return done;
  };

  const said = (pack: Pack, systemId: string, before: Pick<Adoption, 'bindings' | 'answers'>, { bindings, answers }: Said) => ({ bindings: roles.bound(pack, systemId, before.bindings, bindings), answers: answeredWith(pack, before.answers, answers) });

  const adopting: Adopting = {
    fitting,
    adopt({ pack: name, hash, system, bindings, answers }) {
      const shelved = shelf.get(name);
      if (hash !== undefined) refuseChanged(shelved, hash);
      const { pack } = shelved;
      return inOneGo(() => {
        const systemId = 'systemId' in system ? systems.get(system.systemId).id : systems.insert({ id: ports.random.id(), name: system.name, environment: system.environment, policy: systemPolicy.parse({}), at: ports.clock.now() }).id;
        const before = adoptions.find(systemId);
        if (before !== null) throw new PilothouseError('store.conflict', `${systems.get(systemId).name} has adopted ${before.title} already.`, { hint: before.pack === name ? 'Answer what is open, or update it.' : 'A system has one pack: adopt this one for a new system.', details: { systemId, pack: before.pack } });
        const row = said(pack, systemId, { bindings: {}, answers: {} }, { bindings, answers });
        const made = madeItems(pack, row.answers);
        return write(systemId, pack, row, plannedChanges(items.sides(systemId), made), made);
      });
    },
    answer({ systemId, bindings, answers }) {
      systems.get(systemId);
      const adoption = adoptions.get(systemId);
      const { pack } = shelf.get(adoption.pack);
      if (pack.version !== adoption.version) throw new PilothouseError('pack.changed', `${systems.get(systemId).name} has ${adoption.title} ${adoption.version}, and the pack is ${pack.version} by now.`, { hint: 'Update it first: its questions are asked there.', details: { systemId, has: adoption.version, is: pack.version } });
      const row = said(pack, systemId, fitting(pack, adoption), { bindings, answers });
      const made = madeItems(pack, row.answers);
      const meant = new Set(pack.questions.flatMap(({ key, sets }) => (key in answers ? sets.flatMap((place) => (place.to === 'item' ? [nameOf(place)] : [])) : [])));
      return inOneGo(() => write(systemId, pack, row, plannedChanges(items.sides(systemId), made, (each) => meant.has(each)), made));
    },
    preview(systemId) {
      systems.get(systemId);
      const adoption = adoptions.get(systemId);
      const { pack, hash } = shelf.get(adoption.pack);
      const { bindings, answers } = fitting(pack, adoption);
      const planned = plannedChanges(items.sides(systemId), madeItems(pack, answers));
      return {
        from: adoption.version,
        to: pack.version,
        hash,
        items: planned.map(changeOut),
        questions: questionForms(pack, answers, zone).filter(({ key }) => answers[key] === undefined),
        roles: roles.forms(pack, systemId, bindings).filter(({ name }) => bindings[name] === undefined),
      };
    },
    update({ systemId, hash, choices, bindings, answers }) {
      const { name } = systems.get(systemId);
      const adoption = adoptions.get(systemId);
      const shelved = shelf.get(adoption.pack);
      refuseChanged(shelved, hash);
      const { pack } = shelved;
      if (isNewer(adoption.version, pack.version)) throw new PilothouseError('pack.changed', `${name} has ${adoption.title} ${adoption.version}, and the pack that is here is the older ${pack.version}.`, { hint: 'A system is not taken back to an older pack. Bring the newer one here.', details: { systemId, has: adoption.version, is: pack.version } });
      return inOneGo(() => {
        const row = said(pack, systemId, fitting(pack, adoption), { bindings, answers });
        const made = madeItems(pack, row.answers);
        const planned = plannedChanges(items.sides(systemId), made);
        const undecided = planned.filter((each) => each.outcome.change === 'conflict' && choices[nameOf(each)] === undefined).map(nameOf);
        if (undecided.length > 0) throw new PilothouseError('pack.answer-needed', `Of ${undecided.length === 1 ? 'one item' : `${undecided.length} items`} of ${name} it is not said which side is to stay: ${undecided.slice(0, 5).join(', ')}${undecided.length > 5 ? ', …' : ''}.`, { hint: 'Choose mine or theirs for each.', details: { undecided } });
        return write(systemId, pack, row, planned, made, (each) => choices[each] ?? 'mine');
      });
    },
    give(systemId, added) {
      try {
        const adoption = adoptions.find(systemId);
        const pack = adoption === null ? null : (shelf.find(adoption.pack)?.pack ?? null);
        if (adoption === null || pack === null || pack.version !== adoption.version) return;
        const kind = 'hostId' in added ? 'host' : 'database';
        const { answers, bindings } = fitting(pack, adoption);
        const waiting = openOf(pack, answers, new Set(Object.keys(bindings))).roles.filter((role) => role.kind === kind);
        const [role] = waiting;
        if (role !== undefined && waiting.length === 1) adopting.answer({ systemId, bindings: { [role.name]: added }, answers: {} });
      } catch (error) {
        // It is there all the same, and the role stays among what is open.
        ports.logger.warn({ error: String(error), systemId }, 'A role of a pack could not be given to what was added.');
      }
    },
  };
  return adopting;
}
