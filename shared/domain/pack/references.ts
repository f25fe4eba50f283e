/** What an item refers to by name: roles of hosts and databases, other items, runbooks and health checks. Pure. */
import type { PackItemKind } from './definition.ts';

export type ReferredTo = PackItemKind | 'host-role' | 'database-role' | 'runbook' | 'check';

export interface Reference {
  /** Where it stands in the item. */
  path: readonly (string | number)[];
  to: ReferredTo;
  name: string;
}

type Fields = Readonly<Record<string, unknown>>;

const asFields = (value: unknown): Fields => (typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {});
const asList = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** One name at a path; none where nothing stands there. */
function at(fields: Fields, path: readonly string[], to: ReferredTo): Reference[] {
  const value = path.reduce<unknown>((within, name) => asFields(within)[name], fields);
  return typeof value === 'string' ? [{ path, to, name: value }] : [];
}

/** @param fields of an item, in its own names; what is missing or of another type refers to nothing */
export function referencesOf(kind: PackItemKind, fields: Fields): Reference[] {
  switch (kind) {
    case 'endpoint':
      return at(fields, ['through'], 'host-role');
    case 'service':
    case 'path':
      return at(fields, ['host'], 'host-role');
    case 'threshold':
      return [...at(fields, ['drives', 'check'], 'check'), ...asList(asFields(fields['drives'])['keys']).flatMap((name, index) => (typeof name === 'string' ? [{ path: ['drives', 'keys', index], to: 'endpoint' as const, name }] : []))];
    case 'backup':
      return [...at(fields, ['database'], 'database-role'), ...at(fields, ['files', 'host'], 'host-role')];
    case 'severity':
      return [...at(fields, ['hours'], 'hours'), ...at(fields, ['runbook'], 'runbook')];
    case 'tier':
      return [...at(fields, ['next'], 'tier'), ...at(fields, ['role'], 'role'), ...Object.keys(asFields(fields['responds'])).map((name): Reference => ({ path: ['responds', name], to: 'severity', name }))];
    case 'role':
      return at(fields, ['contact'], 'contact');
    case 'contact':
      return at(fields, ['hours'], 'hours');
    case 'calendar':
      return [
        ...at(fields, ['role'], 'role'),
        ...at(fields, ['work', 'runbook'], 'runbook'),
        ...asList(fields['after']).flatMap((each, index): Reference[] => {
          const name = asFields(each)['key'];
          return typeof name === 'string' ? [{ path: ['after', index, 'key'], to: 'calendar', name }] : [];
        }),
      ];
    case 'hours':
    case 'channel':
    case 'template':
    case 'card':
      return [];
  }
}

/**
 * The first circle among things that wait for each other.
 * @param next of a name, those that it waits for
 * @returns the names in order, the first one again at the end; null where there is none
 */
export function circleIn(names: Iterable<string>, next: (name: string) => readonly string[]): string[] | null {
  const done = new Set<string>();
  const walk = (name: string, way: readonly string[]): string[] | null => {
    const from = way.indexOf(name);
    if (from !== -1) return [...way.slice(from), name];
    if (done.has(name)) return null;
    for (const each of next(name)) {
      const found = walk(each, [...way, name]);
      if (found !== null) return found;
    }
    done.add(name);
    return null;
  };
  for (const name of names) {
    const found = walk(name, []);
    if (found !== null) return found;
  }
  return null;
}
