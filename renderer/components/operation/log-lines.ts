/** Which lines of an operation's log are shown. Reading goes on from where it stopped, so that new lines cost only themselves. */
import type { OperationState } from '#shared/domain/operation-state.ts';
import type { LineEvent } from '../../transport/operation-log.ts';
import { plainText } from '../format.ts';

export type LineTone = 'info' | 'ok' | 'warn' | 'error';

export interface Line {
  event: LineEvent;
  phase: string;
  tone: LineTone;
  text: string;
  /** What opens with Enter: the command and its output. */
  more: string | null;
}

/** A cancel is what somebody wanted: it is no fault. */
const resultTones: Partial<Record<OperationState, LineTone>> = { succeeded: 'ok', 'succeeded-with-warnings': 'warn', cancelled: 'info' };
const phaseTones = { started: 'info', done: 'ok', failed: 'error', cancelled: 'info', skipped: 'info' } as const;

function opened(event: Extract<LineEvent, { kind: 'log' }>): string | null {
  const { command } = event;
  if (command === undefined) return null;
  const facts = [
    `on ${command.target}`,
    command.exitStatus === null ? null : `exit status ${command.exitStatus}`,
    command.signal ? `signal ${command.signal}` : null,
    command.durationMs === null ? null : `${Math.round(command.durationMs)} ms`,
    command.rows === null || command.rows === undefined ? null : `${command.rows} rows`,
  ].filter((fact) => fact !== null);
  return plainText([command.text, `-- ${facts.join(', ')}`, ...(command.output === undefined ? [] : [command.output])].join('\n'));
}

/** One event as one line; what was written on several opens with all of them. */
export function toLine(event: LineEvent): Line {
  const line = read(event);
  const text = line.text.trim().replace(/\s*\n\s*/g, ' ');
  return { ...line, text, more: line.more ?? (line.text.includes('\n') ? line.text : null) };
}

function read(event: LineEvent): Line {
  switch (event.kind) {
    case 'phase':
      return { event, phase: event.phase, tone: phaseTones[event.state], text: plainText(`${event.title}${event.state === 'started' ? '' : `: ${event.state}`}${event.detail === undefined ? '' : `, ${event.detail}`}`), more: null };
    case 'log':
      return { event, phase: event.phase ?? '', tone: event.level, text: plainText(event.text), more: opened(event) };
    case 'prompt':
      return { event, phase: '', tone: 'warn', text: plainText(`Asks: ${event.question}`), more: null };
    case 'result':
      return { event, phase: 'result', tone: resultTones[event.state] ?? 'error', text: plainText(event.summary), more: event.error === null ? null : plainText(`${event.error.code}: ${event.error.message}${event.error.hint === undefined ? '' : `\n${event.error.hint}`}`) };
  }
}

export interface LineFilter {
  text: string;
  warnAndWorse: boolean;
}

const isWorse = ({ tone }: Line): boolean => tone === 'warn' || tone === 'error';

function matches(line: Line, filter: LineFilter, needle: string): boolean {
  if (filter.warnAndWorse && !isWorse(line)) return false;
  return needle === '' || line.text.toLowerCase().includes(needle) || line.phase.toLowerCase().includes(needle) || (line.more?.toLowerCase().includes(needle) ?? false);
}

/** Keeps the shown lines of one log for one filter, and how many of all are warn or worse; `read` takes in what has been added since. */
export class ShownLines {
  readonly #events: readonly LineEvent[];
  readonly #filter: LineFilter;
  readonly #needle: string;
  readonly #shown: Line[] = [];
  #worse = 0;
  #read = 0;

  /** @param events grows at its end only */
  constructor(events: readonly LineEvent[], filter: LineFilter) {
    this.#events = events;
    this.#filter = filter;
    this.#needle = filter.text.trim().toLowerCase();
  }

  read(): readonly Line[] {
    for (; this.#read < this.#events.length; this.#read += 1) {
      const event = this.#events[this.#read];
      if (event === undefined) break;
      const line = toLine(event);
      if (isWorse(line)) this.#worse += 1;
      if (matches(line, this.#filter, this.#needle)) this.#shown.push(line);
    }
    return this.#shown;
  }

  /** Of all lines that were read, shown or not. */
  get worse(): number {
    return this.#worse;
  }
}
