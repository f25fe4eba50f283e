/** What an operation says while it runs, for people: a bar on a terminal, a line for each phase elsewhere. */
import type { OperationEvent } from '#shared/contract/operations.ts';
import type { CliIo } from './io.ts';
import { duration, plain, sentence } from './text.ts';

const barWidth = 24;

type Progress = Extract<OperationEvent, { kind: 'progress' }>;

function bar(progress: Progress, columns: number): string {
  const share = progress.fraction;
  const drawn = share === null ? '' : `[${'#'.repeat(Math.round(share * barWidth)).padEnd(barWidth, '.')}] ${String(Math.floor(share * 100)).padStart(3)} %  `;
  const left = progress.leftMs === null ? '' : `, about ${duration(progress.leftMs)} left`;
  return `${drawn}${sentence(progress.text).replaceAll('\n', ' ')}${left}`.slice(0, columns - 1);
}

/** How much of the story is told: what was done, warnings too, or every line and command. */
export type Detail = 'phases' | 'warnings' | 'everything';

/** A line of the story, or null for what people need not read. */
export function lineOf(event: OperationEvent, detailWanted: Detail): string | null {
  const everything = detailWanted === 'everything';
  if (event.kind === 'phase') {
    const detail = event.detail === undefined ? '' : `: ${event.detail}`;
    const words = { started: everything ? '…' : null, done: 'done', failed: `failed${detail}`, cancelled: 'cancelled', skipped: `left out${detail}` }[event.state];
    return words === null ? null : `${event.title}: ${words}`;
  }
  if (event.kind === 'log') {
    if (event.command !== undefined) return everything ? `  $ ${event.command.text}${event.command.exitStatus === null ? '' : ` [${event.command.exitStatus}]`}` : null;
    if (detailWanted !== 'phases' && (event.level === 'warn' || event.level === 'error')) return `  ${event.level === 'warn' ? 'Warning' : 'Error'}: ${event.text}`;
    return everything ? `  ${event.text}` : null;
  }
  if (event.kind === 'result') return everything ? `${event.state}: ${event.summary}` : null;
  return null;
}

export interface ProgressView {
  show(event: OperationEvent): void;
  /** Takes the bar away. */
  end(): void;
}

export function createProgressView(io: CliIo, detail: Detail): ProgressView {
  const live = io.stderr.isTTY === true;
  let drawn = '';
  const clear = (): void => {
    if (drawn !== '') io.stderr.write('\r\u001b[K');
    drawn = '';
  };
  return {
    show(event) {
      if (event.kind === 'progress') {
        if (!live) return;
        const next = bar(event, io.stderr.columns || 80);
        if (next === drawn) return;
        io.stderr.write(`\r\u001b[K${next}`);
        drawn = next;
        return;
      }
      const line = lineOf(event, detail);
      if (line === null) return;
      const again = drawn;
      clear();
      io.stderr.write(`${event.kind === 'log' && detail === 'everything' ? plain(line) : sentence(line)}\n`);
      if (again !== '' && event.kind === 'log') {
        io.stderr.write(again);
        drawn = again;
      }
    },
    end: clear,
  };
}
