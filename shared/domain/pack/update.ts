/** What a newer pack makes of an item that somebody may have changed here. Pure. */

export type Fields = Readonly<Record<string, unknown>>;

export interface Difference {
  /** "title", "clocks.respond". */
  field: string;
  was: unknown;
  mine: unknown;
  theirs: unknown;
  conflict: boolean;
}

export interface Sides {
  /** As the pack had it; null: made here. */
  pack: Fields | null;
  /** As it was changed here; null: not. */
  own: Fields | null;
  /** Taken away here. */
  removed: boolean;
}

export type Change = 'added' | 'changed' | 'removed' | 'conflict' | 'kept' | 'hidden';

export interface Outcome {
  change: Change;
  fields: Difference[];
  /** What the pack says from now on; null: nothing. */
  pack: Fields | null;
  /** What is one's own from now on; null: as the pack has it. `mine` and `theirs` are the same but in a conflict. */
  own: { mine: Fields | null; theirs: Fields | null };
}

/** Whether they say the same; in which order the names of a group stand does not matter. */
export function alike(one: unknown, other: unknown): boolean {
  if (Object.is(one, other)) return true;
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null || Array.isArray(one) !== Array.isArray(other)) return false;
  const [a, b] = [Object.entries(one), new Map(Object.entries(other))];
  return a.length === b.size && a.every(([name, value]) => b.has(name) && alike(value, b.get(name)));
}

/** Groups whose fields are told apart one by one: in all others one field makes no sense without the rest. */
const opened: ReadonlySet<string> = new Set(['clocks', 'keep', 'responds']);
const isGroup = (value: unknown): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Its fields by path; those of groups that are opened one by one. */
function flat(fields: Fields): Map<string, unknown> {
  return new Map(Object.entries(fields).flatMap(([name, value]): [string, unknown][] => (opened.has(name) && isGroup(value) ? Object.entries(value).map(([inner, each]) => [`${name}.${inner}`, each]) : [[name, value]])));
}

function unflat(fields: ReadonlyMap<string, unknown>, like: Fields): Record<string, unknown> {
  const groups: Record<string, Record<string, unknown>> = Object.fromEntries([...opened].flatMap((name) => (isGroup(like[name]) ? [[name, {}]] : [])));
  const made: Record<string, unknown> = {};
  for (const [path, value] of fields) {
    const [name = '', inner] = path.split('.', 2);
    if (inner === undefined) made[name] = value;
    else (groups[name] ??= {})[inner] = value;
  }
  return { ...made, ...groups };
}

/**
 * @param next as the newer pack has it; null: it has it no more
 * @param isGood whether fields can stand together: where what both changed cannot, all of it is a conflict
 * @returns null where nothing changes
 */
export function updateOf({ pack, own, removed }: Sides, next: Fields | null, isGood: (fields: Fields) => boolean): Outcome | null {
  if (next === null) {
    if (pack === null) return null;
    return own === null ? { change: removed ? 'hidden' : 'removed', fields: [], pack: null, own: { mine: null, theirs: null } } : { change: 'kept', fields: [], pack: null, own: { mine: own, theirs: own } };
  }
  if (pack === null) {
    if (own === null) return { change: 'added', fields: [], pack: next, own: { mine: null, theirs: null } };
    // One of the same name was made here: there is nothing that both come from.
    if (alike(own, next)) return { change: 'changed', fields: [], pack: next, own: { mine: null, theirs: null } };
    return { change: 'conflict', fields: differences({}, own, next).map((each) => ({ ...each, conflict: true })), pack: next, own: { mine: own, theirs: null } };
  }
  if (alike(pack, next)) return null;
  if (removed) return { change: 'hidden', fields: differences(pack, pack, next), pack: next, own: { mine: null, theirs: null } };
  if (own === null) return { change: 'changed', fields: differences(pack, pack, next), pack: next, own: { mine: null, theirs: null } };
  const fields = differences(pack, own, next);
  const merged = (take: 'mine' | 'theirs'): Fields | null => {
    const whole = flat(next);
    for (const { field, was, mine, conflict } of fields) {
      if (alike(was, mine) || (conflict && take === 'theirs')) continue;
      if (mine === undefined) whole.delete(field);
      else whole.set(field, mine);
    }
    const made = unflat(whole, next);
    return alike(made, next) ? null : made;
  };
  const [mine, theirs] = [merged('mine'), merged('theirs')];
  // Each change by itself may be good, and both together not: then it is one's own as a whole, or the pack's.
  if (!isGood(mine ?? next) || !isGood(theirs ?? next)) return { change: 'conflict', fields: fields.map((each) => ({ ...each, conflict: true })), pack: next, own: { mine: own, theirs: null } };
  return { change: fields.some(({ conflict }) => conflict) ? 'conflict' : 'changed', fields, pack: next, own: { mine, theirs } };
}

/** Fields that one of both has changed. */
function differences(pack: Fields, own: Fields, next: Fields): Difference[] {
  const [was, mine, theirs] = [flat(pack), flat(own), flat(next)];
  return [...new Set([...was.keys(), ...mine.keys(), ...theirs.keys()])].flatMap((field): Difference[] => {
    const each = { field, was: was.get(field), mine: mine.get(field), theirs: theirs.get(field) };
    const [here, there] = [!alike(each.was, each.mine), !alike(each.was, each.theirs)];
    return here || there ? [{ ...each, conflict: here && there && !alike(each.mine, each.theirs) }] : [];
  });
}
