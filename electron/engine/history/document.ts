/** History as a document to keep or to hand on. */
import type { CommandRecord, OperationEvent } from '#shared/contract/operations.ts';
import type { HistoryRecord } from '../store/history-repository.ts';

/** One event, as the document tells it. */
export interface HistoryEntry {
  at: string;
  operationId: string;
  operation: string;
  state: string;
  target: string;
  kind: string;
  level: string | null;
  text: string;
  /** What was sent, to what, and how it ended. */
  command: CommandRecord | null;
}

export interface HistoryDocument {
  exportedAt: string;
  search: string;
  /** Newest first. */
  entries: readonly HistoryEntry[];
  /** Where the rest begins; null where nothing is left out. */
  nextCursor: string | null;
}

function textOf(event: OperationEvent): string {
  switch (event.kind) {
    case 'phase':
      return `${event.title}: ${event.state}${event.detail === undefined ? '' : `, ${event.detail}`}`;
    case 'progress':
    case 'log':
      return event.text;
    case 'prompt':
      return event.choices.length === 0 ? event.question : `${event.question} (${event.choices.join(', ')})`;
    case 'result':
      return event.error === null ? event.summary : [event.summary, `${event.error.code}: ${event.error.message}`, event.error.hint ?? ''].filter((line) => line !== '').join('\n');
  }
}

export function toEntry({ event, operation }: HistoryRecord): HistoryEntry {
  return {
    at: event.at,
    operationId: event.operationId,
    operation: operation.title,
    state: operation.state,
    target: operation.target,
    kind: event.kind,
    level: event.kind === 'log' ? event.level : null,
    text: textOf(event),
    command: event.kind === 'log' ? (event.command ?? null) : null,
  };
}

const restOf = ({ entries, nextCursor }: HistoryDocument): string =>
  `This is not all: it ends after ${entries.length} events, and older ones were found. The next document begins with them: export again with the cursor ${nextCursor}.`;

export function jsonDocument(document: HistoryDocument): string {
  const { exportedAt, search, entries, nextCursor } = document;
  return `${JSON.stringify({ exportedAt, search, complete: nextCursor === null, ...(nextCursor === null ? {} : { rest: restOf(document) }), nextCursor, events: entries }, null, 2)}\n`;
}

/** Longer than any run of backticks in the text, so that the text cannot end what it stands in. */
function fenceFor(text: string, shortest: number): string {
  const longest = (text.match(/`+/g) ?? []).reduce((most, run) => Math.max(most, run.length), 0);
  return '`'.repeat(Math.max(shortest, longest + 1));
}

/** Code within a sentence: of names and other short things, on one line whatever they hold. */
export function inlineCode(text: string): string {
  const plain = text.replaceAll(/\s+/g, ' ').trim();
  if (plain === '') return '(nothing)';
  const fence = fenceFor(plain, 1);
  return plain.includes('`') ? `${fence} ${plain} ${fence}` : `${fence}${plain}${fence}`;
}

/**
 * Text of a server, or of anybody, as code behind its label: no image is loaded, no HTML is shown and no link is made of
 * it, whatever it says. A single carriage return would begin a new line too.
 */
export function labelled(label: string, text: string): string {
  const plain = text.replaceAll(/\r\n?/g, '\n').replace(/\n$/, '');
  if (!plain.includes('\n')) return `${label}: ${inlineCode(plain)}`;
  const fence = fenceFor(plain, 3);
  return `${label}:\n\n${fence}text\n${plain}\n${fence}`;
}

function commandLines(command: CommandRecord): string[] {
  const { exitStatus, signal = null, durationMs, rows = null, output = '' } = command;
  const ended = [
    exitStatus === null ? null : `exit status ${exitStatus}`,
    signal === null ? null : `ended by ${inlineCode(signal)}`,
    durationMs === null ? null : `${Math.round(durationMs)} ms`,
    rows === null ? null : `${rows} rows`,
  ].filter((part) => part !== null);
  const sent = labelled(`Sent to ${inlineCode(command.target)}${ended.length === 0 ? '' : ` (${ended.join(', ')})`}`, command.text);
  return output === '' ? [sent] : [sent, labelled('Its output', output)];
}

function entryBlocks({ at, operation, state, target, kind, level, text, command }: HistoryEntry): string[] {
  const head = `${at} ${kind}${level === null || level === 'info' ? '' : ` (${level})`} of ${inlineCode(operation)}, ${state}, on ${inlineCode(target)}`;
  if (command === null) return [labelled(head, text)];
  return [text === command.text ? `${head}:` : labelled(head, text), ...commandLines(command)];
}

export function markdownDocument(document: HistoryDocument): string {
  const { exportedAt, search, entries, nextCursor } = document;
  const about = `Search: ${search.trim() === '' ? '(everything)' : inlineCode(search)}, ${entries.length} events, newest first, written at ${exportedAt}, times in UTC.`;
  return `${['# Pilothouse history', about, ...(nextCursor === null ? [] : [restOf(document)]), ...entries.flatMap((entry) => ['---', ...entryBlocks(entry)])].join('\n\n')}\n`;
}
