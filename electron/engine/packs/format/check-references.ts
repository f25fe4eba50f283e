/** Names in a pack that refer to something: each has to be there, and nothing may wait for itself. */
import type { PackItemKind } from '#shared/domain/pack/definition.ts';
import { circleIn, referencesOf, type ReferredTo } from '#shared/domain/pack/references.ts';
import { didYouMean, nearest } from '../../runbooks/format/index.ts';
import { placeOf } from './plain.ts';
import type { PlacedItem } from './read-items.ts';

export interface Names {
  pack: string;
  hosts: ReadonlySet<string>;
  databases: ReadonlySet<string>;
  runbooks: ReadonlySet<string>;
  checks: ReadonlySet<string>;
}

const words: Readonly<Record<Exclude<ReferredTo, PackItemKind>, { one: string; many: string; where: string }>> = {
  'host-role': { one: 'host', many: 'Hosts', where: ' under hosts of pack.yaml' },
  'database-role': { one: 'database', many: 'Databases', where: ' under databases of pack.yaml' },
  runbook: { one: 'runbook', many: 'Runbooks', where: ' in the folder runbooks' },
  check: { one: 'health check', many: 'Checks', where: '' },
};

function known(to: ReferredTo, names: Names, items: readonly PlacedItem[]): ReadonlySet<string> {
  switch (to) {
    case 'host-role':
      return names.hosts;
    case 'database-role':
      return names.databases;
    case 'runbook':
      return names.runbooks;
    case 'check':
      return names.checks;
    default:
      return new Set(items.flatMap(({ kind, key }) => (kind === to ? [key] : [])));
  }
}

/** What belongs to other packs, or to a person, is looked for when it is needed. */
function isElsewhere(to: ReferredTo, name: string, pack: string): boolean {
  return to === 'runbook' && name.includes('/') && !name.startsWith(`${pack}/`);
}

export function checkReferences(items: readonly PlacedItem[], names: Names): void {
  for (const { kind, key, fields, faults, written } of items) {
    for (const { path, to, name } of referencesOf(kind, fields)) {
      if (isElsewhere(to, name, names.pack)) continue;
      const plain = to === 'runbook' && name.startsWith(`${names.pack}/`) ? name.slice(names.pack.length + 1) : name;
      const there = known(to, names, items);
      if (there.has(plain)) continue;
      const near = nearest(plain, there);
      const what = to in words ? words[to as keyof typeof words] : { one: to, many: 'There', where: '' };
      const listed = there.size === 0 ? ` There is none${what.where}.` : there.size <= 12 ? ` ${what.many === 'There' ? 'There are' : what.many}: ${[...there].join(', ')}.` : '';
      faults.add(placeOf(written, path), { rule: `unknown-${to}`, message: `${kind} "${key}" names the ${what.one} "${name}", which is not there.${listed}${didYouMean(near)}` });
    }
  }
  refuseCircle(items, 'calendar', (fields) => (Array.isArray(fields['after']) ? fields['after'] : []).map((each: { key?: unknown }) => String(each.key)), 'wait for each other, so that none could ever be done');
  refuseCircle(items, 'tier', (fields) => (typeof fields['next'] === 'string' ? [fields['next']] : []), 'pass work on to each other for ever');
}

function refuseCircle(items: readonly PlacedItem[], kind: PackItemKind, next: (fields: PlacedItem['fields']) => string[], says: string): void {
  const ofKind = new Map(items.flatMap((item) => (item.kind === kind ? [[item.key, item] as const] : [])));
  const circle = circleIn(ofKind.keys(), (key) => next(ofKind.get(key)?.fields ?? {}));
  const first = circle === null ? undefined : ofKind.get(circle[0] ?? '');
  if (circle === null || first === undefined) return;
  const lines = circle.map((key) => ofKind.get(key)?.line ?? 0);
  first.faults.add(first.at, { rule: 'circle', message: circle.length === 2 ? `${kind} "${circle[0]}" comes after itself.` : `lines ${lines.join(' → ')}: ${circle.join(' → ')} ${says}.` });
}

/** Ranks say who comes first: two of one kind cannot have the same. */
export function checkRanks(items: readonly PlacedItem[]): void {
  for (const kind of ['severity', 'tier'] as const) {
    const seen = new Map<number, PlacedItem>();
    for (const item of items) {
      const { rank } = item.fields;
      if (item.kind !== kind || typeof rank !== 'number') continue;
      const other = seen.get(rank);
      if (other === undefined) seen.set(rank, item);
      else item.faults.add(placeOf(item.written, ['rank']), { rule: 'rank', message: `${kind} "${item.key}" has the rank ${rank}, as "${other.key}" on line ${other.line} has. Each has its own.` });
    }
  }
}
