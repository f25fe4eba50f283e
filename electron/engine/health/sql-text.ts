/** SQL as text, for fixes that people copy. */

/** A quoted identifier. */
export function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** Schema and name, each quoted. */
export function qualified(schema: string, name: string): string {
  return `${identifier(schema)}.${identifier(name)}`;
}

/** A quoted string, safe whatever `standard_conforming_strings` says. */
export function literal(text: string): string {
  const quoted = `'${text.replaceAll("'", "''").replaceAll('\\', '\\\\')}'`;
  return text.includes('\\') ? `E${quoted}` : quoted;
}

/** A comment line; a name with a line break in it must not end the comment. */
export function comment(words: string): string {
  return `-- ${words.replaceAll(/[\r\n]+/g, ' ')}`;
}

const longestQuery = 160;

/**
 * A query text as evidence: string literals and dollar-quoted bodies masked (people's data and passwords stand in
 * them), comments removed, white space folded, cut. What looks like the beginning of a literal is masked to the end:
 * the server cuts long texts anywhere.
 */
export function shownQuery(text: string): string {
  const masked = text.replaceAll(/\$([A-Za-z_]\w*|)\$[\s\S]*?(?:\$\1\$|$)|[Ee]'(?:[^'\\]|\\[\s\S]|'')*(?:'|$)|'(?:[^']|'')*(?:'|$)|"(?:[^"]|"")*"|--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)/g, (part) => {
    if (part.startsWith('"')) return part;
    return part.startsWith('--') || part.startsWith('/*') ? ' ' : "'…'";
  });
  const folded = masked.replaceAll(/\s+/g, ' ').trim();
  return folded.length > longestQuery ? `${folded.slice(0, longestQuery - 1)}…` : folded;
}

/** A name for an index of these columns as Postgres would choose it, within its 63 bytes, beside those that are taken. */
export function indexName(table: string, columns: readonly string[], taken: readonly string[] = []): string {
  for (let number = 0; ; number++) {
    const ending = number === 0 ? '_idx' : `_idx${number}`;
    const stem = Buffer.from(`${table}_${columns.join('_')}`).subarray(0, 63 - ending.length);
    const name = `${stem.toString('utf8').replaceAll('�', '')}${ending}`;
    if (!taken.includes(name)) return name;
  }
}
