/** How a command fails: in words or as a document, and with which exit status. */
import { isPilothouseError, PilothouseError, toErrorShape, type ErrorShape } from '#shared/domain/errors.ts';
import { systemRandom } from '#engine/ports.ts';
import { sentence } from './text.ts';

export const exitStatus = { done: 0, failed: 1, usage: 64, interrupted: 130 } as const;

/** What was asked for cannot be understood: exit status 64. */
export class UsageError extends PilothouseError {
  constructor(message: string, hint = 'Run the command with --help to see what it takes.') {
    super('contract.invalid-input', message, { hint });
  }
}

/** Ctrl-C while nothing ran that could be cancelled: exit status 130. */
export class Interrupted extends PilothouseError {
  constructor() {
    super('operation.cancelled', 'Interrupted.', { retryable: true });
  }
}

/** A failure that has a document of its own, beside the error: what came of a restore whose counts differ, say. */
export class FailureWithDocument extends PilothouseError {
  readonly document: Record<string, unknown>;
  readonly text: string;

  constructor(error: ErrorShape, document: Record<string, unknown>, text: string) {
    super(error.code, error.message, error);
    this.document = document;
    this.text = text;
  }
}

/** An error as it stands in the document of a failed command. */
export function errorOf(error: unknown): Omit<ErrorShape, 'retryable'> {
  const { retryable: _retryable, ...shape } = toErrorShape(error, systemRandom.id());
  return shape;
}

/** One clear paragraph: what happened, what to do next, where the log is tied to it. */
export function paragraph(error: unknown): string {
  const shape = errorOf(error);
  const hint = shape.hint === undefined ? '' : ` ${shape.hint}`;
  const trace = isPilothouseError(error) && shape.code !== 'internal' ? shape.code : `${shape.code} ${shape.correlationId}`;
  return sentence(`${shape.message}${hint} [${trace}]`);
}
