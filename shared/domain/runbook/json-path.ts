/**
 * Paths into JSON, of which there is as much as expectations need: `$`, `.name`, `['a name']` (or with double quotes),
 * `[0]` (`[-1]` from the end), `[*]` and `.*` (every one of a list or an object). Nothing else. Pure.
 */

type Piece = { kind: 'name'; name: string } | { kind: 'index'; index: number } | { kind: 'every' };

export type JsonPath = readonly Piece[];

/** Reads a path. `problem` says what is not understood. */
export function parseJsonPath(path: string): { path: JsonPath } | { problem: string } {
  if (!path.startsWith('$')) return { problem: `"${path}" is no path into JSON: these begin with $, as in $.items[0].name` };
  const pieces: Piece[] = [];
  for (let at = 1; at < path.length; ) {
    const found = /^(?:\.([A-Za-z_][\w-]*)|\[(-?\d+)\]|(\.\*|\[\*\])|\['([^']*)'\]|\["([^"]*)"\])/.exec(path.slice(at));
    if (found === null) return { problem: `In the path ${path} nothing is known that is written "${path.slice(at, at + 12)}". There is .name, ['a name'], [0] and [*].` };
    const [all, name, index, every, single, double] = found;
    const quoted = single ?? double;
    if (index !== undefined) pieces.push({ kind: 'index', index: Number(index) });
    else if (every !== undefined) pieces.push({ kind: 'every' });
    else pieces.push({ kind: 'name', name: name ?? quoted ?? '' });
    at += all.length;
  }
  return { path: pieces };
}

function step(value: unknown, piece: Piece): readonly unknown[] {
  if (typeof value !== 'object' || value === null) return [];
  if (piece.kind === 'every') return Object.values(value);
  if (piece.kind === 'index') {
    if (!Array.isArray(value)) return [];
    const at = piece.index < 0 ? value.length + piece.index : piece.index;
    return at >= 0 && at < value.length ? [value[at]] : [];
  }
  return !Array.isArray(value) && Object.hasOwn(value, piece.name) ? [(value as Record<string, unknown>)[piece.name]] : [];
}

/** All that a path leads to, in order. */
export function findInJson(value: unknown, path: JsonPath): readonly unknown[] {
  return path.reduce<readonly unknown[]>((found, piece) => found.flatMap((each) => step(each, piece)), [value]);
}

/** What does not lead anywhere, counted: of `$.items[*].status` the items that have none.. */
export function missingInJson(value: unknown, path: JsonPath): number {
  let found: readonly unknown[] = [value];
  let missing = 0;
  for (const piece of path) {
    const next = found.map((each) => step(each, piece));
    if (piece.kind !== 'every') missing += next.filter((each) => each.length === 0).length;
    found = next.flat();
  }
  return missing;
}
