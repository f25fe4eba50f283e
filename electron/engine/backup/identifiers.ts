/** Names of tables and sequences as Postgres writes them in SQL. */

/** Always quoted, which is right for every name. */
export function quoteIdentifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** `"schema"."name"`. */
export function quoteQualified(schema: string, name: string): string {
  return `${quoteIdentifier(schema)}.${quoteIdentifier(name)}`;
}

/**
 * Reads `schema.name` at the beginning of a text, either part quoted or not, as Postgres's programs print it.
 * @returns null where the text does not begin with such a name
 */
export function readQualified(text: string): { schema: string; name: string; rest: string } | null {
  const part = '("(?:[^"]|"")+"|[^".\\s(]+)';
  const match = new RegExp(`^${part}\\.${part}`, 'u').exec(text);
  if (match?.[1] === undefined || match[2] === undefined) return null;
  const plain = (written: string) => (written.startsWith('"') ? written.slice(1, -1).replaceAll('""', '"') : written);
  return { schema: plain(match[1]), name: plain(match[2]), rest: text.slice(match[0].length) };
}
