/** The blocks of a guide in Markdown, each with its lines. Text within a block stays as it was written. */
import MarkdownIt, { type Token } from 'markdown-it';

interface Lines {
  /** From 1; both ends belong to it. */
  from: number;
  to: number;
}

export interface ListItem extends Lines {
  blocks: Block[];
  /** Of a box to tick; null: there is none. */
  checked: boolean | null;
}

export interface CodeBlock extends Lines {
  kind: 'code';
  /** As the fence says it, in small letters; empty where it says nothing. */
  language: string;
  code: string;
  /** Where the first line of the code stands. */
  codeFrom: number;
  /** How far its lines are set in, in the guide. */
  indent: number;
}

export interface TableBlock extends Lines {
  kind: 'table';
  header: string[];
  rows: { cells: string[]; line: number }[];
}

export interface ListBlock extends Lines {
  kind: 'list';
  ordered: boolean;
  /** The number that it begins with; null: it has none. */
  start: number | null;
  items: ListItem[];
}

export type Block =
  | ({ kind: 'heading'; level: number; text: string } & Lines)
  | ({ kind: 'paragraph'; text: string } & Lines)
  | CodeBlock
  | ListBlock
  | TableBlock
  | ({ kind: 'html'; text: string } & Lines)
  | ({ kind: 'quote'; blocks: Block[] } & Lines)
  | ({ kind: 'front-matter'; text: string } & Lines)
  | ({ kind: 'line' } & Lines);

export interface GuideBlocks {
  blocks: Block[];
  lines: string[];
  problems: { line: number; rule: string; message: string }[];
}

const parser = new MarkdownIt('default', { html: true, linkify: false, typographer: false }).disable(['inline', 'linkify', 'replacements', 'smartquotes', 'text_join']);

const fenceLine = /^ {0,3}(`{3,}|~{3,})[ \t]*([^`]*)$/;

/**
 * A fence that is not closed takes all that follows for code. Where another one is opened within it, or a heading comes
 * after an empty line, it is closed in that empty line, so that no line moves.
 */
function closeFences(lines: readonly string[], problems: GuideBlocks['problems']): string[] {
  const repaired = [...lines];
  let open: { mark: string; line: number; language: string } | null = null;
  /** The first place behind an opening where a heading follows an empty line. */
  let escape: number | null = null;
  const close = (at: number): void => {
    repaired[at] = open?.mark ?? '```';
    problems.push({ line: (open?.line ?? 0) + 1, rule: 'broken-fence', message: `The code block that begins on line ${(open?.line ?? 0) + 1} is not closed. It is taken to end on line ${at + 1}.` });
    open = null;
    escape = null;
  };
  const blankBefore = (at: number, after: number): number | null => {
    for (let line = at - 1; line > after; line -= 1) if ((lines[line] ?? '').trim() === '') return line;
    return null;
  };
  for (let at = 0; at < lines.length; at += 1) {
    const found: RegExpExecArray | null = fenceLine.exec(lines[at] ?? '');
    if (open === null) {
      if (found !== null) open = { mark: found[1] ?? '```', line: at, language: (found[2] ?? '').trim().toLowerCase() };
      continue;
    }
    const mark = found?.[1] ?? '';
    const isSame = mark !== '' && mark[0] === open.mark[0] && mark.length >= open.mark.length;
    if (isSame && (found?.[2] ?? '').trim() === '') {
      open = null;
      escape = null;
      continue;
    }
    if (escape === null && /^#{2,6} \S/.test(lines[at] ?? '') && (lines[at - 1] ?? '').trim() === '' && at - 1 > open.line) escape = at - 1;
    if (isSame && !/^(?:markdown|md|text|txt)/.test(open.language)) {
      const blank: number | null = escape ?? blankBefore(at, open.line);
      if (blank === null) continue;
      close(blank);
      at = blank;
    }
  }
  if (open !== null && escape !== null) {
    close(escape);
    return closeFences(repaired, problems);
  }
  return repaired;
}

/** Whether that many lines at its beginning are fields between two lines of dashes. */
function frontMatterEnd(lines: readonly string[]): number {
  if ((lines[0] ?? '').trimEnd() !== '---') return 0;
  const end = lines.findIndex((line, index) => index > 0 && /^(?:---|\.\.\.)\s*$/.test(line));
  return end > 0 && end < 200 && lines.slice(1, end).every((line) => line.trim() === '' || /^[\w"'-][^:]*:|^\s|^- |^#/.test(line)) ? end + 1 : 0;
}

class Reader {
  private readonly tokens: readonly Token[];
  private readonly lines: readonly string[];
  private at = 0;

  constructor(tokens: readonly Token[], lines: readonly string[]) {
    this.tokens = tokens;
    this.lines = lines;
  }

  /** Lines of a token, without the empty ones behind it. */
  private span(token: Token | undefined): Lines {
    const [from = 0, end = 0] = token?.map ?? [];
    let to = end;
    while (to > from + 1 && (this.lines[to - 1] ?? '').trim() === '') to -= 1;
    return { from: from + 1, to: Math.max(to, from + 1) };
  }

  /** The blocks up to the closing token, which is passed. */
  blocks(closing: string | null = null): Block[] {
    const found: Block[] = [];
    for (; this.at < this.tokens.length; ) {
      const token = this.tokens[this.at];
      if (token === undefined || token.type === closing) break;
      this.at += 1;
      const block = this.block(token);
      if (block !== null) found.push(block);
    }
    this.at += 1;
    return found;
  }

  /** The text of an inline token, up to the closing one. */
  private inline(closing: string): string {
    let text = '';
    for (; this.at < this.tokens.length && this.tokens[this.at]?.type !== closing; this.at += 1) text += this.tokens[this.at]?.content ?? '';
    this.at += 1;
    return text;
  }

  private block(token: Token): Block | null {
    const span = this.span(token);
    switch (token.type) {
      case 'heading_open':
        return { kind: 'heading', level: Number(token.tag.slice(1)), text: this.inline('heading_close'), ...span };
      case 'paragraph_open':
        return { kind: 'paragraph', text: this.inline('paragraph_close'), ...span };
      case 'fence': {
        const [language = ''] = token.info.trim().split(/[\s{,]+/);
        return { kind: 'code', language: language.toLowerCase(), code: token.content.replace(/\n$/, ''), codeFrom: span.from + 1, indent: this.indentOf(span.from + 1, token.content), ...span };
      }
      case 'code_block':
        return { kind: 'code', language: '', code: token.content.replace(/\n+$/, ''), codeFrom: span.from, indent: this.indentOf(span.from, token.content), ...span };
      case 'html_block':
        return { kind: 'html', text: token.content, ...span };
      case 'hr':
        return { kind: 'line', ...span };
      case 'blockquote_open':
        return { kind: 'quote', blocks: this.blocks('blockquote_close'), ...span };
      case 'bullet_list_open':
      case 'ordered_list_open':
        return this.list(token.type === 'ordered_list_open' ? Number(token.attrGet('start') ?? 1) : null, span);
      case 'table_open':
        return this.table(span);
      default:
        return null;
    }
  }

  private indentOf(line: number, code: string): number {
    const first = code.split('\n')[0] ?? '';
    const at = first.trim() === '' ? -1 : (this.lines[line - 1] ?? '').indexOf(first);
    return Math.max(0, at);
  }

  private list(start: number | null, span: Lines): ListBlock {
    const ordered = start !== null;
    const items: ListItem[] = [];
    const closing = ordered ? 'ordered_list_close' : 'bullet_list_close';
    while (this.at < this.tokens.length && this.tokens[this.at]?.type !== closing) {
      const token = this.tokens[this.at];
      this.at += 1;
      if (token?.type !== 'list_item_open') continue;
      const item: ListItem = { blocks: this.blocks('list_item_close'), checked: null, ...this.span(token) };
      const [first] = item.blocks;
      if (first?.kind === 'paragraph') {
        const box = /^\[([ xX])\]\s+/.exec(first.text);
        if (box !== null) {
          item.checked = box[1] !== ' ';
          first.text = first.text.slice(box[0].length);
        }
      }
      items.push(item);
    }
    this.at += 1;
    return { kind: 'list', ordered, start, items, ...span };
  }

  private table(span: Lines): TableBlock {
    const rows: { cells: string[]; line: number }[] = [];
    let header: string[] = [];
    let inHead = false;
    for (; this.at < this.tokens.length && this.tokens[this.at]?.type !== 'table_close'; this.at += 1) {
      const token = this.tokens[this.at];
      if (token?.type === 'thead_open') inHead = true;
      if (token?.type === 'thead_close') inHead = false;
      if (token?.type === 'tr_open' && !inHead) rows.push({ cells: [], line: (token.map?.[0] ?? span.from) + 1 });
      if (token?.type !== 'inline') continue;
      if (inHead) header = [...header, token.content];
      else rows.at(-1)?.cells.push(token.content);
    }
    this.at += 1;
    return { kind: 'table', header, rows, ...span };
  }
}

/** Reads a guide. Whatever it is, each of its lines belongs to a block, is empty, or names the address of a link. */
export function readBlocks(text: string): GuideBlocks {
  const lines = text.replace(/^\uFEFF/, '').split(/\r\n|\n|\r/);
  const problems: GuideBlocks['problems'] = [];
  const front = frontMatterEnd(lines);
  const rest = closeFences(lines.map((line, index) => (index < front ? '' : line)), problems);
  const blocks = new Reader(parser.parse(rest.join('\n'), {}), rest).blocks();
  if (front > 0) blocks.unshift({ kind: 'front-matter', text: lines.slice(0, front).join('\n'), from: 1, to: front });
  return { blocks, lines, problems };
}
