/** Collects what is wrong in a file. */
import type { Problem } from '#shared/domain/runbook/definition.ts';
import type { Source, Span } from './source.ts';

interface Fault {
  rule: string;
  message: string;
  /** What to write instead, in words, where that is not in the message. */
  fix?: string;
  /** What one click writes in the place of the span. */
  edit?: { title: string; text: string } | null;
  severity?: Problem['severity'];
}

/** Whoever has so many problems has one: what comes after them is left out. */
const most = 500;

export class Faults {
  private readonly problems: Problem[] = [];
  readonly source: Source;
  /** What is read, in a word, for messages. */
  readonly what: 'runbook' | 'pack';

  constructor(source: Source, what: 'runbook' | 'pack' = 'runbook') {
    this.source = source;
    this.what = what;
  }

  add(span: Span, { rule, message, fix, edit, severity = 'error' }: Fault): void {
    if (this.isFull) return;
    const start = this.source.positionOf(span.from);
    const end = this.source.positionOf(Math.max(span.from, span.to));
    this.problems.push({ line: start.line, column: start.column, endLine: end.line, endColumn: end.column, severity, rule, message, fix: fix ?? null, edit: edit ?? null });
  }

  warn(span: Span, fault: Omit<Fault, 'severity'>): void {
    this.add(span, { ...fault, severity: 'warning' });
  }

  /** Whether nothing more is taken, so that nothing more need be looked for. */
  get isFull(): boolean {
    return this.problems.length >= most;
  }

  get hasErrors(): boolean {
    return this.problems.some(({ severity }) => severity === 'error');
  }

  /** By line and column; those of one place as they were found. */
  sorted(): Problem[] {
    return this.problems.toSorted((one, other) => one.line - other.line || one.column - other.column);
  }
}

/** `line 33 (warning): …`, as on a terminal. A message that names its lines itself stands alone. */
export function problemText({ line, severity, message }: Pick<Problem, 'line' | 'severity' | 'message'>): string {
  if (message.startsWith('lines ')) return message;
  return `line ${line}${severity === 'warning' ? ' (warning)' : ''}: ${message}`;
}
