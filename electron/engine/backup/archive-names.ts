/** How names in an archive, which are written in the encoding of its database, are told apart. Pure. */

export interface ArchiveNames {
  /** Text of the archive, whose ASCII stands for itself in every encoding of a server. */
  decode(bytes: Buffer): string;
  /** What is decoded is surely what the catalogue says, so that no two names are ever taken for one. */
  exact: boolean;
}

/** Every encoding for which a TextDecoder gives what `convert_from` of Postgres gives, by Postgres's names. */
const decodedAs: ReadonlyMap<string, string> = new Map([
  ...([2, 3, 4] as const).map((part): [string, string] => [`LATIN${part}`, `iso-8859-${part}`]),
  ['LATIN5', 'iso-8859-9'], ['LATIN6', 'iso-8859-10'], ['LATIN7', 'iso-8859-13'], ['LATIN8', 'iso-8859-14'], ['LATIN9', 'iso-8859-15'], ['LATIN10', 'iso-8859-16'],
  ...([5, 6, 7, 8] as const).map((part): [string, string] => [`ISO_8859_${part}`, `iso-8859-${part}`]),
  ['KOI8R', 'koi8-r'], ['KOI8U', 'koi8-u'], ['WIN866', 'ibm866'], ['WIN874', 'windows-874'],
  ...([1250, 1251, 1252, 1253, 1254, 1255, 1256, 1257, 1258] as const).map((page): [string, string] => [`WIN${page}`, `windows-${page}`]),
  ['EUC_JP', 'euc-jp'], ['EUC_KR', 'euc-kr'], ['EUC_CN', 'gbk'],
]);

/** @param encoding of the database, as Postgres calls it */
export function archiveNames(encoding: string): ArchiveNames {
  // Of a database without an encoding the catalogue comes as it is as well, and is read as UTF-8 just the same.
  if (encoding === 'UTF8' || encoding === 'SQL_ASCII') return { decode: (bytes) => bytes.toString('utf8'), exact: true };
  const label = decodedAs.get(encoding);
  if (label === undefined) return { decode: (bytes) => bytes.toString('latin1'), exact: false };
  const decoder = new TextDecoder(label);
  return { decode: (bytes) => decoder.decode(bytes), exact: false };
}

/** One key for a table or sequence. */
export function nameKey(named: { schema: string; name: string }): string {
  return JSON.stringify([named.schema, named.name]);
}

/** Text in which what is not ASCII only marks its place: the same in every encoding, and no longer of one name alone. */
export function coarse(text: string): string {
  return text.replace(/[^\x20-\x7e]+/g, '?');
}

/**
 * What the archive has of each name of the catalogue, put together where names cannot be told apart.
 * @param found by `nameKey` of a decoded name
 * @returns groups of names with what was found of them, and the keys of what nobody expected
 */
export function matchNames<Named extends { schema: string; name: string }, Value>(wanted: readonly Named[], found: ReadonlyMap<string, Value>, names: ArchiveNames): { groups: { wanted: Named[]; found: Value[] }[]; unexpected: string[] } {
  const groups = new Map<string, { wanted: Named[]; found: Value[] }>();
  const left = new Map(found);
  for (const each of wanted) {
    const exact = nameKey(each);
    const value = found.get(exact);
    left.delete(exact);
    const key = value === undefined && !names.exact ? coarse(exact) : `=${exact}`;
    const group = groups.get(key) ?? { wanted: [], found: [] };
    groups.set(key, group);
    group.wanted.push(each);
    if (value !== undefined && group.found.length === 0) group.found.push(value);
  }
  const unexpected: string[] = [];
  for (const [key, value] of left) {
    const group = names.exact ? undefined : groups.get(coarse(key));
    if (group === undefined) unexpected.push(key);
    else group.found.push(value);
  }
  return { groups: [...groups.values()], unexpected };
}
