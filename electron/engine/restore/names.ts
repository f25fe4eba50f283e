/** Names of databases: at most 63 bytes, and the ones Pilothouse makes up. */

/** NAMEDATALEN - 1 of a stock server: longer names are cut by it in silence, so we never send one. */
export const longestNameBytes = 63;

const encoder = new TextEncoder();

/** Bytes of a name in UTF-8. */
export function nameBytes(name: string): number {
  return encoder.encode(name).length;
}

/** `name` with `suffix`, the name shortened by whole characters so that both fit into 63 bytes. */
export function withSuffix(name: string, suffix: string): string {
  const room = longestNameBytes - nameBytes(suffix);
  let kept = '';
  let used = 0;
  for (const character of name) {
    used += nameBytes(character);
    if (used > room) break;
    kept += character;
  }
  return kept + suffix;
}

/** The first of `<name><suffix>`, `<name><suffix>2`, `<name><suffix>3`, … that nobody has. */
export function freeName(name: string, suffix: string, taken: ReadonlySet<string>): string {
  for (let number = 1; ; number += 1) {
    const candidate = withSuffix(name, number === 1 ? suffix : `${suffix}${number}`);
    if (!taken.has(candidate)) return candidate;
  }
}

/** Where a restored copy goes unless the person names another place: beside the original, as `<name>__new`. */
export function besideName(database: string, taken: ReadonlySet<string>): string {
  return freeName(database, '__new', taken);
}

/** Where the live database goes in a swap at `at` (milliseconds since the epoch): `<name>__old_<YYYYMMDD>_<HHMM>`, in UTC. */
export function setAsideName(database: string, at: number, taken: ReadonlySet<string>): string {
  const stamp = new Date(at).toISOString().replaceAll(/[-:]/g, '').replace('T', '_').slice(0, 13);
  return freeName(database, `__old_${stamp}`, taken);
}

/** Why a database cannot have this name; null where it can. */
export function whyNotAName(name: string): string | null {
  if (name === '') return 'it is empty';
  if (name.includes('\0')) return 'it contains a NUL character';
  if (nameBytes(name) > longestNameBytes) return `it has ${nameBytes(name)} bytes, and a server keeps ${longestNameBytes}`;
  return null;
}
