/** A block of code in its pieces: those between empty lines and comments, each with the comment above it. */

export interface Chunk {
  /** Comments above it, without their signs. */
  comments: string[];
  /** Its lines as they stand. */
  code: string;
  /** Of its first line of code (of its comment, where there is none), within the block, from 0. */
  at: number;
}

type Sign = '#' | '--' | '//';

const commentOf = (line: string, sign: Sign): string | null => {
  const text = line.trim();
  if (!text.startsWith(sign) || (sign === '#' && text.startsWith('#!'))) return null;
  return text.slice(sign.length).replace(/^[#\-/\s]+/, '').replace(/[\s=*-]+$/, '').trim();
};

/** Lines that do not stand by themselves: within quotes, here-documents, brackets of a shell, or behind a backslash. */
function continued(lines: readonly string[]): boolean[] {
  let quote = '';
  let heredoc: string | null = null;
  let depth = 0;
  let backslash = false;
  return lines.map((line) => {
    const isInside = quote !== '' || heredoc !== null || depth > 0 || backslash;
    if (heredoc !== null) {
      if (line.trim() === heredoc) heredoc = null;
      return isInside;
    }
    backslash = false;
    let bare = '';
    for (let at = 0; at < line.length; at += 1) {
      const sign = line[at] ?? '';
      if (sign === '\\' && quote !== "'") {
        backslash = at === line.length - 1;
        at += 1;
      } else if (quote !== '') quote = sign === quote ? '' : quote;
      else if (sign === '"' || sign === "'") quote = sign;
      else if (sign === '#' && (at === 0 || /[\s;(]/.test(line[at - 1] ?? ''))) break;
      else bare += sign;
    }
    const words = bare.match(/(?<![\w$.-])(?:if|fi|do|done|case|esac)(?![\w.=-])|\{\s*$|^\s*\}/g) ?? [];
    for (const word of words) depth += /^(?:if|do|case)$/.test(word) || word.trim() === '{' ? 1 : -1;
    depth = Math.max(0, depth);
    const found = /<<-?\s*(["']?)([A-Za-z_]\w*)\1/.exec(line);
    if (found !== null && !line.includes('<<<')) heredoc = found[2] ?? null;
    return isInside;
  });
}

/** @param inQuotes whether quotes and blocks of a shell hold lines together */
export function chunksOf(code: string, sign: Sign, inQuotes = sign === '#'): Chunk[] {
  const lines = code.split('\n');
  const inside = inQuotes ? continued(lines) : lines.map(() => false);
  const chunks: Chunk[] = [];
  let comments: string[] = [];
  let commentAt = 0;
  let current: Chunk | null = null;
  const end = (): void => {
    if (current !== null) chunks.push({ ...current, code: current.code.trimEnd() });
    current = null;
  };
  for (const [at, line] of lines.entries()) {
    const comment = inside[at] === true ? null : commentOf(line, sign);
    if (inside[at] !== true && line.trim() === '') {
      end();
      continue;
    }
    if (comment !== null) {
      end();
      if (comments.length === 0) commentAt = at;
      if (comment !== '') comments.push(comment);
      continue;
    }
    if (current === null) {
      current = { comments, code: line, at };
      comments = [];
    } else current.code += `\n${line}`;
  }
  end();
  if (comments.length > 0) chunks.push({ comments, code: '', at: commentAt });
  return chunks;
}
