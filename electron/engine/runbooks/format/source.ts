/** The text of a runbook, and where in it something stands. Offsets count characters from 0, lines and columns from 1. */
import { withoutMark } from '../../platform/text.ts';

/** A stretch of the text; `to` is behind its last character. */
export interface Span {
  from: number;
  to: number;
}

export interface Position {
  line: number;
  column: number;
}

/** Where a part stands more often before, nobody needs its own place. */
const mostCounted = 300;

export class Source {
  /** Without the byte order mark. */
  readonly text: string;
  /** 1 where the file begins with a mark, which an editor counts as a character of its first line. */
  private readonly mark: number;
  private readonly starts: number[] = [0];

  constructor(whole: string) {
    this.text = withoutMark(whole);
    this.mark = whole.length - this.text.length;
    for (let at = this.text.indexOf('\n'); at !== -1; at = this.text.indexOf('\n', at + 1)) this.starts.push(at + 1);
  }

  get lines(): number {
    return this.starts.length;
  }

  lineOf(offset: number): number {
    let low = 0;
    let high = this.starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return low + 1;
  }

  positionOf(offset: number): Position {
    const within = Math.max(0, Math.min(offset, this.text.length));
    const line = this.lineOf(within);
    return { line, column: within - (this.starts[line - 1] ?? 0) + 1 + (line === 1 ? this.mark : 0) };
  }

  /** From where the line begins to where its text ends. */
  lineSpan(line: number): Span {
    const from = this.starts[line - 1] ?? this.text.length;
    const to = (this.starts[line] ?? this.text.length + 1) - 1;
    return { from, to: this.text[to - 1] === '\r' ? to - 1 : to };
  }

  slice({ from, to }: Span): string {
    return this.text.slice(from, to);
  }

  /**
   * Where a part of a value stands that was written within `span`: the value itself is there without its indentation
   * and quotes, so that the part is looked for, as often as it stands in the value before. All of the span where that
   * finds nothing, as with escapes.
   */
  within(span: Span, value: string, part: Span): Span {
    const piece = value.slice(part.from, part.to);
    if (piece === '' || piece.includes('\n')) return span;
    let nth = 0;
    for (let at = value.indexOf(piece); at !== -1 && at < part.from; at = value.indexOf(piece, at + 1)) if (++nth > mostCounted) return span;
    let found = this.text.indexOf(piece, span.from);
    for (; nth > 0 && found !== -1; nth--) found = this.text.indexOf(piece, found + 1);
    return found === -1 || found + piece.length > span.to ? span : { from: found, to: found + piece.length };
  }
}
