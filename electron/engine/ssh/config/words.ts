/** One line of an ssh_config, taken apart as OpenSSH does it. Source: readconf.c and argv_split() of misc.c. */

export interface ConfigLine {
  file: string;
  line: number;
  /** In lower case. */
  keyword: string;
  words: string[];
}

/** A line that OpenSSH refuses too, and why. */
export interface ConfigProblem {
  file: string;
  line: number;
  text: string;
  reason: string;
}

/** Words between blanks, with quotation marks and backslashes; "#" where a word begins ends the line. Null: the marks do not match. */
function splitWords(text: string): string[] | null {
  const words: string[] = [];
  let at = 0;
  for (;;) {
    while (text[at] === ' ' || text[at] === '\t') at += 1;
    if (at >= text.length || text[at] === '#') return words;
    let word = '';
    let quote: string | null = null;
    for (; at < text.length; at += 1) {
      const sign = text.charAt(at);
      const next = text.charAt(at + 1);
      if (sign === '\\' && (next === "'" || next === '"' || next === '\\' || (quote === null && next === ' '))) {
        word += next;
        at += 1;
      } else if (quote === null && (sign === ' ' || sign === '\t')) break;
      else if (quote === null && (sign === '"' || sign === "'")) quote = sign;
      else if (quote !== null && sign === quote) quote = null;
      else word += sign;
    }
    if (quote !== null) return null;
    words.push(word);
  }
}

/** @returns null for a line that says nothing, a reason where it cannot be read */
export function readConfigLine(text: string, file: string, line: number): ConfigLine | string | null {
  const content = text.replace(/[ \t\r\f]+$/, '').replace(/^[ \t\r]+/, '');
  if (content === '' || content.startsWith('#')) return null;
  const match = /^(?:"([^"]*)"|([^\s="]+))(?:[ \t]*=[ \t]*|[ \t]+|$)(.*)$/s.exec(content);
  if (match === null) return 'there is no keyword';
  const keyword = (match[1] ?? match[2] ?? '').toLowerCase();
  const words = splitWords(match[3] ?? '');
  if (words === null) return 'the quotation marks do not match';
  return { file, line, keyword, words };
}
