/**
 * libpq's `key=value` strings: values with spaces or quotes stand in single quotes, and a backslash takes the next
 * character as it is. Source: libpq's "Keyword/Value Connection Strings".
 */

/**
 * Reads such a string. Of a key that stands twice the last value counts, as in libpq; empty values count as not given.
 * @throws what `invalid` makes of a problem in words; it never repeats a value
 */
export function readKeyValues(text: string, invalid: (problem: string) => Error): Map<string, string> {
  const values = new Map<string, string>();
  let at = 0;
  const skipSpace = (): void => {
    while (/\s/.test(text[at] ?? '')) at += 1;
  };
  for (skipSpace(); at < text.length; skipSpace()) {
    const key = /^[A-Za-z_]+/.exec(text.slice(at))?.[0];
    if (key === undefined) throw invalid('a keyword was expected where there is something else');
    at += key.length;
    skipSpace();
    if (text[at] !== '=') throw invalid(`there is no = after ${values.size === 0 ? 'the first word' : 'a keyword'}`);
    at += 1;
    skipSpace();
    let value = '';
    const isQuoted = text[at] === "'";
    if (isQuoted) at += 1;
    for (;;) {
      const sign = text[at];
      if (sign === undefined) {
        if (isQuoted) throw invalid('a quotation mark is not closed');
        break;
      }
      if (isQuoted ? sign === "'" : /\s/.test(sign)) break;
      if (sign === '\\') at += 1;
      value += text[at] ?? '';
      at += 1;
    }
    if (isQuoted) at += 1;
    values.delete(key);
    if (value !== '') values.set(key, value);
  }
  return values;
}

/** One `key='value'` of such a string, quoted whatever the value is. */
export function writeKeyValue(key: string, value: string | number): string {
  return `${key}='${String(value).replace(/['\\]/g, '\\$&')}'`;
}
