/** How a command fails: in words or as a document, and with which exit status. */
import { hasCode, isPilothouseError, PilothouseError, toErrorShape, type ErrorCode } from '#shared/domain/errors.ts';
import { systemRandom } from '#engine/ports.ts';
import { sentence } from './text.ts';

export const exitStatus = { done: 0, failed: 1, usage: 64, interrupted: 130 } as const;

/** What was asked for cannot be understood: exit status 64. */
export class UsageError extends PilothouseError {
  constructor(message: string, hint = 'Run the command with --help to see what it takes.') {
    super('contract.invalid-input', message, { hint });
  }
}

/** Whether the command line cannot be understood: said by the command, or by the engine. */
export function isUsage(error: unknown): boolean {
  return hasCode(error, 'contract.invalid-input') || hasCode(error, 'contract.unknown-method') || hasCode(error, 'postgres.url-invalid');
}

/** Ctrl-C while nothing ran that could be cancelled: exit status 130. */
export class Interrupted extends PilothouseError {
  constructor() {
    super('operation.cancelled', 'Interrupted.', { retryable: true });
  }
}

/** An error as it stands in the document of a failed command. */
export interface FailureShape {
  code: ErrorCode;
  message: string;
  hint: string | null;
  details: Record<string, unknown>;
  /** Names its lines in the log; null where it has none: the command line itself said no. */
  correlationId: string | null;
}

/** To be asked once for each failure: what was not thrown on purpose gets its correlation id here. */
export function errorOf(error: unknown): FailureShape {
  const { code, message, hint, details, correlationId } = toErrorShape(error, isPilothouseError(error) ? '' : systemRandom.id());
  return { code, message, hint: hint ?? null, details, correlationId: correlationId === '' ? null : correlationId };
}

/** One clear paragraph: what happened, what to do next, where the log is tied to it. */
export function paragraph(failure: FailureShape): string {
  const hint = failure.hint === null ? '' : ` ${failure.hint}`;
  const trace = failure.code === 'internal' && failure.correlationId !== null ? `${failure.code} ${failure.correlationId}` : failure.code;
  return sentence(`${failure.message}${hint} [${trace}]`);
}
