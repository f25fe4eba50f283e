/**
 * Passwords by where they stand: `password=…`, `"password": "…"`, `PASSWORD '…'`. Read by hand and not by a pattern,
 * because such text stands in other text (a conninfo string in an SQL literal, that in another one or in JSON), and
 * each of these writes quotation marks its own way. Where it is not clear how far a value goes, more is taken.
 */

/** The words that say so, and what stands between them and the value. With `=`, the value needs no quotation marks. */
const announcement = /(?:password|passwd|passphrase|pwd|radiussecrets?)(?:(?:\\*["'])?\s*(?:(:?=>?)|:)\s*|\s+)/gi;
/** Marks around the value; what is before them says which kind of SQL string it is. */
const opening = /(E|U&|N)?(\\*)(?:('+)|("+))/iy;
const dollarOpening = /\$\w{0,64}\$/y;

/** Characters. Longer than any password (4096) however it is written; it keeps the time linear in the text's length. */
const longestValue = 20_000;

interface Marks {
  /** `'` or `"`. */
  mark: string;
  /** How many stand at each end: two in a literal in a literal, and so on. */
  count: number;
  /** Backslashes before the marks, where an outer text escaped them. */
  backslashes: number;
  /** In the values of conninfo strings and E'…', a backslash takes what follows as it is. */
  escapes: boolean;
}

/** Whether a value goes on although marks that could close it stand before this sign. */
const continues = (sign: string | undefined): boolean => sign !== undefined && /[\p{L}\p{N}]/u.test(sign);

function lineEnd(text: string, from: number): number {
  const found = text.indexOf('\n', from);
  return found === -1 ? text.length : found;
}

function runLength(text: string, from: number, sign: string): number {
  let at = from;
  while (text[at] === sign) at += 1;
  return at - from;
}

function matchEnd(pattern: RegExp, text: string, from: number): number {
  pattern.lastIndex = from;
  return pattern.test(text) ? pattern.lastIndex : from;
}

/** Where a value is closed, behind its marks, from here to there. Null: nowhere. */
function closedAt(text: string, from: number, limit: number, { mark, count, backslashes, escapes }: Marks): number | null {
  for (let at = from; at < limit; at += 1) {
    const before = runLength(text, at, '\\');
    const run = runLength(text, at + before, mark);
    if (run === 0) {
      if (before > 0) at += escapes || backslashes > 0 ? before : before - 1;
      continue;
    }
    if (backslashes > 0) {
      if (before <= backslashes && !continues(text[at + before + run])) return at + before + count;
      at += before + run - 1;
    } else if (escapes && before > 0) {
      // An even number may be a backslash at the end, or an escaped mark in a text that doubles backslashes.
      if (before % 2 === 0) return lineEnd(text, at);
      at += before + Math.min(run, count) - 1;
    } else {
      // Twice the marks are one that belongs to the value.
      if (run % (2 * count) >= count && !continues(text[at + before + run])) return at + before + run - (run % (2 * count)) + count;
      at += before + run - 1;
    }
  }
  return null;
}

/** @param looked by kind of marks, up to where nothing was found to close them: no sign is looked at twice for that */
function quotedEnd(text: string, from: number, marks: Marks, looked: Map<string, number>): number {
  const start = from + marks.count;
  const limit = Math.min(text.length, start + longestValue);
  const look = (what: string, begin: number, wanted: Marks): number | null => {
    const kind = `${what} ${wanted.mark} ${wanted.count} ${wanted.backslashes} ${wanted.escapes}`;
    const closed = closedAt(text, Math.max(begin, looked.get(kind) ?? 0), limit, wanted);
    if (closed === null) looked.set(kind, limit);
    return closed;
  };
  const closed = look('whole', start, marks);
  if (closed !== null) return closed;
  // Marks inside and at the beginning of one simple literal: '''a'
  if (marks.count % 2 === 1 && marks.count > 1) return look('inside', from + 1, { ...marks, count: 1 }) ?? lineEnd(text, start);
  if (marks.count === 2 && /^(?:$|[\s,;&)\]}])/.test(text.slice(start, start + 1))) return start; // It is empty.
  return lineEnd(text, start); // It was cut off, as the server does it with long statements.
}

/** Of a value without marks: up to white space that no backslash is before, and the marks of the text around it. */
const unmarked = /(?:[^\s\\'"]|\\+(?:[\s\S]|$)|['"]+(?![\s'"]|$))*/y;
/** In the lines of pg_hba.conf the marks may stand around key and value: "ldapbindpasswd=a b". */
const insideMarks = /[^"\n]*/y;
const unmarkedInUrl = /(?:[^\s\\'"&<>]|\\|['"]+(?![\s'"<>]|$))*/y;

const wholeInMarks = /"(?:ldapbindpasswd|radiussecrets?)=$/i;
const inQuery = /[?&][\w.%-]*\W$/;

/** Replaces the passwords of a text that stand as such. */
export function scrubPasswords(text: string, redacted: string): string {
  const parts: string[] = [];
  const looked = new Map<string, number>();
  let done = 0;
  announcement.lastIndex = 0;
  for (let found = announcement.exec(text); found !== null; found = announcement.exec(text)) {
    const from = announcement.lastIndex;
    const equals = found[1] !== undefined;
    opening.lastIndex = from;
    dollarOpening.lastIndex = from;
    const marks = opening.exec(text);
    const dollar = equals ? null : dollarOpening.exec(text);
    let end = from;
    let shown = redacted;
    if (marks !== null) {
      const run = marks[3] ?? marks[4] ?? '';
      const backslashes = marks[2] ?? '';
      const escapes = equals || run.startsWith('"') || marks[1]?.toUpperCase() === 'E';
      end = quotedEnd(text, from + marks[0].length - run.length, { mark: run.charAt(0), count: run.length, backslashes: backslashes.length, escapes }, looked);
      if (!equals) shown = `${backslashes}${run}${redacted}${backslashes}${run}`;
    } else if (dollar !== null) {
      const closing = text.slice(from, from + longestValue).indexOf(dollar[0], dollar[0].length);
      end = closing === -1 ? lineEnd(text, from) : from + closing + dollar[0].length;
      shown = `'${redacted}'`;
    }
    if (equals) {
      const before = text.slice(Math.max(0, found.index - 64), from);
      // Marks at the beginning may belong to the value: only ' means something in a conninfo string.
      end = Math.max(end, matchEnd(wholeInMarks.test(before) ? insideMarks : inQuery.test(before) ? unmarkedInUrl : unmarked, text, from));
    }
    if (end === from) continue;
    parts.push(text.slice(done, from), shown);
    done = end;
    announcement.lastIndex = Math.max(end, from);
  }
  return parts.length === 0 ? text : parts.join('') + text.slice(done);
}

/** A mark in the middle of a word belongs to it: a password that should have been percent-encoded. */
const word = /(?:[^\s'"<>]|['"](?=\w))+/g;
/** To the last @: one that should have been encoded must not leave half of the password behind. */
const userPart = /([a-z][a-z0-9+.-]{0,30}:\/\/[^\s:@/]*:)[\s\S]*$/i;

/** Replaces the passwords in the user's part of URLs. */
export function scrubUrls(text: string, redacted: string): string {
  if (!text.includes('://')) return text;
  return text.replace(word, (each) => {
    const end = each.lastIndexOf('@');
    return end === -1 || !each.includes('://') ? each : each.slice(0, end).replace(userPart, `$1${redacted}`) + each.slice(end);
  });
}
